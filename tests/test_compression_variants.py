"""Every published variant of compression, of plan model sections 3 and 6, on numbers worked out by hand.

Each is calculated twice, by the engine and by the slow reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from mlmcalc.cases.calculate import calculate
from mlmcalc.cases.case import DEFAULT_PERIOD, Case
from mlmcalc.cases.expected import Expected
from mlmcalc.cases.observed import Observed
from mlmcalc.cases.rows import read_rows
from tests.cases.oracle_calculate import oracle_calculate

HEAD = """
mlmcalc: 1
plan: variants
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
member_columns: {title: text}
volumes:
  pv: {sum: pv}
  cv: {sum: cv}
active: {pv: 100}
ranks:
  - {rank: Partner, requires: {title: partner}}
  - {rank: Manager, requires: {title: manager}}
  - {rank: Director, requires: {title: director}}
"""
TREES = "trees: {sponsor: {parent: sponsor_id}}\n"
LEVELS = "[10%, 5%, 3%]"

Run = Callable[[str, str], Observed]


@pytest.fixture(params=[calculate, oracle_calculate], ids=["engine", "reference"])
def paid(request: pytest.FixtureRequest) -> Run:
    """Return what calculates a plan on a table of members with sponsor, title, pv and cv."""

    def run(plan: str, table: str) -> Observed:
        rows = read_rows(table, "members", "test")
        members = [{name: row[name] for name in ("member_id", "sponsor_id", "title")} for row in rows]
        volumes = [{name: row[name] for name in ("member_id", "pv", "cv")} for row in rows]
        tables = {"members": members, "volumes": volumes}
        text = HEAD + (plan if "trees:" in plan else TREES + plan)
        return request.param(Case("variant", text, DEFAULT_PERIOD, tables, Expected()))

    return run


def lines(observed: Observed, bonus: str = "uni") -> list[tuple[str, str, int, int, str]]:
    """Return earner, source, level, paid level and amount of every line, in their order by earner."""
    found = [line for line in observed.lines if line["bonus"] == bonus]
    return sorted(
        (str(line["earner"]), str(line["source"]), int(line["level"]), int(line["paid_level"]), text(line["amount"]))
        for line in found
    )


def lost(observed: Observed, bonus: str = "uni") -> set[tuple[int, str, str]]:
    """Return level, outcome and amount of the breakage."""
    return {
        (int(row["level"]), str(row["outcome"]), text(row["amount"]))
        for row in observed.breakage
        if row["bonus"] == bonus and row["amount"]
    }


def text(amount: object) -> str:
    assert isinstance(amount, Decimal)
    return f"{amount:.2f}"


def table(**rows: str) -> str:
    """Return a chain, top first: member = "title pv cv"."""
    above = ["-", *rows]
    body = (f"{member} {sponsor} {cells}" for (member, cells), sponsor in zip(rows.items(), above, strict=False))
    return "\n".join(("member_id sponsor_id title pv cv", *body))


# B, in between, is not active. D buys 100.
CHAIN = table(T="director 100 0", A="director 100 0", B="director 0 0", C="director 100 0", D="- 100 100")


def policy(otherwise: str, levels: str = LEVELS, more: str = "") -> str:
    rest = f", {more}" if more else ""
    return (
        f"bonuses: {{uni: {{levels: {levels}, base: cv, eligible: {{active: true}}, otherwise: {otherwise}{rest}}}}}\n"
    )


def test_lose(paid: Run):
    result = paid(policy("lose"), CHAIN)
    assert lines(result) == [("A", "D", 3, 3, "3.00"), ("C", "D", 1, 1, "10.00")]
    assert lost(result) == {(2, "not_active", "5.00")}


def test_skip(paid: Run):
    result = paid(policy("skip"), CHAIN)
    assert lines(result) == [("A", "D", 3, 2, "5.00"), ("C", "D", 1, 1, "10.00"), ("T", "D", 4, 3, "3.00")]
    assert lost(result) == set()


# C, a partner, has one level; B, a partner too, none at level 2.
TITLES = table(T="director 100 0", A="director 100 0", B="partner 100 0", C="partner 100 0", D="- 100 100")
BY_RANK = "{Partner: [10%], Manager: [10%, 5%], Director: [10%, 5%, 3%]}"


def test_skip_frees_the_level_of_one_who_has_no_rate_for_it(paid: Run):
    result = paid(policy("skip", BY_RANK), TITLES)
    assert lines(result) == [("A", "D", 3, 2, "5.00"), ("C", "D", 1, 1, "10.00"), ("T", "D", 4, 3, "3.00")]


def test_skip_unqualified(paid: Run):
    result = paid(policy("skip_unqualified"), CHAIN)
    assert lines(result) == [("A", "D", 3, 2, "5.00"), ("C", "D", 1, 1, "10.00"), ("T", "D", 4, 3, "3.00")]


def test_skip_unqualified_does_not_free_the_level_of_one_who_has_no_rate_for_it(paid: Run):
    result = paid(policy("skip_unqualified", BY_RANK), TITLES)
    assert lines(result) == [("A", "D", 3, 3, "3.00"), ("C", "D", 1, 1, "10.00")]
    assert lost(result) == {(2, "no_rate", "5.00")}


def test_company(paid: Run):
    result = paid(policy("company"), CHAIN)
    assert lines(result) == [("A", "D", 3, 3, "3.00"), ("C", "D", 1, 1, "10.00"), ("company", "D", 2, 2, "5.00")]
    assert result.statements["uni", "company"] == 5
    assert lost(result) == {(2, "to_company", "5.00")}


def test_pass_to(paid: Run):
    result = paid(policy("pass_to"), CHAIN)
    # A has its own level 3, and B's level 2 at its own rate for it.
    assert lines(result) == [("A", "D", 3, 2, "5.00"), ("A", "D", 3, 3, "3.00"), ("C", "D", 1, 1, "10.00")]
    assert lost(result) == set()


def test_pass_to_with_nobody_above_is_lost_under_the_outcome_of_whoever_missed_it(paid: Run):
    result = paid(policy("pass_to"), table(A="director 0 0", B="director 100 0", C="- 100 100"))
    assert lines(result) == [("B", "C", 1, 1, "10.00")]
    assert lost(result) == {(2, "not_active", "5.00"), (3, "no_upline", "3.00")}


def test_own_volume_of_an_ineligible_source_is_paid_where_nothing_is_stated(paid: Run):
    bought = table(T="director 100 0", A="director 100 0", B="director 0 60", C="director 100 0", D="- 100 100")
    result = paid(policy("lose"), bought)
    assert [line for line in lines(result) if line[1] == "B"] == [("A", "B", 1, 1, "6.00"), ("T", "B", 2, 2, "3.00")]
    only_active = paid(policy("lose", more="sources: {active: true}"), bought)
    assert [line for line in lines(only_active) if line[1] == "B"] == []
    assert lost(only_active) == {(2, "not_active", "5.00")}


@pytest.mark.parametrize(
    ("until", "expected", "blocked"),
    [
        ("{rank: Manager, paid: true}", {("C", 1), ("B", 2)}, {(3, "blocked_by_rank", "3.00")}),
        (
            "{rank: Manager, paid: false}",
            {("C", 1)},
            {(2, "blocked_by_rank", "5.00"), (3, "blocked_by_rank", "3.00")},
        ),
        ("{rank: Manager, paid: true, levels_below: 2}", {("C", 1), ("B", 2), ("A", 3)}, set()),
        ("{rank: Director, paid: false}", {("C", 1), ("B", 2)}, {(3, "blocked_by_rank", "3.00")}),
    ],
)
def test_until(paid: Run, until: str, expected: set[tuple[str, int]], blocked: set[tuple[int, str, str]]):
    chain = table(T="director 100 0", A="director 100 0", B="manager 100 0", C="partner 100 0", D="- 100 100")
    result = paid(policy("lose", more=f"until: {until}"), chain)
    assert {(earner, paid_level) for earner, _, _, paid_level, _ in lines(result)} == expected
    assert lost(result) == blocked


def test_cap_per_source(paid: Run):
    result = paid(policy("skip", more="cap: {per_source: 12.00}"), CHAIN)
    assert {key: text(amount) for key, amount in result.statements.items()} == {
        ("uni", "C"): "10.00",
        ("uni", "A"): "2.00",
    }
    assert [text(line["amount"]) for line in result.lines if line["outcome"] == "cap_reached"] == ["-3.00", "-3.00"]


# Compression of the tree: B and C have less than 100 and are left out.
LEFT_OUT = table(T="- 100 0", A="- 100 0", B="- 90 40", C="- 20 60", D="- 100 100")


def compressed(volume: str, base: str = "cv") -> str:
    return (
        "trees:\n  sponsor: {parent: sponsor_id}\n"
        f"  active: {{compress: sponsor, keep: {{pv: 100}}, volume: {volume}}}\n"
        f"bonuses: {{uni: {{levels: {LEVELS}, base: {base}, tree: active}}}}\n"
    )


def test_stay(paid: Run):
    result = paid(compressed("stay"), LEFT_OUT)
    assert result.trees["active"] == {"T": "", "A": "T", "D": "A"}
    # B and C are leaves one level below A.
    assert lines(result) == [
        ("A", "B", 1, 1, "4.00"),
        ("A", "C", 1, 1, "6.00"),
        ("A", "D", 1, 1, "10.00"),
        ("T", "B", 2, 2, "2.00"),
        ("T", "C", 2, 2, "3.00"),
        ("T", "D", 2, 2, "5.00"),
    ]
    assert result.transfers == []


def test_stay_same_level(paid: Run):
    result = paid(compressed("stay_same_level"), LEFT_OUT)
    # B and C stand beside A: the first earner is T, on level 1.
    assert lines(result) == [
        ("A", "D", 1, 1, "10.00"),
        ("T", "B", 1, 1, "4.00"),
        ("T", "C", 1, 1, "6.00"),
        ("T", "D", 2, 2, "5.00"),
    ]


def test_roll_up(paid: Run):
    result = paid(compressed("roll_up", "cv@active"), LEFT_OUT)
    assert {member: text(amount) for member, amount in result.metrics["cv@active"].items() if amount} == {
        "A": "100.00",
        "D": "100.00",
    }
    # What was B's and C's is A's own volume now: its first earner is T.
    assert lines(result) == [
        ("A", "D", 1, 1, "10.00"),
        ("T", "B", 1, 1, "4.00"),
        ("T", "C", 1, 1, "6.00"),
        ("T", "D", 2, 2, "5.00"),
    ]
    assert {(line["source"], line["via"]) for line in result.lines} >= {("B", "A"), ("C", "A")}
    assert moved(result) == {("B", "A", "40.00"), ("C", "A", "60.00")}


def test_roll_up_judges_volumes_before_it_and_does_not_cascade(paid: Run):
    # B's 30 would lift A to 110, and A's to be left out would move both to T: A is judged at its own 80.
    result = paid(compressed("roll_up", "cv@active"), table(T="- 100 0", A="- 80 80", B="- 30 30"))
    assert result.trees["active"] == {"T": ""}
    assert moved(result) == {("A", "T", "80.00"), ("B", "T", "30.00")}


def test_roll_up_to_nobody(paid: Run):
    # Nobody above A is kept: its volume goes to nobody, and what is kept below becomes a root.
    result = paid(compressed("roll_up", "cv@active"), table(A="- 0 50", B="- 100 0", C="- 100 100"))
    assert result.trees["active"] == {"B": "", "C": "B"}
    assert moved(result) == {("A", "", "50.00")}
    assert lines(result) == [("B", "C", 1, 1, "10.00")]
    assert lost(result) == {(1, "no_upline", "5.00"), (2, "no_upline", "7.50"), (3, "no_upline", "4.50")}


def test_drop(paid: Run):
    result = paid(compressed("drop", "cv@active"), LEFT_OUT)
    assert lines(result) == [("A", "D", 1, 1, "10.00"), ("T", "D", 2, 2, "5.00")]
    assert moved(result) == {("B", "", "40.00"), ("C", "", "60.00")}
    assert lost(result) == {(3, "no_upline", "3.00")}


def moved(observed: Observed) -> set[tuple[str, str, str]]:
    return {(str(row["source"]), str(row["keeper"]), text(row["amount"])) for row in observed.transfers}


# Generations: L1, L2 and L3 are directors, the others lie between them.
LEADERS = table(L1="director 0 0", a="- 0 10", L2="director 0 20", b="- 0 40", L3="director 0 80", c="- 0 160")


def generations(more: str) -> str:
    return (
        "trees:\n  sponsor: {parent: sponsor_id}\n  leaders: {compress: sponsor, keep: {rank: Director}}\n"
        f"bonuses: {{uni: {{levels: [10%, 5%], base: cv, tree: leaders, {more}}}}}\n"
    )


def test_generations_own_group(paid: Run):
    result = paid(generations("count_from: 1"), LEADERS)
    # Generation 0 (the own group, with the leader's own volume) is neither paid nor offered.
    assert lines(result) == [
        ("L1", "L2", 1, 1, "2.00"),
        ("L1", "L3", 2, 2, "4.00"),
        ("L1", "b", 1, 1, "4.00"),
        ("L1", "c", 2, 2, "8.00"),
        ("L2", "L3", 1, 1, "8.00"),
        ("L2", "c", 1, 1, "16.00"),
    ]


def test_generations_upline_group(paid: Run):
    result = paid(generations("count_from: 1, leader: upline_group"), LEADERS)
    # L2's own volume is in L1's group, L3's in L2's: one generation nearer.
    assert lines(result) == [
        ("L1", "L3", 1, 1, "8.00"),
        ("L1", "b", 1, 1, "4.00"),
        ("L1", "c", 2, 2, "8.00"),
        ("L2", "c", 1, 1, "16.00"),
    ]


def test_generations_counted_from_the_own_group(paid: Run):
    result = paid(generations("count_from: 0, leader: upline_group"), LEADERS)
    assert [line for line in lines(result) if line[0] == "L1"] == [
        ("L1", "L2", 0, 0, "2.00"),
        ("L1", "L3", 1, 1, "4.00"),
        ("L1", "a", 0, 0, "1.00"),
        ("L1", "b", 1, 1, "2.00"),
    ]


def test_generations_of_an_ineligible_leader_follow_the_policy(paid: Run):
    inactive = LEADERS.replace("L1 - director 0 0", "L1 - director 100 0")
    skipped = paid(generations("count_from: 1, eligible: {active: true}, otherwise: skip"), inactive)
    assert ("L1", "c", 2, 1, "16.00") in lines(skipped)
    kept = paid(generations("count_from: 1, eligible: {active: true}, otherwise: lose"), inactive)
    assert ("L1", "c", 2, 2, "8.00") in lines(kept)
    assert (1, "not_active", "24.00") in lost(kept)


def test_group_volume_without_breakaway_legs(paid: Run):
    plan = (
        "trees:\n  sponsor: {parent: sponsor_id}\n  leaders: {compress: sponsor, keep: {rank: Director}}\n"
        "metrics:\n  own: {sum: cv, over: group, tree: leaders}\n"
        "  with_leader: {sum: cv, over: group, tree: leaders, leader: upline_group}\n"
        "bonuses: {uni: {personal: 1%, base: cv}}\n"
    )
    result = paid(plan, LEADERS)
    assert whole(result.metrics["own"]) == {"L1": 10, "a": 10, "L2": 60, "b": 40, "L3": 240, "c": 160}
    assert whole(result.metrics["with_leader"]) == {"L1": 30, "a": 30, "L2": 120, "b": 120, "L3": 160, "c": 160}


def whole(column: Mapping[str, Decimal]) -> dict[str, int]:
    return {member: int(amount) for member, amount in column.items()}


def test_matching_is_levels_on_what_others_were_paid(paid: Run):
    plan = (
        "bonuses:\n"
        f"  uni: {{levels: {LEVELS}, base: cv}}\n"
        "  matching: {levels: [50%], base: {earned: [uni]}, eligible: {active: true}, otherwise: skip}\n"
    )
    result = paid(plan, CHAIN)
    # C earned 10, B 5, A 3. B is not active: what matches C's goes to A.
    assert lines(result, "matching") == [("A", "B", 1, 1, "2.50"), ("A", "C", 2, 1, "5.00"), ("T", "A", 1, 1, "1.50")]


def test_pairs_of_source_and_earner(paid: Run):
    plan = (
        "metrics: {reached: {tier: pv, steps: {100: 5%, 200: 10%}}}\n"
        "bonuses: {uni: {levels: [5%], base: cv, pairs: [source.reached >= earner.reached]}}\n"
    )
    result = paid(plan, table(T="- 200 0", A="- 100 100", B="- 200 100"))
    assert lines(result) == [("A", "B", 1, 1, "5.00")]
    assert lost(result) == {(1, "not_eligible", "5.00")}
