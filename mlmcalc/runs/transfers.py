"""Volume that became another member's, or nobody's, by compression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.plan.load import Plan
from mlmcalc.rules.values import Values


@dataclass(frozen=True, slots=True, eq=False)
class Transfers:
    """The transfers of one volume in one tree.

    Attributes
    ----------
    volume, tree : str
    member : (k,) int32
        Position of the member whose volume it was.
    keeper : (k,) int32
        Position of the member whose volume it is now, -1 for nobody.
    amounts : (k,) int64
        In units of ``10**-decimals``.
    """

    volume: str
    tree: str
    member: NDArray[np.int32]
    keeper: NDArray[np.int32]
    amounts: NDArray[np.int64]
    decimals: int


def transfers_of(plan: Plan, values: Values) -> tuple[Transfers, ...]:
    """Return the transfers behind every rolled-up or dropped volume of a run, in the order of evaluation."""
    found = []
    for node in plan.order:
        if node.kind != "rolled":
            continue
        volume, _, name = node.name.partition("@")
        tree = values.trees[name]
        own = values.volumes[node.name].own
        keeper = tree.leave(tree.keeper)
        if tree.order is not None:
            keeper = np.where(keeper >= 0, tree.order[keeper], -1).astype(np.int32)
        left_out = np.flatnonzero(~tree.leave(tree.kept) & (own.amounts != 0)).astype(np.int32)
        to = np.full(left_out.size, -1, np.int32) if tree.policy == "drop" else keeper[left_out]
        found.append(Transfers(volume, name, left_out, to, own.amounts[left_out], own.decimals))
    return tuple(found)
