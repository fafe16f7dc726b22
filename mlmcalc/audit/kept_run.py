"""What of a run is kept so that a member can be explained without calculating the run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.audit.kept_words import NotKept, kept_word
from mlmcalc.genealogy.network import Column
from mlmcalc.genealogy.tree import Tree
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.plan.load import Plan
from mlmcalc.ranks.titles import BELOW, held_before
from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.state import Keeper, Kept
from mlmcalc.rules.values import Entries, Node, Quantity, Ranking, Values, Volume
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.tables.kept import KeptWriter

if TYPE_CHECKING:
    from mlmcalc.bonuses.pool_division import Division
    from mlmcalc.payout.payments import Payments
    from mlmcalc.payout.settlement import Settlement

_EXPLAINED = ("levels", "personal", "differential", "award", "binary", "pool")
"""Bonus words whose arithmetic about one member needs no more than the members above and below it, and how a pool was
divided."""
_SECTIONS = ("volumes", "trees", "metrics", "points", "ladders", "bonuses", "choices", "limits")
_STAGES = ("bonus", "choice", "limit")


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
    words = plan.bonuses.values()
    bases = {word.base_volume for word in words}
    earned = {name for word in words for name in word.earned_from}
    return {
        "plan": _plan(plan, values),
        "network": _network(values, writer),
        "flags": {
            name: writer.add(getattr(values, name))
            for name in ("scheme", "may_earn", "is_source", "status_bars", "active", "walk_compressed")
            if getattr(values, name) is not None
        },
        "scheme_names": list(values.scheme_names),
        "adjustments": _adjustments(values, writer),
        "overrides": [kept_word(row)["has"] for row in values.overrides],
        "amount_decimals": values.amount_decimals,
        "keep_entries": values.keep_entries,
        "trees": {name: _tree(tree, writer) for name, tree in values.trees.items()},
        "volumes": {name: _volume(volume, name in bases, writer) for name, volume in values.volumes.items()},
        "metrics": {name: _quantity(quantity, writer) for name, quantity in values.metrics.items()},
        "earned": {name: _quantity(values.earned[name], writer) for name in sorted(earned)},
        "rankings": {name: _ranking(ranking, writer) for name, ranking in values.rankings.items()},
        "titles": {name: _ranking(ranking, writer) for name, ranking in values.titles.items()},
        "orders": _orders(values, {by for word in words if isinstance(by := getattr(word, "by", None), str)}, writer),
        "opening": values.opening.period,
        "state": _state(run, writer),
        "closing": values.closing.period,
        "before": {name: _before(ladder, values, name, writer) for name, ladder in plan.ladders.items()},
        "stages": [[node.kind, node.name] for node in plan.order if node.kind in _STAGES],
        "changes": {
            cause: {bonus: _member_amounts(changed, values.size, writer) for bonus, changed in changes.items()}
            for cause, changes in run.changes.items()
        },
        "closed": {name: writer.add(_closed(run, name)) for name, word in plan.bonuses.items() if _shares_a_cap(word)},
        "divisions": {
            name: _division(word.division(values, values.rounding, name), writer)
            for name, word in plan.bonuses.items()
            if _is_word(word, "pool")
        },
        "settlement": None if run.settlement is None else _settlement(run.settlement, values.size, writer),
        "payments": None if run.payments is None else _payments(run.payments, values.size, writer),
        "paid": writer.add(run.paid),
    }


def _is_word(value: Any, *words: str) -> bool:
    # Every word has its own file, named for it; most plans use few, and none is imported to ask.
    files = {f"mlmcalc.{room}.{word}" for room in ("bonuses", "trees", "limits") for word in words}
    return any(kind.__module__ in files for kind in type(value).__mro__)


def _reasons(plan: Plan) -> Iterator[str]:
    if plan.plugged:
        yield "it has bonuses of another package"
    for name, tree in plan.trees.items():
        if _is_word(tree, "hung") and any(rule.walk == "compressed" for rule in plan.statuses.values()):
            yield f"the tree {name} hangs members anew, and a status takes them out of trees"
    for name, word in plan.bonuses.items():
        yield from (f"{reason} of {name}" for reason in _reasons_of(word, plan))


def _reasons_of(word: Any, plan: Plan) -> Iterator[str]:
    if not _is_word(word, *_EXPLAINED):
        yield "the whole company matters to the arithmetic"
        return
    if _is_word(word, "levels") and word.complete:
        yield "whether those above have complete levels is not kept: levels"
    tree = getattr(word, "tree", None)
    moved = _keeper_tree(word)
    if tree is not None and moved and _root(moved, plan) != _root(tree or plan.vocabulary.first_tree, plan):
        yield "volume moves in another tree than that"


def _state(run: CommissionRun, writer: KeptWriter) -> list[dict[str, Any]]:
    """Keep what the period before left of bonuses, by member."""
    kept = []
    words = [(name, word) for name, word in run.plan.bonuses.items() if isinstance(word, Keeper)]
    said = [keeps for name, word in words for keeps in word.keeps(name, run.plan.vocabulary)]
    for section, of in sorted({(keeps.section, keeps.name) for keeps in said}):
        rows = run.values.opening.rows(section, of)
        if not rows.size:
            continue
        order = np.argsort(rows.member, kind="stable")
        columns = {"key": rows.key, "since": rows.since, "amounts": rows.amounts}
        kept.append(
            {
                "section": section,
                "name": of,
                "starts": writer.add(_starts(rows.member, run.values.size)),
                **{name: writer.add(column[order]) for name, column in columns.items()},
                "keys": list(rows.keys),
                "periods": list(rows.periods),
                "decimals": rows.decimals,
            }
        )
    return kept


def _adjustments(values: Values, writer: KeptWriter) -> dict[str, Any] | None:
    given = values.besides.adjustments
    if not given.size:
        return None
    return {
        "decimals": given.decimals,
        "starts": writer.add(_starts(given.member, values.size)),
        "amounts": writer.add(given.amounts),
        "codes": {name: writer.add(codes) for name, codes in given.codes.items()},
        "labels": {name: list(labels) for name, labels in given.labels.items()},
    }


def _starts(member: NDArray[np.integer], members: int) -> NDArray[np.int64]:
    # Where the rows of each member begin, and where the last ones end.
    starts = np.zeros(members + 1, np.int64)
    np.cumsum(np.bincount(member, minlength=members), out=starts[1:])
    return starts


def _division(division: Division, writer: KeptWriter) -> dict[str, Any]:
    holders = division.holders
    columns = {
        "position": holders.position,
        "base": holders.base,
        "weight": holders.weight,
        "most": holders.most,
        "place": holders.place,
        "amount": division.amount,
        "score": division.score,
        "reason": division.reason,
    }
    return {
        "fund": kept_word(division.fund),
        "unheld": holders.unheld,
        "left": division.left,
        "point": division.point,
        "columns": {name: writer.add(column) for name, column in columns.items() if column is not None},
    }


def _shares_a_cap(word: Any) -> bool:
    return word.cap is not None and word.cap.total is not None


def _closed(run: CommissionRun, bonus: str) -> NDArray[np.int64]:
    # What members had of it before it was changed for the sake of others.
    closed = run.bonuses[bonus].amounts[:-1].copy()
    for changes in run.changes.values():
        if bonus in changes:
            closed[changes[bonus].members] -= changes[bonus].amounts
    return closed


def _member_amounts(given: MemberAmounts, members: int, writer: KeptWriter) -> dict[str, int]:
    return {"starts": writer.add(_starts(given.members, members)), "amounts": writer.add(given.amounts)}


def _before(ladder: WrittenLadder, values: Values, name: str, writer: KeptWriter) -> dict[str, int]:
    held = {}
    if ladder.remembers:
        held["held"] = writer.add(held_before(values, ladder.remembers, name))
    if ladder.title is not None and ladder.title.lose_after:
        below = np.zeros(values.size, np.int64)
        for rows in values.closing.sections.get(Kept(BELOW, name), []):
            np.add.at(below, rows.member, rows.amounts)
        held["below"] = writer.add(below)
    return held


def _settlement(settlement: Settlement, members: int, writer: KeptWriter) -> dict[str, Any]:
    starts = writer.add(_starts(settlement.members, members))
    steps = [[step.step, step.name, writer.add(step.amounts)] for step in settlement.steps]
    return {"decimals": settlement.decimals, "starts": starts, "steps": steps}


def _payments(payments: Payments, members: int, writer: KeptWriter) -> dict[str, Any]:
    columns = ("plan_amounts", "currency", "amounts", "left")
    return {
        "starts": writer.add(_starts(payments.members, members)),
        "columns": {name: writer.add(getattr(payments, name)) for name in columns},
        "currencies": list(payments.currencies),
        "rates": payments.rates.tolist(),
        "plan_decimals": payments.plan_decimals,
        "decimals": payments.decimals,
    }


def _keeper_tree(word: SourceBonus) -> str:
    return word.base_volume.partition("@")[2]


def _root(tree: str, plan: Plan) -> str:
    word = plan.trees[tree]
    return _root(word.base_tree, plan) if word.base_tree else tree


def _plan(plan: Plan, values: Values) -> dict[str, Any]:
    return {
        "name": plan.name,
        "version": plan.version,
        "currency": plan.currency,
        "rounding": kept_word(plan.rounding),
        "active": kept_word(plan.active),
        "vocabulary": kept_word(replace(plan.vocabulary, definitions={})),
        "notes": {name: limit.note(values, 0) for name, limit in plan.limits.items() if _is_word(limit, "ceiling")},
        "payout": kept_word(plan.payout),
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
    return {
        "total": _quantity(volume.total, writer),
        "own": _quantity(volume.own, writer),
        "keeper_tree": volume.keeper_tree,
        "entries": _entries(volume.entries, volume.own.amounts.size, writer) if is_base and volume.entries else None,
    }


def _entries(entries: Entries, members: int, writer: KeptWriter) -> dict[str, int]:
    starts = _starts(entries.member, members)
    return {"starts": writer.add(starts), "order": writer.add(entries.order), "amounts": writer.add(entries.amounts)}


def _orders(values: Values, by: set[str], writer: KeptWriter) -> dict[str, Any]:
    orders = values.orders
    if not values.keep_entries or orders.ids is None:
        return {"ids": None, "columns": {}}
    return {
        "ids": writer.add(orders.ids),
        "columns": {name: _column(column, writer) for name, column in orders.columns.items() if name in by},
    }
