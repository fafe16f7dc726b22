"""Pools drawn at random: funds, shares, points, places, maximums, what is left."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.words import THRESHOLDS, Draw, Names, chosen, condition, rarely

SHARES = ["1", "2", "3", "0.5", "-"]
AMOUNTS = ["5", "20.00", "100", "1", "0", "-"]
RESTS = ["company", "lose", "carry"]


def numbers(draw: Draw, names: Names, word: dict[str, Any], leaf: list[str], whole: bool = False) -> Any:
    """Draw a table of plain numbers, for everybody, by rank or by tier; `word` gets the key it needs."""
    kind = draw(st.integers(0, 2)) if not whole else 0
    if kind == 1 and "rank" in names.ladders:
        ranks = names.ladders["rank"]
        listed = [rank for rank in ranks if draw(st.booleans())] or ranks[:1]
        keys = (["none"] if rarely(draw, 3) else []) + [rank + chosen(draw, "+", "") for rank in listed]
        return {key: chosen(draw, *leaf) for key in keys}
    if kind == 2:
        word.setdefault("tier", chosen(draw, *names.numbers))
        edges = sorted({"0", *draw(st.sets(st.sampled_from(THRESHOLDS), max_size=2))}, key=int)
        return {edge: chosen(draw, *leaf) for edge in edges}
    return chosen(draw, *leaf)


def measure(draw: Draw, names: Names, earlier: list[str]) -> Any:
    """Draw what members are measured by."""
    if earlier and rarely(draw, 4):
        return {"earned": draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))}
    word = chosen(draw, *names.numbers)
    return {"growth": word} if rarely(draw, 4) else word


def fund(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    if rarely(draw, 3):
        return {"pool": chosen(draw, "100", "10.01", "1", "0.07", "5000")}
    if names.heads and rarely(draw, 4):
        return {"pool": chosen(draw, "2.50", "10%"), "of": chosen(draw, *names.heads)}
    of: Any = chosen(draw, *names.bases, *names.rolled, *names.numbers)
    if earlier and rarely(draw, 4):
        of = {"earned": draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))}
    word: dict[str, Any] = {"pool": chosen(draw, "10%", "1%", "33.3333%", "0%", "100%"), "of": of}
    if rarely(draw, 4):
        word["part"] = chosen(draw, "1/3", "30/45", "2/2")
    if rarely(draw, 5):
        word["sources"] = condition(draw, names)
    return word


def top(draw: Draw, names: Names, earlier: list[str]) -> tuple[dict[str, Any], int]:
    places, count = chosen(draw, ("1", 1), ("2", 2), ("3", 3), ("2-3", 2), ("4-9", 6))
    word: dict[str, Any] = {"places": places, "by": measure(draw, names, earlier)}
    if draw(st.booleans()):
        other = chosen(draw, *names.numbers, "goal", "joined")
        word["ties"] = chosen(draw, "lowest_id", "share", "share", {"most": other}, {"least": other})
    return word, count


def form(draw: Draw, names: Names, earlier: list[str], word: dict[str, Any]) -> None:
    """Draw how the fund is shared."""
    kind = draw(st.integers(0, 4))
    if kind == 4 or rarely(draw, 4):
        word["top"], count = top(draw, names, earlier)
        if kind == 4:
            portions = ["10%", "5%", "16.6666%", "0%"] if draw(st.booleans()) else ["10", "20", "0"]
            word["positions"] = [chosen(draw, *portions) for _ in range(count)]
            return
    if kind == 0:
        word["shares"] = "equal" if draw(st.booleans()) else numbers(draw, names, word, SHARES)
    elif kind == 1:
        word["amounts"] = numbers(draw, names, word, AMOUNTS)
    else:
        word["by"] = measure(draw, names, earlier)
    if rarely(draw, 4):
        word["each"] = chosen(draw, *(names.heads or names.amounts))
    if kind == 1:
        return
    if rarely(draw, 5):
        word["out_of"] = chosen(draw, "5", "1000", "1")
    if rarely(draw, 5):
        worth = {"at_most": chosen(draw, "0.25", "2", "0.000001"), "round_down": chosen(draw, "0.01", "0.05", "1")}
        word["point_value"] = chosen(draw, worth, *({key: text} for key, text in worth.items()))


def pool(draw: Draw, names: Names, earlier: list[str]) -> dict[str, Any]:
    """Draw a pool."""
    word = fund(draw, names, earlier)
    form(draw, names, earlier, word)
    if rarely(draw, 3):
        most = ["40%", "10%", "100%"] if draw(st.booleans()) else ["10", "1", "50"]
        word["maximum"] = numbers(draw, names, word, [*most, "-"])
    nobodys = any(key in word for key in ("amounts", "out_of", "point_value"))
    prizes = "positions" in word and "%" not in word["positions"][0]
    if draw(st.booleans()):
        word["rest"] = chosen(draw, *RESTS, *([] if nobodys or prizes else ["others", "others"]))
    if draw(st.booleans()):
        word["empty"] = chosen(draw, *RESTS)
    return word
