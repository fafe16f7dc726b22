"""Which volumes an order counts for, for whom, and which words of a ``where`` it does not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlmcalc.audit.explanation import Counted, Need
from mlmcalc.audit.reasons import need_of, sentences
from mlmcalc.money import RATE_ONE_PPM, per_unit_text, rate_text, text_from_units
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.needs import Goal
from mlmcalc.rules.requirements import requirement_of
from mlmcalc.rules.values import Values
from mlmcalc.rules.words import order_operand
from mlmcalc.volumes.add import Added
from mlmcalc.volumes.count_of_orders import CountOfOrders
from mlmcalc.volumes.order_volume import OrderVolume, servers
from mlmcalc.volumes.orders import ORDER_KINDS
from mlmcalc.volumes.sum_of_orders import SumOfOrders

if TYPE_CHECKING:
    from mlmcalc.runs.commission_run import CommissionRun

_SALE = ORDER_KINDS.index("sale")


def counted_for(run: CommissionRun, row: int) -> dict[str, tuple[int, Counted]]:
    """Return for every volume of the plan whose volume an order is, -1 for nobody's, and how it counts.

    Parameters
    ----------
    run : CommissionRun
    row : int
        Row of the orders.
    """
    values: Values = run.values
    found: dict[str, tuple[int, Counted]] = {}
    served: list[int] = []
    for name, word in run.plan.volumes.items():
        if isinstance(word, OrderVolume):
            if word.credit == "server" and not served:
                served.append(int(servers(values)[values.orders.member[row]]))
            found[name] = _of_orders(values, name, word, row, served)
        elif not isinstance(word, Added):
            found[name] = (-1, Counted(name, "", "", f"results of {word.closed}, no orders"))
    # Sums of volumes may name one another in any order.
    adding = {name: word for name, word in run.plan.volumes.items() if isinstance(word, Added)}
    while adding:
        ready = [name for name, word in adding.items() if all(part in found for part in word.add)]
        for name in ready:
            word = adding.pop(name)
            found[name] = _of_added(values, name, word, [found[part] for part in word.add])
    return {name: found[name] for name in run.plan.volumes}


def unmet_by_order(condition: Condition, values: Values, row: int) -> list[Need]:
    """Return what an order lacks to meet a condition, of alternatives the nearest one; empty if it is met."""
    alternatives = []
    for alternative in condition.alternatives:
        needs = []
        for word, need in alternative.items():
            goal = order_operand(need.min.column, values) if isinstance(need.min, Goal) else None
            needs.append(requirement_of(word, need, order_operand(word, values), row, goal))
        alternatives.append(needs)
    if any(all(need.met for need in needs) for needs in alternatives):
        return []
    fewest = min(alternatives, key=lambda needs: sum(not need.met for need in needs))
    return [need_of(need) for need in fewest if not need.met]


def _of_orders(values: Values, name: str, word: OrderVolume, row: int, served: list[int]) -> tuple[int, Counted]:
    ids = values.network.ids
    needs = [] if word.where is None else unmet_by_order(word.where, values, row)
    if needs:
        return -1, Counted(name, "", "", sentences(needs))
    if isinstance(word, CountOfOrders) and not word.counts_returns and values.orders.kind[row] != _SALE:
        return -1, Counted(name, "", "", "a return; sales are counted")
    member = served[0] if word.credit == "server" else int(values.orders.member[row])
    if member < 0:
        return -1, Counted(name, "", "", "no distributor above the buyer to count it for")
    if not isinstance(word, SumOfOrders):
        return member, Counted(name, "1", str(ids[member]), "counts as one order")
    column = values.orders.columns[word.sum]
    amount = text_from_units(int(column.values[row]), column.decimals)
    return member, Counted(name, amount, str(ids[member]), _how_much(values, word, row))


def _how_much(values: Values, word: SumOfOrders, row: int) -> str:
    once = ""
    if values.vocabulary is not None and word.rounds_members(values.vocabulary):
        once = ", rounded once per member"
    if word.share is not None and word.share != RATE_ONE_PPM:
        return f"{rate_text(word.share)} of it{once}"
    if word.times is not None:
        return f"times {per_unit_text(word.times)}{once}"
    if word.after is None:
        return ""
    if values.paid_orders[word.after.bonus][row]:
        return f"{rate_text(word.after.counts)} of it{once}: {word.after.bonus} was paid on it"
    return f"in full: {word.after.bonus} was not paid on it"


def _of_added(values: Values, name: str, word: Added, parts: list[tuple[int, Counted]]) -> tuple[int, Counted]:
    counting = [(member, part) for member, part in parts if member >= 0]
    if not counting:
        return -1, Counted(name, "", "", f"counts for none of {', '.join(part.volume for _, part in parts)}")
    member = counting[0][0]
    through = ", ".join(part.volume for _, part in counting)
    times = "" if word.times == RATE_ONE_PPM else f", times {per_unit_text(word.times)}"
    return member, Counted(name, "", str(values.network.ids[member]), f"through {through}{times}")


def sources_for(values: Values, base: str, member: int) -> int:
    """Return the position of the source that the volume of a member is part of, -1 for nobody.

    Parameters
    ----------
    values : Values
    base : str
        A volume or ``VOLUME@TREE``.
    member : int
        Whose volume it is.
    """
    tree_name = values.volumes[base].keeper_tree
    if not tree_name or values.rounding.grain != "keeper":
        return member
    tree = values.trees[tree_name]
    keeper = int(tree.leave(tree.keeper)[member])
    if tree.policy == "drop" and keeper >= 0:
        kept = bool(tree.leave(tree.kept)[member])
        return member if kept else -1
    if keeper < 0:
        # What is rolled up to nobody is offered as the volume of its owner, and lost.
        return member if tree.policy == "roll_up" else -1
    return keeper if tree.order is None else int(np.asarray(tree.order)[keeper])


def sources_of_order(run: CommissionRun, row: int) -> frozenset[int]:
    """Return the positions of every source that an order is part of, in some bonus."""
    found = set()
    for word in run.plan.bonuses.values():
        if word.base_volume in run.values.volumes:
            member, _ = counted_for(run, row)[word.base_volume.partition("@")[0]]
            found.add(-1 if member < 0 else sources_for(run.values, word.base_volume, member))
    return frozenset(found - {-1})
