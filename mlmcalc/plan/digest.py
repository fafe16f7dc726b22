"""The digest of a plan: what it says, not how it is laid out."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def plan_digest(value: Any) -> str:
    """Return the SHA-256 of a document's values as hexadecimal text.

    Comments, layout, quotes and the spelling of null do not matter; the order of keys does, since the order of trees,
    ranks and bonuses has a meaning.

    Parameters
    ----------
    value : Any
        Mappings, lists and text.
    """
    canonical = json.dumps(value, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
