"""Small companies for the tests of bonuses: a plan in a few lines, members and orders as tuples."""

from __future__ import annotations

import polars as pl

import mlmcalc

HEAD = """
mlmcalc: 1
plan: small
version: "1"
effective: 2026-01-01
currency: EUR
rounding: {place: PLACE, grain: GRAIN, mode: half_up, unit: 0.01}
volumes:
  pv: {sum: pv}
trees:
  sponsor: {parent: sponsor_id}
"""


def run(body, members, orders, place="line", grain="source", overrides=None, state=None):
    """Return a run; `members` are (id, sponsor, {other columns}), `orders` are (id, member, pv, {other columns})."""
    text = HEAD.replace("PLACE", place).replace("GRAIN", grain) + body
    rows = [{"member_id": row[0], "sponsor_id": row[1], **(row[2] if len(row) > 2 else {})} for row in members]
    bought = [
        {
            "order_id": row[0],
            "member_id": row[1],
            "date": "2026-10-05",
            "pv": row[2],
            **(row[3] if len(row) > 3 else {}),
        }
        for row in orders
    ]
    for order in bought:
        order.setdefault("kind", "return" if order["pv"].startswith("-") else "sale")
    frame = pl.DataFrame(bought, infer_schema_length=None)
    return mlmcalc.run(
        mlmcalc.load_plan(text),
        members=pl.DataFrame(rows, infer_schema_length=None),
        orders=frame,
        overrides=None if overrides is None else pl.DataFrame(overrides),
        state=None if state is None else pl.DataFrame(state, infer_schema_length=None),
        period="2026-10",
    )


def lines(found):
    """Return (earner, source, level, paid level, amount, outcome) of every line."""
    columns = ("earner", "source", "level", "paid_level", "amount", "outcome")
    return [(*row[:4], str(row[4]), row[5]) for row in found.lines.select(columns).rows()]


def lost(found):
    """Return (level, outcome, amount) of every row of breakage."""
    return [
        (level, outcome, format(amount.normalize(), "f"))
        for level, outcome, amount in found.breakage.select("level", "outcome", "amount").rows()
    ]


CHAIN = [(1, None), (2, 1), (3, 2), (4, 3), (5, 4)]


def left(section, name, member, value, key="", since="2026-09"):
    """Return a row of what September left."""
    columns = ("period", "section", "name", "member_id", "key", "since", "value")
    return dict(zip(columns, ("2026-09", section, name, member, key, since, value), strict=True))


def leaves(found):
    """Return (section, member, key, since, value) of every row that a run leaves."""
    columns = ("section", "member_id", "key", "since", "value")
    return [
        (section, member, key or "", since, format(value.normalize(), "f"))
        for section, member, key, since, value in found.state.select(columns).rows()
    ]
