"""The digest of a plan: what it says, not how it is laid out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from mlmcalc.documents.yaml_reader import read_file


def digest_of_file(path: Path) -> str:
    """Return the digest of a plan in a file, without asking whether it is fit to run.

    Raises
    ------
    InputRefused
        ``documents.*``: it is no document.
    EnvironmentRefused
        ``documents.unreadable``.
    """
    return plan_digest(read_file(path).value)


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
