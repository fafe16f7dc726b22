"""SciPy: subtree volumes as the solution of a triangular system, levels with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.figures import CannotMeasureError
from benchmarks.job import KEEP_CENTS, RATES_PPM, points
from benchmarks.peers import reach_installed


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """Members by id, with the place of each one's sponsor, -1 for none."""

    ids: NDArray[np.int64]
    sponsor: NDArray[np.int64]
    pv: NDArray[np.int64]


def load(folder: Path) -> Company:
    """Return the company; polars reads the files for it.

    Raises
    ------
    CannotMeasureError
        SciPy is not installed.
    """
    _scipy()
    members = points(folder).sort("member_id")
    ids = members["member_id"].to_numpy()
    sponsor_id = members["sponsor_id"].fill_null(-1).to_numpy()
    sponsor = np.where(sponsor_id < 0, -1, np.searchsorted(ids, sponsor_id))
    return Company(ids, sponsor, members["pv"].to_numpy())


def answer(company: Company) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    order = _downward(company.sponsor)
    place = np.empty(order.size + 1, np.int64)
    place[order], place[-1] = np.arange(order.size), -1
    parent, pv = place[company.sponsor[order]], company.pv[order]
    gv, paid = _subtree_sums(parent, pv), _walked(_keepers(parent, pv), pv)
    back = place[:-1]
    return pl.DataFrame({"member_id": company.ids, "gv": gv[back], "paid": paid[back]})


def _scipy() -> Any:
    reach_installed()
    try:
        import scipy.sparse.csgraph  # pyright: ignore[reportMissingImports]
        import scipy.sparse.linalg  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise CannotMeasureError("SciPy is not installed: see benchmarks/README.md.") from None
    return scipy.sparse


def _downward(sponsor: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the members, sponsors first; one more node stands above all roots."""
    sparse, n = _scipy(), sponsor.size
    edges = (np.ones(n, np.int8), (np.where(sponsor < 0, n, sponsor), np.arange(n)))
    tree = sparse.csr_array(edges, shape=(n + 1, n + 1))
    return sparse.csgraph.breadth_first_order(tree, n, return_predecessors=False)[1:]


def _subtree_sums(parent: NDArray[np.int64], pv: NDArray[np.int64]) -> NDArray[np.int64]:
    """Solve gv[p] - sum of gv of p's children = pv[p]; in cents, doubles are exact up to 2**53."""
    sparse, n = _scipy(), parent.size
    child = np.flatnonzero(parent >= 0)
    rows, columns = np.concatenate([np.arange(n), parent[child]]), np.concatenate([np.arange(n), child])
    values = np.concatenate([np.ones(n), np.full(child.size, -1.0)])
    system = sparse.csr_array((values, (rows, columns)), shape=(n, n))
    solved = sparse.linalg.spsolve_triangular(system, pv.astype(np.float64), lower=False, unit_diagonal=True)
    return np.rint(solved).astype(np.int64)


def _keepers(parent: NDArray[np.int64], pv: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of the nearest kept member above, -1 for none: by jumps of twice the length each time."""
    stops = np.append(pv >= KEEP_CENTS, True)
    above = np.append(parent, -1)
    while not (done := stops[above]).all():
        above = np.where(done, above, above[above])
    return above[:-1]


def _walked(keeper: NDArray[np.int64], pv: NDArray[np.int64]) -> NDArray[np.int64]:
    paid = np.zeros(pv.size, np.int64)
    source = np.flatnonzero((pv != 0) & (keeper >= 0))
    earner, volume = keeper[source], pv[source]
    for rate in RATES_PPM:
        cents = (np.abs(volume) * rate + 500_000) // 1_000_000 * np.sign(volume)
        paid += np.rint(np.bincount(earner, weights=cents, minlength=pv.size)).astype(np.int64)
        above = keeper[earner]
        goes_on = above >= 0
        earner, volume = above[goes_on], volume[goes_on]
    return paid
