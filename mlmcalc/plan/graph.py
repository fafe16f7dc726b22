"""The order of evaluation: what a value reads comes before it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from mlmcalc.rules.values import Node, NodeKind

# Among values that could come next, the stages of the plan model decide, then the order of the document.
_STAGES: tuple[NodeKind, ...] = (
    "volume", "tree", "rolled", "metric", "ladder", "title", "active", "points", "bonus", "choice", "limit", "payout"
)  # fmt: skip


def everything_read(reads: Mapping[Node, set[Node]], besides: Iterable[Node] = ()) -> dict[Node, set[Node]]:
    """Return a graph that also holds the rolled-up volumes and titles that are read, with what they read in turn.

    Parameters
    ----------
    reads : mapping of Node to set of Node
    besides : iterable of Node
        What is wanted though nothing reads it: titles to be kept, what is left to the next period.
    """
    graph = {node: set(found) for node, found in reads.items()}
    named = {node for found in reads.values() for node in found} | set(besides)
    # A title of the periods before is no use without this period's, which the next one begins with.
    named |= {Node("title", node.name.removesuffix("_before")) for node in named if node.kind == "title"}
    for node in sorted(named):
        if node.kind == "rolled":
            volume, _, tree = node.name.partition("@")
            graph[node] = {Node("volume", volume), Node("tree", tree)}
        elif node.kind == "title":
            ladder, _, which = node.name.rpartition(".")
            graph[node] = {Node("ladder", ladder)} if which == "title" else set()
    return graph


def evaluation_order(graph: Mapping[Node, set[Node]]) -> tuple[Node, ...]:
    """Return the nodes so that each comes after all it reads; always the same for the same plan.

    Nodes that lie on a circle, or behind one, are left out.

    Parameters
    ----------
    graph : mapping of Node to set of Node
        In the order of the document. What is read but is no node of the graph counts as given.
    """
    rank = {node: (_STAGES.index(node.kind), place) for place, node in enumerate(graph)}
    waits = {node: {read for read in found if read in graph} for node, found in graph.items()}
    readers: dict[Node, list[Node]] = {node: [] for node in graph}
    for node, found in waits.items():
        for read in found:
            readers[read].append(node)
    ready = [(rank[node], node) for node, found in waits.items() if not found]
    heapq.heapify(ready)
    order = []
    while ready:
        _, node = heapq.heappop(ready)
        order.append(node)
        for reader in readers[node]:
            waits[reader].discard(node)
            if not waits[reader]:
                heapq.heappush(ready, (rank[reader], reader))
    return tuple(order)


def circles(graph: Mapping[Node, set[Node]], order: Iterable[Node]) -> list[Sequence[Node]]:
    """Return one shortest circle for each group of values that read one another.

    Parameters
    ----------
    graph : mapping of Node to set of Node
    order : iterable of Node
        What `evaluation_order` could place.
    """
    left = dict.fromkeys(node for node in graph if node not in set(order))
    found: list[Sequence[Node]] = []
    told: set[Node] = set()
    for start in left:
        if start not in told:
            circle = _shortest(graph, start, left)
            if circle and not told.intersection(circle):
                found.append(circle)
            told.update(circle)
    return found


def _shortest(graph: Mapping[Node, set[Node]], start: Node, left: Iterable[Node]) -> list[Node]:
    allowed = set(left)
    came_from: dict[Node, Node] = {}
    front = [start]
    while front:
        following = []
        for node in front:
            for read in sorted(graph[node] & allowed):
                if read == start:
                    return _path(came_from, node, start)
                if read not in came_from:
                    came_from[read] = node
                    following.append(read)
        front = following
    return []


def _path(came_from: Mapping[Node, Node], last: Node, start: Node) -> list[Node]:
    path = [last]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
