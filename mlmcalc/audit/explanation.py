"""What an explanation says; every amount is text, so that it prints and serialises exactly."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Need:
    """A requirement beside what the member has."""

    word: str
    required: str
    actual: str
    short_by: str
    met: bool
    waived: str = ""

    def sentence(self) -> str:
        """Return the requirement as a phrase."""
        short = f", short by {self.short_by}" if self.short_by else ""
        waived = f", waived: {self.waived}" if self.waived else ""
        return f"{self.word}: required {self.required}, actual {self.actual}{short}{waived}"


@dataclass(frozen=True, slots=True)
class RankStanding:
    """The rank on one ladder and what the next one needs.

    Attributes
    ----------
    next_needs : list of list of Need
        Alternatives, any one of which is enough.
    """

    ladder: str
    rank: str
    forced: str
    next_rank: str
    next_needs: list[list[Need]]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A line: what an earner got, from whom, and by which rule."""

    bonus: str
    outcome: str
    earner: str
    source: str
    via: str
    order: str
    level: int
    paid_level: int
    rate: str
    base: str
    amount: str
    plan_source: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What an ancestor did not get from a source, and why.

    Attributes
    ----------
    member : str
        The ancestor; empty where there was nobody.
    level : int
        Distance in the tree walked, 0 for one who has no place in it.
    paid_level : int or None
        The level of the rate table the step was about.
    outcome : str
    reason : str
        The requirement behind the outcome, or what became of the level.
    offered : str
        The most the plan offers at this level on this base.
    """

    bonus: str
    member: str
    source: str
    order: str
    level: int
    paid_level: int | None
    outcome: str
    reason: str
    base: str
    offered: str
    plan_source: str


@dataclass(frozen=True, slots=True)
class MemberExplanation:
    """Everything a run knows about one member.

    Attributes
    ----------
    total : str
        Sum of `amounts`.
    not_shown : int
        Sources near the member that were left out of `missed` for length.
    """

    run: str
    plan: str
    period: str
    currency: str
    member: str
    status: str
    kind: str
    joined: str
    scheme: str
    active: bool
    upline: dict[str, str]
    keeper: dict[str, str]
    volumes: dict[str, str]
    metrics: dict[str, str]
    ranks: list[RankStanding]
    eligibility: dict[str, list[Need]]
    amounts: list[Amount]
    missed: list[PassedOver]
    total: str
    not_shown: int = 0


@dataclass(frozen=True, slots=True)
class OrderExplanation:
    """Who got what from one order, or from one source's volume, and who was passed over.

    Attributes
    ----------
    whole_source : bool
        Lines are kept per source: amounts are those of all orders of the buyer in the period.
    """

    run: str
    plan: str
    period: str
    currency: str
    order: str
    buyer: str
    date: str
    kind: str
    volumes: dict[str, str]
    whole_source: bool
    amounts: list[Amount]
    passed_over: list[PassedOver] = field(default_factory=list)
