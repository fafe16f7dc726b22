"""A fund divided to the unit: against whole numbers of any size, at the bounds too."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.rules.proportion import MOST_WEIGHT, divided, divided_up_to, floors

UNITS = st.one_of(st.integers(0, 1000), st.integers(0, MOST_WEIGHT))
SMALL = st.lists(st.integers(0, 50), min_size=1, max_size=12)
LARGE = st.lists(st.integers(0, MOST_WEIGHT // 12), min_size=1, max_size=12)


def column(numbers):
    return np.array(numbers, np.int64)


def twin(units, weights, unheld=0):
    """Return the parts by largest remainder, ties by place, nobody's last."""
    exact = [Fraction(units * weight, sum(weights) + unheld) for weight in [*weights, unheld]]
    parts = [part.numerator // part.denominator for part in exact]
    left = units - sum(parts)
    for place in sorted(range(len(exact)), key=lambda place: (parts[place] - exact[place], place))[:left]:
        parts[place] += 1
    return parts[:-1]


@given(UNITS, st.one_of(SMALL, LARGE))
def test_whole_parts_and_rests(units, weights):
    total = max(sum(weights), 1)
    quotient, rest = floors(column(weights), units, total)
    assert [divmod(units * weight, total) for weight in weights] == list(
        zip(quotient.tolist(), rest.tolist(), strict=True)
    )


def test_a_weight_may_be_larger_than_the_total():
    quotient, rest = floors(column([MOST_WEIGHT - 1, 7]), 3, 5)
    assert (quotient.tolist(), rest.tolist()) == ([(MOST_WEIGHT - 1) * 3 // 5, 4], [(MOST_WEIGHT - 1) * 3 % 5, 1])


@given(UNITS, st.one_of(SMALL, LARGE), st.integers(0, 20))
def test_the_parts_add_up_to_the_fund(units, weights, unheld):
    """M11: to the last unit, the odd ones to the largest remainders, then to the lowest ids."""
    weights[0] += 1
    parts = divided(units, column(weights), column(range(len(weights))), unheld)
    assert parts.tolist() == twin(units, weights, unheld)
    assert unheld or int(parts.sum()) == units


@given(st.integers(0, 10**12), SMALL, st.integers(2, 1000))
def test_weights_of_another_scale_change_nothing(units, weights, scale):
    weights[0] += 1
    ids = column(range(len(weights)))
    one, other = (divided(units, column(weights) * factor, ids) for factor in (1, scale))
    assert one.tolist() == other.tolist()


@given(st.integers(0, 10**12), SMALL, st.randoms(use_true_random=False))
def test_the_order_of_holders_changes_nothing(units, weights, rng):
    weights[0] += 1
    ids = list(range(len(weights)))
    shuffled = ids.copy()
    rng.shuffle(shuffled)
    one = divided(units, column(weights), column(ids))
    other = divided(units, column(weights)[shuffled], column(shuffled))
    assert one[shuffled].tolist() == other.tolist()


@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10**5)), min_size=1, max_size=12))
def test_nobody_exceeds_a_maximum_and_nothing_disappears(units, holders):
    weights, most = column([one[0] for one in holders]), column([one[1] for one in holders])
    parts, left = divided_up_to(units, weights, most, column(range(weights.size)))
    assert (parts <= most).all()
    assert int(parts.sum()) + left == units
    assert left == 0 or (parts == most).all()
    free = parts < most
    if free.any():
        # Who is below its maximum has its part of what those at theirs left, to one unit.
        share = [Fraction(int(part), int(weight)) for part, weight in zip(parts[free], weights[free], strict=True)]
        slack = [Fraction(1, int(weight)) for weight in weights[free]]
        assert max(s - d for s, d in zip(share, slack, strict=True)) <= min(
            s + d for s, d in zip(share, slack, strict=True)
        )


@pytest.mark.parametrize("ids", [["b", "a", "B"], column([3, 2, 1])])
def test_ids_decide_between_equals(ids):
    parts = divided(1, column([1, 1, 1]), ids)
    assert parts.tolist() == [0, 0, 1]
