"""``add``: several quantities of a member together, less others, within bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.metrics.add import SumOfQuantities
from mlmcalc.rules.values import Quantity, Vocabulary
from tests.words_company import network, values

VOCABULARY = Vocabulary(
    volumes={"pv": 2, "sets": 0},
    metrics={"rate": 4},
    trees={"sponsor": ""},
    ladders={},
    member_columns={},
    order_columns={},
    bonuses=[],
    schemes=[],
    first_tree="sponsor",
)


def word(**keys) -> SumOfQuantities:
    return SumOfQuantities.model_validate(keys)


def evaluated(made: SumOfQuantities, pv: list[int], sets: list[int]) -> Quantity:
    found = replace(values(network({"sponsor": [-1] * len(pv)}), {"pv": pv}), vocabulary=VOCABULARY)
    found.metrics["sets"] = Quantity(np.array(sets, np.int64), 0)
    return made.evaluate(found, "together")


def test_a_sum_has_the_most_decimals_of_its_parts():
    made = word(add=["pv"], plus="-100", at_least="0", at_most="50.5")
    found = evaluated(made, [9900, 10010, 20000], [0, 0, 0])
    assert (found.amounts.tolist(), found.decimals) == ([0, 10, 5050], 2)


def test_what_is_taken_away_may_leave_less_than_nothing():
    found = evaluated(word(add=["sets", "pv"], less=["pv"], plus="1"), [-250, 100], [0, 3])
    assert (found.amounts.tolist(), found.decimals) == ([100, 400], 2)
    assert evaluated(word(add=["sets"], less=["pv"]), [250, 100], [0, 3]).amounts.tolist() == [-250, 200]


@pytest.mark.parametrize(
    ("keys", "code", "path"),
    [
        ({"add": ["pw"]}, "metrics.unknown", ("add",)),
        ({"add": ["pv"], "less": ["pw"]}, "metrics.unknown", ("less",)),
        ({"add": ["sets"], "plus": "0.5"}, "metrics.decimals", ("plus",)),
        ({"add": ["pv"], "at_most": "0.001"}, "metrics.decimals", ("at_most",)),
        ({"add": ["pv"], "at_least": "2", "at_most": "1"}, "metrics.bounds", ("at_least",)),
    ],
)
def test_what_is_wrong_is_named(keys, code, path):
    assert [(one.code, one.path) for one in word(**keys).check(VOCABULARY)] == [(code, path)]
    assert word(add=["pv", "sets", "rate"], plus="0.0001").check(VOCABULARY) == []


def test_a_sum_that_could_leave_64_bits_is_refused():
    with pytest.raises(InputRefused, match=r"metrics\.overflow"):
        evaluated(word(add=["pv", "pv"]), [2**62], [0])
    with pytest.raises(InputRefused, match=r"metrics\.overflow"):
        evaluated(word(add=["pv"], at_least=str(2**56)), [0, 0], [0, 0])
