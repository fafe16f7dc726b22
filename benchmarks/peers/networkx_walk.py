"""networkx: the tree as a graph of Python objects."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import polars as pl

from benchmarks.job import KEEP_CENTS, RATES_PPM, amount, points


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
    gv = dict(pv)
    for member in reversed(downward):
        if (sponsor := sponsor_of[member]) is not None:
            gv[sponsor] += gv[member]
    keeper: dict[int, int | None] = {}
    for member in downward:
        sponsor = sponsor_of[member]
        keeper[member] = sponsor if sponsor is None or pv[sponsor] >= KEEP_CENTS else keeper[sponsor]
    paid = dict.fromkeys(downward, 0)
    for member in downward:
        earner = keeper[member]
        for rate in RATES_PPM if pv[member] else ():
            if earner is None:
                break
            paid[earner] += amount(pv[member], rate)
            earner = keeper[earner]
    members = sorted(pv)
    schema = {"member_id": pl.Int64, "gv": pl.Int64, "paid": pl.Int64}
    return pl.DataFrame([members, [gv[one] for one in members], [paid[one] for one in members]], schema=schema)
