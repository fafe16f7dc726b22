"""A preview against a whole run on the same orders: plans and companies drawn at random, to the last line."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import mlmcalc
from tests.engine import frames
from tests.oracle.companies import PERIOD
from tests.oracle.plans import Case, cases

ADDED_UP = ("statements", "members", "breakage", "transfers", "balance", "state", "payout")


def outcome(make: Any) -> Any:
    """Return what is made, or the codes of the findings that refuse it."""
    try:
        return make()
    except mlmcalc.InputRefused as refused:
        return sorted({finding.code for finding in refused.findings})


def same(preview: mlmcalc.Preview, whole: mlmcalc.Run) -> None:
    """Fail where a preview differs from a whole run."""
    differs = {name for name, digest in whole.manifest["digests"].items() if preview.digests[name] != digest}
    assert differs <= {"findings"}, differs
    assert preview.digest == whole.digest
    assert preview.totals == whole.totals
    for name in ADDED_UP:
        assert getattr(preview, name).equals(getattr(whole, name)), name
    texts = [frame.lines.drop("run").select(pl.all().cast(pl.String)) for frame in (preview, whole)]
    lines = [text.sort(text.columns) for text in texts]
    assert lines[0].equals(lines[1])


def check(plan: mlmcalc.Plan, tables: dict[str, Any], rng: random.Random, period: str = PERIOD) -> None:
    """Withdraw some orders and add others, and compare each preview with a whole run."""
    orders = tables["orders"]
    rows = list(range(orders.height))
    rng.shuffle(rows)
    late, gone = sorted(rows[: rng.randint(0, 4)]), sorted(rows[4 : 4 + rng.randint(0, 3)])
    early = [row for row in range(orders.height) if row not in late]
    there = tables | {"orders": orders[early]}
    preview = outcome(lambda: mlmcalc.preview(plan, **there, period=period))
    if not isinstance(preview, mlmcalc.Preview):
        assert preview == outcome(lambda: mlmcalc.run(plan, **there, period=period))
        return
    same(preview, mlmcalc.run(plan, **there, period=period))
    withdrawn = [orders["order_id"][row] for row in gone]
    left = [row for row in range(orders.height) if row not in gone]
    for changes, now in (
        ([("with_orders", orders[late])], range(orders.height)),
        ([("without_orders", withdrawn)], [row for row in early if row not in gone]),
        ([("with_orders", orders[late]), ("without_orders", withdrawn)], left),
    ):
        changed = outcome(lambda changes=changes: followed(preview, changes))
        whole = outcome(lambda now=now: mlmcalc.run(plan, **(tables | {"orders": orders[list(now)]}), period=period))
        if isinstance(whole, mlmcalc.Run):
            assert isinstance(changed, mlmcalc.Preview), changed
            same(changed, whole)
        else:
            assert changed == whole


def followed(preview: mlmcalc.Preview, changes: list[tuple[str, Any]]) -> mlmcalc.Preview:
    """Return a preview after several changes."""
    for name, given_rows in changes:
        preview = getattr(preview, name)(given_rows)
    assert preview.digest
    return preview


@settings(max_examples=40)
@given(cases(), st.randoms(use_true_random=False))
def test_a_preview_is_a_whole_run(case: Case, rng: random.Random):
    tables = frames(case.company)
    if tables.get("orders") is None:
        return
    plan = mlmcalc.load_plan(case.text())
    check(plan, tables, rng)
