"""The seal of a manifest: by it a reader knows that nobody changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

MANIFEST_FILE = "manifest.json"
UNDIGESTED = ("timings", "locations", "seen", "manifest_sha256")
"""Keys that say when, where and how fast, not what."""


def seal_manifest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest's canonical JSON, without the keys `UNDIGESTED`."""
    kept = {key: value for key, value in manifest.items() if key not in UNDIGESTED}
    canonical = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
