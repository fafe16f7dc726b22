"""A plan as a page: everything that is written, as a reader would say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmcalc.plan.load import load_plan
from mlmcalc.plan.page import plan_page
from mlmcalc.plan.wording import condition_said

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SAMPLE = load_plan(FIXTURES / "sample" / "plan.yaml")


def blocks():
    return {block.heading: block for block in plan_page(SAMPLE).blocks}


def test_the_head_in_words():
    page = plan_page(SAMPLE)
    assert (page.title, page.blocks[0].facts["active"]) == ("edelweiss 2026-07", "pv at least 100")


def test_ranks_are_one_table_with_alternatives_below_one_another():
    (grid,) = blocks()["Ranks"].grids
    assert grid.columns == ("rank", "", "pv", "gv", "recruits", "side", "legs", "source")
    assert grid.rows[2:5] == (
        ("Director", "", "150", "1800", "2", "600", "", "4.2 c"),
        ("", "or", "150", "3500", "1", "", "", ""),
        ("Gold Director", "", "200", "10000", "", "4000", "2 with Manager", "4.2 d"),
    )


def test_rates_are_a_grid_and_the_rest_facts():
    block = blocks()["unilevel"]
    assert block.grids[0].columns == ("", "level 1", "level 2", "level 3", "level 4", "level 5")
    assert block.grids[0].rows[1] == ("Manager", "5%", "4%", "3%", "", "")
    assert block.facts == {
        "base": "cv", "tree": "compressed", "eligible": "active", "otherwise": "skip_unqualified", "source": "5.4",
    }  # fmt: skip
    assert blocks()["fast_start"].facts["cap"] == "per_source: 100.00"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"pv": "100", "active": "true"}, "pv at least 100, active"),
        ({"active": "false"}, "not active"),
        ({"pv": {"min": "1", "max": "5"}}, "pv at least 1 and at most 5"),
        ({"gv": {"above": "0"}, "rank": "Director"}, "gv more than 0, rank Director"),
        ({"rank": {"is": "Gold"}}, "rank exactly Gold"),
        ({"market": ["IT", "FR"]}, "market IT or FR"),
        ([{"pv": "1"}, {"founder": "true"}], "pv at least 1 or founder"),
        ({"legs": {"with": "Gold", "count": "2", "levels": "3"}}, "legs 2 with Gold within 3 levels"),
        ({}, "always"),
    ],
)
def test_conditions_in_words(condition, text):
    assert condition_said(condition) == text


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("plan.yaml")), ids=lambda path: "-".join(path.parts[-3:]))
def test_every_scalar_of_a_plan_is_on_its_page(path):
    if "relinked_override" in path.read_text(encoding="utf-8"):
        pytest.skip("needs its plug-in")
    plan = load_plan(path)
    page = plan_page(plan)
    text = "\n".join([page.title, *(cell for block in page.blocks for cell in cells(block))])
    for scalar in scalars(plan.document.value):
        assert scalar in text, scalar


def cells(block):
    yield block.heading
    for name, value in block.facts.items():
        yield from (name, value)
    for grid in block.grids:
        yield from (grid.caption, *grid.columns, *(cell for row in grid.rows for cell in row))


def scalars(value):
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "mlmcalc":
                yield from scalars(part)
    elif isinstance(value, list):
        for part in value:
            yield from scalars(part)
    elif value not in ("true", "false", ""):
        yield value


RULES = """
mlmcalc: 1
plan: rules
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
member_columns: {tax_class: text}
volumes: {pv: {sum: pv}}
trees: {sponsor: {parent: sponsor_id}}
bonuses:
  a: {personal: 5%, base: pv}
  b: {personal: 6%, base: pv}
  prizes: {pool: 50.00, top: {places: 2, by: pv}, positions: [60%, 40%]}
  star: {award: [5, 7], structure: {width: 2, member: {pv: 100}}}
exclusive: [{greater_of: [a, b], source: "7"}, {first_of: [prizes, star]}]
payout: {fees: [{name: post, amount: 1.00}, {name: tax, rate: 2%}], forfeit: [{when: {pv: {below: 5}}, reason: low}]}
"""


def test_rules_beside_one_another_are_a_table_and_names_stay_as_they_are():
    found = {block.heading: block for block in plan_page(load_plan(RULES)).blocks}
    assert found["Member columns"].facts == {"tax_class": "text"}
    (exclusive,) = found["Exclusive"].grids
    assert exclusive.columns == ("greater of", "first of", "source")
    assert exclusive.rows == (("a, b", "", "7"), ("", "prizes, star", ""))
    fees, forfeit = found["Payout"].grids
    assert (fees.columns, fees.rows) == (("name", "amount", "rate"), (("post", "1.00", ""), ("tax", "", "2%")))
    assert forfeit.rows == (("pv less than 5", "low"),)
    assert found["prizes"].grids[0].columns == ("place 1", "place 2")
    assert found["star"].grids[0].columns == ("depth 1", "depth 2")
    assert found["star"].facts["structure"] == "width: 2, member: pv at least 100"
