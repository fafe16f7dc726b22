"""The three version numbers that must not drift, and that of the manifest itself."""

from __future__ import annotations

PLAN_LANGUAGE = 1
"""What a plan states as ``mlmcalc: 1``."""

ARITHMETIC_VERSION = 1
"""Changes only when some run could give another cent."""

MANIFEST_SCHEMA = 2

TABLE_SCHEMAS = {
    "lines": 2,
    "statements": 1,
    "members": 1,
    "breakage": 1,
    "transfers": 1,
    "balance": 1,
    "state": 1,
    "payout": 1,
    "payments": 1,
    "findings": 1,
}
"""Version of the columns of each output table; a run has those that its digests name."""
