"""The members a change concerns, as a run of their own: what their rows were, and what they are now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.joining import parents_by_position
from mlmcalc.genealogy.tree import Tree
from mlmcalc.ledger.result import BonusResult
from mlmcalc.rules.values import ACTIVE, Node, Quantity, Ranking, Values, Volume
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.runs.preview.after import After
from mlmcalc.runs.preview.change import Change
from mlmcalc.runs.preview.part import Places
from mlmcalc.runs.preview.patch import NO_CHANGE, Patch, united
from mlmcalc.runs.transfers import Transfers


def concerned(change: Change) -> Places:
    """Return the members whose row of any table is another one, by ascending position."""
    after, size = change.after, change.before.given.network.size
    found = [patch.places for patch in after.columns.values()]
    found += [tree.places for tree in after.trees.values()]
    found += [
        after.touched.get(Node("volume", name), np.empty(0, np.int64)) for name in change.before.given.plan.volumes
    ]
    found += [result.earners[result.earners < size] for result in change.results.values()]
    return united(*found) if found else np.empty(0, np.int64)


def picked(change: Change, members: Places, new: bool) -> CommissionRun:
    """Return the rows of some members as a run: a place among them is a position.

    Parents and keepers of trees and transfers remain positions of the whole company.

    Parameters
    ----------
    change : Change
    members : (k,) int64
        Ascending.
    new : bool
        As it is now, or as it was.
    """
    before, plan = change.before, change.before.given.plan
    run = before.run
    bonuses = {name: _result(change, name, result, members, new) for name, result in run.bonuses.items()}
    causes = plan.choices or plan.limits
    return CommissionRun(
        plan,
        _values(change, members, new),
        bonuses,
        _transfers(change, members, new),
        change.whole_changes if new and causes else run.changes,
        change.run().settlement if new and change.is_settled else run.settlement,
        change.run().payments if new and change.is_settled else run.payments,
    )


def _result(change: Change, name: str, was: BonusResult, members: Places, new: bool) -> BonusResult:
    places = np.append(members, was.amounts.size - 1)
    now = change.results[name] if new else None
    if now is None:
        return replace(was, amounts=was.amounts[places], counts=was.counts[places])
    amounts, counts = now.amounts.at(was.amounts, places), now.counts.at(was.counts, places)
    return BonusResult(name, amounts, counts, now.breakage, now.equation)


def _values(change: Change, members: Places, new: bool) -> Values:
    before, after, whole = change.before, change.after, change.before.run.values

    def column(kind: str, name: str, given: NDArray) -> NDArray:
        patch = after.columns.get(Node(kind, name), NO_CHANGE) if new else NO_CHANGE  # type: ignore[arg-type]
        return patch.at(given, members)

    def ranking(kind: str, name: str, given: Ranking) -> Ranking:
        return Ranking(column(kind, name, given.code), given.names, given.forced[members])

    def volume(name: str, given: Volume) -> Volume:
        base, rolled, _ = name.partition("@")
        own = Quantity(column("volume", base, given.own.amounts), given.own.decimals)
        total = column("rolled" if rolled else "volume", name, given.total.amounts)
        return Volume(Quantity(total, given.total.decimals), own, None, given.keeper_tree)

    def metric(name: str, given: Quantity) -> Quantity:
        kind = "points" if name in before.given.plan.points else "metric"
        return Quantity(column(kind, name, given.amounts), given.decimals)

    network = before.given.network
    recorded = {name: _tree(tree, None, members) for name, tree in network.trees.items()}
    active = whole.active
    return replace(
        whole,
        network=replace(
            network,
            ids=np.empty(0, np.int64),
            status=network.status[members],
            kind=network.kind[members],
            joined=network.joined[members],
            columns={},
            trees=recorded,
        ),
        scheme=whole.scheme[members],
        may_earn=whole.may_earn[members],
        volumes={name: volume(name, given) for name, given in whole.volumes.items()},
        trees={name: _tree(tree, after if new else None, members) for name, tree in whole.trees.items()},
        metrics={name: metric(name, given) for name, given in whole.metrics.items()},
        rankings={name: ranking("ladder", name, given) for name, given in whole.rankings.items()},
        titles={name: ranking("title", name, given) for name, given in whole.titles.items()},
        active=None if active is None else column(ACTIVE.kind, ACTIVE.name, active),
    )


def _tree(tree: Tree, after: After | None, members: Places) -> Tree:
    kept = None if tree.kept is None else tree.leave(tree.kept)[members]
    parent = parents_by_position(tree)[members]
    change = None if after is None else after.trees.get(tree.name)
    if change is not None and kept is not None:
        parent = Patch(change.places, change.parent).on(parent, members)
        kept = Patch(change.places, change.kept).on(kept, members)
    return Tree(tree.name, parent, parent, kept)


def _transfers(change: Change, members: Places, new: bool) -> tuple[Transfers, ...]:
    before, after = change.before, change.after
    found = []
    for whole in before.run.transfers:
        keeper, kept = after.keepers(whole.tree, members, new)
        amounts = before.run.values.volumes[whole.volume].own.amounts
        own = (after.patch(Node("volume", whole.volume)) if new else NO_CHANGE).at(amounts, members)
        left_out = ~kept & (own != 0)
        to = np.where(before.tree(whole.tree).policy == "drop", -1, keeper)[left_out].astype(np.int32)
        moved = members[left_out].astype(np.int32)
        found.append(Transfers(whole.volume, whole.tree, moved, to, own[left_out], whole.decimals))
    return tuple(found)
