"""Conditions: what one word needs of a number, a text, a flag, a day or a rank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.scalars import day, flag, listed, number

NO_RANK = 0


def alternatives(condition: Any) -> list[dict[str, Any]]:
    """Return the mappings of which any one must hold."""
    return listed(condition)


def number_meets(need: Any, actual: Fraction | None, column: Callable[[str], Fraction]) -> bool:
    """Return whether a number meets ``100`` or ``{min, max, above, below}``; an unknown one meets nothing."""
    if actual is None:
        return False
    if not isinstance(need, dict):
        return actual >= number(need)
    least = need.get("min")
    if least is not None:
        bound = column(least["column"]) if isinstance(least, dict) else number(least)
        if actual < bound:
            return False
    return (
        ("max" not in need or actual <= number(need["max"]))
        and ("above" not in need or actual > number(need["above"]))
        and ("below" not in need or actual < number(need["below"]))
    )


def text_meets(need: Any, actual: str) -> bool:
    if isinstance(need, dict) and "given" in need:
        if flag(need["given"]) != bool(actual):
            return False
        need = {key: value for key, value in need.items() if key != "given"}
        if not need:
            return True
    if not actual:
        return False
    if isinstance(need, dict):
        return actual not in listed(need["not"])
    return actual in listed(need)


def flag_meets(need: Any, actual: bool) -> bool:
    return flag(need) == actual


def day_meets(need: dict[str, str], actual: date | None) -> bool:
    if actual is None:
        return False
    least, most = day(need.get("min", "")), day(need.get("max", ""))
    return (least is None or actual >= least) and (most is None or actual <= most)


def rank_meets(need: Any, actual: int, code: dict[str, int]) -> bool:
    """Return whether a rank, as its place in the ladder from 1, meets the need; no rank is 0."""
    if need == "none":
        return actual == NO_RANK
    if not isinstance(need, dict):
        return actual >= code[need]
    if "is" in need:
        return actual == code[need["is"]]
    return ("min" not in need or actual >= code[need["min"]]) and ("max" not in need or actual <= code[need["max"]])


def cell_meets(need: Any, kind: Any, cell: str, column: Callable[[str], Fraction]) -> bool:
    """Return whether a declared column's cell meets the need; `kind` is text, flag, day or ``{decimals: n}``."""
    if isinstance(need, dict) and set(need) == {"given"}:
        return flag(need["given"]) == bool(cell)
    if kind == "text":
        return text_meets(need, cell)
    if kind == "flag":
        return flag_meets(need, flag(cell))
    if kind == "day":
        return day_meets(need, day(cell))
    return number_meets(need, number(cell), column)
