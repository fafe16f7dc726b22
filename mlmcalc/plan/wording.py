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
        return f"level {step + 1}" if above[:1] in (("bonuses",), ("points",)) else f"number {step + 1}"
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
