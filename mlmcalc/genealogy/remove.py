"""Taking members out of both trees for good."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.candidates import GONE, PLACED, WAITING, Candidates
from mlmcalc.genealogy.place import Seats, in_tree_order
from mlmcalc.kernels.ancestors import depths
from mlmcalc.kernels.compress import compressed
from mlmcalc.kernels.seats import take_out


def sponsors_without(sponsor: NDArray[np.int32], out: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return the sponsors when some members are taken out: the nearest one above who stays.

    Parameters
    ----------
    sponsor : (n,) int32
        By row.
    out : (n,) bool
    """
    order, above = in_tree_order(sponsor)
    _, parent, _ = compressed(above, np.ascontiguousarray(~out[order]), False)
    found = np.empty_like(sponsor)
    found[order] = np.where(parent >= 0, order[parent], -1)
    return found


def remove(
    candidates: Candidates, given: Seats, out: NDArray[np.bool_], unseated: NDArray[np.bool_], loose: bool
) -> tuple[Candidates, NDArray[np.bool_]]:
    """Take members out of the seats, and those who go for good out of the lines of sponsors, too.

    Parameters
    ----------
    candidates : Candidates
    given : Seats
        Written: see `mlmcalc.kernels.seats.take_out`.
    out : (n,) bool
        By row: who goes for good.
    unseated : (n,) bool
        Who loses a seat, and stays a member.
    loose : bool
        Whether children lose their seats, instead of moving up.

    Returns
    -------
    candidates : Candidates
        With the new sponsors, parents and legs.
    loosened : (n,) bool
        Who has lost a seat, and stays.
    """
    before = given.parent.copy()
    was_root = (before < 0) & (candidates.sponsor < 0)
    taken = out | unseated
    given.fate[was_root & taken] = PLACED
    order, above = in_tree_order(before)
    depth = np.empty(order.size, np.int32)
    depth[order] = depths(above)
    rows = np.flatnonzero(taken)
    lower_first = rows[np.lexsort((rows, -depth[rows]))].astype(np.int32)
    take_out(lower_first, loose, given.child, given.seats)
    given.seats[4] = np.where(given.parent >= 0, given.parent, np.arange(candidates.size))
    loosened = ~taken & (before >= 0) & (given.parent < 0) & ((given.fate != PLACED) | loose)
    loosened |= unseated & ~out
    given.fate[loosened] = WAITING
    given.fate[out] = GONE
    changed = replace(
        candidates,
        sponsor=sponsors_without(candidates.sponsor, out),
        parent=given.parent.copy(),
        leg=given.leg.copy(),
    )
    return changed, loosened
