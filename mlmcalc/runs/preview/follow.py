"""A change followed through the values of a plan, one after another: who is concerned, and what they have now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.money import INT64_MAX, RATE_ONE_PPM
from mlmcalc.rules.feeds import depends_on
from mlmcalc.rules.local import Local, Spread
from mlmcalc.rules.values import Node, Values
from mlmcalc.runs.after_bonuses import Results
from mlmcalc.runs.commission_run import evaluate
from mlmcalc.runs.preview.after import NOBODY, After, Everybody
from mlmcalc.runs.preview.orders import orders_of
from mlmcalc.runs.preview.part import Places
from mlmcalc.runs.preview.patch import Patch, united

_HEADROOM = INT64_MAX >> 8
"""Larger sums are not followed member by member: a whole run might refuse them."""


def follow(after: After, node: Node) -> None:
    """Follow a change through one value that is no bonus.

    Raises
    ------
    Everybody
        Nobody can say whom it concerns.
    """
    if node.kind == "volume":
        _volume(after, node)
    elif not after.read_by(node).size:
        after.touched[node] = NOBODY
        return
    elif node.kind == "rolled":
        _rolled(after, node)
    elif node.kind == "ladder":
        _ladder(after, node)
    elif node.kind == "active":
        _own(after, node)
    elif node.kind == "metric":
        {"own": _own, "below": _below, "frontline": _frontline}.get(spread_of(after, node), _nowhere)(after, node)
    else:
        _nowhere(after, node)
    _refuse_large(after, node)


def spread_of(after: After, node: Node) -> Spread:
    """Return what a value of a member follows from, as its word says."""
    word = after.before.given.plan.word(node)
    return word.spread if isinstance(word, Local) else "everybody"


def _nowhere(after: After, node: Node) -> None:
    raise Everybody(node)


def _calculated(after: After, node: Node, values: Values) -> NDArray:
    """Calculate a value on a part of the company, and return its column."""
    evaluate(after.before.given.plan, node, values, Results(), lambda block: None)
    return column_of(values, node)


def column_of(values: Values, node: Node) -> NDArray:
    """Return the column of a volume, metric, ladder or title, or who is active."""
    if node.kind in ("volume", "rolled"):
        return values.volumes[node.name].total.amounts
    if node.kind in ("metric", "points"):
        return values.metrics[node.name].amounts
    if node.kind in ("ladder", "title"):
        return (values.rankings if node.kind == "ladder" else values.titles)[node.name].code
    if node.kind == "bonus":
        return values.earned[node.name].amounts
    assert values.active is not None, "a run knows who is active"
    return values.active


def _volume(after: After, node: Node) -> None:
    before, spread = after.before, spread_of(after, node)
    if spread not in ("own", "served"):
        raise Everybody(node)
    concerned = part_members = after.changed.buyers
    if spread == "served":
        concerned, part_members = _served(after)
        _refuse_many(after, node, part_members)
        part = before.part(part_members)
        values = part.values(before.run.values, orders_of(part, before.given.orders, after.changed))
    elif before.reads[node]:
        concerned = part_members = after.read_by(node)
        values = after.part_values(before.part(concerned), before.reads[node], True, whole_trees=False)
    else:
        if after.of_buyers is None:
            part = before.part(concerned)
            after.of_buyers = part.values(before.run.values, orders_of(part, before.given.orders, after.changed))
        values = after.of_buyers
    found = _calculated(after, node, values)[before.part(part_members).places(concerned)]
    # Other orders of the same sum are other lines.
    besides = concerned if before.run.values.keep_entries else NOBODY
    after.set(node, Patch.of(column_of(before.run.values, node), concerned, found), besides)


def _served(after: After) -> tuple[Places, Places]:
    """Return for whom changed orders count, and everybody needed to add up what counts for these."""
    before = after.before
    server = before.servers()
    servers = server[after.changed.buyers]
    concerned = united(servers[servers >= 0])
    served = before.children(server, "served", concerned)
    return concerned, before.closed(united(concerned, served), [before.given.plan.vocabulary.first_tree])


def _rolled(after: After, node: Node) -> None:
    volume, _, name = node.name.partition("@")
    before = after.before
    whole, tree = before.run.values.volumes[node.name], before.tree(name)
    moved = united(after.touched[Node("volume", volume)], after.touched[Node("tree", name)])
    keeper, held = after.keepers(name, moved, False)
    keeper_now, held_now = after.keepers(name, moved, True)
    if tree.policy != "drop":
        held, held_now = keeper >= 0, keeper_now >= 0
    own = whole.own.amounts[moved]
    own_now = after.patch(Node("volume", volume)).at(whole.own.amounts, moved)
    keepers = united(keeper[held], keeper_now[held_now])
    amounts = whole.total.amounts[keepers]
    np.subtract.at(amounts, np.searchsorted(keepers, keeper[held]), own[held])
    np.add.at(amounts, np.searchsorted(keepers, keeper_now[held_now]), own_now[held_now])
    # Whose own volume moves is touched, though another one holds it.
    after.set(node, Patch.of(whole.total.amounts, keepers, amounts), moved)


def _own(after: After, node: Node) -> None:
    concerned = after.read_by(node)
    values = after.part_values(after.before.part(concerned), after.before.reads[node], True, whole_trees=False)
    after.set(node, Patch.of(column_of(after.before.run.values, node), concerned, _calculated(after, node, values)))


def _below(after: After, node: Node) -> None:
    tree = _untouched_tree(after, node)
    before = after.before
    concerned = before.closed(after.read_by(node), [tree])
    _refuse_many(after, node, concerned)
    part, needed = before.part(concerned), after.needed(node)
    old, new = (_calculated(after, node, after.part_values(part, needed, now)) for now in (False, True))
    whole = column_of(before.run.values, node)
    after.set(node, Patch.of(whole, concerned, whole[concerned] + (new - old)))


def _frontline(after: After, node: Node) -> None:
    tree = _untouched_tree(after, node)
    before = after.before
    above = before.above(tree)
    changed = after.read_by(node)
    concerned = united(changed, above[changed][above[changed] >= 0])
    members = united(concerned, before.children(above, tree, concerned))
    _refuse_many(after, node, members)
    part = before.part(members)
    values = after.part_values(part, before.reads[node], True, whole_trees=False)
    found = _calculated(after, node, values)[part.places(concerned)]
    after.set(node, Patch.of(column_of(before.run.values, node), concerned, found))


def _ladder(after: After, node: Node) -> None:
    before, name = after.before, node.name
    plan, whole = before.given.plan, before.run.values
    ladder = plan.ladders[name]
    reads = set(before.reads[node])
    required = [Node("metric", one) for one in plan.vocabulary.required_metrics if Node("metric", one) in reads]
    reads = reads.union(*(before.reads[one] for one in required))
    trees = sorted(read.name for read in reads if read.kind == "tree")
    if ladder.remembers or any(after.touched[Node("tree", tree)].size for tree in trees):
        raise Everybody(node)
    if any(depends_on(read, node, plan.vocabulary) for read in reads):
        raise Everybody(node)
    table = before.ladder(name)
    root = table.tree.root_tree or table.tree.name
    concerned = before.closed(after.read_by(node), [root])
    frontlines = [before.children(before.above(tree), tree, concerned) for tree in {root, *trees}]
    members = united(concerned, *frontlines)
    _refuse_many(after, node, members)
    part = before.part(members)
    values = after.part_values(part, reads, True, whole_trees=False)
    values.trees.setdefault(table.tree.name, part.tree(table.tree))
    for one in required:
        plan.metrics[one.name].evaluate_into(values, one.name)
    sums = table.sums[:, part.index(table.tree)]
    code = whole.rankings[name].code
    found = ladder.evaluate_some(values, name, part.mask(concerned), code[part.members], sums)
    after.set(node, Patch.of(code, concerned, found[part.places(concerned)]))


def _refuse_many(after: After, node: Node, members: Places) -> None:
    if after.before.are_many(members):
        raise Everybody(node)


def _untouched_tree(after: After, node: Node) -> str:
    trees = [read.name for read in after.before.reads[node] if read.kind == "tree"]
    if len(trees) != 1 or after.touched[Node("tree", trees[0])].size:
        raise Everybody(node)
    return trees[0]


def _refuse_large(after: After, node: Node) -> None:
    if node.kind not in ("volume", "rolled", "metric") or node not in after.columns:
        return
    added = sum(abs(int(value)) for value in after.columns[node].values.tolist())
    if (after.before.magnitudes[node.name] + added) * _factor(after, node) > _HEADROOM:
        raise Everybody(node)


def _factor(after: After, node: Node) -> int:
    # The most that a value is multiplied by where others are computed from it.
    before, most = after.before, 1
    for reader, reads in before.reads.items():
        if node in reads and reader.kind in ("metric", "volume"):
            word = before.given.plan.word(reader)
            times = getattr(word, "times", RATE_ONE_PPM)
            decimals = before.decimals(reader) - before.decimals(node)
            most = max(most, (int(times) // RATE_ONE_PPM + 1) * 10 ** max(decimals, 0))
    return most
