"""The job member by member, for peers that hold a dictionary for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from benchmarks.job import KEEP_CENTS, RATES_PPM, amount


def answer_downward(
    downward: Sequence[int], sponsor_of: Mapping[int, int | None], pv: Mapping[int, int]
) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``.

    Parameters
    ----------
    downward : sequence of int
        All members, a sponsor before those it sponsors.
    sponsor_of : mapping of int to int or None
    pv : mapping of int to int
        In cents.
    """
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
