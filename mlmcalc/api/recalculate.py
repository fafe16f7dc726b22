"""Reading the inputs of a stored run again, just as they were."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmcalc.api.inputs import FRAME, Inputs, Prepared, prepare
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.errors import Finding, InputRefused, IntegrityError
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
        ``tables.manifest``; ``api.input_changed``: plan or table are not what was paid on.
    """
    path = Path(folder)
    manifest = sealed_manifest(path)
    locations = manifest.get("locations", {})
    missing = [
        seal for seal in manifest["inputs"]
        if seal["name"] not in locations or not (path / locations[seal["name"]]).exists()
    ]  # fmt: skip
    if missing:
        raise InputRefused(
            Finding(
                "api.inputs_gone",
                f"the table of {seal['name']} {_gone(seal['path'])}.",
                "Put it back: a run is explained from the very data it was paid on."
                if seal["path"] != FRAME
                else "Explain the run while it is in memory, or make it of files.",
                file=str(path),
            )
            for seal in missing
        )
    inputs = Inputs(
        plan=path / PLAN_FILE,
        tables={name: path / place for name, place in locations.items()},
        period=manifest["period"]["label"],
        maps={name: _column_map(kept) for name, kept in manifest.get("maps", {}).items()},
    )
    prepared = prepare(inputs, lambda step, number, count: None)
    _verify(prepared, manifest, path)
    return Again(inputs, prepared, manifest)


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
        raise IntegrityError(
            Finding(
                "api.input_changed",
                f"the {_called(name)} is no longer what this run was made of: "
                f"SHA-256 was {then[name]}, is {now.get(name)}.",
                "Restore it, or run again.",
                file=str(path),
            )
            for name in changed
        )


def _called(name: str) -> str:
    return name if name == "plan" or name.startswith("plug-in ") else f"table of {name}"
