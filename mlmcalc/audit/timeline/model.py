"""A timeline as data; amounts are exact decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mlmcalc.audit.explanation import RankStanding
from mlmcalc.payout.settlement import INCOMING, STEPS

ZERO = Decimal(0)
OPENING, DEFERRED = "opening_balance", "deferred"
STAYING = ("held", "carried")
"""Steps that leave a balance to the next period."""
CAME = tuple(step for step in INCOMING if step != OPENING)
"""Steps of the payout that add to a balance, besides the opening one."""
GONE = tuple(step for step in STEPS if step not in (*INCOMING, *STAYING, DEFERRED))
"""Steps that take from a balance for good."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a payout.

    Attributes
    ----------
    step, name : str
        As the table ``payout`` has them.
    amount : Decimal
    """

    step: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Leg:
    """The movements of volume on a leg in one period.

    Attributes
    ----------
    bonus, leg : str
    carried_in, volume, overflow, matched, flushed, carried_out : Decimal
    """

    bonus: str
    leg: str
    carried_in: Decimal = ZERO
    volume: Decimal = ZERO
    overflow: Decimal = ZERO
    matched: Decimal = ZERO
    flushed: Decimal = ZERO
    carried_out: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """What carry in, volume and overflow are more than matched, flushed and carry out: 0."""
        return self.carried_in + self.volume + self.overflow - self.matched - self.flushed - self.carried_out


@dataclass(frozen=True, slots=True)
class Why:
    """Why a member stood where it stood.

    Attributes
    ----------
    ranks : sequence of RankStanding
        The rank on each ladder, and what the next one needs.
    legs : sequence of Leg
        Of binaries.
    """

    ranks: Sequence[RankStanding] = ()
    legs: Sequence[Leg] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A member in the run of one period, as its tables have it.

    Attributes
    ----------
    program, version, period, first, last, run, digest, currency : str
        `first` and `last` are days.
    there : bool
        Whether it is a member of this run; everything below is empty if not.
    status, kind : str
    active : bool
    parents : mapping of str to str
        Sponsor, or whatever the recorded trees are called; empty for a root.
    ranks, titles : mapping of str to str
        By ladder; ``none`` for no rank.
    ladders : mapping of str to sequence of str
        The rungs of each, lowest first.
    forced : sequence of str
        Ladders on which the rank was forced.
    volumes : mapping of str to Decimal
    earned : mapping of str to Decimal
        By bonus; those of nothing are left out.
    has_payout : bool
        Whether the plan says what becomes of what is earned; otherwise all of it is paid.
    steps : sequence of Step
    carry : mapping of (str, str) to Decimal
        Carry out by bonus and leg.
    deferred : mapping of str to Decimal
        By bonus: earned, and paid in a later period.
    balance : Decimal
        What the period leaves in the state: held and carried.
    opened_by : str
        Id of the run whose state it began with; empty where that is not known.
    why : Why or None
    """

    program: str
    version: str
    period: str
    first: str
    last: str
    run: str
    digest: str
    currency: str
    there: bool = False
    status: str = ""
    kind: str = ""
    active: bool = False
    parents: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    ladders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    forced: Sequence[str] = ()
    volumes: Mapping[str, Decimal] = field(default_factory=dict)
    earned: Mapping[str, Decimal] = field(default_factory=dict)
    has_payout: bool = False
    steps: Sequence[Step] = ()
    carry: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    deferred: Mapping[str, Decimal] = field(default_factory=dict)
    balance: Decimal = ZERO
    opened_by: str = ""
    why: Why | None = None

    def sum_of(self, *steps: str) -> Decimal:
        """Return the sum of some steps of the payout."""
        return sum((one.amount for one in self.steps if one.step in steps), ZERO)

    @property
    def total(self) -> Decimal:
        """Everything it earned."""
        return sum(self.earned.values(), ZERO)

    @property
    def opening(self) -> Decimal:
        """The balance it began with."""
        return self.sum_of(OPENING)

    @property
    def paid(self) -> Decimal:
        """The payment."""
        return self.sum_of("paid") if self.has_payout else self.total

    @property
    def closing(self) -> Decimal:
        """The balance it leaves, by the steps of its payout."""
        return self.sum_of(*STAYING)


@dataclass(frozen=True, slots=True)
class Moment:
    """A period of the timeline.

    Attributes
    ----------
    seen : Seen
    changes : sequence of str
        What is another than in the period before.
    breaks : sequence of str
        Where it does not follow from the period before.
    balance_from : sequence of (str, Decimal)
        Periods that the closing balance comes from, oldest first.
    """

    seen: Seen
    changes: Sequence[str]
    breaks: Sequence[str]
    balance_from: Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A member across the periods of one or more programs.

    Attributes
    ----------
    member : str
    moments : sequence of Moment
        By program, then from the first period to the last.
    """

    member: str
    moments: Sequence[Moment]

    @property
    def breaks(self) -> list[str]:
        """Every place where a period does not follow from the one before."""
        return [f"{moment.seen.period}: {text}" for moment in self.moments for text in moment.breaks]

    def programs(self) -> dict[str, list[Moment]]:
        """Return the moments of every program."""
        found: dict[str, list[Moment]] = {}
        for moment in self.moments:
            found.setdefault(moment.seen.program, []).append(moment)
        return found
