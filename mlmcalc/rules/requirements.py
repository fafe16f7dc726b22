"""What a condition requires of one member, what the member has, and how far it is: the words of explain."""

from __future__ import annotations

from dataclasses import dataclass

from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.money import text_from_units, units_from_text
from mlmcalc.periods import day_text
from mlmcalc.rules.needs import NO_RANK, Goal, Need, interval_of, satisfied
from mlmcalc.rules.words import Operand


@dataclass(frozen=True, slots=True)
class Requirement:
    """One word of a condition for one member.

    Attributes
    ----------
    word : str
    required, actual : str
        As a reader would say them: ``at least 100.00``, ``80.00``.
    short_by : str
        What is missing to a least value; empty where it is met or cannot be counted.
    met : bool
    waived : str
        Reason and approver where the requirement was waived, else empty.
    """

    word: str
    required: str
    actual: str
    short_by: str
    met: bool
    waived: str = ""


def requirement_of(word: str, need: Need, operand: Operand, position: int, goal: Operand | None = None) -> Requirement:
    """Return what a need requires of the row of one member.

    Parameters
    ----------
    word : str
    need : Need
    operand : Operand
    position : int
        Row of the operand.
    goal : Operand, optional
        The column of ``min: {column: NAME}``.
    """
    row = _row(operand, position)
    goal_row = None if goal is None else _row(goal, position)
    met = bool(satisfied(need, row, goal_row)[0])
    short_by = "" if met or operand.type != "number" else _short_by(need, row, goal_row)
    return Requirement(word, _required(need, row, goal_row), _actual(row), short_by, met)


def _row(operand: Operand, position: int) -> Operand:
    one = slice(position, position + 1)
    known = None if operand.known is None else operand.known[one]
    given = None if operand.given is None else operand.given[one]
    return Operand(operand.type, operand.values[one], operand.decimals, operand.labels, known, given)


def _short_by(need: Need, row: Operand, goal: Operand | None) -> str:
    if row.known is not None and not row.known[0]:
        return ""
    missing = 0
    if goal is not None:
        finer = max(row.decimals, goal.decimals)
        missing = int(goal.values[0]) * 10 ** (finer - goal.decimals) - int(row.values[0]) * 10 ** (
            finer - row.decimals
        )
        return text_from_units(missing, finer) if missing > 0 else ""
    missing = interval_of(need, row).lowest - int(row.values[0])
    return text_from_units(missing, row.decimals) if missing > 0 else ""


def _required(need: Need, row: Operand, goal: Operand | None) -> str:
    if need.given is not None:
        return "given" if need.given else "not given"
    if row.type == "flag":
        return need.value or ""
    if row.type == "text":
        wanted = need.any_of or ((need.value,) if need.value is not None else ())
        return " or ".join(wanted) if wanted else "not " + " or ".join(need.but_not or ())
    if row.type == "rank":
        return _required_rank(need)
    parts = [] if need.value is None else [f"at least {_number(need.value, row)}"]
    if goal is not None and isinstance(need.min, Goal):
        parts.append(f"at least {text_from_units(int(goal.values[0]), goal.decimals)} ({need.min.column})")
    named = (("at least", need.min), ("at most", need.max), ("more than", need.above), ("less than", need.below))
    parts += [f"{phrase} {_number(bound, row)}" for phrase, bound in named if isinstance(bound, str)]
    return ", ".join(parts)


def _required_rank(need: Need) -> str:
    exact = need.exactly or (need.value if need.value == NO_RANK else None)
    if exact is not None:
        return "no rank" if exact == NO_RANK else f"exactly {exact}"
    least = need.value or need.min
    parts = [f"{least} or higher"] if least else []
    return " and ".join([*parts, *([f"{need.max} or lower"] if need.max else [])])


def _number(text: str, row: Operand) -> str:
    return text_from_units(units_from_text(text, row.decimals), row.decimals) if row.type == "number" else text


def _actual(row: Operand) -> str:
    value = row.values[0]
    if row.type == "flag":
        return "true" if value else "false"
    if row.type == "text":
        return row.labels[int(value)] if value >= 0 else "not given"
    if row.type == "rank":
        return row.labels[int(value) - 1] if value else "no rank"
    if row.known is not None and not row.known[0]:
        return "not given"
    if row.type == "day":
        return day_text(int(value)) if value != NO_DAY else "not given"
    return text_from_units(int(value), row.decimals)
