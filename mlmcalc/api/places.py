"""Where the inputs of a stored run are: where they were, or in the archive that the run lies in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ARCHIVE_FILE = "archive.json"
"""Says that a folder is an exported archive: ``runs/<run id>/`` in it, inputs in ``inputs/<sha256>``."""


def archive_of(folder: Path) -> Path | None:
    """Return the archive in which the folder of a run lies, None where it is in none."""
    archive = folder.absolute().parent.parent
    return archive if (archive / ARCHIVE_FILE).is_file() else None


def input_places(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Path]:
    """Return the path of every input that was a file, by its name; whether it is there is for the caller to see.

    An input that is not where it was is looked for in the archive, by its SHA-256.

    Parameters
    ----------
    folder : Path
        Of the run.
    manifest : mapping
    """
    places = {name: folder / place for name, place in manifest.get("locations", {}).items()}
    archive = archive_of(folder)
    if archive is None:
        return places
    sealed = {seal["name"]: seal["sha256"] for seal in manifest["inputs"]}
    for name, path in places.items():
        kept = archive / "inputs" / f"{sealed.get(name, '')}{path.suffix}"
        if not path.exists() and kept.is_file():
            places[name] = kept
    return places
