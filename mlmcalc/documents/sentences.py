"""Pydantic's errors as plain sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlmcalc.documents.known_keys import nearest

MAPPINGS = ("dict_type", "model_type", "model_attributes_type", "dataclass_type", "mapping_type")
"""Kinds of errors of pydantic where a mapping is wanted."""
_LISTS = ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type")
_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}
_BOUND_KEYS = ("gt", "ge", "lt", "le")


def shown(value: Any) -> str:
    """Return a value of a document as a finding shows it."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if value in ("", None):
        return "nothing"
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _full_stop(text: str) -> str:
    text = text[:1].upper() + text[1:] if text[:1].isalpha() and text[1:2] != "@" else text
    return text if text.endswith((".", "?", "!")) else text + "."


def sentence(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the fault, message and remedy of one error of pydantic."""
    kind, seen, context = error["type"], shown(error.get("input")), error.get("ctx") or {}
    if kind in ("value_error", "assertion_error") or "message" in context:
        message, _, remedy = str(context.get("error", context.get("message", ""))).partition("; ")
        return "value", _full_stop(message or f"this is not understood: {seen}"), _full_stop(remedy) if remedy else ""
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return "choice", f"One of {', '.join(choices)} is wanted here, not {seen}.", _meant(error.get("input"), choices)
    if kind in MAPPINGS:
        return "type", f"A mapping is wanted here, not {seen}.", "Write `key: value` lines below it, or {key: value}."
    if kind in _LISTS:
        return "type", f"A list is wanted here, not {seen}.", "Write [a, b], or lines that begin with `- `."
    if kind == "string_type":
        return "type", f"A single value is wanted here, not {seen}.", ""
    if kind in _BOUNDS:
        bound = next(context[key] for key in _BOUND_KEYS if key in context)
        return "value", f"A number of {_BOUNDS[kind]} {bound} is wanted here, not {seen}.", ""
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        amount = "At least" if kind == "too_short" else "At most"
        return "value", f"{amount} {bound} {'entry is' if bound == 1 else 'entries are'} wanted here.", ""
    if kind.startswith(("int", "decimal")):
        return "value", f"A number is wanted here, not {seen}.", ""
    return "value", f"This is not understood here: {seen}.", ""


def _meant(value: Any, choices: list[str]) -> str:
    remedy = nearest(value, choices) if isinstance(value, str) and value else ""
    return remedy if remedy.startswith("Did you") else ""
