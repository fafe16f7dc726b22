"""Base types of every model that reads a plan, a workspace or a case: scalars arrive as text and leave exact."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, RootModel, WithJsonSchema

from mlmcalc.money import INT64_MAX, NotExact, units_from_text

_T = TypeVar("_T")
_RATE = re.compile(r"[0-9]+(?:\.[0-9]{1,4}0*)?%")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]{0,99}")
NAME_FORM = "letters, digits, - and _, beginning with a letter"


WHEN_READ = ConfigDict(defer_build=True)
"""For what is built when it first reads something: a plan uses few of the words there are."""


class Model(BaseModel):
    """A mapping of a document: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


class Root(RootModel[_T], Generic[_T]):
    """One value of a document that is no mapping, or one of several forms; it never changes."""

    model_config = ConfigDict(frozen=True, defer_build=True)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a single value is wanted here, not a list or a mapping")
    return value.strip()


def rate_from_text(value: Any) -> int:
    """Return ``5%`` as 50000 parts per million.

    Raises
    ------
    ValueError
        Without the sign, with more than four decimals, negative or too large.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value)
    if not _RATE.fullmatch(text):
        form = "a rate is a number with a percent sign, zero or more and of at most four decimals, as 5% or 0.25%"
        raise ValueError(f"{form}, not {text!r}{_meant_rate(text)}")
    rate_ppm = units_from_text(text[:-1], 4)
    if rate_ppm > 2_000_000_000:
        raise ValueError(f"{text} is too large for a rate")
    return rate_ppm


def _meant_rate(text: str) -> str:
    """Return what was probably meant: 5% by 0.05 as by 5, a list by rates one after the other."""
    from mlmcalc.money import rate_text

    parts = re.split(r"[,\s]+", text)
    if len(parts) > 1 and all(_RATE.fullmatch(part) for part in parts):
        return f"; write a list: [{', '.join(parts)}]"
    with suppress(NotExact):
        millionths = units_from_text(text, 6)
        if 0 <= millionths < 1_000_000:
            return f"; write {rate_text(millionths)}"
    if _RATE.fullmatch(text + "%"):
        return f"; write {text}%"
    if (money := re.sub(r"^[^0-9.,-]{1,4}|[^0-9.,%]{1,4}$", "", text)) != text and re.fullmatch(
        r"[0-9]+(\.[0-9]+)?", money
    ):
        return f"; an amount of money stands without a currency: {money}"
    return ""


def _amount(value: Any) -> str:
    text = _text(value)
    try:
        units_from_text(text, len(text.partition(".")[2]))
    except NotExact as fault:
        raise ValueError(f"{fault}; write a plain decimal such as 25 or 25.00") from None
    return text


def _factor(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value)
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6}0*)?", text):
        form = "a factor is a decimal of 0 or more, below a million and of at most six decimals, as 18 or 0.28"
        raise ValueError(f"{form}, not {text!r}")
    return units_from_text(text, 6)


def _count(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value)
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(f"a whole number is wanted, not {text!r}")
    number = int(text)
    if number > INT64_MAX:
        raise ValueError(f"{text} is too large")
    return number


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value)
    if text not in ("true", "false"):
        raise ValueError(f"true or false is wanted, not {text!r}")
    return text == "true"


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    text = _text(value)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"a day is written 2026-10-31, not {text!r}")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day of the calendar") from None


def is_name(text: str) -> bool:
    """Return whether a text may name a volume, tree, metric, ladder, bonus or column."""
    return _NAME.fullmatch(text) is not None


def _name(value: Any) -> str:
    text = _text(value)
    if not is_name(text):
        raise ValueError(f"{text!r} is no name: {NAME_FORM}")
    return text


def _reference(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_\-]{0,99}(@[A-Za-z_][A-Za-z0-9_\-]{0,99})?", text):
        raise ValueError(f"{text!r} is no name of a volume, metric or VOLUME@TREE")
    return text


Rate = Annotated[
    int, BeforeValidator(rate_from_text), WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d{1,4})?%$"})
]
"""Parts per million, from ``5%``."""
Amount = Annotated[str, BeforeValidator(_amount), WithJsonSchema({"type": ["string", "number"]})]
"""A plain decimal, kept as text until the decimals of what it is compared with are known."""
Factor = Annotated[
    int, BeforeValidator(_factor), WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]})
]
"""Parts per million, from ``18`` or ``0.28``."""
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema({"type": "string"})]
Reference = Annotated[str, BeforeValidator(_reference), WithJsonSchema({"type": "string"})]
Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number"]})]
