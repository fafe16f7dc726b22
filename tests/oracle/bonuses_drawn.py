"""Bonuses drawn at random: rate tables, policies, ends, caps, pairs, generations, matching."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle import drawn_award, drawn_differential, drawn_levels, drawn_pool
from tests.oracle.companies import SCHEMES
from tests.oracle.drawn_binary import binary
from tests.oracle.drawn_limits import last_steps
from tests.oracle.rates import keys_of
from tests.oracle.scalars import is_number
from tests.oracle.words import THRESHOLDS, Draw, Names, chosen, condition, rarely

RATES = ["5%", "1%", "2.5%", "10%", "7.77%", "33.3333%", "100%", "0%"]
POLICIES = ["lose", "skip", "skip_unqualified", "company", "pass_to"]


EACH = ["20.00", "0.25", "5", "0", "10%", "-"]


def amount_list(draw: Draw) -> list[str]:
    """Draw amounts for each unit of what is counted."""
    return draw(st.lists(st.sampled_from(EACH), min_size=1, max_size=3))


def rate_list(draw: Draw) -> list[str]:
    return draw(st.lists(st.sampled_from([*RATES, "-"]), min_size=chosen(draw, 2, 1, 3), max_size=4))


def one_rate(draw: Draw) -> str:
    return chosen(draw, *RATES)


def edges(draw: Draw) -> list[str]:
    """Draw the thresholds of a tier table, mostly from 0 on."""
    lowest = chosen(draw, "0", "0", "1", "100")
    return sorted({lowest, *draw(st.sets(st.sampled_from(THRESHOLDS), max_size=3))}, key=int)


def table(draw: Draw, names: Names, word: dict[str, Any], leaf: Any) -> Any:
    """Draw a rate table, nested by order column, scheme, rank, tier; `word` gets the keys it needs."""
    levels = leaf is not one_rate
    by_tier = rarely(draw, 3) if levels else draw(st.booleans())
    if by_tier and (levels or isinstance(word["base"], dict) or draw(st.booleans())):
        word["tier"] = chosen(draw, *names.numbers)
    by_rank = "rank" in names.ladders and draw(st.booleans())
    by_scheme = names.schemes and draw(st.booleans())
    if by_scheme and levels and draw(st.booleans()):
        word["scheme"] = "source"

    def of_tier() -> Any:
        if not by_tier:
            return leaf(draw)
        return {edge: leaf(draw) for edge in edges(draw)}

    def of_rank() -> Any:
        if not by_rank:
            return of_tier()
        listed = [rank for rank in names.ladders["rank"] if draw(st.booleans())] or names.ladders["rank"][:1]
        upwards = {rank: chosen(draw, "+", "+", "") for rank in listed}
        keys = (["none"] if rarely(draw, 2) else []) + [rank + upwards[rank] for rank in listed]
        if rarely(draw, 4):
            word["rank"] = chosen(draw, "title", "title_before", "paid_as")
        return {key: of_tier() for key in keys}

    def of_scheme() -> Any:
        if not by_scheme:
            return of_rank()
        return {scheme: of_rank() for scheme in chosen(draw, SCHEMES, SCHEMES, SCHEMES[:1])}

    volume = str(word["base"]).partition("@")[0]
    if volume in names.bases and volume not in names.shared and names.by_orders and rarely(draw, 4):
        word["by"] = "country"
        return {key: of_scheme() for key in chosen(draw, ["IT"], ["IT", "FR"], ["IT", "other"], ["other", "DE"])}
    return of_scheme()


def base(draw: Draw, names: Names, earlier: list[str]) -> Any:
    if earlier and rarely(draw, 3):
        return {"earned": draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))}
    if rarely(draw, 6):
        return chosen(draw, *names.numbers, "goal")
    rolled = names.rolled if draw(st.booleans()) else []
    return chosen(draw, *(rolled or names.bases))


def personal(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    word: dict[str, Any] = {"base": base(draw, names, earlier)}
    if word["base"] in names.bases and rarely(draw, 3):
        return {"personal": {edge: one_rate(draw) for edge in edges(draw)}, "base": word["base"], "marginal": "true"}
    return {"personal": table(draw, names, word, one_rate), **word}


def levels(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    heads = bool(names.heads) and rarely(draw, 4)
    what = chosen(draw, *names.heads) if heads else base(draw, names, earlier)
    word: dict[str, Any] = {"base": what, "tree": chosen(draw, *reversed(names.trees))}
    word = {
        "levels": table(draw, names, word, amount_list if heads else rate_list),
        **word,
        "otherwise": chosen(draw, *POLICIES),
    }
    if "rank" in names.ladders and rarely(draw, 4):
        word["until"] = {"rank": chosen(draw, *names.ladders["rank"])}
        if draw(st.booleans()):
            word["until"]["paid"] = chosen(draw, "true", "false")
        if draw(st.booleans()):
            word["until"]["levels_below"] = chosen(draw, "0", "1", "2")
    if rarely(draw, 6):
        word["pairs"] = [pair(draw, names) for _ in range(chosen(draw, 1, 1, 2))]
    if word["tree"] not in ("sponsor", "placement", "hung") and rarely(draw, 3):
        word["count_from"] = chosen(draw, "0", "1", "1", "2")
        if draw(st.booleans()):
            word["leader"] = chosen(draw, "own_group", "upline_group")
    return with_reach(draw, names, word, heads) if draw(st.booleans()) else word


def with_reach(draw: Draw, names: Names, word: dict[str, Any], heads: bool) -> dict[str, Any]:
    """Draw how far a level bonus reaches and what it hands out: one key besides, now and then several."""
    below, tier = None, word.get("tier", chosen(draw, *names.numbers))
    if "rank" in names.ladders and "by" not in word:
        below = table(draw, names, {"base": {"earned": []}}, one_rate)
    word = drawn_levels.reach(draw, names, word, below, heads)
    uses_tier = "and_below" in word and any(is_number(key) for key in keys_of(below))
    return {**word, "tier": tier} if uses_tier else word


def pair(draw: Draw, names: Names) -> str:
    words = [*names.numbers, "goal"]
    if names.ladders and draw(st.booleans()):
        words = list(names.ladders)
    sign = chosen(draw, ">=", ">", "<=", "<", "=")
    return f"source.{chosen(draw, *words)} {sign} earner.{chosen(draw, *words)}"


SOURCE_BONUSES = [levels, levels, personal, drawn_differential.differential]
OTHER_BONUSES: list[Any] = [drawn_pool.pool, drawn_award.award, binary]
"""What draws a word, as often as it stands here; those without sources stand in the second list."""


def bonus(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    """Draw one bonus, with the keys that all have."""
    one = chosen(draw, *SOURCE_BONUSES, *OTHER_BONUSES)
    word = one(draw, names, earlier)
    if rarely(draw, 3):
        word["eligible"] = condition(draw, names)
    if one in SOURCE_BONUSES and rarely(draw, 6):
        word["sources"] = condition(draw, names)
    last_steps(draw, names, word)
    return word


def bonuses(draw: Draw, names: Names) -> dict[str, Any]:
    """Draw one to four bonuses; later ones may match earlier ones."""
    found: dict[str, Any] = {}
    for name in ["first", "second", "third", "fourth"][: draw(st.integers(1, 4))]:
        found[name] = bonus(draw, names, list(found))
    return found


def points(draw: Draw, names: Names) -> dict[str, Any]:
    """Draw a bonus word that counts points; bonuses may read them as they read metrics."""
    word = bonus(draw, names, [])
    names.numbers.append("score")
    return {"score": word}
