"""The minimum guarantee: from the leaves up, never more than is there, and it sums to zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from mlmcalc.api.explanations import Repeatable, explain_member
from mlmcalc.errors import InputRefused
from mlmcalc.kernels.guarantee import pass_up
from tests.bonuses.small import CHAIN, lines, run
from tests.engine import of_engine, run_engine
from tests.oracle.plans import Case, cases

OVERRIDE = "bonuses: {over: {levels: [4%], base: pv, guarantee: {threshold: 7500, group: pv, rate: 4%}MORE}}"
TREE = [("U", None), ("A", "U"), ("B", "A")]
ORDERS = [("a", "U", "9000"), ("b", "A", "5000"), ("c", "B", "8000")]


def moved(found):
    return [(row[0], row[1], row[4]) for row in lines(found) if row[5] == "guarantee"]


def test_the_published_example():
    found = run(OVERRIDE.replace("MORE", ""), TREE, ORDERS)
    assert lines(found) == [
        ("U", "A", 1, 1, "200.00", "paid"),
        ("A", "B", 1, 1, "320.00", "paid"),
        ("U", "A", 1, 0, "100.00", "guarantee"),
        ("A", "A", 0, 0, "-100.00", "guarantee"),
    ]
    assert found.calculated is not None
    again = Repeatable.of_run(found.calculated, found.id, "2026-10")
    assert [(step.step, step.value) for step in explain_member(again, "A", 3).workings] == [
        ("own group", "5000.00"),
        ("due to the one above", "100.00"),
        ("received on lines", "320.00"),
        ("guaranteed from below", "0.00"),
        ("passed up", "100.00"),
    ]


def test_what_comes_from_below_is_passed_on():
    orders = [("a", 3, "500"), ("b", 4, "500"), ("c", 5, "500")]
    found = run(OVERRIDE.replace("MORE", ""), CHAIN, orders)
    # 4 has 20 and gives it, 3 has 20 + 20 and gives them, 2 has 20 + 40 and gives 60; 1 has nobody above.
    assert sorted(moved(found)) == [
        (1, 2, "60.00"),
        (2, 2, "-60.00"),
        (2, 3, "40.00"),
        (3, 3, "-40.00"),
        (3, 4, "20.00"),
        (4, 4, "-20.00"),
    ]


@pytest.mark.parametrize(("otherwise", "taker"), [("lose", None), ("skip", 1), ("skip_unqualified", 1)])
def test_who_receives_is_who_would_take_the_first_level(otherwise, taker):
    body = OVERRIDE.replace("MORE", f", otherwise: {otherwise}, eligible: {{pv: 1}}")
    found = run(body, CHAIN[:4], [("a", 1, "9000"), ("b", 3, "100"), ("c", 4, "9000")])
    expected = [] if taker is None else [(taker, 3, "296.00"), (3, 3, "-296.00")]
    assert moved(found) == expected, "2 is not eligible"


@pytest.mark.parametrize(("place", "amount"), [("line", "0.00"), ("bonus", "0.00480000")])
def test_it_is_rounded_as_a_line_is(place, amount):
    body = "bonuses: {over: {levels: [10%], base: pv, guarantee: {threshold: 1.48, group: pv, rate: 1%}}}"
    found = run(body, CHAIN[:3], [("a", 2, "1.00"), ("b", 3, "5.00")], place=place)
    assert moved(found) == ([] if place == "line" else [(1, 2, amount), (2, 2, f"-{amount}")])


def test_a_cap_comes_before():
    body = OVERRIDE.replace("MORE", ", cap: {per_source: 50.00}")
    found = run(body, TREE, ORDERS)
    assert moved(found) == [("U", "A", "50.00"), ("A", "A", "-50.00")]


def test_what_could_leave_64_bits_is_refused():
    body = "bonuses: {over: {levels: [1%], base: pv, guarantee: {threshold: 9000000000000, group: pv, rate: 100%}}}"
    with pytest.raises(InputRefused) as refusal:
        run(body, TREE, ORDERS)
    assert [finding.code for finding in refusal.value.findings] == ["bonuses.overflow"]


@pytest.mark.parametrize("seed", range(5))
def test_the_kernel_against_a_slow_twin(seed):
    rng = np.random.default_rng(seed)
    size = 200
    receiver = np.array([rng.integers(-1, index) if index else -1 for index in range(size)], np.int32)
    short, held = rng.integers(-50, 100, size), rng.integers(-50, 100, size)
    expected = {index: int(held[index]) for index in range(size)}
    gives = {}
    for index in reversed(range(size)):
        to = int(receiver[index])
        gives[index] = max(min(int(short[index]), expected[index]), 0) if to >= 0 else 0
        expected[index] -= gives[index]
        if to >= 0:
            expected[to] += gives[index]
    has, given_up = held.copy(), np.empty(size, np.int64)
    pass_up(receiver, short, has, given_up)
    assert given_up.tolist() == [gives[index] for index in range(size)]
    assert has.tolist() == [expected[index] for index in range(size)]


def test_a_chain_of_a_million():
    size = 1_000_000
    receiver = np.arange(-1, size - 1, dtype=np.int32)
    held, given_up = np.ones(size, np.int64), np.empty(size, np.int64)
    pass_up(receiver, np.full(size, size, np.int64), held, given_up)
    assert held[0] == size
    assert given_up[1] == size - 1


@settings(max_examples=100)
@given(cases())
def test_it_sums_to_zero_and_leaves_nobody_below_zero(case: Case):
    named = [name for name, word in case.plan["bonuses"].items() if "guarantee" in word]
    stated = of_engine(run_engine(case), [])
    for name in named:
        own = [(line, count) for line, count in stated.lines.items() if line[0] == name]
        assert sum(line[9] * count for line, count in own if line[-1] == "guarantee") == 0
        for giver in {line[1] for line, _ in own if line[-1] == "guarantee" and line[9] < 0}:
            has = sum(line[9] * count for line, count in own if line[1] == giver and line[-1] != "rounding")
            assert has >= 0
