"""networkx: the tree as a graph of Python objects."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import polars as pl

from benchmarks.job import points
from benchmarks.peers.downward import answer_downward


def load(folder: Path) -> nx.DiGraph:
    """Return the tree, with every member's points at its node."""
    graph = nx.DiGraph()
    for member, sponsor, pv in points(folder).iter_rows():
        graph.add_node(member, pv=pv)
        if sponsor is not None:
            graph.add_edge(sponsor, member)
    return graph


def answer(graph: nx.DiGraph) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    downward = list(nx.topological_sort(graph))
    pv = dict(graph.nodes(data="pv"))
    sponsor_of = {member: next(graph.predecessors(member), None) for member in downward}
    return answer_downward(downward, sponsor_of, pv)
