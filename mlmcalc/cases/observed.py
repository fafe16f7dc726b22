"""What a run gave, in the words of a case: texts and exact decimals, keyed by member id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Cell = str | Decimal
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Observed:
    """The results of one run.

    Attributes
    ----------
    statements : dict of (bonus, member) to Decimal
        What is not zero.
    lines, breakage, transfers : list of row
        With the columns of `mlmcalc.cases.expected.COLUMNS`.
    ranks : dict of (ladder, member) to str
        ``none`` where a member holds no rank.
    metrics : dict of str to dict of member to Decimal
        Volumes and metrics.
    trees : dict of str to dict of member to str
        The parent; empty for a root; a member who was left out of a derived tree is absent.
    """

    statements: Mapping[tuple[str, str], Decimal]
    lines: list[Row] = field(default_factory=list)
    breakage: list[Row] = field(default_factory=list)
    transfers: list[Row] = field(default_factory=list)
    ranks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    trees: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
