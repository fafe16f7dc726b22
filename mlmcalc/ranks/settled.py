"""Which metrics of a ladder depend on its own ranks, and how they are settled together with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlmcalc.ranks.rungs import LegsNeed
from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.feeds import Fed, Feed, Unsettled, depends_on, read_by
from mlmcalc.rules.needs import Interval
from mlmcalc.rules.values import Node, Vocabulary
from mlmcalc.rules.words import meaning


@dataclass(frozen=True, slots=True)
class Settled:
    """The metrics that a ladder settles itself.

    Attributes
    ----------
    feeds : mapping of str to Feed or Unsettled
        By the word of the rung: a rank-dependent metric.
    reads : set of Node
        Everything else the ladder needs, computed before.
    """

    feeds: Mapping[str, Feed | Unsettled]
    reads: set[Node]


def words_of(ladder: WrittenLadder) -> list[str]:
    """Return the words of all rungs, in their order, each once."""
    found: dict[str, None] = {}
    for _, rung in ladder.rungs():
        for alternative in rung.alternatives:
            found.update(dict.fromkeys(alternative.needs))
    return list(found)


def leg_needs(ladder: WrittenLadder) -> list[LegsNeed]:
    """Return the needs of legs of all rungs."""
    return [need for _, rung in ladder.rungs() for alternative in rung.alternatives for need in alternative.legs]


def tree_of_legs(ladder: WrittenLadder, need: LegsNeed, first_tree: str) -> str:
    """Return the tree whose legs a need counts."""
    return need.tree or ladder.tree or first_tree


def legs_feed(ladder: WrittenLadder, need: LegsNeed, vocabulary: Vocabulary, name: str) -> Feed:
    """Return a need of legs as what members add to their parent."""
    ranks = list(vocabulary.ladders[name])
    lowest = 1 + ranks.index(need.rank)
    tree = tree_of_legs(ladder, need, vocabulary.first_tree)
    return Feed("legs", tree, Interval(lowest, len(ranks)), levels=need.levels)


def named_by(ladder: WrittenLadder, vocabulary: Vocabulary) -> set[Node]:
    """Return every value of the graph that the rungs name."""
    meanings = [meaning(word, vocabulary, "rung") for word in words_of(ladder)]
    nodes = {found.node for found in meanings if found is not None and found.node is not None}
    trees = {tree_of_legs(ladder, need, vocabulary.first_tree) for need in leg_needs(ladder)}
    return nodes | {Node("tree", tree) for tree in trees}


def settled_by(ladder: WrittenLadder, vocabulary: Vocabulary) -> Settled:
    """Return which metrics the ladder settles itself, and what it reads."""
    own = Node("ladder", ladder.name_in(vocabulary))
    feeds: dict[str, Feed | Unsettled] = {}
    reads: set[Node] = set()
    for word in words_of(ladder):
        found = meaning(word, vocabulary, "rung")
        node = found.node if found is not None else None
        if node is None:
            continue
        if not depends_on(node, own, vocabulary):
            reads.add(node)
            continue
        feed = feed_of(node, own, vocabulary)
        feeds[word] = feed
        if isinstance(feed, Feed):
            reads |= feed.reads(vocabulary)
    trees = {tree_of_legs(ladder, need, vocabulary.first_tree) for need in leg_needs(ladder)}
    reads |= {Node("tree", tree) for tree in trees if not depends_on(Node("tree", tree), own, vocabulary)}
    if not any(node.kind == "tree" for node in reads):
        reads.add(Node("tree", vocabulary.first_tree))
    return Settled(feeds, reads)


def feed_of(node: Node, own: Node, vocabulary: Vocabulary) -> Feed | Unsettled:
    """Return how a rank-dependent value is settled with its ladder, or why it cannot be.

    Parameters
    ----------
    node, own : Node
        The value, and the ladder it depends on.
    vocabulary : Vocabulary
    """
    word = vocabulary.definitions.get(node)
    feed = word.feed(vocabulary, own.name) if isinstance(word, Fed) else None
    if feed is None:
        through = sorted(read for read in read_by(node, vocabulary) if depends_on(read, own, vocabulary))
        names = ", ".join(read.name for read in through if read != own)
        return Unsettled(f"it depends on {own.name}{f' through {names}' if names else ''}")
    if isinstance(feed, Unsettled):
        return feed
    circular = sorted(read.name for read in feed.reads(vocabulary) if depends_on(read, own, vocabulary))
    if circular:
        return Unsettled(f"besides ranks it needs {', '.join(circular)}, which depends on {own.name} in turn")
    return feed
