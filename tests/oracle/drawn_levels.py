"""How far a level bonus reaches, drawn at random: own-rank generations, what lies below, totals, guarantees."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.words import THRESHOLDS, Draw, Names, chosen, rarely

SKIPS = ("skip", "skip_unqualified", "pass_to")


def reach(draw: Draw, names: Names, word: dict[str, Any], below: Any, heads: bool) -> dict[str, Any]:
    """Return a level bonus with more keys.

    Parameters
    ----------
    word : dict
    below : table or None
        One rate for what lies below the levels; None where that cannot be.
    heads : bool
        Whether the base counts whole units.
    """
    kind = chosen(draw, "generations", "generations", "below", "total", "complete", "guarantee")
    if kind == "generations" and names.ladders:
        return own_rank(draw, names, word)
    if kind == "below" and below is not None:
        return deeper(draw, word, below)
    first = int(word.get("count_from", "1"))
    if kind == "total" or rarely(draw, 5):
        word["total"] = chosen(draw, "10%", "7%", "1%", *(["5.00"] if heads else []))
    if kind == "complete" or rarely(draw, 5):
        word["complete"] = {str(level): chosen(draw, "1", "2", "3") for level in levels_of(draw, word, first)}
    if (kind == "guarantee" or rarely(draw, 5)) and first > 0:
        word.pop("until", None)
        word.pop("pairs", None)
        group, threshold = chosen(draw, *names.amounts), chosen(draw, *THRESHOLDS, "1000")
        word["guarantee"] = {"threshold": threshold, "group": group, "rate": chosen(draw, "4%", "10%", "1.5%")}
    return word


def own_rank(draw: Draw, names: Names, word: dict[str, Any]) -> dict[str, Any]:
    """Draw generations that the earner's own rank cuts."""
    word.pop("until", None)
    word["otherwise"] = chosen(draw, "lose", "lose", "company")
    ladder = chosen(draw, *names.ladders)
    word["generations"] = "mine_or_higher" if ladder == "rank" else {"mine_or_higher": ladder}
    if draw(st.booleans()):
        word["count_from"] = chosen(draw, "0", "1", "2")
    if draw(st.booleans()):
        word["leader"] = chosen(draw, "own_group", "upline_group")
    return word


def deeper(draw: Draw, word: dict[str, Any], below: Any) -> dict[str, Any]:
    """Draw a rate for what lies below the levels."""
    word.pop("until", None)
    word["otherwise"] = chosen(draw, "lose", "lose", "company")
    word |= {"levels": shortened(word["levels"]), "and_below": below}
    if draw(st.booleans()):
        word["leader"] = chosen(draw, "own_group", "upline_group")
    return word


def levels_of(draw: Draw, word: dict[str, Any], first: int) -> list[int]:
    """Draw some levels of a table."""
    last = first + longest(word["levels"]) - 1
    known = [level for level in range(first, last + 1) if level > 0]
    return sorted(draw(st.sets(st.sampled_from(known), min_size=1, max_size=2))) if known else []


def longest(node: Any) -> int:
    return max(longest(inner) for inner in node.values()) if isinstance(node, dict) else len(node)


def shortened(node: Any) -> Any:
    """Return a table with its first level only, so that more lies below."""
    return {key: shortened(inner) for key, inner in node.items()} if isinstance(node, dict) else node[:1]
