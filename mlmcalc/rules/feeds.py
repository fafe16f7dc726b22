"""What a rank-dependent metric adds up while a ladder is judged from the leaves up.

The rooms of metrics, trees and ranks do not import one another: a metric describes itself as a `Feed`, a tree as a
`RankKeep`, and the ladder settles them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from mlmcalc.rules.condition import Condition
from mlmcalc.rules.needs import Interval, rank_interval
from mlmcalc.rules.values import Node, Vocabulary


@dataclass(frozen=True, slots=True)
class Feed:
    """A metric as something that members add to their parent once their own rank is final.

    Attributes
    ----------
    kind : {"frontline", "subtree", "legs", "group"}
        ``frontline``: each child that qualifies adds its amount; ``subtree``: everybody below who qualifies does;
        ``legs``: each child with somebody who qualifies at or below it adds 1; ``group``: whoever qualifies leads a
        group of its own, everybody else hands its group on.
    tree : str
        Of the frontline, the subtree, the legs; for a group the tree whose members may lead one.
    ranks : Interval
        Codes of the ladder with which a member qualifies.
    where : Condition or None
        What else it takes to qualify.
    amount : str
        The quantity added; empty where 1 is added.
    levels : int or None
        How deep legs are looked into; None for any depth.
    with_self : bool
        Whether a group holds the member's own amount.
    upline_group : bool
        Whether a leader's own amount is in the group above as well.
    """

    kind: Literal["frontline", "subtree", "legs", "group"]
    tree: str
    ranks: Interval
    where: Condition | None = None
    amount: str = ""
    levels: int | None = None
    with_self: bool = True
    upline_group: bool = False

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before the ladder."""
        nodes = {Node("tree", self.tree)}
        node = vocabulary.node_of(self.amount) if self.amount else None
        nodes |= {node} if node else set()
        return nodes | (self.where.reads(vocabulary) if self.where is not None else set())


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Why a metric cannot be judged together with a ladder."""

    reason: str


@dataclass(frozen=True, slots=True)
class RankKeep:
    """A condition that asks for a range of ranks of one ladder, and for something else that does not."""

    ranks: Interval
    rest: Condition | None


@runtime_checkable
class Fed(Protocol):
    """A metric that may depend on ranks."""

    def feed(self, vocabulary: Vocabulary, ladder: str) -> Feed | Unsettled | None:
        """Return how a ladder settles it; None if the word itself does not name the ladder."""
        ...


def rank_part(condition: Condition | None, vocabulary: Vocabulary, ladder: str) -> RankKeep | Unsettled | None:
    """Return the range of ranks a condition asks for, apart from the rest; None if it does not name the ladder.

    Parameters
    ----------
    condition : Condition or None
    vocabulary : Vocabulary
    ladder : str
    """
    if condition is None or ladder not in condition.words():
        return None
    if len(condition.alternatives) != 1:
        return Unsettled(f"it asks for {ladder} in one of several alternatives")
    (only,) = condition.alternatives
    rest = {word: need for word, need in only.items() if word != ladder}
    try:
        ranks = rank_interval(only[ladder], vocabulary.ladders[ladder])
    except ValueError:
        return Unsettled(f"it asks for a rank that is not on the ladder {ladder}")
    return RankKeep(ranks, Condition((rest,)) if rest else None)


def tree_definition(vocabulary: Vocabulary, name: str) -> Any:
    """Return the word of a tree; the first tree for an empty name, None if there is no such tree."""
    return vocabulary.definitions.get(Node("tree", name or vocabulary.first_tree))


def recorded_root(vocabulary: Vocabulary, name: str) -> str:
    """Return the recorded tree that a tree comes from, empty if it cannot be told."""
    seen: set[str] = set()
    at = name or vocabulary.first_tree
    while at not in seen:
        seen.add(at)
        word = tree_definition(vocabulary, at)
        if word is None:
            return ""
        if not word.base_tree:
            return at
        at = word.base_tree
    return ""


def depends_on(node: Node, target: Node, vocabulary: Vocabulary) -> bool:
    """Return whether a value is computed from another, directly or through others."""
    seen: set[Node] = set()
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if at == target:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(read_by(at, vocabulary))
    return False


def read_by(node: Node, vocabulary: Vocabulary) -> set[Node]:
    """Return what a value of the graph is computed from."""
    if node.kind == "rolled":
        volume, _, tree = node.name.partition("@")
        return {Node("volume", volume), Node("tree", tree)}
    if node.kind == "title":
        ladder, _, which = node.name.rpartition(".")
        return {Node("ladder", ladder)} if which == "title" else set()
    word = vocabulary.definitions.get(node)
    if word is None:
        return set()
    # What a ladder settles itself it does not read, but it is computed from it all the same.
    return word.named(vocabulary) if node.kind == "ladder" else word.reads(vocabulary)
