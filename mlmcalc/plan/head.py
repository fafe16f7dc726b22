"""The head of a plan: its name, money, calendar, rounding, statuses, columns and schemes."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from mlmcalc.documents.known_keys import nearest
from mlmcalc.fields import Amount, Count, Day, Flag, Model, Name, Text
from mlmcalc.money import Rounding, units_from_text
from mlmcalc.plan.corrections import CorrectionWords
from mlmcalc.rules.condition import Condition

MAX_DECIMALS = 6
MAX_UNIT_DIGITS = 6
_NO_SCHEME = ("none", "other", "ladder")


class RoundingWords(Model):
    """``rounding:`` as written."""

    place: Literal["line", "bonus", "payout"] = Field(description="where a plan rounds; nothing before is rounded")
    grain: Literal["source", "order", "keeper"] = Field(default="source", description="what one line is about")
    mode: Literal["half_up", "half_even", "down", "up"] = Field(description="acts on the magnitude")
    unit: Amount = Field(description="the smallest payable amount, such as 0.01")
    money_decimals: Count | None = Field(default=None, description="decimals of money, if more than those of the unit")
    source: Text = ""

    @field_validator("unit")
    @classmethod
    def _payable(cls, unit: str) -> str:
        if unit.startswith("-") or not unit.strip("0.+"):
            raise ValueError(f"the unit is more than zero, such as 0.01, not {unit}")
        if len(unit.partition(".")[2]) > MAX_DECIMALS:
            raise ValueError(f"the unit has at most {MAX_DECIMALS} decimals, not {unit}")
        if len(unit.partition(".")[0].lstrip("+0")) > MAX_UNIT_DIGITS:
            raise ValueError(f"the unit is below 1000000, not {unit}")
        return unit

    @model_validator(mode="after")
    def _enough_decimals(self) -> RoundingWords:
        own = len(self.unit.partition(".")[2])
        if self.money_decimals is not None and not own <= self.money_decimals <= MAX_DECIMALS:
            raise ValueError(f"money_decimals is between {own}, those of the unit, and {MAX_DECIMALS}")
        return self

    def bound(self) -> Rounding:
        """Return the rounding as integers."""
        decimals = len(self.unit.partition(".")[2]) if self.money_decimals is None else self.money_decimals
        return Rounding(self.place, self.grain, self.mode, units_from_text(self.unit, decimals), decimals)


class StatusRule(Model):
    """What a member of a status may do."""

    walk: Literal["through", "compressed"] = Field(default="through", description="whether it keeps its place in trees")
    source: Flag = Field(default=True, description="whether its volume pays bonuses")
    earner: Flag = Field(default=False, description="whether it may earn and hold a rank")


class Statuses(Model):
    """``statuses:``; what is not said has its default."""

    suspended: StatusRule = StatusRule()
    left: StatusRule = StatusRule()
    merged: StatusRule = StatusRule()
    source: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _active_is_fixed(cls, value: Any) -> Any:
        if isinstance(value, dict) and "active" in value:
            raise ValueError("active members are always walked through, sources and earners; leave `active` out")
        return value


class Schemes(Model):
    """``schemes:``: the member column that chooses ladders and rate tables."""

    by: Name
    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    source: Text = ""

    @field_validator("names")
    @classmethod
    def _different(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names) or "" in names:
            raise ValueError("every scheme has a name of its own")
        for name in names:
            # In a rate table or a list of ladders these mean something else.
            if name in _NO_SCHEME or re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", name):
                raise ValueError(f"a scheme is not called {name!r}: in a rate table it would mean something else")
        return names


class NumberColumn(Model):
    """A column of numbers with so many decimals."""

    decimals: Annotated[Count, Field(le=MAX_DECIMALS)]


def _column(value: Any) -> Any:
    if isinstance(value, (dict, NumberColumn)) or value in ("text", "day", "flag"):
        return value
    remedy = "; write {decimals: 2}" if value in ("number", "decimal", "integer", "amount") else ""
    raise ValueError(f"a column is text, day, flag or {{decimals: N}}{remedy}")


ColumnWords = Annotated[
    Literal["text", "day", "flag"] | NumberColumn,
    BeforeValidator(_column),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["text", "day", "flag"]},
                {
                    "type": "object",
                    "properties": {"decimals": {"type": "integer", "minimum": 0, "maximum": MAX_DECIMALS}},
                    "required": ["decimals"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def column_type(words: Literal["text", "day", "flag"] | NumberColumn) -> tuple[str, int]:
    """Return type and decimals of a declared column."""
    return ("number", words.decimals) if isinstance(words, NumberColumn) else (words, 0)


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("a currency is an ISO 4217 code of three capital letters, such as EUR")
    return value


def _time_zone(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a time zone is an IANA name, such as Europe/Rome")
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        remedy = nearest(value, available_timezones())
        hint = remedy if remedy.startswith("Did") else "write an IANA name, such as Europe/Rome"
        raise ValueError(f"{value!r} is no time zone; {hint}") from None
    return value


def _language(value: Any) -> str:
    if value != "1":
        raise ValueError("this mlmcalc reads version 1 of the plan language; write mlmcalc: 1")
    return value


class Head(Model):
    """Everything of a plan but its volumes, trees, metrics, ranks and bonuses."""

    mlmcalc: Annotated[str, BeforeValidator(_language), WithJsonSchema({"enum": [1, "1"]})] = Field(
        description="version of the plan language"
    )
    plan: Name = Field(description="name of the plan")
    version: Text = Field(description="version of the plan: a change is a new one")
    effective: Day = Field(description="first day the version is in force")
    currency: Annotated[
        str, BeforeValidator(_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
    ] = Field(description="ISO 4217 code")
    period: Literal["month", "week", "days"] = Field(default="month", description="the calendar of periods")
    time_zone: Annotated[str, BeforeValidator(_time_zone), WithJsonSchema({"type": "string"})] = Field(
        default="UTC", description="IANA name; an instant with an offset is dated in it"
    )
    rounding: RoundingWords
    decimals: Annotated[Count, Field(le=MAX_DECIMALS)] = Field(
        default=2, description="decimals of every volume that states no other"
    )
    active: Condition | None = Field(default=None, description="who counts as active")
    statuses: Statuses = Statuses()
    member_columns: dict[Name, ColumnWords] = Field(default_factory=dict, description="columns of members it reads")
    order_columns: dict[Name, ColumnWords] = Field(default_factory=dict, description="columns of orders it reads")
    schemes: Schemes | None = None
    corrections: CorrectionWords = Field(
        default=CorrectionWords(), description="what is done about what is learnt after a period was paid"
    )
    source: Text = Field(default="", description="where the company's own document says so")

    @field_validator("version")
    @classmethod
    def _some_version(cls, version: str) -> str:
        if not 1 <= len(version) <= 100:
            raise ValueError("a version is a text of 1 to 100 characters, such as 2026-01")
        return version
