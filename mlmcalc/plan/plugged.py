"""Bonus words of other packages: found by their entry points, loaded when a plan uses them."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.rules.plugged import PluggedBonus

GROUP = "mlmcalc.bonuses"


@dataclass(frozen=True, slots=True)
class Plugged:
    """One bonus word of another package.

    Attributes
    ----------
    word : str
        The key that names it in a plan.
    model : type
    package, version : str
        The distribution it comes from.
    sha256 : str
        Of all Python sources of the package's top folder, names included.
    """

    word: str
    model: type[PluggedBonus]
    package: str
    version: str
    sha256: str


def plugged_words() -> dict[str, EntryPoint]:
    """Return the words that installed packages add, by name; none of their code is run."""
    return {point.name: point for point in entry_points(group=GROUP)}


def load_plugged(words: Iterable[str]) -> dict[str, Plugged]:
    """Return the words of other packages that are among those a plan uses.

    Raises
    ------
    InputRefused
        ``plan.plugin``: the package cannot be loaded, or its class is no bonus word.
    """
    known = plugged_words()
    return {word: _load(known[word]) for word in sorted(set(words) & set(known))}


def _load(point: EntryPoint) -> Plugged:
    try:
        model = point.load()
    except (ImportError, AttributeError) as fault:
        raise InputRefused(_refused(point, f"it cannot be loaded: {fault}")) from fault
    if not (isinstance(model, type) and issubclass(model, PluggedBonus)):
        raise InputRefused(_refused(point, f"{point.value} is no subclass of mlmcalc.plugin.PluggedBonus"))
    if point.name not in model.model_fields:
        raise InputRefused(_refused(point, f"{point.value} has no field {point.name}, the word it is called by"))
    package = point.dist.name if point.dist else point.module.partition(".")[0]
    version = point.dist.version if point.dist else ""
    return Plugged(point.name, model, package, version, _sources_digest(model.__module__))


def _refused(point: EntryPoint, fault: str) -> Finding:
    message = f"The package that adds the bonus word {point.name}: {fault}."
    return Finding("plan.plugin", message, "Install it anew, or take the bonus out of the plan.")


def _sources_digest(module: str) -> str:
    """Return the SHA-256 of every Python source beside the top module of a plug-in."""
    top = sys.modules[module.partition(".")[0]]
    start = Path(top.__file__ or "")
    files = sorted(start.parent.rglob("*.py")) if start.name == "__init__.py" else [start]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(start.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
