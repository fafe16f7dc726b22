"""What of a run is kept so that a member can be explained without calculating the run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from mlmcalc.audit.kept_words import NotKept, kept_word
from mlmcalc.bonuses.differential import Differential
from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.personal import Personal
from mlmcalc.genealogy.network import Column
from mlmcalc.genealogy.tree import Tree
from mlmcalc.plan.load import Plan
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.values import Node, Quantity, Ranking, Values, Volume
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.tables.kept import KeptWriter
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.recorded import Recorded

_EXPLAINED: tuple[type, ...] = (Levels, Personal, Differential)
"""Bonus words whose arithmetic about one member needs no more than the members above and below it."""
_SECTIONS = ("volumes", "trees", "metrics", "points", "ladders", "bonuses")


def refuse_to_keep(plan: Plan) -> None:
    """Refuse a plan whose explanations need the whole company, or what a run does not keep.

    Raises
    ------
    NotKept
        With the reason.
    """
    for reason in _reasons(plan):
        raise NotKept(reason)


def keep_values(run: CommissionRun, writer: KeptWriter) -> dict[str, Any]:
    """Write the columns by which members of a run are explained, and return what they are.

    Parameters
    ----------
    run : CommissionRun
    writer : KeptWriter

    Raises
    ------
    NotKept
        Of `kept_word`.
    EnvironmentRefused
        Of the writer.
    """
    values, plan = run.values, run.plan
    bases = {word.base_volume for word in plan.bonuses.values()}
    earned = {name for word in plan.bonuses.values() for name in word.earned_from}
    return {
        "plan": _plan(plan),
        "network": _network(values, writer),
        "flags": {
            name: writer.add(getattr(values, name))
            for name in ("scheme", "may_earn", "is_source", "status_bars", "active", "walk_compressed")
            if getattr(values, name) is not None
        },
        "scheme_names": list(values.scheme_names),
        "overrides": [kept_word(row)["has"] for row in values.overrides],
        "amount_decimals": values.amount_decimals,
        "keep_entries": values.keep_entries,
        "trees": {name: _tree(tree, writer) for name, tree in values.trees.items()},
        "volumes": {name: _volume(volume, name in bases, writer) for name, volume in values.volumes.items()},
        "metrics": {name: _quantity(quantity, writer) for name, quantity in values.metrics.items()},
        "earned": {name: _quantity(values.earned[name], writer) for name in sorted(earned)},
        "rankings": {name: _ranking(ranking, writer) for name, ranking in values.rankings.items()},
        "titles": {name: _ranking(ranking, writer) for name, ranking in values.titles.items()},
        "orders": _orders(values, {by for word in plan.bonuses.values() if (by := getattr(word, "by", None))}, writer),
        "opening": values.opening.period,
        "closing": values.closing.period,
        "paid": writer.add(run.paid),
    }


def _reasons(plan: Plan) -> Iterator[str]:
    if plan.plugged:
        yield "it has bonuses of another package"
    for said, words in (("an exclusive choice", plan.choices), ("limits", plan.limits)):
        if words:
            yield f"it has {said}"
    if plan.payout is not None:
        yield "it has a payout"
    if plan.vocabulary.required_metrics:
        yield "a metric depends on what a rung requires"
    for name, tree in plan.trees.items():
        if not isinstance(tree, Recorded | Compressed):
            yield f"the tree {name} hangs members anew"
    for name, ladder in plan.ladders.items():
        if ladder.remembers or (ladder.title is not None and ladder.title.lose_after):
            yield f"the ladder {name} looks at the period before"
    for name, word in plan.bonuses.items():
        yield from (f"{reason} of {name}" for reason in _reasons_of(word, plan))


def _reasons_of(word: Any, plan: Plan) -> Iterator[str]:
    if not isinstance(word, _EXPLAINED):
        yield "the whole company matters to the arithmetic"
        return
    if word.cap is not None and word.cap.total is not None:
        yield "all earners share the cap"
    if isinstance(word, Levels) and (word.complete or word.guarantee is not None):
        yield "members beside those above and below matter to levels"
    tree = getattr(word, "tree", None)
    moved = _keeper_tree(word)
    if tree is not None and moved and _root(moved, plan) != _root(tree or plan.vocabulary.first_tree, plan):
        yield "volume moves in another tree than that"


def _keeper_tree(word: SourceBonus) -> str:
    return word.base_volume.partition("@")[2]


def _root(tree: str, plan: Plan) -> str:
    word = plan.trees[tree]
    return _root(word.base_tree, plan) if word.base_tree else tree


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "version": plan.version,
        "currency": plan.currency,
        "rounding": kept_word(plan.rounding),
        "active": kept_word(plan.active),
        "vocabulary": kept_word(replace(plan.vocabulary, definitions={})),
        "sources": {name: plan.source_of(plan.path_of(Node("ladder", name))) for name in plan.ladders},
        "words": {
            section: {name: kept_word(word) for name, word in getattr(plan, section).items()} for section in _SECTIONS
        },
    }


def _network(values: Values, writer: KeptWriter) -> dict[str, Any]:
    network = values.network
    return {
        "ids": writer.add(network.ids),
        **{name: writer.add(getattr(network, name)) for name in ("status", "kind", "joined")},
        "columns": {name: _column(column, writer) for name, column in network.columns.items()},
        "trees": {name: _tree(tree, writer) for name, tree in network.trees.items()},
        "day": network.day,
        "first_day": network.first_day,
    }


def _column(column: Column, writer: KeptWriter) -> dict[str, Any]:
    return {
        "type": column.type,
        "values": writer.add(column.values),
        "labels": list(column.labels),
        "decimals": column.decimals,
        "given": None if column.given is None else writer.add(column.given),
    }


def _tree(tree: Tree, writer: KeptWriter) -> dict[str, Any]:
    held = {field.name: getattr(tree, field.name) for field in fields(tree)}
    return {name: part if part is None or isinstance(part, str) else writer.add(part) for name, part in held.items()}


def _quantity(quantity: Quantity, writer: KeptWriter) -> dict[str, Any]:
    return {"amounts": writer.add(quantity.amounts), "decimals": quantity.decimals}


def _ranking(ranking: Ranking, writer: KeptWriter) -> dict[str, Any]:
    return {
        "code": writer.add(ranking.code),
        "names": list(ranking.names),
        "forced": writer.add(ranking.forced),
    }


def _volume(volume: Volume, is_base: bool, writer: KeptWriter) -> dict[str, Any]:
    entries = volume.entries if is_base else None
    return {
        "total": _quantity(volume.total, writer),
        "own": _quantity(volume.own, writer),
        "keeper_tree": volume.keeper_tree,
        "entries": None
        if entries is None
        else {name: writer.add(getattr(entries, name)) for name in ("member", "order", "amounts")},
    }


def _orders(values: Values, by: set[str], writer: KeptWriter) -> dict[str, Any]:
    orders = values.orders
    if not values.keep_entries or orders.ids is None:
        return {"ids": None, "columns": {}}
    return {
        "ids": writer.add(orders.ids),
        "columns": {name: _column(orders.columns[name], writer) for name in sorted(by)},
    }
