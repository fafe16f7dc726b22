"""Parts of a plan in words: what a page or a list of differences calls them, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SINGULAR = {
    "volumes": "volume",
    "trees": "tree",
    "metrics": "metric",
    "points": "points",
    "ranks": "rank",
    "ladders": "ladder",
    "bonuses": "bonus",
    "limits": "limit",
}


OF_A_LIST = {"positions": "place", "award": "depth"}
"""What the numbers of a list in a bonus are of, where they are not of levels."""


def rule_name(section: str, rule: str) -> str:
    """Return what a rule is called: ``bonus unilevel``, ``rank Director``, ``currency``."""
    return f"{_SINGULAR.get(section, section)} {rule}".strip()


def step_name(above: tuple[str | int, ...], step: str | int) -> str:
    """Return what one step of a path is called, after the path above it.

    Parameters
    ----------
    above : tuple
        The path down to the step.
    step : str or int
    """
    if isinstance(step, int):
        word = above[-1] if above else ""
        if word in ("requires", "keep", "eligible", "where", "sources", "active", "when"):
            return f"alternative {step + 1}"
        if above[:1] not in (("bonuses",), ("points",)):
            return f"number {step + 1}"
        return f"{OF_A_LIST.get(str(word), 'level')} {step + 1}"
    return step.replace("_", " ") if step in ("levels_below", "per_source", "count_from") else step


def said(value: Any) -> str:
    """Return a value of a document as one would say it: scalars as written, mappings and lists on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_inner(part)}" for key, part in value.items()) or "nothing in particular"
    if isinstance(value, list | tuple):
        return " or ".join(_inner(part) for part in value) if _alternatives(value) else _inner(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inner(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inner(part) for part in value) + "]"
    return said(value)


def _alternatives(value: list[Any] | tuple[Any, ...]) -> bool:
    return bool(value) and all(isinstance(part, Mapping) for part in value)


_BOUNDS = {
    "min": "at least",
    "max": "at most",
    "above": "more than",
    "below": "less than",
    "is": "exactly",
    "not": "not",
}


def condition_said(value: Any, bare: bool = False) -> str:
    """Return a condition in words: ``pv at least 100, active``; alternatives one after the other.

    Parameters
    ----------
    value : Any
        As written: a mapping of words to needs, or a list of such.
    bare : bool
        Leave out the words themselves, where a table's column names them.
    """
    if isinstance(value, list | tuple):
        return " or ".join(condition_said(part, bare) for part in value)
    if not isinstance(value, Mapping):
        return said(value)
    parts = [_need_said(str(word), need, bare) for word, need in value.items()]
    return ", ".join(parts) or "always"


def _need_said(word: str, need: Any, bare: bool) -> str:
    name = "" if bare else f"{word} "
    if isinstance(need, Mapping):
        if "with" in need:
            levels = f" within {need['levels']} levels" if "levels" in need else ""
            return f"{name}{need.get('count', '')} with {need['with']}{levels}".strip()
        bounds = [f"{_BOUNDS.get(key, key)} {said(bound)}" for key, bound in need.items()]
        return f"{name}{' and '.join(bounds)}"
    if isinstance(need, list | tuple):
        texts = [_need_said("", part, True) if isinstance(part, Mapping) else said(part) for part in need]
        return f"{name}{' and '.join(texts) if word == 'legs' else ' or '.join(texts)}"
    if need == "true":
        return "yes" if bare else word
    if need == "false":
        return "no" if bare else f"not {word}"
    return f"{name}{need}" if bare else f"{name}{'at least ' if _is_number(need) else ''}{need}"


def _is_number(text: Any) -> bool:
    return isinstance(text, str) and text.replace(".", "", 1).isdigit()
