"""A tree as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

VolumePolicy = Literal["stay", "stay_same_level", "roll_up", "drop"]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A recorded tree, or one derived from it by compression.

    All arrays are read-only and in *tree order*: an index is a place in this order, a parent comes before its children.
    For the first tree, and what is derived from it, tree order is the canonical position (`order` is None); any other
    recorded tree has an order of its own, and `enter` / `leave` translate columns.

    Attributes
    ----------
    name : str
    parent : (n,) int32
        Index of the parent, -1 for a root and for whoever has no place in the tree.
    depth : (n,) int32
        0 for roots, and for who is left out without a keeper.
    kept : (n,) bool or None
        None for a recorded tree: everybody. In a derived tree, who meets the condition.
    keeper : (n,) int32 or None
        For one who is kept, itself; for one left out, its nearest kept ancestor or -1. None for a recorded tree.
    policy : str
        What happens to the volume of those left out. They are leaves: under ``stay_same_level`` of their keeper's
        parent, otherwise of their keeper (under ``roll_up`` and ``drop`` that is for uses of a plain volume).
    order : (n,) int32 or None
        Position of each index, None where index and position are the same.
    leg : (n,) int16 or None
        Number of the leg under the parent, from 1; 0 for roots. Recorded trees with legs only.
    root_tree : str
        Name of the recorded tree this one comes from.
    """

    name: str
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    kept: NDArray[np.bool_] | None = None
    keeper: NDArray[np.int32] | None = None
    policy: VolumePolicy = "stay"
    order: NDArray[np.int32] | None = None
    leg: NDArray[np.int16] | None = None
    root_tree: str = ""

    @property
    def size(self) -> int:
        """Number of members, whether kept or not."""
        return self.parent.size

    def enter(self, column: NDArray) -> NDArray:
        """Return a column given by position in tree order."""
        return column if self.order is None else np.ascontiguousarray(column[self.order])

    def leave(self, column: NDArray) -> NDArray:
        """Return a column given in tree order by position."""
        if self.order is None:
            return column
        by_position = np.empty_like(column)
        by_position[self.order] = column
        return by_position
