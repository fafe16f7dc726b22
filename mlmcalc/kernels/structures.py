"""Structures of a fixed width below members: how many a member has that reach so many levels, none sharing a leg."""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int32,1,'C',readonly=True), Array(boolean,1,'C',readonly=True), int64, int64[:,::1])")
def count_structures(parent, counted, width, found):
    """Fill how many structures of each depth a member has.

    A structure of depth 1 is `width` counted children; one of depth d is `width` counted children of whom each has a
    structure of depth d - 1. No child is part of two structures of one depth.

    Parameters
    ----------
    parent : (n,) int32
        Parents first, -1 for roots.
    counted : (n,) bool
    width : int
        At least 1.
    found : (n, depths) int64, zeros, written
        Column d - 1 is depth d.
    """
    depths = found.shape[1]
    for member in range(parent.size - 1, -1, -1):
        deepest = 0
        for depth in range(depths):
            # Until here the column held how many children have a structure one less deep.
            found[member, depth] //= width
            if found[member, depth] > 0 and deepest == depth:
                deepest = depth + 1
        above = parent[member]
        if above >= 0 and counted[member]:
            for depth in range(min(deepest + 1, depths)):
                found[above, depth] += 1
