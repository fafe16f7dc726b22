"""Slow twins of what reads cells; nothing here knows the engine."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal


def number(text: str, decimals: int, canonical: bool) -> int | None:
    """Return a cell in units of ``10**-decimals``, None for what is not of the plain form."""
    if canonical:
        return int(text) if re.fullmatch(r"0|-?[1-9][0-9]*", text) and len(text) <= 12 else None
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) or len(text) > 12:
        return None
    units = Decimal(text).scaleb(decimals)
    return int(units) if units == units.to_integral_value() and len(text.partition(".")[2]) <= decimals else None


def iso_day(text: str) -> int | None:
    """Return a day as days since 1970-01-01, None for what is none."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return (date(int(text[:4]), int(text[5:7]), int(text[8:])) - date(1970, 1, 1)).days
    except ValueError:
        return None


def is_plain(text: str) -> bool:
    """Return whether a text is up to twelve bytes of visible ASCII without spaces."""
    return len(text.encode()) <= 12 and all("!" <= letter <= "~" for letter in text)


def rows_of_texts(texts: list[str], wanted: list[str | None]) -> list[int]:
    """Return the first row of each text, -1 for one that is not there."""
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        first.setdefault(text, row)
    return [-1 if text is None else first.get(text, -1) for text in wanted]
