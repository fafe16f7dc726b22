"""A plan narrowed to some of its values: as far as a stage, or to some bonuses and what they are calculated from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.plan.model import Plan, Trial
from mlmcalc.rules.state import Leaver
from mlmcalc.rules.values import ACTIVE, Node, NodeKind
from mlmcalc.rules.words import nearest

_KINDS: dict[str, tuple[NodeKind, ...]] = {
    "volumes": ("volume",),
    "trees": ("tree", "rolled"),
    "metrics": ("metric",),
    "ranks": ("ladder", "title", "points"),
    "bonuses": ("bonus", "choice"),
    "limits": ("limit",),
}
_BASIC: frozenset[NodeKind] = frozenset({"volume", "tree", "rolled", "metric", "active"})
"""What a value of any stage may be calculated from."""
_RANKED = _BASIC | {"ladder", "title", "points"}
STAGES = tuple(_KINDS)
"""Where a trial may end, in their order; what is paid out is part of no trial."""


@dataclass(frozen=True, slots=True)
class TrialWish:
    """What a trial is to calculate: one of the two is given.

    Attributes
    ----------
    only : tuple of str
        Bonuses.
    until : str
        One of `STAGES`.
    """

    only: tuple[str, ...] = ()
    until: str = ""


def narrowed(plan: Plan, wish: TrialWish) -> Plan:
    """Return the plan with the values that a trial calculates, and no payout.

    With `only`: these bonuses and all that is read for them; choices among bonuses and limits that concern no other.
    With `until`: everything up to the stage that can be known without a later one.

    Parameters
    ----------
    plan : Plan
    wish : TrialWish

    Raises
    ------
    InputRefused
        ``trial.bonus``, ``trial.stage``, ``trial.both``.
    """
    _refuse(plan, wish)
    reads = {node: _needed(plan, node) for node in plan.order}
    kept = _of_bonuses(plan, wish.only, reads) if wish.only else _of_stage(plan, wish.until, reads)
    left_out = [f"{node.kind} {node.name}" for node in plan.order if node not in kept]
    trial = Trial(wish.only, wish.until, tuple(left_out))

    def some(kind: NodeKind, words: Mapping[str, Any]) -> dict[str, Any]:
        return {name: word for name, word in words.items() if Node(kind, name) in kept}

    return replace(
        plan,
        order=tuple(node for node in plan.order if node in kept),
        volumes=some("volume", plan.volumes),
        trees=some("tree", plan.trees),
        metrics=some("metric", plan.metrics),
        points=some("points", plan.points),
        ladders=some("ladder", plan.ladders),
        bonuses=some("bonus", plan.bonuses),
        choices=some("choice", plan.choices),
        limits=some("limit", plan.limits),
        payout=None,
        trial=trial,
    )


def _refuse(plan: Plan, wish: TrialWish) -> None:
    if bool(wish.only) == bool(wish.until):
        raise InputRefused(
            Finding("trial.both", "a trial ends at a stage, or is of some bonuses.", "Name one of both.")
        )
    if wish.until and wish.until not in STAGES:
        remedy = f"Stages: {', '.join(STAGES)}."
        raise InputRefused(Finding("trial.stage", f"{wish.until!r} is no stage.", remedy))
    unknown = [name for name in wish.only if name not in plan.bonuses]
    if unknown:
        raise InputRefused(
            Finding("trial.bonus", f"{name} is no bonus of the plan.", nearest(name, plan.bonuses)) for name in unknown
        )


def _needed(plan: Plan, node: Node) -> set[Node]:
    if node.kind == "title":
        # What was held before is said in the ranks of the ladder, which is then judged as well.
        return {Node("ladder", node.name.rpartition(".")[0])}
    # What leaves state reads it when all else is known.
    word = plan.word(node)
    left = word.leaves(plan.vocabulary) if isinstance(word, Leaver) else set()
    return plan.reads_of(node) | left


def _closure(nodes: Iterable[Node], reads: Mapping[Node, set[Node]]) -> set[Node]:
    found: set[Node] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in found and node in reads:
            found.add(node)
            waiting += reads[node]
    return found


def _of_bonuses(plan: Plan, only: Sequence[str], reads: Mapping[Node, set[Node]]) -> set[Node]:
    kept = _closure([*(Node("bonus", name) for name in only), ACTIVE], reads)
    kept |= {node for node in reads if node.kind == "choice" and _bonuses_in(reads[node]) <= kept}
    for name in plan.limits:
        # Limits act one after the other: behind one that cannot act, none does what it would.
        if not _bonuses_in(reads[Node("limit", name)]) <= kept:
            break
        kept |= _closure([Node("limit", name)], reads)
    return kept


def _bonuses_in(nodes: set[Node]) -> set[Node]:
    return {node for node in nodes if node.kind == "bonus"}


def _of_stage(plan: Plan, until: str, reads: Mapping[Node, set[Node]]) -> set[Node]:
    wanted = {kind for stage in STAGES[: STAGES.index(until) + 1] for kind in _KINDS[stage]}
    # Who is active is known in every run, but no bonus is paid to know it.
    found: set[Node] = set()
    for node in plan.order:
        whole = _closure([node], reads)
        allowed = _RANKED | wanted if node == ACTIVE else _BASIC | wanted
        if (node == ACTIVE or node.kind in wanted) and all(read.kind in allowed for read in whole):
            found |= whole
    return found
