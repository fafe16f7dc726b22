"""What an explanation says; every amount is text, so that it prints and serialises exactly."""

from __future__ import annotations

from dataclasses import dataclass, field


def by_plan(source: str) -> str:
    """Return where the company's document says so, in brackets; nothing where the plan names no place."""
    return f" (plan {source})" if source else ""


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
    rank : str
        ``none`` for no rank.
    barred : str
        Why the member may hold no rank at all; else empty.
    forced : str
        Reason and approver of a forced rank; else empty.
    earned : str
        With a forced rank, the highest rung whose requirements are met; else the rank.
    title : str
        The highest rank ever held; empty where the plan keeps no titles.
    below_title : str
        For how long it has been paid below its title, and when that is lost; empty where it is not, or never lost.
    kept : list of str
        With a rank that was not reached anew: what it took to keep it.
    waived : list of str
        Requirements of the rank held that were waived, with reason and approver.
    next_needs : list of list of Need
        Alternatives, any one of which is enough.
    source, next_source : str
        Where the company's document describes the rung held and the next one.
    """

    ladder: str
    rank: str
    barred: str
    forced: str
    earned: str
    title: str
    below_title: str
    kept: list[str]
    waived: list[str]
    source: str
    next_rank: str
    next_needs: list[list[Need]]
    next_source: str


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
class BonusSummary:
    """What a member got from one bonus.

    Attributes
    ----------
    bonus : str
    sources : int
        Members from whom something came.
    lines : int
    amount : str
        Sum of the lines, what a cap took and roundings included.
    not_eligible : list of Need
        What keeps the member from this bonus altogether; empty where it may earn it.
    not_shown : int
        Sources near the member that brought it nothing and were left out of `missed` for length.
    plan_source : str
    """

    bonus: str
    sources: int
    lines: int
    amount: str
    not_eligible: list[Need]
    not_shown: int
    plan_source: str


@dataclass(frozen=True, slots=True)
class Working:
    """One step of the arithmetic behind what a member got of a bonus.

    Attributes
    ----------
    bonus : str
    step : str
        What was done, in the order in which it was done: ``carry in, leg 1``.
    value : str
        What came out.
    note : str
        By which rule; may be empty.
    """

    bonus: str
    step: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What a member did not get from a source, and why.

    Attributes
    ----------
    member : str
        Who was passed over; empty where there was nobody.
    level : int
        Distance in the tree walked, 0 for own volume and for one who has no place in the tree.
    paid_level : int or None
        The level of the rate table the step was about.
    outcome : str
        What became of the level, one of `mlmcalc.ledger.lines.OUTCOMES`.
    cause : str
        The outcome for the member itself where `outcome` says where the level went (``passed_on``, ``to_company``).
    reason : str
        The requirement behind the outcome, and what became of the level.
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
    cause: str
    reason: str
    base: str
    offered: str
    plan_source: str


@dataclass(frozen=True, slots=True)
class MemberExplanation:
    """Everything a run knows about one member.

    Attributes
    ----------
    member : str
        ``company`` for what the plan gives to the company; then everything about a member is empty.
    upline, keeper : dict of str to str
        Parent in every recorded tree, and whom the member belongs to in every derived one; empty for nobody.
    amounts : list of Amount
        Every line of the member.
    workings : list of Working
        The arithmetic of bonuses that are more than base times rate.
    missed : list of PassedOver
        What it did not get from the sources near it, nearest first.
    total : str
        Sum of `amounts`.
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
    bonuses: list[BonusSummary]
    amounts: list[Amount]
    workings: list[Working]
    missed: list[PassedOver]
    total: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Whether an order counts for a volume.

    Attributes
    ----------
    amount : str
        What the order adds; empty if it does not count.
    member : str
        Whose volume it is; empty for nobody's.
    reason : str
        Why it does not count.
    """

    volume: str
    amount: str
    member: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderExplanation:
    """Who got what from one order, or from one source's volume, and who was passed over.

    Attributes
    ----------
    whole_source : list of str
        Bonuses whose lines are kept per source: their amounts are those of all orders of the source in the period.
    counted : list of Counted
        What the order adds to the volumes of the plan.
    changed_later : dict of str to str
        Bonuses whose earners do not keep what the lines say: by what the whole of it is changed.
    nothing_from : dict of str to str
        Bonuses that this order causes nothing of, and why.
    returns : str
        The order that this return returns; empty where none is named.
    returned_by : list of str
        The returns of this order that are known by the period's end, each with its day.
    """

    run: str
    plan: str
    period: str
    currency: str
    order: str
    buyer: str
    date: str
    kind: str
    columns: dict[str, str]
    counted: list[Counted]
    whole_source: list[str]
    amounts: list[Amount]
    passed_over: list[PassedOver] = field(default_factory=list)
    changed_later: dict[str, str] = field(default_factory=dict)
    nothing_from: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    returned_by: list[str] = field(default_factory=list)
