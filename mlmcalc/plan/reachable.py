"""Which values of a plan anything is calculated from."""

from __future__ import annotations

from mlmcalc.plan.model import Plan
from mlmcalc.rules.feeds import read_by
from mlmcalc.rules.values import ACTIVE, PAYOUT, Node


def read_names(plan: Plan) -> set[Node]:
    """Return every value that a bonus, a ladder, ``active``, a limit or the payout is calculated from.

    Directly or through others.
    """
    ends = [Node("bonus", name) for name in plan.bonuses] + [Node("ladder", name) for name in plan.ladders]
    ends += [Node("limit", name) for name in plan.limits] + [ACTIVE, PAYOUT]
    used: set[Node] = set()
    waiting = list(ends)
    while waiting:
        for node in read_by(waiting.pop(), plan.vocabulary):
            if node not in used:
                used.add(node)
                waiting.append(node)
    return used
