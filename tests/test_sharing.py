"""Shares in 64 bits and beyond are the same, add up, and go to the largest remainders."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.ledger.sharing import in_proportion, in_proportion_each, scaled
from mlmcalc.money import MODES
from tests.oracle.last_steps import shrink
from tests.oracle.scalars import round_to

LARGE = st.sampled_from([1, 10**6, 10**15])


# Six of 300 are still less than 64 bits hold, as every sum of a bonus is.
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.integers(0, 100), LARGE, st.sampled_from([1, 5]))
def test_shares_are_those_of_the_reference(weights: list[int], percent: int, large: int, step: int):
    have = np.array(weights, np.int64) * large * step
    left = int(have.sum()) * percent // 100 // step * step
    wanted = shrink({number: Fraction(int(one)) for number, one in enumerate(have)}, Fraction(left), Fraction(step))
    got = in_proportion(have, left, step, np.arange(have.size))
    assert got.tolist() == [int(one) for one in wanted.values()]
    assert got.sum() == left or not have.any()
    assert in_proportion_each(have[:, None], np.array([left]), step)[:, 0].tolist() == got.tolist()


@given(st.integers(1, 4), st.integers(0, 9), LARGE, st.sampled_from([1, 5]), st.randoms(use_true_random=False))
def test_columns_shrink_each_by_itself(rows: int, columns: int, large: int, step: int, draw):
    have = np.array(
        [[draw.choice([0, 3, draw.randint(0, 400)]) for _ in range(columns)] for _ in range(rows)], np.int64
    )
    # Some columns are beyond what the kernel multiplies, some are not.
    have *= step * np.array([draw.choice([1, large]) for _ in range(columns)], np.int64)
    left = np.array([int(total) * draw.randint(0, 100) // 100 // step * step for total in have.sum(axis=0)], np.int64)
    got = in_proportion_each(have, left, step)
    for column in range(columns):
        wanted = shrink(
            {row: Fraction(int(have[row, column])) for row in range(rows)}, Fraction(int(left[column])), Fraction(step)
        )
        assert got[:, column].tolist() == [int(one) for one in wanted.values()]


@given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.integers(0, 100), st.data())
def test_equal_remainders_go_to_the_lowest_ids(weights: list[int], percent: int, data):
    have = np.array(weights, np.int64)
    left = int(have.sum()) * percent // 100
    ids = data.draw(st.permutations(range(1, have.size + 1)))
    ordered = sorted(range(have.size), key=ids.__getitem__)
    wanted = shrink({place: Fraction(weights[place]) for place in ordered}, Fraction(left), Fraction(1))
    for known in (np.array(ids, np.int64), [f"M{one}" for one in ids]):
        got = in_proportion(have, left, 1, known)
        assert {place: got[place] for place in ordered} == wanted
    spread = np.arange(0, 2 * have.size, 2)
    twice = np.repeat(np.array(ids, np.int64), 2)
    assert in_proportion(have, left, 1, twice, spread).tolist() == [int(wanted[place]) for place in range(have.size)]


@given(st.integers(-(10**4), 10**4), st.integers(0, 2 * 10**6), LARGE, st.sampled_from(MODES))
def test_a_scaled_amount_rounds_once(amount: int, rate: int, large: int, mode):
    amount, million = amount * large // 10, 10**6
    if abs(amount) * rate // million >= 2**62:
        return
    (got,) = scaled(np.array([amount]), np.array([rate]), np.array([million]), 1, mode).tolist()
    assert got == round_to(Fraction(amount * rate, million), Fraction(1), mode)


def test_what_does_not_fit_is_refused():
    with pytest.raises(OverflowError):
        scaled(np.array([2**62]), np.array([3]), np.array([1]), 1, "down")
