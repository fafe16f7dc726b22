"""``binary``: what is refused, books that do not balance, very many cycles, and ages."""

from __future__ import annotations

import numpy as np
import pytest

import mlmcalc
from mlmcalc.bonuses.binary_carry import LegBook, Lot, age_of
from mlmcalc.errors import InputRefused, IntegrityError
from mlmcalc.kernels.matching import EVERY_STEP, match_legs
from tests.bonuses.small_binary import HEAD, run, team


def test_a_plan_whose_trees_have_no_legs():
    text = HEAD.replace(", leg: leg, width: WIDTH", "").replace("PLACE", "line") + team("binary: 10%")
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(text)
    assert [finding.code for finding in refusal.value.findings] == ["bonuses.tree"]


@pytest.mark.parametrize(("leg", "value", "code"), [("3", "5", "state.key"), ("1", "-5", "bonuses.carry_sign")])
def test_a_state_that_cannot_be(leg, value, code):
    with pytest.raises(InputRefused) as refusal:
        run(team("binary: 10%"), ["1", "1"], carry=[(leg, "2026-09", value)])
    assert [finding.code for finding in refusal.value.findings] == [code]


def test_volumes_too_large_are_refused():
    with pytest.raises(InputRefused) as refusal:
        run(team("binary: 100%"), ["20000000000000000", "20000000000000000"])
    assert {finding.code for finding in refusal.value.findings} == {"bonuses.overflow"}


# the equation of volume


def test_a_book_out_of_balance_is_refused():
    volume = np.array([[10, 20]])
    book = LegBook(volume, np.zeros_like(volume), [Lot("2026-09", np.array([[5, 0]]))], 0)
    book.matched = np.array([[10, 10]])
    book.verify("team", np.array([[5, 10]]))
    with pytest.raises(IntegrityError) as refusal:
        book.verify("team", np.array([[5, 9]]))
    assert "leg 2" in refusal.value.findings[0].message


# kernels and ages


def test_millions_of_cycles_are_as_quick_as_one():
    generator = np.random.default_rng(5)
    available = generator.integers(0, 400, (300, 2))
    for strong, weak in ((2, 1), (3, 3), (1, 4), (7, 2), (100, 1)):
        steps, taken = np.zeros(300, np.int64), np.zeros((300, 2), np.int64)
        sizes = np.array([[strong, weak]])
        most = generator.integers(0, 300, 300)
        match_legs(available, available, sizes, most, EVERY_STEP, steps, taken)
        for row in range(300):
            legs, count = available[row].tolist(), 0
            while count < most[row]:
                big = 0 if legs[0] >= legs[1] else 1
                if legs[big] < strong or legs[1 - big] < weak:
                    break
                legs[big] -= strong
                legs[1 - big] -= weak
                count += 1
            assert (steps[row], (available[row] - taken[row]).tolist()) == (count, legs)
    huge = np.array([[10**17, 10**17 - 3]])
    steps, taken = np.zeros(1, np.int64), np.zeros((1, 2), np.int64)
    match_legs(huge, huge, np.array([[2, 1]]), np.array([2**62]), EVERY_STEP, steps, taken)
    assert (huge - taken).sum() < 3


@pytest.mark.parametrize(
    ("since", "period", "age"),
    [
        ("2025-12", "2026-02", 2),
        ("2025-W52", "2026-W02", 2),
        ("2026-01-01..2026-01-28", "2026-02-26..2026-03-25", 2),
        ("", "2026-02", 1),
        ("2026-02", "2026-02", 1),
    ],
)
def test_ages(since, period, age):
    assert age_of(since, period) == age
