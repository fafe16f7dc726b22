"""Explaining stored runs by what was kept with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlmcalc._version import __version__
from mlmcalc.api.seen import as_seen
from mlmcalc.audit.kept_words import NotKept
from mlmcalc.tables.kept import KeptColumns

if TYPE_CHECKING:
    from mlmcalc.audit.explanation import MemberExplanation

KEPT_SCHEMA = 2
"""Of what is kept. It is read by the version that wrote it; another one calculates the run again."""
MOST_ABOVE = 20_000
"""Of a member with more than so many above it, the whole run is calculated again."""
SMALL = 20_000
"""Of so few members, loops need not be compiled."""


def explain_kept(
    folder: Path,
    manifest: Mapping[str, Any],
    member: int | str,
    limit: int,
    prepare: Callable[[int], None] = lambda members: None,
) -> MemberExplanation | None:
    """Return why a member of a stored run was paid what it was paid, by what was kept; None where that does not tell.

    Of the inputs it is seen that they are those of the run (`mlmcalc.api.seen`). Nothing but the kept values is read,
    and every part that is read is verified.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Of the run, verified.
    member : int or str
    limit : int
        The most sources, per bonus, for which to say what was not earned.
    prepare : callable
        Called with how many members matter, before anything of the plan is imported.

    Raises
    ------
    IntegrityError
        ``tables.digest``, ``tables.missing``: what was kept is not what the manifest says.
    """
    kept, written = manifest.get("kept", {}), manifest["versions"].get("mlmcalc")
    if (kept.get("schema"), written) != (KEPT_SCHEMA, __version__) or not as_seen(folder, manifest):
        return None
    columns = KeptColumns(folder, manifest)
    try:
        position = _position(columns, str(member).strip())
        if position < 0:
            return None
        return _explained(columns, manifest, position, limit, prepare)
    except NotKept:
        return None
    finally:
        columns.close()


def _explained(
    columns: KeptColumns, manifest: Mapping[str, Any], position: int, limit: int, prepare: Callable[[int], None]
) -> MemberExplanation | None:
    from mlmcalc.audit.scopes import scopes_of

    scopes = scopes_of(columns, position, MOST_ABOVE)
    if scopes is None:
        return None
    prepare(sum(scope.position.size for scope in scopes.values()))
    from mlmcalc.audit.excerpt import Excerpt
    from mlmcalc.audit.kept_explanation import explain_excerpt
    from mlmcalc.audit.kept_plan import KeptPlan

    plan = KeptPlan(columns.facts["plan"])
    period = manifest["period"]["label"]
    return explain_excerpt(Excerpt(columns, scopes), plan, position, manifest["run"], period, limit)


def _position(columns: KeptColumns, wanted: str) -> int:
    number = columns.facts["network"]["ids"]
    if columns.is_text(number):
        return columns.place_of(number, wanted)
    digits = wanted.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(wanted) < 20):
        return -1
    found = np.flatnonzero(columns.between(number, 0, columns.size(number)) == int(wanted))
    return int(found[0]) if found.size else -1
