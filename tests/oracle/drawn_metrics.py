"""Metrics drawn at random: words over trees and legs, tiers, sums, and those that need a ladder."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.bonuses_drawn import edges
from tests.oracle.drawn_past import looking_back
from tests.oracle.words import THRESHOLDS, Draw, Names, chosen, condition, rarely

STEPS = ["0%", "1%", "7.5%", "100%"]


def derive(draw: Draw, names: Names, under: str, keep: Any, name: str) -> dict[str, Any]:
    """Draw a derived tree; its rolled-up volumes may be read from now on."""
    policy = chosen(draw, "roll_up", "stay", "stay_same_level", "roll_up", "drop")
    names.trees.append(name)
    if policy in ("roll_up", "drop"):
        volume = chosen(draw, *names.bases)
        text = f"{volume}@{name}"
        names.rolled.append(text)
        names.numbers.append(text)
        if volume in names.volumes:
            names.amounts.append(text)
    return {"compress": under, "keep": keep, "volume": policy}


def metric(draw: Draw, names: Names, trees: list[str], where: Any) -> tuple[dict[str, Any], bool]:
    """Draw a metric without groups, and whether it counts heads."""
    if rarely(draw, 5):
        return looking_back(draw, names)
    kind = draw(st.integers(0, 7))
    tree = {"tree": chosen(draw, *trees)}
    if kind <= 2:
        word = {"sum": chosen(draw, *names.amounts), "over": "subtree", **tree}
        if draw(st.booleans()):
            word["levels"] = chosen(draw, "0", "1", "2", ["1", "2"], ["0", "1"], ["2", "3"])
        if rarely(draw, 3):
            word["self"] = "false"
        if rarely(draw, 4):
            word["where"] = where
        return word, False
    if kind == 3:
        return {"sum": chosen(draw, *names.amounts), "over": "frontline", **tree, "where": where}, False
    if kind == 4:
        return {"count": "frontline", **tree, "where": where}, True
    if kind == 5:
        word = {"count": chosen(draw, "subtree", "legs"), **tree, "where": where}
        if draw(st.booleans()):
            word["levels"] = chosen(draw, "1", "2")
        return word, True
    return legs(draw, names, tree)


def legs(draw: Draw, names: Names, tree: dict[str, str]) -> tuple[dict[str, Any], bool]:
    if rarely(draw, 4):
        return {"legs": chosen(draw, *names.amounts), **tree, "take": {"reaching": chosen(draw, *THRESHOLDS)}}, True
    take = chosen(
        draw,
        {"largest": "1"},
        {"largest": "2"},
        "all_but_largest",
        {"all_but_largest": "2"},
        {"at_most": "150"},
        {"at_most": "50%", "of": "leg_strongest"},
        {"at_most": "33.3333%", "of": "leg_strongest"},
        {"at_most": "40%", "of": "total_before"},
    )
    word = {"legs": chosen(draw, *names.amounts), **tree, "take": take}
    if rarely(draw, 3):
        word[chosen(draw, "plus", "as_leg")] = chosen(draw, *names.volumes)
    return word, False


def tier_metric(draw: Draw, names: Names) -> dict[str, Any]:
    word: dict[str, Any] = {
        "tier": chosen(draw, *names.numbers),
        "steps": {edge: chosen(draw, *STEPS) for edge in edges(draw)},
    }
    if rarely(draw, 3):
        word["at_least"] = [{"when": condition(draw, names), "value": chosen(draw, *THRESHOLDS)}]
    return word


def add_metric(names: Names, found: dict[str, Any], name: str, word: dict[str, Any], heads: bool) -> None:
    found[name] = word
    names.numbers.append(name)
    (names.heads if heads else names.amounts).append(name)


def static_metrics(draw: Draw, names: Names, found: dict[str, Any], trees: list[str]) -> None:
    for place in range(draw(st.integers(0, 3))):
        add_metric(names, found, f"metric{place}", *metric(draw, names, trees, condition(draw, names)))
    static = [tree for tree in names.trees if tree not in ("sponsor", "placement", "hung")]
    if static and rarely(draw, 3):
        tree = chosen(draw, *static)
        word = {"sum": chosen(draw, *names.amounts), "over": "group", "tree": tree}
        if draw(st.booleans()):
            word["leader"] = chosen(draw, "own_group", "upline_group")
        if rarely(draw, 4):
            word["where"] = condition(draw, names)
        add_metric(names, found, "group", word, False)
    if rarely(draw, 4):
        word = {"times": chosen(draw, "0.28", "18", "0.5"), "of": chosen(draw, *names.amounts)}
        add_metric(names, found, "multiplied", word, False)
    if rarely(draw, 4):
        word: dict[str, Any] = {"add": [chosen(draw, *names.amounts), chosen(draw, *names.amounts, *names.heads)]}
        word |= {"less": [chosen(draw, *names.amounts)]} if draw(st.booleans()) else {}
        word |= {"plus": chosen(draw, "1", "-100")} if draw(st.booleans()) else {}
        word |= {"at_least": "0"} if draw(st.booleans()) else {}
        word |= {"at_most": chosen(draw, "100", "200")} if draw(st.booleans()) else {}
        add_metric(names, found, "together", word, False)
    if rarely(draw, 4):
        # Four decimals: not for sums with volumes.
        found["reached"] = tier_metric(draw, names)
        names.numbers.append("reached")


def rank_metrics(draw: Draw, names: Names, found: dict[str, Any], trees: dict[str, Any], ranks: list[str]) -> None:
    """Draw metrics that look at the ranks of others: in the family of one tree, groups of leaders among them."""
    where: dict[str, Any] = {"rank": chosen(draw, *ranks)}
    if rarely(draw, 3):
        where["pv"] = chosen(draw, *THRESHOLDS)
    if draw(st.booleans()):
        tree = {"tree": chosen(draw, *names.family), "where": where}
        word: dict[str, Any] = chosen(
            draw,
            {"count": "frontline", **tree},
            {"count": "subtree", **tree},
            {"count": "legs", **tree},
            {"count": "legs", "levels": "2", **tree},
            {"sum": "pv", "over": "frontline", **tree},
            {"sum": "cv", "over": "subtree", "self": "false", **tree},
        )
        names.rank_dependent.add("with_rank")
        add_metric(names, found, "with_rank", word, "count" in word)
    if draw(st.booleans()):
        keep: dict[str, Any] = {"rank": chosen(draw, *ranks)}
        if rarely(draw):
            keep["pv"] = chosen(draw, *THRESHOLDS)
        known = list(names.numbers), list(names.amounts)
        trees["leaders"] = derive(draw, names, chosen(draw, *names.family), keep, "leaders")
        names.numbers, names.amounts = known
        names.rank_dependent.add("pgv")
        word = {"sum": chosen(draw, *names.volumes), "over": "group", "tree": "leaders"}
        if draw(st.booleans()):
            word["leader"] = chosen(draw, "own_group", "upline_group")
        add_metric(names, found, "pgv", word, False)
