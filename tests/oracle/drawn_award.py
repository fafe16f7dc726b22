"""Awards drawn at random: by rank, tier and event, first time, in a row, in instalments, by structure."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.drawn_pool import numbers
from tests.oracle.words import Draw, Names, chosen, condition, rarely

AMOUNTS = ["5", "20.00", "100", "1", "0", "-", "50"]


def structure(draw: Draw, names: Names) -> dict[str, Any]:
    deep = draw(st.integers(1, 3))
    word: dict[str, Any] = {
        "award": [chosen(draw, *AMOUNTS) for _ in range(deep)],
        "structure": {
            "width": chosen(draw, "1", "2", "2", "3"),
            "member": condition(draw, names),
            "tree": chosen(draw, *reversed(names.trees)),
        },
    }
    if draw(st.booleans()):
        word["structure"]["pays"] = chosen(draw, "every_depth", "deepest")
    return word


def award(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    """Draw an award."""
    if rarely(draw, 3):
        return structure(draw, names)
    word: dict[str, Any] = {}
    word = {"award": numbers(draw, names, word, AMOUNTS), **word}
    if rarely(draw, 3):
        word["per"] = chosen(draw, *(names.heads or names.numbers))
        word["every"] = chosen(draw, "1", "2", "3")
        if draw(st.booleans()):
            word["most"] = chosen(draw, "0", "1", "2")
        if draw(st.booleans()):
            word["carry"] = "true"
    if draw(st.booleans()):
        word["when"] = chosen(draw, "first_time", "every_period")
    if rarely(draw, 3):
        word["consecutive"] = chosen(draw, "1", "2", "3")
    if rarely(draw, 3):
        word["lower_too"] = chosen(draw, "true", "false")
    if rarely(draw, 3):
        word["instalments"] = chosen(draw, "2", "3", "4")
        if draw(st.booleans()):
            word["keep"] = "true"
        return word
    if rarely(draw, 3):
        word["streak"] = chosen(draw, {"1": "100%", "3": "150%"}, {"2": "33.3333%"}, {"1": "50%", "2": "0%"})
    if rarely(draw, 4):
        word["otherwise_pays"] = chosen(draw, "5", "20")
    return word
