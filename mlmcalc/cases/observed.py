"""What a run gave, in the words of a case: texts and exact decimals, keyed by member id."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

Cell = str | Decimal
Row = Mapping[str, Cell]


class Observed(Protocol):
    """The results of one run; each may be made anew whenever it is asked for."""

    @property
    def members(self) -> Collection[str] | None:
        """Every member; None where that is not known."""
        ...

    @property
    def bonuses(self) -> Collection[str] | None:
        """Every bonus of the plan; None where that is not known."""
        ...

    @property
    def statements(self) -> Mapping[tuple[str, str], Decimal]:
        """What is not zero, by bonus and member."""
        ...

    @property
    def lines(self) -> Sequence[Row]:
        """Lines, with the columns of `mlmcalc.cases.expected.COLUMNS`."""
        ...

    @property
    def breakage(self) -> Sequence[Row]:
        """What was offered and not paid."""
        ...

    @property
    def transfers(self) -> Sequence[Row]:
        """Volume that went to a keeper; an empty keeper is nobody."""
        ...

    @property
    def state(self) -> Sequence[Row]:
        """What the period leaves to the next."""
        ...

    @property
    def payout(self) -> Sequence[Row]:
        """What became of what members earned, step by step."""
        ...

    @property
    def payments(self) -> Sequence[Row]:
        """What each member is paid in its currency."""
        ...

    @property
    def ranks(self) -> Mapping[tuple[str, str], str]:
        """Rank by ladder and member; ``none`` where a member holds none."""
        ...

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Decimal]]:
        """Volumes and metrics, by name and member."""
        ...

    @property
    def trees(self) -> Mapping[str, Mapping[str, str]]:
        """Parent by tree and member: empty for a root; a member who was left out is absent."""
        ...


@dataclass(frozen=True, slots=True)
class ObservedTables:
    """Results that are all there."""

    statements: Mapping[tuple[str, str], Decimal]
    lines: Sequence[Row] = field(default_factory=list)
    breakage: Sequence[Row] = field(default_factory=list)
    transfers: Sequence[Row] = field(default_factory=list)
    state: Sequence[Row] = field(default_factory=list)
    ranks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    trees: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    members: Collection[str] | None = None
    bonuses: Collection[str] | None = None
    payout: Sequence[Row] = field(default_factory=list)
    payments: Sequence[Row] = field(default_factory=list)
