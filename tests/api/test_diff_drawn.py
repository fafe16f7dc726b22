"""Drawn companies, changed at random: parts and interaction are the whole, and each part is what a run alone says."""

from __future__ import annotations

import random
import re
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import mlmcalc
from tests.api.test_diff import alone, effect_of, sums_to_the_whole
from tests.engine import frames
from tests.oracle.companies import PERIOD
from tests.oracle.plans import Case, cases

PARENTS = ("sponsor_id", "placement_id")


def changed(tables: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return the tables with random changes; a run may refuse them."""
    found = dict(tables)
    for name in ("orders", "volumes"):
        if name in found and rng.random() < 0.7:
            rows = found[name]
            kept = [row for row in range(rows.height) if rng.random() < 0.8]
            rows = rows[kept]
            if rows.height:
                cell = rng.randrange(rows.height)
                rows = rows.with_columns(
                    cv=pl.when(pl.int_range(pl.len()) == cell).then(pl.lit("150")).otherwise(pl.col("cv"))
                )
            found[name] = rows
    members = found["members"]
    if rng.random() < 0.7:
        ids = members["member_id"].to_list()
        moved = rng.randrange(len(ids))
        for name in PARENTS:
            if name in members.columns and rng.random() < 0.7:
                parent = rng.choice([None, *(one for one in ids if one != ids[moved])])
                cells = members[name].to_list()
                cells[moved] = parent
                members = members.with_columns(pl.Series(name, cells, members.schema[name]))
        found["members"] = members
    for name in ("overrides", "state"):
        if name in found and rng.random() < 0.4:
            del found[name]
    return found


def other_plan(text: str, rng: random.Random) -> str:
    """Return a plan with another rate somewhere."""
    rates = list(re.finditer(r'"(\d+)%"', text))
    if not rates or rng.random() < 0.4:
        return text
    at = rng.choice(rates)
    return f'{text[: at.start()]}"{(int(at[1]) + 1) % 20}%"{text[at.end() :]}'


def run_or_none(plan: str, tables: dict[str, Any]) -> mlmcalc.Run | None:
    try:
        return mlmcalc.run(plan, **tables, period=PERIOD)
    except mlmcalc.InputRefused:
        return None


@settings(max_examples=40, deadline=None)
@given(cases(), st.randoms(use_true_random=False), st.sampled_from(["tables", "kinds", "each"]))
def test_parts_and_interaction_are_the_whole(case: Case, rng: random.Random, finer: Any):
    tables, text = frames(case.company), case.text()
    others, plan = changed(tables, rng), other_plan(text, rng)
    before, after = run_or_none(text, tables), run_or_none(plan, others)
    if before is None or after is None:
        return
    found = mlmcalc.diff(before, after, finer=finer)
    if found.is_equal:
        assert before.digest == after.digest
        assert not found.rows.height
        return
    sums_to_the_whole(found, before, after)
    for effect in found.effects:
        if effect.name in ("orders", "volumes", "overrides", "state") and not effect.after:
            one = {name: table for name, table in tables.items() if name != effect.name}
            one |= {effect.name: others[effect.name]} if effect.name in others else {}
            replaced = run_or_none(text, one)
        elif effect.name == "plan" and not effect.after:
            replaced = run_or_none(plan, tables)
        elif effect.name == "moves" and not effect.after:
            replaced = run_or_none(text, tables | {"members": others["members"]})
        else:
            continue
        assert replaced is not None, effect.name
        assert effect_of(found, effect.name) == alone(before, replaced), effect.name
