"""JSON with one way to write everything, and the digest of it: what the log and the documents are chained by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FIRST = "0" * 64
"""What stands for the digest of the one before, where there is none."""


def canonical_json(value: Mapping[str, Any]) -> str:
    """Return a mapping as JSON: keys sorted, no blanks, letters as they are.

    Raises
    ------
    TypeError
        It holds a float, or something JSON has no word for.
    """
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: write it as decimal text")
    for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ():
        _refuse_floats(part)
