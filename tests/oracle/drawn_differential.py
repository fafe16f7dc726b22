"""Differentials drawn at random: every form, with starts, reserves and ends."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import tests.oracle.bonuses_drawn as drawn
from tests.oracle.rates import thresholds
from tests.oracle.words import Draw, Names, chosen, rarely


def differential(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    """Draw a differential bonus."""
    word: dict[str, Any] = {"base": drawn.base(draw, names, earlier), "tree": chosen(draw, *reversed(names.trees))}
    word = {"differential": drawn.table(draw, names, word, drawn.one_rate), **word}
    if any(True for _edge in thresholds(word["differential"])):
        word.setdefault("tier", chosen(draw, *names.numbers))
    word["against"] = chosen(draw, "paid", "qualified", "immediate_leg")
    if rarely(draw, 2):
        word["own"] = chosen(draw, "false", "true")
    if word["against"] == "immediate_leg":
        return word
    if rarely(draw, 4):
        word["first_level"] = chosen(draw, "2", "1", "3")
        word["nearer"] = chosen(draw, "counted", "skipped")
    if rarely(draw, 3):
        word["top"] = chosen(draw, "10%", "5%", "40%", "120%")
    if rarely(draw, 4):
        word["start"] = chosen(draw, *names.numbers)
    if rarely(draw, 3):
        word["pays"] = chosen(draw, "own_rate", "difference")
    if word.get("nearer") != "counted" and rarely(draw, 3):
        word["first_upline"] = {"reserve": chosen(draw, "5%", "1%", "50%")}
    if rarely(draw, 3):
        word["until"] = end(draw, names)
    return word


def end(draw: Draw, names: Names) -> dict[str, Any]:
    """Draw where a walk ends."""
    found: dict[str, Any] = {}
    if "rank" in names.ladders and draw(st.booleans()):
        found["rank"] = chosen(draw, *names.ladders["rank"])
        if draw(st.booleans()):
            found["paid"] = chosen(draw, "true", "false")
        if draw(st.booleans()):
            found["levels_below"] = chosen(draw, "0", "1", "2")
    if not found or draw(st.booleans()):
        found[chosen(draw, "equal", "equal_or_lower")] = chosen(draw, "1", "1", "2")
    return found
