"""Realistic companies that do not exist, for trials, tests and measurements."""
