"""The members of a company at one day: columns by position, and the recorded trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree

ColumnType = Literal["number", "text", "day", "flag"]
NO_DAY = np.iinfo(np.int32).min

STATUSES = ("active", "suspended", "left", "merged", "not_joined")
KINDS = ("distributor", "preferred", "customer")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a table, as integers.

    Attributes
    ----------
    type : {"number", "text", "day", "flag"}
    values : (n,) int64, int32 or bool
        number: int64 in units of ``10**-decimals``, not given is 0; text: int32 codes into `labels`, -1 not given;
        day: int32 days since 1970-01-01, `NO_DAY` not given; flag: bool.
    labels : sequence of str
        The texts of a text column, sorted by code point.
    decimals : int
        Of a number column.
    given : (n,) bool or None
        Which cells of a number or flag column were filled; None where all were.
    """

    type: ColumnType
    values: NDArray[Any]
    labels: Sequence[str] = ()
    decimals: int = 0
    given: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A snapshot of members, in canonical order.

    Attributes
    ----------
    ids : (n,) int64 or a sequence of n str
        Member ids by position.
    status : (n,) int8
        Code into `STATUSES`, as it stands on `day`; ``not_joined`` for whoever joins later.
    kind : (n,) int8
        Code into `KINDS`.
    joined : (n,) int32
        Days since 1970-01-01, `NO_DAY` where unknown.
    columns : mapping of str to Column
        The company's own columns the plan declares, and the scheme column.
    trees : mapping of str to Tree
        The recorded trees; the first one's order is the order of positions.
    day : int
        The last day of the period, in days since 1970-01-01.
    """

    ids: NDArray[np.int64] | Sequence[str]
    status: NDArray[np.int8]
    kind: NDArray[np.int8]
    joined: NDArray[np.int32]
    columns: Mapping[str, Column]
    trees: Mapping[str, Tree]
    day: int
    first_day: int = field(default=0)

    @property
    def size(self) -> int:
        """Number of members."""
        return self.status.size

    @property
    def first_tree(self) -> Tree:
        """The tree whose order is the order of positions."""
        return next(iter(self.trees.values()))
