"""Whom of a kept run a member has above and below it, in every recorded tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.tables.kept import KeptColumns

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Whom of a tree an excerpt has.

    Attributes
    ----------
    index : (k,) int64
        Their places in tree order, ascending: the member, those above it, and all below it.
    position : (k,) int64
        Their positions.
    """

    index: Places
    position: Places


def scopes_of(columns: KeptColumns, position: int, most: int) -> dict[str, Scope] | None:
    """Return whom each tree has above and below a member; None where there are more than so many above.

    Trees that are derived from another have nobody else.

    Parameters
    ----------
    columns : KeptColumns
    position : int
    most : int
    """
    found: dict[str, Scope] = {}
    recorded: dict[str, Any] = columns.facts["network"]["trees"]
    hung = {name: kept for name, kept in columns.facts["trees"].items() if kept["root_tree"] in ("", name)}
    for name, kept in (hung | recorded).items():
        order = kept["order"]
        whole = None if order is None else columns.between(order, 0, columns.size(order))
        index = position if whole is None else int(np.flatnonzero(whole == position)[0])
        above: list[int] = []
        at = index
        while (at := int(columns.take(kept["parent"], np.array([at]))[0])) >= 0:
            above.append(at)
            if len(above) > most:
                return None
        places = np.r_[above[::-1], index : _end_below(columns, kept["depth"], index)].astype(np.int64)
        found[name] = Scope(places, places if whole is None else whole[places].astype(np.int64))
    return found


def _end_below(columns: KeptColumns, number: int, index: int) -> int:
    """Return the first place behind all that are below a member: the next that is no deeper."""
    own = columns.take(number, np.array([index]))[0]
    size, start, step = columns.size(number), index + 1, 1 << 10
    while start < size:
        stop = min(start + step, size)
        higher = columns.between(number, start, stop) <= own
        if higher.any():
            return start + int(higher.argmax())
        start, step = stop, step * 4
    return size
