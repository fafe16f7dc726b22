"""Metrics that look back, and the sections of state that a plan keeps, drawn at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.ladder import of_plan as ladders_of
from tests.oracle.past import remembers, rule, titles_of
from tests.oracle.words import THRESHOLDS, Draw, Names, chosen, rarely


def looking_back(draw: Draw, names: Names) -> tuple[dict[str, Any], bool]:
    """Draw a metric of earlier periods."""
    current = {} if draw(st.booleans()) else {"with_current": chosen(draw, "true", "false")}
    if rarely(draw, 3):
        return {"lifetime": chosen(draw, *names.amounts), **current}, False
    word = {"history": chosen(draw, *names.amounts), "periods": chosen(draw, "2", "3", "1", "4"), **current}
    if draw(st.booleans()):
        return {**word, "take": chosen(draw, "count", "in_a_row"), "at_least": chosen(draw, *THRESHOLDS)}, True
    return {**word, "take": chosen(draw, "sum", "least", "largest", "average_down")}, False


def periods_at(draw: Draw, ladder: str, ranks: list[str]) -> dict[str, Any]:
    options = {"in_a_row": chosen(draw, "true", "false"), "exactly": chosen(draw, "false", "true")}
    return {"periods_at": chosen(draw, *ranks), "ladder": ladder, **(options if draw(st.booleans()) else {})}


def sections(plan: dict[str, Any], ladders: dict[str, list[str]]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the sections of state that a plan keeps, with the keys there may be."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for ladder, word in ladders_of(plan).items():
        names = tuple(ladders[ladder])
        if remembers(word) == "rank":
            found.append(("rank", ladder, names))
        if ladder in titles_of(plan):
            found.append(("title", ladder, names))
            found += [("title_below", ladder, ("none", *names))] if "lose_after" in rule(word) else []
    for name, word in plan.get("metrics", {}).items():
        if "periods_at" in word:
            found.append(("periods_at", name, ("",)))
        if "lifetime" in word:
            found.append(("lifetime", word["lifetime"], ("",)))
        if "history" in word:
            found.append(("history", word["history"], ("2026-06", "2026-07", "2026-08", "2026-09")))
    if "payout" in plan:
        found.append(("balance", "payout", ("held", "carried")))
        found += [("deferred", name, ("1", "2", "3")) for name in plan["bonuses"]]
    return list(dict.fromkeys(found))
