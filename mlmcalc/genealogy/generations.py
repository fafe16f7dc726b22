"""Generations: levels counted in leaders, the members a derived tree keeps."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.ancestors import kth_ancestor

LeaderGroup = Literal["own_group", "upline_group"]


def leader_of_group(tree: Tree, leader: LeaderGroup = "own_group") -> NDArray[np.int32]:
    """Return the leader whose group each member's own volume is in: generation 0 of the member as a source.

    Parameters
    ----------
    tree : Tree
        The tree of leaders. In a recorded tree everybody is a leader.
    leader : {"own_group", "upline_group"}
        Whether a leader's own volume is in its own group, or in that of the leader above.

    Returns
    -------
    (n,) int32
        Index in tree order, -1 where there is no leader.
    """
    if tree.kept is None or tree.keeper is None:
        return np.arange(tree.size, dtype=np.int32) if leader == "own_group" else tree.parent
    if leader == "own_group":
        return tree.keeper
    return np.where(tree.kept, tree.parent, tree.keeper)


def first_of_generation(tree: Tree, count_from: int, leader: LeaderGroup = "own_group") -> NDArray[np.int32]:
    """Return, for each member as a source, the first leader who may be paid: generation `count_from`.

    The generation of any leader further up is ``depth[leader_of_group] - depth[leader]``.

    Parameters
    ----------
    tree : Tree
        The tree of leaders.
    count_from : int
        How many leaders above the leader of the source's group; 0 is that leader itself.
    leader : {"own_group", "upline_group"}

    Returns
    -------
    (n,) int32
        Index in tree order, -1 where there is none.
    """
    # The last entry answers for index -1: nobody's leader is nobody.
    above = np.append(kth_ancestor(tree.parent, count_from), np.int32(-1))
    return above[leader_of_group(tree, leader)]
