"""Text to numbers and days, and rounding, in fractions.

The reference is written from the plan model and the plan language, and shares no code with the engine.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

ZERO = Fraction(0)


def number(text: str) -> Fraction:
    """Return a decimal text; an empty cell counts 0."""
    return Fraction(text) if text else ZERO


def level_rate(text: str) -> Fraction | None:
    """Return the rate of a level; ``-`` is no rate, a number without a sign is an amount for each unit."""
    if text == "-":
        return None
    return rate(text) if text.endswith("%") else Fraction(text)


def rate(text: str) -> Fraction:
    """Return a rate written with its sign."""
    if not text.endswith("%"):
        raise ValueError(f"{text!r} is no rate")
    return Fraction(text[:-1]) / 100


def is_number(text: str) -> bool:
    try:
        Fraction(text)
    except ValueError:
        return False
    return True


def flag(text: str) -> bool:
    return text == "true"


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def months_between(start: date, end: date) -> int:
    """Return the calendar months completed; one is complete on the day of the same number."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def listed(value: Any) -> list[Any]:
    """Return a list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def round_to(amount: Fraction, unit: Fraction, mode: str) -> Fraction:
    """Return the multiple of the unit that the mode chooses, acting on the magnitude."""
    count = abs(amount) / unit
    whole = count.numerator // count.denominator
    rest = count - whole
    if mode == "half_up":
        more = rest >= Fraction(1, 2)
    elif mode == "half_even":
        more = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)
    elif mode == "up":
        more = rest > 0
    elif mode == "down":
        more = False
    else:
        raise ValueError(f"{mode!r} is no mode")
    rounded = (whole + more) * unit
    return -rounded if amount < 0 else rounded
