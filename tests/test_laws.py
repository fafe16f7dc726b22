"""Laws that hold for any plan and company, or for any of a kind: of the engine and of the slow reference alike."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.engine import Stated, frames, of_engine, of_oracle, run_engine
from tests.oracle import changes, unilevels
from tests.oracle.commission import run
from tests.oracle.plans import Case, cases, cases_of_two

Calculate = Callable[[Case], Stated]


def by_engine(case: Case) -> Stated:
    return of_engine(run_engine(case), [])


def by_reference(case: Case) -> Stated:
    return of_oracle(run(case.plan, case.company))


# What is drawn is as wide as in `test_against_oracle.py`, which draws more.
few = settings(max_examples=25)
# For a law that much of what is drawn is outside of.
picky = settings(few, suppress_health_check=[HealthCheck.filter_too_much])
both = pytest.mark.parametrize("calculate", [by_engine, by_reference])


def per_bonus(stated: Stated) -> dict[tuple[str, str], Fraction]:
    """Return what each earner has of each bonus, the rounding of the payout left out."""
    return {key: amount for key, amount in stated.statements.items() if key[1] != "payout"}


def added(*statements: dict[tuple[str, str], Fraction]) -> dict[tuple[str, str], Fraction]:
    total: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for one in statements:
        for key, amount in one.items():
            total[key] += amount
    return {key: amount for key, amount in total.items() if amount != 0}


def pays_on_volume(plan: dict, word: dict) -> bool:
    """Return whether a bonus is paid on a volume, or on what other bonuses paid."""
    base = word.get("base", "")
    return isinstance(base, dict) or base.partition("@")[0] in plan["volumes"]


def shares_among_all(plan: dict) -> bool:
    """Return whether a cap or limit looks at what all members have together."""
    limits = plan.get("limits", {}).values()
    return any(
        "total" in word.get("cap", {}) for word in [*plan["bonuses"].values(), *plan.get("points", {}).values()]
    ) or any("share" in word or word.get("per") == "company" for word in limits)


def every_word(plan: dict) -> list[dict]:
    """Return the words of all bonuses and points."""
    return [*plan["bonuses"].values(), *plan.get("points", {}).values()]


def highest_level(case: Case, bonus: str) -> int:
    """Return the last level that a bonus's table has."""

    def longest(node: object) -> int:
        if isinstance(node, dict):
            return max(longest(inner) for inner in node.values())
        return len(node) if isinstance(node, list) else 0

    word = case.plan["bonuses"][bonus]
    if "award" in word:
        # The depth of a structure, or the number of an instalment.
        return max(longest(word["award"]), int(word.get("instalments", "0")))
    return int(word.get("count_from", "1")) - 1 + longest(word.get("levels", "")) + ("and_below" in word)


@both
@few
@given(cases())
def test_lines_sum_to_statements_and_the_equation_holds(calculate: Calculate, case: Case):
    stated = calculate(case)
    total: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for line, count in stated.lines.items():
        total[line[1], line[0]] += line[9] * count
    assert {key: amount for key, amount in total.items() if amount != 0} == stated.statements
    for bonus, (offered, paid, breakage, cut, rounding) in stated.equations.items():
        assert offered == paid + breakage + cut + rounding
        members = [
            amount for (earner, name), amount in stated.statements.items() if name == bonus and earner != "company"
        ]
        assert paid == sum(members, Fraction(0))
        assert breakage == sum((row[1] for key, row in stated.breakage.items() if key[0] == bonus), Fraction(0))


@both
@few
@given(cases())
def test_no_level_above_the_table(calculate: Calculate, case: Case):
    """M12: nothing is paid or lost beyond the last level of a table."""
    stated = calculate(case)
    for line in stated.lines:
        assert line[0] == "payout" or line[6] <= highest_level(case, line[0])
    for bonus, level, _outcome in stated.breakage:
        assert level <= highest_level(case, bonus)


@few
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case: Case, rng: random.Random):
    """M1, M2: one content digest whatever the order of rows in every table."""
    tables = frames(case.company)
    shuffled = {
        name: table.sample(fraction=1, shuffle=True, seed=rng.randrange(2**31)) for name, table in tables.items()
    }
    one, other = run_engine(case, tables), run_engine(case, shuffled)
    assert one.lines.drop("run").equals(other.lines.drop("run"))
    for name in ("statements", "members", "breakage", "transfers", "balance"):
        assert getattr(one, name).equals(getattr(other, name)), name


@both
@few
@given(cases())
def test_renaming_that_keeps_the_order_changes_nothing(calculate: Calculate, case: Case):
    """M2: ids matter only by their order."""
    numbers = case.company.integer_ids

    def new(text: str) -> str:
        return str(3 * int(text) + 7) if numbers else "x" + text

    def old(text: str) -> str:
        if text in ("", "company"):
            return text
        return str((int(text) - 7) // 3) if numbers else text[1:]

    one = calculate(case)
    other = calculate(replace(case, company=changes.renamed(case.company, new, new)))
    lines = Counter(
        {
            (bonus, old(earner), old(source), old(via), old(order), *rest): count
            for (bonus, earner, source, via, order, *rest), count in other.lines.items()
        }
    )
    assert lines == one.lines
    assert other.breakage == one.breakage


@both
@picky
@given(cases_of_two())
def test_companies_side_by_side_do_not_touch(calculate: Calculate, both_cases: tuple[Case, Case]):
    """M10: a run on two companies without a link is the two runs."""
    case, other = both_cases
    # What is shared out among all members ties them together.
    assume(not shares_among_all(case.plan))
    # A fund is the whole company's.
    assume(not any("pool" in word for word in every_word(case.plan)))
    # One line of everybody mixes the two.
    assume(not any("monoline" in tree for tree in case.plan["trees"].values()))
    numbers = other.company.integer_ids

    def apart(text: str) -> str:
        return str(int(text) + 100_000) if numbers else "zz" + text

    other = replace(other, company=changes.renamed(other.company, apart, apart))
    one, two = calculate(case), calculate(other)
    whole = calculate(replace(case, company=changes.together(case.company, other.company)))

    def of_members(lines: Counter[tuple]) -> Counter[tuple]:
        return Counter({line: count for line, count in lines.items() if line[1] != "company"})

    assert of_members(whole.lines) == of_members(one.lines) + of_members(two.lines)
    assert whole.transfers == one.transfers + two.transfers
    offered = {bonus: terms[0] + two.equations[bonus][0] for bonus, terms in one.equations.items()}
    assert {bonus: terms[0] for bonus, terms in whole.equations.items()} == offered


@both
@picky
@given(cases())
def test_a_return_of_everything_leaves_nothing(calculate: Calculate, case: Case):
    """M7: sales and their returns cancel to zero, rounding included; also under a cap."""
    assume(case.company.orders is not None)
    assume("first_order" not in case.text())
    assume('"kind": "sale"' not in case.text())
    # A metric may count heads and a volume orders, which a return does not undo, nor what another program paid.
    assume(not any("count" in volume or "closed" in volume for volume in case.plan["volumes"].values()))
    assume(all(pays_on_volume(case.plan, word) for word in case.plan["bonuses"].values()))
    assume('"kind": "return"' not in case.text())
    stated = calculate(replace(case, company=changes.with_returns(case.company)))
    assert stated.statements == {}


@both
@few
@given(unilevels.linear())
def test_a_unilevel_is_additive_over_orders(calculate: Calculate, case: Case):
    """M4: what two sets of orders pay apart, before rounding, they pay together."""
    orders = case.company.orders or []
    halves = [replace(case, company=replace(case.company, orders=half)) for half in (orders[::2], orders[1::2])]
    assert per_bonus(calculate(case)) == added(*(per_bonus(calculate(half)) for half in halves))


@both
@few
@given(unilevels.linear() | unilevels.compressed())
def test_splitting_an_order_changes_nothing_before_rounding(calculate: Calculate, case: Case):
    """M3: an order in two parts pays what it paid whole."""
    orders = case.company.orders or []
    numbers = case.company.integer_ids

    def part(row: dict[str, str], place: int) -> dict[str, str]:
        def half(text: str) -> str:
            return str(int(text) // 2 if place == 0 else int(text) - int(text) // 2)

        order_id = str(2 * int(row["order_id"]) + place) if numbers else f"{row['order_id']}~{place}"
        return {**row, "order_id": order_id, "qv": half(row["qv"]), "cv": half(row["cv"])}

    positive = [row for row in orders if row["kind"] == "sale"]
    split = [part(row, place) for row in positive for place in (0, 1)]
    whole, parts = (calculate(replace(case, company=replace(case.company, orders=rows))) for rows in (positive, split))
    assert per_bonus(whole) == per_bonus(parts)


@both
@few
@given(unilevels.compressed(), st.randoms(use_true_random=False))
def test_an_inactive_leaf_changes_nothing_under_compression(calculate: Calculate, case: Case, rng: random.Random):
    """M5: one who left and never ordered, at the end of any line."""
    under = rng.choice(case.company.members)["member_id"]
    one = calculate(case)
    other = calculate(replace(case, company=changes.with_leaf(case.company, under)))
    assert (one.lines, one.breakage, one.statements) == (other.lines, other.breakage, other.statements)


@both
@few
@given(unilevels.compressed(), st.randoms(use_true_random=False))
def test_an_inactive_member_in_between_changes_nothing_under_compression(
    calculate: Calculate, case: Case, rng: random.Random
):
    """M5: one who left and never ordered, spliced into a line."""
    above = rng.choice(case.company.members)["member_id"]
    one = calculate(case)
    other = calculate(replace(case, company=changes.spliced(case.company, above)))
    assert (one.lines, one.breakage, one.statements) == (other.lines, other.breakage, other.statements)


@both
@few
@given(unilevels.linear() | unilevels.compressed())
def test_ten_times_the_volume_and_thresholds_is_ten_times_the_pay(calculate: Calculate, case: Case):
    """M9: before rounding."""
    orders = [
        {**row, "qv": changes.times_ten(row["qv"]), "cv": changes.times_ten(row["cv"])}
        for row in case.company.orders or []
    ]
    larger = {name: changes.times_ten(case.plan[name]) for name in ("trees", "ranks") if name in case.plan}
    tenfold = replace(changes.with_plan(case, **larger), company=replace(case.company, orders=orders))
    expected = {key: 10 * amount for key, amount in per_bonus(calculate(case)).items()}
    assert per_bonus(calculate(tenfold)) == expected
