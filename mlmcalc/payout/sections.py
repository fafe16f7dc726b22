"""Sections of state that a payout leaves."""

from __future__ import annotations

BALANCE, DEFERRED = "balance", "deferred"
