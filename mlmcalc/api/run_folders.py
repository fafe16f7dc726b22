"""Runs by name: a folder, or an id or a period of a store's runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.rules.words import nearest
from mlmcalc.tables.stored import MANIFEST_FILE, read_manifest

RUNS = "runs"
"""Folder of a store that holds the folders of its runs, each called by its id."""


def run_folders(name: str | os.PathLike[str], store: Path | None = None) -> list[Path]:
    """Return the folders of the runs that are called so.

    Parameters
    ----------
    name : str or path
        The folder of a run; in a store also an id, or the label of a period, which may have had several runs.
    store : Path, optional

    Raises
    ------
    InputRefused
        ``api.no_such_run``; ``tables.no_run``, where there is no store either.
    """
    folder = Path(name)
    if store is None or (folder / MANIFEST_FILE).exists():
        return [folder]
    known = dict(_by_period(store))
    # What a damaged manifest no longer says is in the id.
    wanted = {folder: label or _label_in(folder.name) for folder, label in known.items()}
    found = [one for one, label in wanted.items() if str(name) in (one.name, label)]
    if not found:
        message = f"{str(name)!r} is neither the folder of a run, nor a run or a period in {store / RUNS}."
        names = sorted({one.name for one in known} | set(known.values()))
        raise InputRefused(Finding("api.no_such_run", message, nearest(str(name), names)))
    return found


def every_run(place: Path) -> Sequence[Path]:
    """Return the folders of all runs of a store, or of a folder of runs, by the first day of their period, then name.

    Raises
    ------
    InputRefused
        ``api.no_such_run``: there is none.
    """
    found = [folder for folder, _ in _by_period(place)]
    if not found:
        message = "there is no run in this folder, nor in a folder runs of it."
        raise InputRefused(Finding("api.no_such_run", message, "Name a store, or a folder of runs.", file=str(place)))
    return found


def _by_period(store: Path) -> Iterator[tuple[Path, str]]:
    runs = store / RUNS if (store / RUNS).is_dir() else store
    # One whose manifest is gone must be missed by nobody.
    there = runs.iterdir() if runs.is_dir() else ()
    folders = [path for path in there if (path / MANIFEST_FILE).exists() or (path.is_dir() and _label_in(path.name))]
    periods = {folder: _period_of(folder) for folder in folders}
    for folder in sorted(folders, key=lambda folder: (periods[folder].get("first", ""), folder.name)):
        yield folder, periods[folder].get("label", "")


def _label_in(name: str) -> str:
    """Return the label of the period in the id of a run; empty where a name is none."""
    found = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*?\.([A-Za-z0-9_-]+)\.[0-9a-f]{12}", name)
    return found[1] if found else ""


def _period_of(folder: Path) -> dict[str, Any]:
    try:
        found = read_manifest(folder).get("period")
    except (IntegrityError, InputRefused):
        # What is wrong with it is said when it is looked at.
        return {}
    return found if isinstance(found, dict) else {}
