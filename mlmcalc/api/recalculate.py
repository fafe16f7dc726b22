"""Reading the inputs of a stored run again, just as they were."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmcalc.api.inputs import FRAME, Inputs, Prepared, prepare
from mlmcalc.api.places import input_places
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.api.seen import file_digest
from mlmcalc.errors import EnvironmentRefused, Finding, InputRefused, IntegrityError
from mlmcalc.plan.trial import TrialWish
from mlmcalc.tables.source import ColumnMap

PLAN_FILE = "plan.yaml"


def stored_maps(maps: Mapping[str, ColumnMap]) -> dict[str, Any]:
    """Return the column maps of a run as the manifest keeps them."""
    return {
        name: {
            "columns": {
                theirs: [ours] if isinstance(ours, str) else list(ours) for theirs, ours in chosen.names.items()
            },
            "constants": dict(chosen.constants),
            "only_where": list(chosen.only_where),
        }
        for name, chosen in maps.items()
    }


def stored_locations(inputs: Inputs, folder: str | os.PathLike[str]) -> dict[str, str]:
    """Return where the tables of a run are, seen from its folder; frames are nowhere."""
    return locations_from(whole_locations(inputs), folder)


def whole_locations(inputs: Inputs) -> dict[str, str]:
    """Return where the tables of a run are, as whole paths; frames are nowhere."""
    return {
        name: str(Path(table).resolve())
        for name, table in inputs.tables.items()
        if isinstance(table, str | os.PathLike)
    }


def locations_from(locations: Mapping[str, str], folder: str | os.PathLike[str]) -> dict[str, str]:
    """Return whole paths as seen from a folder; others, which are seen from another folder, are left out."""
    start = Path(folder).resolve()
    return {
        name: Path(os.path.relpath(path, start)).as_posix() for name, path in locations.items() if os.path.isabs(path)
    }


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """The inputs of a stored run, read again and verified, and its manifest."""

    inputs: Inputs
    prepared: Prepared
    manifest: dict[str, Any]


def prepare_again(folder: str | os.PathLike[str]) -> Again:
    """Return the inputs of a stored run, read again and verified.

    Raises
    ------
    InputRefused
        ``tables.no_run``; ``api.inputs_gone``: a table was a frame, or is no longer where it was.
    IntegrityError
        ``tables.manifest``; ``api.input_changed``: plan or table are not what was paid on, whether or not they can
        still be read.
    """
    path = Path(folder)
    manifest = sealed_manifest(path)
    gone = inputs_gone(path, manifest)
    if gone:
        raise InputRefused(gone)
    inputs = Inputs(
        plan=path / PLAN_FILE,
        tables=input_places(path, manifest),
        period=manifest["period"]["label"],
        maps={name: _column_map(kept) for name, kept in manifest.get("maps", {}).items()},
        digits=manifest.get("currencies", {}),
        trial=_trial(manifest.get("trial")),
    )
    try:
        prepared = prepare(inputs, lambda step, number, count: None)
    except (InputRefused, EnvironmentRefused):
        # What was altered may no longer be a plan or a table at all: that it was altered is what matters.
        refuse_changed_files(path, manifest)
        raise
    _verify(prepared, manifest, path)
    return Again(inputs, prepared, manifest)


def _trial(kept: Mapping[str, Any] | None) -> TrialWish | None:
    return None if kept is None else TrialWish(tuple(kept["only"]), kept["until"])


def inputs_gone(folder: Path, manifest: Mapping[str, Any]) -> list[Finding]:
    """Return ``api.inputs_gone`` for every table that was a frame, or is no longer where it was.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    """
    places = input_places(folder, manifest)
    missing = [seal for seal in manifest["inputs"] if seal["name"] not in places or not places[seal["name"]].exists()]
    return [
        Finding(
            "api.inputs_gone",
            f"the table of {seal['name']} {_gone(seal['path'])}.",
            "Put it back: a run is explained from the very data it was paid on."
            if seal["path"] != FRAME
            else "Explain the run while it is in memory, or make it of files.",
            file=str(folder),
        )
        for seal in missing
    ]


def refuse_changed_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a run whose plan or tables are other bytes than those it was made of.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Verified.

    Raises
    ------
    IntegrityError
        ``api.input_changed``.
    """
    then = {seal["name"]: seal["sha256"] for seal in manifest["inputs"]}
    places = input_places(folder, manifest)
    if PLAN_FILE in manifest["files"]:
        then["plan"], places["plan"] = manifest["files"][PLAN_FILE]["sha256"], folder / PLAN_FILE
    now = {name: file_digest(places[name]) for name in then if name in places}
    changed = [name for name, digest in now.items() if then[name] != digest]
    if changed:
        raise IntegrityError(_changed(name, then[name], now[name], folder, places) for name in changed)


def _gone(path: str) -> str:
    if path == FRAME:
        return "was handed over in memory, and a folder does not hold it"
    return f"({path}) is not where it was when the run was made"


def _column_map(kept: Mapping[str, Any]) -> ColumnMap:
    return ColumnMap(kept["columns"], kept["constants"], tuple(kept["only_where"]))


def _verify(prepared: Prepared, manifest: Mapping[str, Any], path: Path) -> None:
    now = {seal.name: seal.sha256 for seal in prepared.identity.inputs} | {"plan": prepared.identity.plan_digest}
    then = {seal["name"]: seal["sha256"] for seal in manifest["inputs"]} | {"plan": manifest["plan"]["digest"]}
    now |= {f"plug-in {word}": sha256 for word, (_, _, sha256) in prepared.identity.plugins.items()}
    then |= {f"plug-in {word}": found["sha256"] for word, found in manifest.get("plugins", {}).items()}
    changed = [name for name, digest in then.items() if now.get(name) != digest]
    if changed:
        places = input_places(path, manifest)
        raise IntegrityError(_changed(name, then[name], now.get(name, ""), path, places) for name in changed)


def _changed(name: str, then: str, now: str, folder: Path, places: Mapping[str, Path]) -> Finding:
    message = f"the {_called(name)} is no longer what this run was made of: "
    message += f"SHA-256 was {then}, is {now}." if now else f"SHA-256 was {then}, and it cannot be read."
    what = os.path.normpath(places[name]) if name in places else "it"
    return Finding("api.input_changed", message, f"Restore {what}, or run again.", file=str(folder))


def _called(name: str) -> str:
    return name if name == "plan" or name.startswith("plug-in ") else f"table of {name}"
