"""Freezing the arithmetic of this package before it changes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mlmcalc._version import __version__
from mlmcalc.errors import ConflictError, Finding
from mlmcalc.released.registry import REGISTRY, RELEASED, Release, folder_digest, known_releases, registry_text
from mlmcalc.runs.versions import ARITHMETIC_VERSION, TABLE_SCHEMAS
from mlmcalc.tables.folder import StagedFolder, environment_refused

PACKAGE = RELEASED.parent
_FROZEN = "arithmetic_"


def freeze_package(root: Path = RELEASED) -> Release:
    """Copy this package as it is into a folder of its own, and add it to the registry.

    Parameters
    ----------
    root : Path
        Where frozen copies are.

    Raises
    ------
    ConflictError
        ``released.frozen``: these very sources are frozen already.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    known = known_releases(root)
    same = [release for release in known if release.arithmetic == ARITHMETIC_VERSION]
    # The tables may get other columns while the arithmetic stays.
    name = f"{_FROZEN}{ARITHMETIC_VERSION}" + (f"_{len(same) + 1}" if same else "")
    with StagedFolder(root / name) as staged:
        with environment_refused(staged.target):
            shutil.copytree(PACKAGE, staged.path / PACKAGE.name, ignore=_left_out)
        digest = folder_digest(staged.path)
        if any(release.sha256 == digest for release in known):
            message = "these very sources are frozen already."
            raise ConflictError(Finding("released.frozen", message, file=str(root / REGISTRY)))
        staged.commit()
    release = Release(name, ARITHMETIC_VERSION, dict(TABLE_SCHEMAS), __version__, digest)
    _write_registry(root, [*known, release])
    return release


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Return what of a folder is no source of this package: frozen copies, what Python compiled, pages."""
    here = Path(folder)
    frozen = {name for name in names if here == RELEASED and (name == REGISTRY or (here / name).is_dir())}
    return frozen | {name for name in names if name == "__pycache__" or name.endswith(".md")}


def _write_registry(root: Path, releases: list[Release]) -> None:
    path = root / REGISTRY
    partial = path.with_name(f".{REGISTRY}.partial")
    with environment_refused(path):
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(registry_text(releases))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
