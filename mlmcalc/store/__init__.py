"""Periods, runs, approvals, payments, events and the log: one database, and bulk tables beside it named by content."""
