"""A preview against a whole run: generated companies of all shapes, the plans of all families, odd changes."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.synthetic.company import generate_company
from tests.api.test_preview_drawn import check, same

PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
FAMILIES = ("unilevel", "stairstep", "binary", "matrix", "party", "hybrid")
PERIOD = "2026-10"
RICH = """
mlmcalc: 1
plan: rich
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: PLACE, grain: GRAIN, mode: half_even, unit: 0.05}
active: {pv: 100}
order_columns: {country: text}
volumes:
  pv: {sum: qv}
  cv: {sum: cv}
  italian: {sum: cv, where: {country: IT}}
  half: {sum: cv, times: 0.333}
  both: {add: [cv, italian]}
  orders: {count: orders}
  served: {sum: qv, credit: server}
trees:
  sponsor: {parent: sponsor_id}
  placement: {parent: placement_id, leg: placement_leg}
  active: {compress: sponsor, keep: {active: true}, volume: roll_up}
  leaders: {compress: active, keep: {rank: Silver}, volume: stay}
  beside: {compress: placement, keep: {pv: 150}, volume: stay_same_level}
metrics:
  gv: {sum: pv, over: subtree, tree: sponsor}
  tv: {sum: cv@active, over: subtree, tree: active, levels: 3}
  near: {sum: both, over: frontline, tree: placement, where: {kind: distributor}}
  side: {legs: gv, tree: sponsor, take: all_but_largest}
  capped: {legs: gv, tree: sponsor, take: {at_most: 60%, of: required}}
  heads: {count: subtree, tree: beside, where: {pv: 100}, levels: [1, 4]}
  pointed: {add: [gv, near], less: [pv], at_least: 10}
  tripled: {times: 3, of: tv}
  rate: {tier: gv, steps: {100: 1%, 1000: 2%}}
ranks:
  - {rank: Bronze, requires: {pv: 100, gv: 300}}
  - {rank: Silver, requires: {pv: 100, capped: 900, heads: 2}}
  - {rank: Gold, requires: {pv: 100, side: 500, legs: {with: Silver, count: 2, levels: 3}}}
  - {rank: Ruby, requires: [{pointed: 9000, served: 10, legs: {with: Gold, count: 1}}, {orders: 9}]}
bonuses:
  retail: {personal: {0: 1%, 100: 5%, 500: 9%}, tier: pv, base: both, marginal: false, minimum: 1.00}
  lines:
    levels: {Bronze: [5%, 4%], Silver: [6%, 5%, 4%], Gold+: [7%, 6%, 5%, 4%]}
    base: cv@active
    tree: active
    eligible: {active: true}
    multiplier: {tier: tripled, steps: {0: 100%, 5000: 90%}}
    cap: {per_earner: 400.00, per_source: 6.00}
  to_company: {levels: [3%, 2%, 1%], base: half, tree: sponsor, eligible: {rank: Silver}, otherwise: company}
  skipping: {levels: [2%, 1%], base: italian, tree: beside, eligible: {active: true}, otherwise: skip}
  ended: {levels: [2%, 2%, 2%, 2%], base: cv, tree: sponsor, until: {rank: Gold}}
  generations: {levels: [3%, 2%], base: cv, tree: leaders, count_from: 1, leader: upline_group}
  by_country: {by: country, levels: {IT: [1%, 1%], other: [0.5%]}, base: cv, tree: placement, total: 1.2%}
  match: {levels: [10%, 5%], base: {earned: [lines]}, tree: sponsor, eligible: {rank: Silver}}
  stairs: {differential: {0: 1%, 300: 3%, 3000: 9%}, tier: gv, base: cv, eligible: {active: true}}
  steps: {differential: {Bronze: 2%, Gold+: 5%}, base: cv@active, tree: active, against: qualified, until: {equal: 2}}
  paired: {levels: [1%, 1%, 1%], base: pv, tree: sponsor, pairs: [source.pv <= earner.gv]}
"""


@cache
def company(size: int, shape: str, ids: str = "integer") -> dict[str, Any]:
    """Return the tables of a generated company."""
    made = generate_company(size, 11, period=PERIOD, shape=shape, ids=ids)  # type: ignore[arg-type]
    return {"members": made.members, "orders": made.orders, "overrides": made.overrides}


def shuffled(tables: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return the tables with the orders in another order, of which the first ones are changed."""
    return tables | {"orders": tables["orders"].sample(fraction=1, shuffle=True, seed=rng.randrange(2**31))}


@pytest.mark.parametrize("shape", ["bush", "deep", "chain", "star"])
def test_the_generated_plan_on_every_shape(shape):
    tables, rng = company(400, shape), random.Random(shape)
    plan = mlmcalc.load_plan(generate_company(400, 11, period=PERIOD, shape=shape).plan)
    for _ in range(3):
        check(plan, shuffled(tables, rng), rng, PERIOD)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_plans_of_all_families(family):
    made = company(200, "bush")
    tables = {name: made[name] for name in ("members", "orders")}
    plan = mlmcalc.load_plan(PLANS / f"{family}.yaml")
    before = mlmcalc.run(plan, **tables, period="2026-09").state
    rng = random.Random(family)
    for state in ({}, {"state": before}):
        check(plan, shuffled(tables, rng) | state, rng, PERIOD)


@pytest.mark.parametrize(("shape", "ids"), [("bush", "integer"), ("deep", "text")])
@pytest.mark.parametrize("grain", ["source", "order", "keeper"])
@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
def test_a_rich_plan(place, grain, ids, shape):
    rng = random.Random(f"{place}{grain}{ids}{shape}")
    text = RICH.replace("PLACE", place).replace("GRAIN", grain)
    if grain == "order":
        text = text.replace("  half: {sum: cv, times: 0.333}", "  half: {sum: cv}")
    plan = mlmcalc.load_plan(text)
    check(plan, shuffled(company(250, shape, ids), rng), rng, PERIOD)


def test_few_members_are_calculated_again():
    """The point of it all: an order concerns those above, and no bonus is paid anew to everybody."""
    tables = company(5000, "bush")
    made = generate_company(5000, 11, period=PERIOD)
    preview = mlmcalc.preview(made.plan, **tables, period=PERIOD)
    of_month = made.orders.filter(pl.col("date").dt.strftime("%Y-%m") == PERIOD, pl.col("kind") == "sale")
    for seed in range(5):
        new = of_month.sample(2, seed=seed).with_columns(pl.col("order_id") + 10**9)
        changed = preview.with_orders(new)
        change = changed._change
        assert change is not None
        assert change.anew == set()
        assert max(lines.part.size for pair in change.lines.values() for lines in pair) < 1000
        assert max(touched.size for touched in change.after.touched.values()) < 1000
        both: dict[str, Any] = tables | {"orders": pl.concat([made.orders, new])}
        same(changed, mlmcalc.run(made.plan, **both, period=PERIOD))
