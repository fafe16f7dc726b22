"""Plain Python: the tree as dictionaries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.job import points
from benchmarks.peers.downward import answer_downward


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
    return answer_downward(downward, sponsor_of, pv)


def _downward(sponsor_of: dict[int, int | None]) -> list[int]:
    """Return the members, sponsors first."""
    below: dict[int | None, list[int]] = {}
    for member, sponsor in sponsor_of.items():
        below.setdefault(sponsor, []).append(member)
    downward = list(below[None])
    for member in downward:
        downward += below.get(member, ())
    return downward
