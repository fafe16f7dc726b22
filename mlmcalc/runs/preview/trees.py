"""Who has another place in a compressed tree when some members are kept, or left out, who were not before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.values import Node
from mlmcalc.runs.preview.after import NOBODY, After, Everybody, TreeChange
from mlmcalc.runs.preview.part import Part, Places
from mlmcalc.trees.compressed import Compressed


def follow_tree(after: After, node: Node) -> None:
    """Follow a change through a tree.

    Raises
    ------
    Everybody
        Most members have another place, or it is derived from a tree that is another one itself.
    """
    before, name = after.before, node.name
    word = before.given.plan.trees[name]
    if not after.read_by(node).size or not isinstance(word, Compressed):
        after.touched[node] = NOBODY
        return
    if after.touched[Node("tree", word.compress)].size:
        raise Everybody(node)
    judged = after.read_by(node)
    part, read = before.part(judged), word.keep.reads(before.given.plan.vocabulary)
    kept, kept_now = (word.keep.holds(after.part_values(part, read, now, whole_trees=False)) for now in (False, True))
    moved = judged[kept != kept_now]
    if not moved.size:
        after.touched[node] = NOBODY
        return
    concerned = _below(after, name, moved)
    part = before.part(before.closed(concerned, [name]))
    if before.are_many(part.members):
        raise Everybody(node)
    rows = part.places(concerned)
    old, new = (
        _places(part, after.part_values(part, {node, *after.needed(node)}, now).trees[name], rows)
        for now in (False, True)
    )
    differs = np.logical_or.reduce([one != other for one, other in zip(old, new, strict=True)])
    parent, keeper, kept_there = (column[differs] for column in new)
    after.trees[name] = TreeChange(concerned[differs], parent, keeper, kept_there)
    after.touched[node] = concerned[differs]


def _below(after: After, name: str, moved: Places) -> Places:
    """Return the members who may have another place: those below, down to the first who are kept before and after."""
    seen = np.zeros(after.before.given.network.size, np.bool_)
    seen[moved] = True
    front = _descended(after, name, moved, seen)
    if after.before.tree(name).policy == "stay_same_level":
        # Whom they keep stands beside them, below the parent that is another one.
        _descended(after, name, front, seen)
    return np.flatnonzero(seen)


def _descended(after: After, name: str, front: Places, seen: NDArray[np.bool_]) -> Places:
    """Mark those below some members down to the first who are kept, and return these."""
    before = after.before
    above, key = before.recorded_above(name), f"{before.root(name)}@recorded"
    stopped = [NOBODY]
    while front.size:
        below = before.children(above, key, front)
        below = below[~seen[below]]
        seen[below] = True
        _, kept = after.keepers(name, below, False)
        stopped.append(below[kept])
        front = below[~kept]
        if before.are_many(front):
            raise Everybody
    return np.concatenate(stopped)


def _places(part: Part, tree: Tree, rows: NDArray[np.int32]) -> tuple[NDArray, NDArray, NDArray]:
    """Return parent, keeper and whether kept, of some of the part, as positions of the company."""
    assert tree.kept is not None, "a derived tree keeps some"
    assert tree.keeper is not None, "a derived tree knows every keeper"
    order = np.arange(part.size) if tree.order is None else tree.order

    def position(index: NDArray[np.int32]) -> NDArray[np.int32]:
        place = tree.leave(np.where(index >= 0, order[index], -1))[rows]
        return np.where(place >= 0, part.members[place], -1).astype(np.int32)

    return position(tree.parent), position(tree.keeper), tree.leave(tree.kept)[rows]
