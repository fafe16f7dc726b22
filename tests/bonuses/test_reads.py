"""A bonus is calculated after everything it chooses its rates by."""

from __future__ import annotations

import pytest

from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.personal import Personal
from mlmcalc.rules.values import Node, Vocabulary

WORDS = Vocabulary(
    volumes={"cv": 2},
    metrics={"tv": 2},
    trees={"sponsor": ""},
    ladders={"rank": ("Partner",)},
    member_columns={},
    order_columns={"country": ("text", 0)},
    bonuses=(),
    schemes=(),
    first_tree="sponsor",
)


@pytest.mark.parametrize("by", [None, "country"])
def test_the_tier_is_read(by: str | None):
    tiers = {"0": "1%", "100": "2%"}
    chosen = tiers if by is None else {"IT": tiers, "other": tiers}
    personal = Personal.model_validate({"personal": chosen, "base": "cv", "tier": "tv", "by": by})
    rows = {"0": ["1%"], "100": ["2%"]}
    levels = Levels.model_validate(
        {"levels": rows if by is None else {"IT": rows, "other": rows}, "base": "cv", "tier": "tv", "by": by}
    )
    for word in (personal, levels):
        assert Node("metric", "tv") in word.reads(WORDS)


def test_the_rank_is_read_below_an_order_column():
    table = {"IT": {"Partner": ["1%"]}, "other": {"Partner": ["2%"]}}
    word = Levels.model_validate({"levels": table, "base": "cv", "by": "country"})
    assert Node("ladder", "rank") in word.reads(WORDS)
