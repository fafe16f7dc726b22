"""Whether a need fits the word it is asked of."""

from __future__ import annotations

import re
from datetime import date

from mlmcalc.errors import Finding
from mlmcalc.money import NotExact
from mlmcalc.rules.needs import NO_RANK, Goal, Need, number_interval
from mlmcalc.rules.values import Vocabulary
from mlmcalc.rules.words import Meaning, Place, WordType, nearest

_FORMS: dict[WordType, tuple[frozenset[str], str]] = {
    "number": (
        frozenset({"value", "min", "max", "above", "below", "given"}),
        "Write a least value such as 100, or {min: 100, max: 200}, {above: 0}, {below: 100}.",
    ),
    "rank": (
        frozenset({"value", "is", "min", "max"}),
        "Write a rank, which means this one or higher, {is: RANK}, {min: A, max: B} or none.",
    ),
    "flag": (frozenset({"value", "given"}), "Write true or false."),
    "text": (frozenset({"value", "list", "not", "given"}), "Write A, [A, B], {not: A} or {given: true}."),
    "day": (frozenset({"min", "max", "given"}), "Write {min: 2026-01-01, max: 2026-01-31}."),
}
_NAMES = {"number": "a number", "rank": "a rank", "flag": "a flag", "text": "a text", "day": "a day"}


def need_faults(word: str, need: Need, meaning: Meaning, vocabulary: Vocabulary, place: Place) -> list[Finding]:
    """Return what is wrong with a need, with paths relative to the condition.

    Codes are ``rules.form``, ``rules.number``, ``rules.rank``, ``rules.flag``, ``rules.text``, ``rules.day`` and
    ``rules.goal``.
    """
    allowed, remedy = _FORMS[meaning.type]
    wrong = sorted(need.forms() - allowed)
    if wrong:
        what = " and ".join(
            "a list" if form == "list" else "a single value" if form == "value" else f"{form}:" for form in wrong
        )
        return [_fault("form", f"{word} is {_NAMES[meaning.type]}; it does not take {what}.", remedy, word)]
    if need.given is not None and len(need.forms()) > 1:
        return [_fault("form", f"{word}: given: stands alone.", "Drop the other keys.", word)]
    if need.given is not None:
        column = meaning.node is None and meaning.labels is None
        return [] if column else [_fault("form", f"{word} is always given.", "Drop given:.", word)]
    if isinstance(need.min, Goal):
        return _goal_faults(word, need.min, meaning, vocabulary, place)
    judge = {"number": _number, "rank": _rank, "flag": _flag, "text": _text, "day": _day}[meaning.type]
    return judge(word, need, meaning)


def _fault(code: str, message: str, remedy: str, word: str) -> Finding:
    return Finding(f"rules.{code}", message, remedy, path=(word,))


def _goal_faults(word: str, goal: Goal, meaning: Meaning, vocabulary: Vocabulary, place: Place) -> list[Finding]:
    if meaning.type != "number" or place == "order":
        where = "a condition on members" if meaning.type == "number" else "a number"
        return [_fault("goal", f"{word}: a goal from a column is for {where}.", "State the value itself.", word)]
    if vocabulary.member_columns.get(goal.column, ("", 0))[0] != "number":
        numbers = [name for name, (kind, _) in vocabulary.member_columns.items() if kind == "number"]
        return [
            _fault("goal", f"{goal.column} is not a number column of members.", nearest(goal.column, numbers), word)
        ]
    return []


def _number(word: str, need: Need, meaning: Meaning) -> list[Finding]:
    try:
        interval = number_interval(need, meaning.decimals)
    except NotExact as fault:
        remedy = f"{_FORMS['number'][1]} {word} has {meaning.decimals} decimals."
        return [_fault("number", f"{word}: {fault}.", remedy, word)]
    if interval.lowest > interval.highest:
        return [_fault("number", f"{word}: no number meets this.", "Write the smaller bound as min.", word)]
    return []


def _meant_rank(name: str, ranks: list[str]) -> str:
    if name.endswith("+") and name[:-1] in ranks:
        return f"Write {name[:-1]}, which means this rank or a higher one."
    return nearest(name, [*ranks, NO_RANK])


def _rank(word: str, need: Need, meaning: Meaning) -> list[Finding]:
    ranks = list(meaning.labels or ())
    named = [name for name in (need.value, need.exactly, need.min, need.max) if isinstance(name, str)]
    faults = [
        _fault("rank", f"{name} is not a rank of the ladder {word}.", _meant_rank(name, ranks), word)
        for name in named
        if name not in ranks and name != NO_RANK
    ]
    if faults or not isinstance(need.min, str) or need.max is None:
        return faults
    order = [NO_RANK, *ranks]
    if order.index(need.min) > order.index(need.max):
        return [_fault("rank", f"{need.min} is above {need.max}.", "Write the lower rank as min.", word)]
    return []


def _flag(word: str, need: Need, meaning: Meaning) -> list[Finding]:
    if need.value in ("true", "false"):
        return []
    return [_fault("flag", f"{word} is true or false, not {need.value}.", "Write true or false.", word)]


def _text(word: str, need: Need, meaning: Meaning) -> list[Finding]:
    named = [*(need.any_of or ()), *(need.but_not or ()), *([need.value] if need.value is not None else [])]
    if meaning.labels is None:
        return []
    return [
        _fault("text", f"{word} is never {name}.", nearest(name, meaning.labels), word)
        for name in named
        if name not in meaning.labels
    ]


def _day(word: str, need: Need, meaning: Meaning) -> list[Finding]:
    days = [text for text in (need.min, need.max) if isinstance(text, str)]
    for text in days:
        if not _is_day(text):
            return [_fault("day", f"{word}: {text} is no day.", "Write a day as 2026-10-31.", word)]
    if len(days) == 2 and days[0] > days[1]:
        return [_fault("day", f"{word}: {days[0]} is after {days[1]}.", "Write the earlier day as min.", word)]
    return []


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
