"""What a word needs: the forms ``100``, ``[A, B]`` and ``{min: 100, max: 200}``, read once and judged by type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AliasChoices, BeforeValidator, Field, WithJsonSchema

from mlmcalc.fields import Flag, Model, Name, Text
from mlmcalc.money import INT64_MAX, units_from_text
from mlmcalc.periods import day_number
from mlmcalc.rules.words import Operand

NO_RANK = "none"


class Goal(Model):
    """A requirement taken from a number column of members."""

    column: Name


def _least(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Goal):
        return value
    if isinstance(value, dict) and set(value) == {"column"}:
        return Goal.model_validate(value)
    raise ValueError("a value is wanted here, or {column: NAME}")


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


_GOAL = {"type": "object", "properties": {"column": {"type": "string"}}, "required": ["column"]}
_SCALAR: dict[str, Any] = {"type": ["string", "number"]}
_TEXTS: dict[str, Any] = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
Least = Annotated[str | Goal, BeforeValidator(_least), WithJsonSchema({"anyOf": [_SCALAR, _GOAL]})]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_texts), WithJsonSchema(_TEXTS)]


class Need(Model):
    """What a word needs, before its type is known.

    A single value is kept in `value`, a list in `any_of`; the other fields are the keys of the mapping form.
    """

    value: Text | None = Field(default=None, exclude=True)
    any_of: tuple[Text, ...] | None = Field(default=None, exclude=True)
    min: Least | None = None
    max: Text | None = None
    above: Text | None = None
    below: Text | None = None
    exactly: Text | None = Field(default=None, validation_alias=AliasChoices("is", "exactly"))
    but_not: Texts | None = Field(default=None, validation_alias=AliasChoices("not", "but_not"))
    given: Flag | None = None

    def forms(self) -> set[str]:
        """Return the keys in use, as a plan spells them; ``value`` and ``list`` for the short forms."""
        spelled = {"value": "value", "any_of": "list", "exactly": "is", "but_not": "not"}
        return {spelled.get(name, name) for name in type(self).model_fields if getattr(self, name) is not None}


def _need(value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("a value is missing here")
        return Need(value=value)
    if isinstance(value, list):
        if not value:
            raise ValueError("the list is empty")
        return Need(any_of=tuple(value))
    if isinstance(value, dict) and not value:
        raise ValueError("a need is missing here, such as min: 100")
    if isinstance(value, dict) and {"value", "any_of", "exactly", "but_not"} & set(value):
        raise ValueError("known here are min, max, above, below, is, not and given")
    return value


_MAPPING = {
    "type": "object",
    "properties": {
        "min": {"anyOf": [_SCALAR, _GOAL]},
        **dict.fromkeys(("max", "above", "below", "is"), _SCALAR),
        "not": _TEXTS,
        "given": {"type": "boolean"},
    },
    "additionalProperties": False,
}
NEED_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array", "items": _SCALAR}, _MAPPING]
}
NeedField = Annotated[Need, BeforeValidator(_need), WithJsonSchema(NEED_SCHEMA)]


@dataclass(frozen=True, slots=True)
class Interval:
    """The closed interval a number, a day or a rank code must lie in."""

    lowest: int = -INT64_MAX - 1
    highest: int = INT64_MAX

    def holds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which values lie inside."""
        above = values >= self.lowest if self.lowest > -INT64_MAX - 1 else None
        if self.highest < INT64_MAX:
            below = values <= self.highest
            return below if above is None else above & below
        return np.ones(values.shape, dtype=np.bool_) if above is None else above


def number_interval(need: Need, decimals: int) -> Interval:
    """Return the interval of a need on a number, a goal left aside.

    Raises
    ------
    NotExact
        A bound is no decimal, or has more decimals than the number.
    """
    least = need.value if need.value is not None else need.min
    lows = [units_from_text(least, decimals)] if isinstance(least, str) else []
    lows += [units_from_text(need.above, decimals) + 1] if need.above is not None else []
    highs = [units_from_text(need.max, decimals)] if need.max is not None else []
    highs += [units_from_text(need.below, decimals) - 1] if need.below is not None else []
    return Interval(max(lows, default=-INT64_MAX - 1), min(highs, default=INT64_MAX))


def rank_interval(need: Need, ranks: Sequence[str]) -> Interval:
    """Return the interval of codes of a need on a rank; 0 is no rank.

    Raises
    ------
    ValueError
        A rank is not on the ladder.
    """
    exact = need.exactly or (NO_RANK if need.value == NO_RANK else None)
    if exact is not None:
        code = rank_code(exact, ranks)
        return Interval(code, code)
    least = need.value if need.value is not None else need.min
    lowest = rank_code(least, ranks) if isinstance(least, str) else 0
    return Interval(lowest, rank_code(need.max, ranks) if need.max is not None else len(ranks))


def rank_code(name: str, ranks: Sequence[str]) -> int:
    """Return the code of a rank, 0 for ``none``.

    Raises
    ------
    ValueError
        The rank is not on the ladder.
    """
    return 0 if name == NO_RANK else 1 + list(ranks).index(name)


def day_interval(need: Need) -> Interval:
    """Return the interval of a need on a day, in days since 1970-01-01.

    Raises
    ------
    ValueError
        A bound is no day.
    """
    first = day_number(date.fromisoformat(need.min)) if isinstance(need.min, str) else -INT64_MAX - 1
    return Interval(first, day_number(date.fromisoformat(need.max)) if need.max is not None else INT64_MAX)


def interval_of(need: Need, operand: Operand) -> Interval:
    """Return the interval of a need on a number, day or rank of a run; the plan has been checked."""
    if operand.type == "number":
        return number_interval(need, operand.decimals)
    return rank_interval(need, operand.labels) if operand.type == "rank" else day_interval(need)


def reached(amounts: NDArray[np.int64], decimals: int, goal: Operand) -> NDArray[np.bool_]:
    """Return which amounts reach a goal that may be counted in other decimals, exactly."""
    if goal.decimals >= decimals:
        # Rounded up to the coarser unit: a goal between two amounts is reached by the upper one.
        return amounts >= -(-goal.values // 10 ** (goal.decimals - decimals))
    return amounts // 10 ** (decimals - goal.decimals) >= goal.values


def satisfied(need: Need, operand: Operand, goal: Operand | None = None) -> NDArray[np.bool_]:
    """Return where a column meets a need.

    Parameters
    ----------
    need : Need
    operand : Operand
    goal : Operand, optional
        The column of ``min: {column: NAME}``.

    Returns
    -------
    (k,) bool
    """
    if need.given is not None:
        given = np.ones(operand.values.shape, dtype=np.bool_) if operand.given is None else operand.given
        return given.copy() if need.given else ~given
    if operand.type == "flag":
        return operand.values == (need.value == "true")
    if operand.type == "text":
        return _text_satisfied(need, operand)
    met = interval_of(need, operand).holds(operand.values)
    if goal is not None:
        met &= reached(operand.values, operand.decimals, goal)
    return met if operand.known is None else met & operand.known


def _text_satisfied(need: Need, operand: Operand) -> NDArray[np.bool_]:
    wanted = need.any_of or ((need.value,) if need.value is not None else None)
    # The last place stands for "not given" (code -1): it meets nothing.
    chosen = np.zeros(len(operand.labels) + 1, dtype=np.bool_)
    for code, label in enumerate(operand.labels):
        chosen[code] = label in wanted if wanted is not None else label not in (need.but_not or ())
    return chosen[operand.values]
