"""Plain Python: the tree as dictionaries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.job import KEEP_CENTS, RATES_PPM, amount, points


@dataclass(frozen=True, slots=True)
class Company:
    """Sponsor and points of every member."""

    sponsor_of: dict[int, int | None]
    pv: dict[int, int]


def load(folder: Path) -> Company:
    """Return the company; polars reads the files for it."""
    members, sponsors, pv = (column.to_list() for column in points(folder).iter_columns())
    return Company(dict(zip(members, sponsors, strict=True)), dict(zip(members, pv, strict=True)))


def answer(company: Company) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    sponsor_of, pv = company.sponsor_of, company.pv
    downward = _downward(sponsor_of)
    gv = dict(pv)
    for member in reversed(downward):
        if (sponsor := sponsor_of[member]) is not None:
            gv[sponsor] += gv[member]
    keeper: dict[int, int | None] = {}
    for member in downward:
        sponsor = sponsor_of[member]
        keeper[member] = sponsor if sponsor is None or pv[sponsor] >= KEEP_CENTS else keeper[sponsor]
    paid = dict.fromkeys(downward, 0)
    for member in downward:
        earner = keeper[member]
        for rate in RATES_PPM if pv[member] else ():
            if earner is None:
                break
            paid[earner] += amount(pv[member], rate)
            earner = keeper[earner]
    members = sorted(pv)
    schema = {"member_id": pl.Int64, "gv": pl.Int64, "paid": pl.Int64}
    return pl.DataFrame([members, [gv[one] for one in members], [paid[one] for one in members]], schema=schema)


def _downward(sponsor_of: dict[int, int | None]) -> list[int]:
    """Return the members, sponsors first."""
    below: dict[int | None, list[int]] = {}
    for member, sponsor in sponsor_of.items():
        below.setdefault(sponsor, []).append(member)
    downward = list(below[None])
    for member in downward:
        downward += below.get(member, ())
    return downward
