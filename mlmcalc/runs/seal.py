"""The seal of a manifest: by it a reader knows that nobody changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

MANIFEST_FILE = "manifest.json"
WHOLE = "whole_sha256"
UNDIGESTED = ("timings", "locations", "seen", "manifest_sha256", WHOLE)
"""Keys that say when, where and how fast, not what."""


def seal_manifest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest's canonical JSON, without the keys `UNDIGESTED`."""
    return _digest({key: value for key, value in manifest.items() if key not in UNDIGESTED})


def seal_whole(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that stands in a manifest, when, where and how fast included.

    Two runs of the same content have one seal; this says of one file that no key of it was touched.
    """
    return _digest({key: value for key, value in manifest.items() if key != WHOLE})


def _digest(kept: Mapping[str, Any]) -> str:
    canonical = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
