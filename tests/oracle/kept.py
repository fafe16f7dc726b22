"""What one period leaves to the next, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.snapshot import Company, Member


@dataclass(frozen=True)
class Left:
    """One amount that is left to the next period; `since` is the label of the period in which it arose."""

    section: str
    name: str
    member: Member
    key: str
    since: str
    value: Fraction


def opened(company: Company, section: str, name: str) -> list[Left]:
    """Return what the period before left of a section and name."""
    return [
        Left(
            section,
            name,
            row["member_id"],
            row.get("key", ""),
            row.get("since") or company.previous,
            Fraction(row["value"]),
        )
        for row in company.state
        if (row["section"], row["name"]) == (section, name) and Fraction(row["value"]) != 0
    ]
