"""The mapping ``{earned: [...]}``: what some bonuses paid."""

from __future__ import annotations

from typing import Any

EARNED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"earned": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    "required": ["earned"],
    "additionalProperties": False,
}


def is_earned(value: Any) -> bool:
    """Return whether a value of a plan is the mapping, with one bonus at least."""
    return (
        isinstance(value, dict)
        and set(value) == {"earned"}
        and isinstance(value["earned"], list)
        and value["earned"] != []
    )
