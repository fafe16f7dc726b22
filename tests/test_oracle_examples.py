"""The slow reference against examples that others worked out: published plans, other engines, a real month."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.oracle.commission import Result, run
from tests.oracle.snapshot import Company

REAL_MONTH = Path(__file__).resolve().parents[2] / "shared" / "real_month"

HEAD = """
mlmcalc: 1
plan: example
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, grain: source, mode: half_up, unit: 0.01}
"""


def plan(text: str) -> dict[str, Any]:
    return yaml.load(HEAD + text, Loader=yaml.BaseLoader)


def company(parents: dict[str, str], volumes: dict[str, str] | None = None, **columns: dict[str, str]) -> Company:
    members = [
        {"member_id": member, "sponsor_id": parent, **{name: cells.get(member, "") for name, cells in columns.items()}}
        for member, parent in parents.items()
    ]
    rows = [{"member_id": member, "pv": amount} for member, amount in (volumes or {}).items()]
    return Company(members, date(2026, 10, 1), date(2026, 10, 31), volumes=rows)


def chain(*names: str) -> dict[str, str]:
    return dict(zip(names, ("", *names[:-1]), strict=True))


def paid(result: Result, bonus: str = "unilevel") -> dict[tuple[str, str | None], str]:
    return {
        (line.earner, line.source): str(float(line.amount))
        for line in result.lines
        if line.bonus == bonus and line.outcome == "paid"
    }


def whole(result: Result) -> None:
    """Lines sum to statements; the equation holds with the rounding that the lines show."""
    for bonus, equation in result.equations.items():
        lines = [line for line in result.lines if line.bonus == bonus and line.earner != "company"]
        assert equation.paid == sum((line.amount for line in lines), Fraction(0))
        assert abs(equation.rounding) <= Fraction("0.01") * len(lines) / 2


GMS = chain("Sam", "Kat", "Robin", "Joseph", "Nia", "Omar")
GMS_PV = {"Kat": "90", "Robin": "120", "Joseph": "160", "Nia": "110", "Omar": "105", "Sam": "100"}


def gms(tree: str, base: str) -> dict[tuple[str, str | None], str]:
    result = run(
        plan(f"""
volumes: {{pv: {{sum: pv}}}}
trees:
  sponsor: {{parent: sponsor_id}}
  active: {{compress: sponsor, keep: {{pv: 100}}, volume: drop}}
bonuses:
  unilevel: {{levels: [10%, 5%, 3%], base: {base}, tree: {tree}, sources: {{pv: 100}}}}
"""),
        company(GMS, GMS_PV),
    )
    whole(result)
    return {key: amount for key, amount in paid(result).items() if key[0] == "Sam"}


def test_gms_without_compression():
    assert gms("sponsor", "pv") == {("Sam", "Robin"): "6.0", ("Sam", "Joseph"): "4.8"}


@pytest.mark.parametrize("base", ["pv", "pv@active"])
def test_gms_with_compression(base: str):
    assert gms("active", base) == {("Sam", "Robin"): "12.0", ("Sam", "Joseph"): "8.0", ("Sam", "Nia"): "3.3"}


MSM = chain("Top", "A", "B", "C", "D", "E", "F", "G", "H")
MSM_TITLE = {"A": "6", "B": "6", "C": "4", "D": "6", "E": "0", "F": "3", "G": "6"}


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [("lose", {"1": "G", "4": "D"}), ("skip", {"1": "G", "2": "D", "3": "B", "4": "A"})],
)
def test_msm_dynamic_compression(otherwise: str, expected: dict[str, str]):
    result = run(
        plan(f"""
member_columns: {{title: {{decimals: 0}}}}
volumes: {{pv: {{sum: pv}}}}
trees: {{sponsor: {{parent: sponsor_id}}}}
bonuses:
  unilevel:
    levels: {{0: [-], 3: [1%], 4: [1%, 1%], 5: [1%, 1%, 1%], 6: [1%, 1%, 1%, 1%]}}
    tier: title_number
    base: pv
    otherwise: {otherwise}
metrics:
  title_number: {{sum: title, over: subtree, levels: 0}}
"""),
        company(MSM, {"H": "100"}, title=MSM_TITLE),
    )
    assert {str(line.paid_level): line.earner for line in result.lines} == expected
    whole(result)


def test_tca_roll_up():
    """The volume of unqualified D, E, F reaches A on the level of its keeper's downline; G moves up to level 3."""
    result = run(
        plan("""
member_columns: {qualified: flag}
volumes: {pv: {sum: pv}}
trees:
  sponsor: {parent: sponsor_id}
  qualified: {compress: sponsor, keep: {qualified: true}, volume: stay}
bonuses:
  unilevel: {levels: [5%, 5%, 5%], base: pv, tree: qualified}
"""),
        company(
            chain("A", "B", "C", "D", "E", "F", "G"),
            dict.fromkeys("BCDEFG", "100"),
            qualified=dict.fromkeys("ABCG", "true"),
        ),
    )
    from_a = {line.source: line.paid_level for line in result.lines if line.earner == "A"}
    assert from_a == {"B": 1, "C": 2, "D": 3, "E": 3, "F": 3, "G": 3}
    whole(result)


@pytest.mark.parametrize(("rate", "total"), [("1%", 4850), ("1.25%", "6062.5")])
def test_ph_five_levels(rate: str, total: Any):
    """A member with five below it, each with five, and so on, four levels deep here."""
    parents, level = {"0": ""}, ["0"]
    for _depth in range(4):
        below = [f"{name}.{child}" for name in level for child in range(5)]
        parents |= {name: name.rpartition(".")[0] for name in below}
        level = below
    result = run(
        plan(f"""
volumes: {{pv: {{sum: pv}}}}
trees: {{sponsor: {{parent: sponsor_id}}}}
bonuses: {{unilevel: {{levels: [{rate}, {rate}, {rate}, {rate}], base: pv}}}}
"""),
        company(parents, {name: "500" for name in parents if name != "0"}),
    )
    by_level = {
        depth: sum(line.amount for line in result.lines if line.earner == "0" and line.level == depth)
        for depth in range(1, 5)
    }
    each = Fraction(rate[:-1]) / 100 * 500
    assert by_level == {depth: 5**depth * each for depth in range(1, 5)}
    assert sum(by_level.values()) == (5 + 25 + 125 + 625) * each
    whole(result)


@pytest.mark.parametrize(
    ("legs", "take", "expected"),
    [
        (["8300", "3000"], "{at_most: 50%, of: required}", False),
        (["600"] * 20, "{at_most: 50%, of: required}", True),
    ],
)
def test_fifty_percent_of_the_requirement(legs: list[str], take: str, expected: bool):
    names = {f"L{place}": "top" for place in range(len(legs))}
    result = run(
        plan(f"""
volumes: {{pv: {{sum: pv}}}}
trees: {{sponsor: {{parent: sponsor_id}}}}
metrics:
  gv: {{sum: pv, over: subtree}}
  capped: {{legs: gv, take: {take}, plus: pv}}
ranks: [{{rank: Leader, requires: {{capped: 12000}}}}]
"""),
        company({"top": "", **names}, {"top": "400", **dict(zip(names, legs, strict=True))}),
    )
    assert (result.ranks["rank"]["top"] == "Leader") is expected


@pytest.mark.parametrize(
    ("take", "expected"),
    [
        ("{at_most: 50%, of: leg_strongest}", "7550"),
        ("{at_most: 6000}", "9400"),
        ("{at_most: 40%, of: total_before}", "8080"),
        ("{largest: 2}", "3400"),
        ("all_but_largest", "3400"),
        ("{reaching: 3000}", "402"),
    ],
)
def test_leg_metrics(take: str, expected: str):
    result = run(
        plan(f"""
volumes: {{pv: {{sum: pv}}}}
trees: {{sponsor: {{parent: sponsor_id}}}}
metrics:
  side: {{legs: pv, take: {take}, plus: pv}}
"""),
        company({"top": "", "a": "top", "b": "top"}, {"top": "400", "a": "8300", "b": "3000"}),
    )
    assert result.metrics["side"]["top"] == Fraction(expected)


def test_associate_and_silver_of_another_engine():
    """The base walk of mlmforge: 40% of the volume, rates by rank and level, at least 100 of own volume."""
    text = """
member_columns: {silver: flag}
volumes: {pv: {sum: pv}, cv: {sum: cv, share: 40%}}
trees: {sponsor: {parent: sponsor_id}}
ranks:
  - {rank: associate, requires: {pv: 0}}
  - {rank: silver, requires: {silver: true}}
bonuses:
  unilevel:
    levels: {associate: [5%, 4%, 3%], silver: [7%, 6%, 5%, 4%, 3%]}
    base: cv
    eligible: {pv: 100}
"""
    one = company(chain("1", "2", "3"), {"1": "150", "2": "150", "3": "150"}, silver={"1": "true"})
    volumes = one.volumes or []
    volumes[2]["cv"] = "100"
    result = run(plan(text), one)
    assert paid(result) == {("2", "3"): "2.0", ("1", "3"): "2.4"}
    volumes[1]["pv"] = "0"
    result = run(plan(text), one)
    assert paid(result) == {("1", "3"): "2.4"}
    assert result.breakage["unilevel", 1, "not_eligible"] == (40, Fraction("2.8"))
    whole(result)


def test_ranks_from_the_leaves_up():
    """A chain where each needs one leg with the rank below its own: nobody is judged before those below."""
    names = [str(place) for place in range(1, 7)]
    rungs = "".join(
        f"  - {{rank: R{place}, requires: {{legs: {{with: R{place - 1}, count: 1}}}}}}\n" for place in range(2, 6)
    )
    result = run(
        plan(
            "volumes: {pv: {sum: pv}}\ntrees: {sponsor: {parent: sponsor_id}}\nranks:\n"
            "  - {rank: R1, requires: {pv: 1}}\n" + rungs
        ),
        company(chain(*names), {"6": "1"}),
    )
    assert result.ranks["rank"] == {"6": "R1", "5": "R2", "4": "R3", "3": "R4", "2": "R5", "1": "R5"}


def test_cap_fills_from_the_nearest_and_a_return_gives_the_cut_back():
    text = """
volumes: {cv: {sum: cv}}
trees: {sponsor: {parent: sponsor_id}}
bonuses: {start: {levels: [10%, 10%], base: cv, cap: {per_source: 15.00}}}
"""
    document = plan(text)
    document["rounding"]["grain"] = "order"
    orders = [
        {"order_id": "o1", "member_id": "3", "date": "2026-10-05", "kind": "sale", "cv": "100"},
        {"order_id": "o2", "member_id": "3", "date": "2026-10-06", "kind": "sale", "cv": "100"},
        {"order_id": "o3", "member_id": "3", "date": "2026-10-07", "kind": "return", "cv": "-100"},
    ]
    members = company(chain("1", "2", "3")).members
    result = run(document, Company(members, date(2026, 10, 1), date(2026, 10, 31), orders=orders))
    assert result.statements == {("2", "start"): 10, ("1", "start"): 5}
    assert result.equations["start"].cut == 5
    whole(result)


# a real month

REAL_PLAN = """
member_columns: {scheme: text, forced_rank: text, kept_without_volume: text}
schemes: {by: scheme, names: [DEFAULT, EU]}
volumes: {pv: {sum: pv}}
trees:
  sponsor: {parent: sponsor_id}
  active:
    compress: sponsor
    keep:
      - {scheme: DEFAULT, pv: 50}
      - {scheme: EU, pv: 100}
      - {forced_rank: {given: true}}
      - {kept_without_volume: {given: true}}
    volume: roll_up
metrics:
  tv: {sum: pv@active, over: subtree, tree: active, levels: 1}
ladders:
  own_tier:
    - {rank: 5, requires: {pv@active: 50}}
    - {rank: 10, requires: {pv@active: 100}}
    - {rank: 15, requires: {pv@active: 500}}
    - {rank: 20, requires: {pv@active: 750}}
  team_tier:
    - {rank: 5, requires: {tv: 50}}
    - {rank: 10, requires: {tv: 50}}
    - {rank: 15, requires: {tv: 500}}
    - {rank: 20, requires: [{tv: 750}, {forced_rank: {given: true}}]}
bonuses:
  personal:
    personal: {0: 0%, 50: 5%, 100: 10%, 500: 15%, 750: 20%}
    base: pv@active
    eligible: {scheme: DEFAULT}
  courtesy:
    levels: [5%]
    base: pv@active
    tree: active
    eligible: {scheme: DEFAULT}
    pairs: [source.own_tier >= earner.team_tier]
  team:
    levels: [5%]
    base: pv@active
    tree: active
    eligible: {scheme: EU, pv@active: 100}
"""


def rows(name: str) -> list[dict[str, str]]:
    with (REAL_MONTH / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def real_month() -> Result:
    if not REAL_MONTH.is_dir():
        pytest.skip("the real month is not here")
    document = plan(REAL_PLAN)
    document["rounding"]["grain"] = "keeper"
    members = rows("members.csv")
    return run(
        document,
        Company(members, date(2017, 3, 1), date(2017, 3, 31), volumes=rows("volumes.csv"), integer_ids=True),
    )


def test_real_month_compressed_tree(real_month: Result):
    tree = real_month.world.tree("active")
    expected = rows("expected_compressed_tree.csv")
    assert len(expected) == len(tree.nodes) == 626
    for row in expected:
        member = row["member_id"]
        assert tree.up[member] == (row["parent_id"] or None)
        assert real_month.volumes["pv@active"][member] == Fraction(row["pv"])
        assert real_month.metrics["tv"][member] == Fraction(row["tv"])


@pytest.mark.parametrize(("bonus", "count"), [("personal", 587), ("courtesy", 107), ("team", 13)])
def test_real_month_payouts(real_month: Result, bonus: str, count: int):
    scheme = {row["member_id"]: row["scheme"] for row in rows("members.csv")}
    expected = {
        row["member_id"]: Fraction(row["amount"])
        for row in rows("expected_payouts.csv")
        if row["bonus"] == bonus and (bonus != "team" or scheme[row["member_id"]] == "EU")
    }
    got = {earner: amount for (earner, name), amount in real_month.statements.items() if name == bonus}
    assert got == expected
    assert len(got) == count
