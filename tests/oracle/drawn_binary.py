"""Binary bonuses drawn at random: every form, cap, carry and gate; carry that the period before left."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.companies import SCHEMES
from tests.oracle.words import Draw, Names, chosen, condition, rarely

RATES = ["10%", "5%", "33.3333%", "7.77%", "0%", "100%"]
AMOUNTS = ["14.00", "3", "40.5", "0", "0.25"]
SIZES = ["100", "50", "7", "200", "33"]


def table(draw: Draw, names: Names, leaves: list[str], word: dict[str, Any]) -> Any:
    """Draw one rate or amount, or one by scheme, rank or tier."""
    kind = chosen(draw, "one", "one", "rank", "scheme", "tier")
    if kind == "rank" and "rank" in names.ladders:
        listed = [rank for rank in names.ladders["rank"] if draw(st.booleans())] or names.ladders["rank"][:1]
        keys = (["none"] if draw(st.booleans()) else []) + [rank + chosen(draw, "+", "") for rank in listed]
        return {key: chosen(draw, *leaves, "-") for key in keys}
    if kind == "scheme" and names.schemes:
        return {scheme: chosen(draw, *leaves) for scheme in SCHEMES}
    if kind == "tier":
        word.setdefault("tier", chosen(draw, *names.numbers))
        return {edge: chosen(draw, *leaves) for edge in chosen(draw, ["0", "100"], ["1", "50", "200"])}
    return chosen(draw, *leaves)


def steps(draw: Draw) -> dict[str, str]:
    edges = chosen(draw, ["50", "200"], ["1", "100", "333"], ["100"], ["7", "50", "100", "1000"])
    return {edge: f"{place * 15 + 10}.50" for place, edge in enumerate(edges)}


def cap(draw: Draw, names: Names, word: dict[str, Any]) -> dict[str, Any]:
    kinds = ["money"]
    cycles = isinstance(word["binary"], dict) and "cycle" in word["binary"]
    is_steps = isinstance(word["binary"], dict) and "steps" in word["binary"]
    if not is_steps:
        kinds += ["volume", "volume"] + (["cycles"] if cycles or "unit" in word else [])
    kind = chosen(draw, *kinds)
    leaves = {"money": ["5", "20", "0", "50"], "volume": ["100", "50", "0", "333"], "cycles": ["1", "2", "0", "3"]}[
        kind
    ]
    limit: Any = {"column": "goal"} if kind != "cycles" and rarely(draw, 4) else table(draw, names, leaves, word)
    found = {kind: limit, "then": chosen(draw, "keep", "flush_above", "flush_all")}
    if rarely(draw, 3):
        found["owner"] = "team"
    return found


def carry(draw: Draw, names: Names, word: dict[str, Any]) -> Any:
    if rarely(draw, 3):
        return chosen(draw, "both", "stronger", "none")
    found: dict[str, Any] = {"legs": chosen(draw, "both", "both", "stronger")}
    if draw(st.booleans()):
        found["limit"] = chosen(draw, "100", "50", "0", {"column": "goal"})
    if draw(st.booleans()):
        found["expires"] = {"after": chosen(draw, "1", "2", "3")}
    found["when_inactive"] = chosen(draw, "keep", "lose", "lose_all")
    found["when_not_eligible"] = chosen(draw, "keep", "lose", "lose_all")
    return found


def binary(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    """Draw a binary bonus; where no tree has legs, a bonus on own volume."""
    if not names.legs:
        return {"personal": chosen(draw, *RATES), "base": chosen(draw, *names.bases)}
    word: dict[str, Any] = {"volume": chosen(draw, *names.amounts, *names.rolled, *names.heads)}
    form = chosen(draw, "percent", "percent", "cycle", "cycle", "steps")
    if form == "cycle":
        strong, weak = chosen(draw, *SIZES), chosen(draw, *SIZES)
        word["binary"] = {"cycle": {"strong": strong, "weak": weak, "pays": table(draw, names, AMOUNTS, word)}}
        if rarely(draw, 4):
            word["binary"]["cycle"]["decided"] = "once"
        if rarely(draw, 3):
            word["first"] = {"strong": chosen(draw, *SIZES), "weak": chosen(draw, *SIZES), "pays": "30"}
    elif form == "steps":
        word["binary"] = {"steps": steps(draw)}
    else:
        word["binary"] = table(draw, names, RATES, word)
        if draw(st.booleans()):
            word["unit"] = chosen(draw, "100", "10", "3")
    if form != "cycle" and rarely(draw, 3):
        word["ratio"] = chosen(draw, "2:1", "1:2", "3:2")
    if rarely(draw, 3):
        word["pay_leg"] = chosen(draw, "before_carry", "after_carry")
    if rarely(draw, 3):
        word["match_minimum"] = chosen(draw, "50", "100", "1")
    if draw(st.booleans()):
        word["match_cap"] = cap(draw, names, word)
    if draw(st.booleans()):
        word["carry"] = carry(draw, names, word)
    if rarely(draw, 3):
        word["own"] = {"above": chosen(draw, "0", "50", "100")}
        word["own"]["into"] = chosen(draw, "lesser", "lesser_with_carry", "1", "2")
    if rarely(draw, 3):
        word["each_side"] = {"count": "1"} | ({"where": condition(draw, names)} if draw(st.booleans()) else {})
        if rarely(draw, 3):
            word["each_side"]["legs"] = "1"
    return word


def carried(draw: Draw, members: list[str], bonuses: dict[str, Any]) -> list[dict[str, str]]:
    """Draw what the period before left of the binary bonuses of a plan, as rows of state."""
    rows = []
    for name, word in bonuses.items():
        for member in members if "binary" in word else []:
            for key in ("1", "2"):
                since = draw(st.lists(st.sampled_from(["2026-09", "2026-08", "2026-07"]), max_size=2, unique=True))
                for label in since:
                    value = chosen(draw, "100", "50", "7", "1000", "333")
                    rows.append(
                        {
                            "period": "2026-09",
                            "section": "carry",
                            "name": name,
                            "member_id": member,
                            "key": key,
                            "since": label,
                            "value": value,
                        }
                    )
            if "first" in word and draw(st.booleans()):
                one = {"period": "2026-09", "section": "pairs", "name": name, "member_id": member}
                rows.append(one | {"key": "", "since": "2026-09", "value": "1"})
    return rows
