"""The kernels that pay, and the one that takes by place, against their slow twins."""

import numpy as np
import pytest

from mlmcalc.kernels.posting import fill_owed, pay_owed
from mlmcalc.kernels.taking import take_or_last
from tests.oracle import paying_twin

MODES = ("half_up", "half_even", "down", "up")
EMPTY = np.empty(0, np.int64)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("multiplier", "divisor", "unit"), [(1, 10**6, 1), (1, 5 * 10**6, 5), (1, 7, 1), (100, 3, 1)])
@pytest.mark.parametrize("rated", [True, False])
def test_what_is_owed_is_rounded_and_counted(mode, multiplier, divisor, unit, rated):
    rng = np.random.default_rng(5)
    earner = rng.integers(0, 8, 400).astype(np.int32)
    base = rng.integers(-(10**6), 10**6, 400)
    rate = rng.integers(0, 10**6, 400) if rated else np.ones(400, np.int64)
    amount, outcome = np.empty(400, np.int64), np.empty(400, np.uint8)
    totals, counts = np.zeros(8, np.int64), np.zeros(8, np.int64)
    rule = np.array([multiplier, divisor, MODES.index(mode), unit, 3, 4, 7])
    taken = pay_owed(earner, base, rate if rated else EMPTY, rule, amount, outcome, totals, counts)
    wanted = paying_twin.paid(
        earner.tolist(), base.tolist(), rate.tolist(), (multiplier, divisor), unit, mode, members=7
    )
    assert (amount.tolist(), totals.tolist(), counts.tolist(), taken) == wanted
    assert outcome.tolist() == [4 if place == 7 else 3 for place in earner.tolist()]


def test_what_is_held_back_is_not_counted():
    amount, outcome = np.empty(2, np.int64), np.empty(2, np.uint8)
    rule = np.array([1, 10, 0, 1, 0, 9, 5])
    pay_owed(np.array([5, 0], np.int32), np.array([26, 24]), EMPTY, rule, amount, outcome, EMPTY.copy(), EMPTY.copy())
    assert (amount.tolist(), outcome.tolist()) == ([3, 2], [9, 0])


def test_steps_become_columns():
    rng = np.random.default_rng(11)
    n, m, k = 9, 30, 80
    steps = np.stack(
        [rng.integers(0, m, k), rng.integers(0, n + 1, k), rng.integers(0, 3, k), rng.integers(0, 5, k)], axis=1
    ).astype(np.int32)
    pay = rng.choice([-7, -3, 0, 5, 70], (5, 3))
    sources = rng.integers(0, n, (m, 2)).astype(np.int32)
    base = rng.integers(-50, 90, m)
    depth = rng.integers(0, 4, n).astype(np.int32)
    places, numbers = np.empty((4, k), np.int32), np.empty((2, k), np.int64)
    fill_owed(steps, pay, sources, base, depth, 2, places, numbers)
    got = list(zip(*places.tolist(), *numbers.tolist(), strict=True))
    lists = [column.tolist() for column in (steps, pay, sources, base, depth)]
    assert got == paying_twin.owed(*lists, first_level=2)
    assert any(row[0] == n for row in got)


def test_a_place_outside_takes_the_last_value():
    taken = np.empty(5, np.int64)
    take_or_last(np.array([7, 8, 9, -1]), np.array([2, -1, 3, 0, 99], np.int32), taken)
    assert taken.tolist() == [9, -1, -1, 7, -1]
