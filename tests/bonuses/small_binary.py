"""A member with one leg each way, for the tests of ``binary``: run it, and what it was paid, kept and lost."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

import mlmcalc

HEAD = """
mlmcalc: 1
plan: small
version: "1"
effective: 2026-01-01
currency: EUR
rounding: {place: PLACE, mode: half_up, unit: 0.01}
member_columns: {title: text, owner: text, most: {decimals: 0}}
volumes:
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
  placement: {parent: placement_id, leg: leg, width: WIDTH}
"""


def run(body, legs, own="0", carry=(), place="line", pairs=(), more=(), columns=None, period="2026-10", width=2):
    """Return a run of member 1 with one member on each leg; `carry` is (leg, since, value), `more` further members."""
    text = HEAD.replace("PLACE", place).replace("WIDTH", str(width)) + body
    rows = [(1, None, None, None, own), *((leg + 1, 1, 1, leg, volume) for leg, volume in enumerate(legs, 1)), *more]
    members = pl.DataFrame(
        [
            {"member_id": row[0], "sponsor_id": row[1], "placement_id": row[2], "leg": row[3]}
            | {"title": None, "owner": None, "most": None, "status": "active"}
            | (columns or {}).get(row[0], {})
            for row in rows
        ],
        infer_schema_length=None,
    )
    volumes = pl.DataFrame([{"member_id": row[0], "cv": row[4]} for row in rows])
    left = [("carry", str(leg), since, value) for leg, since, value in carry]
    left += [("pairs", None, "2026-09", "1") for _ in pairs]
    state = [
        dict(zip(("section", "key", "since", "value"), one, strict=True))
        | {"period": "2026-09", "name": "team", "member_id": 1}
        for one in left
    ]
    frame = pl.DataFrame(state, infer_schema_length=None) if state else None
    return mlmcalc.run(mlmcalc.load_plan(text), members=members, volumes=volumes, state=frame, period=period)


def team(keys):
    return f"bonuses: {{team: {{volume: cv, {keys}}}}}"


def paid(found, member=1):
    return sum((Fraction(row[0]) for row in found.lines.filter(pl.col("earner") == member).select("amount").rows()), 0)


def left(found, section="carry", member=1):
    """Return what is carried, by leg, and by age where it is not of this period."""
    rows = found.state.filter((pl.col("section") == section) & (pl.col("member_id") == member))
    return {
        (key if since == period else (key, since)): int(value)
        for period, key, since, value in rows.select("period", "key", "since", "value").rows()
    }


def lost(found):
    return {row[0]: Fraction(row[1]) for row in found.breakage.select("outcome", "amount").rows()}


# forms
