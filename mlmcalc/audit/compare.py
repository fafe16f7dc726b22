"""A run beside what another system paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlmcalc.audit.explanation import MemberExplanation
from mlmcalc.money import text_from_units
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.tables.paid import Paid

Explain = Callable[[list[int]], dict[int, MemberExplanation]]
"""From positions to their explanations, all in one run."""


@dataclass(frozen=True, slots=True)
class BonusComparison:
    """One bonus here and there; amounts as text."""

    bonus: str
    payouts_here: int
    payouts_there: int
    equal: int
    here: str
    there: str
    difference: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One member and bonus that differ.

    Attributes
    ----------
    here, there, difference : str
        This run, the other system, this less the other.
    knows : str
        What explain knows about it; empty beyond the number of differences that were explained.
    """

    member: str
    bonus: str
    here: str
    there: str
    difference: str
    knows: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside what another system paid.

    Attributes
    ----------
    total : BonusComparison
        Over all bonuses.
    bonuses : list of BonusComparison
    differences : list of Difference
        The largest first, then by member and bonus.
    members : int
        Members who differ.
    """

    run: str
    period: str
    currency: str
    total: BonusComparison
    bonuses: list[BonusComparison]
    differences: list[Difference]
    members: int

    @property
    def agrees(self) -> bool:
        """Whether there is no difference at all."""
        return not self.differences


def compare(
    run: CommissionRun, run_id: str, period: str, paid: Paid, explain: Explain, explained: int = 25
) -> Comparison:
    """Return a run beside what another system paid.

    Parameters
    ----------
    run : CommissionRun
    run_id, period : str
    paid : Paid
        Amounts in the run's amount decimals. Without bonuses, statements are compared as a whole.
    explain : callable
        Explains the members with the largest differences.
    explained : int
        How many differences to explain.
    """
    by_bonus = any(paid.bonus)
    here, there = _here(run, by_bonus), _there(run, paid)
    keys = sorted(
        (key for key in here.keys() | there.keys() if here.get(key, 0) != there.get(key, 0)),
        key=lambda key: (-abs(here.get(key, 0) - there.get(key, 0)), _order(key[0]), key[1]),
    )
    chosen = [key for key in keys[:explained] if isinstance(key[0], int)]
    explanations = explain(sorted({int(key[0]) for key in chosen})) if chosen else {}
    decimals = run.amount_decimals

    def text(units: int) -> str:
        return text_from_units(units, decimals)

    differences = [
        Difference(
            member=str(run.values.network.ids[member]) if isinstance(member, int) else member,
            bonus=bonus,
            here=text(here.get((member, bonus), 0)),
            there=text(there.get((member, bonus), 0)),
            difference=text(here.get((member, bonus), 0) - there.get((member, bonus), 0)),
            knows=_knows(run, explanations, member, bonus, here.get((member, bonus), 0), there.get((member, bonus), 0))
            if number < explained
            else "",
        )
        for number, (member, bonus) in enumerate(keys)
    ]
    names = [*run.bonuses] if by_bonus else []
    names += sorted({bonus for _, bonus in there} - set(names)) if by_bonus else []
    return Comparison(
        run=run_id,
        period=period,
        currency=run.plan.currency,
        total=_bonus("", here, there, text),
        bonuses=[_bonus(name, here, there, text, name) for name in names],
        differences=differences,
        members=len({key[0] for key in keys}),
    )


Key = tuple[int | str, str]
"""Position of a member, or the id of one who is none here; bonus."""


def _here(run: CommissionRun, by_bonus: bool) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for name, result in run.bonuses.items():
        for position in result.amounts[:-1].nonzero()[0]:
            key = (int(position), name if by_bonus else "")
            sums[key] = sums.get(key, 0) + int(result.amounts[position])
    return {key: amount for key, amount in sums.items() if amount}


def _there(run: CommissionRun, paid: Paid) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for position, member, bonus, amount in zip(paid.position, paid.member, paid.bonus, paid.amount, strict=True):
        key = (int(position) if position >= 0 else member, bonus)
        sums[key] = sums.get(key, 0) + int(amount)
    return {key: amount for key, amount in sums.items() if amount}


def _order(member: int | str) -> tuple[int, int, str]:
    return (0, member, "") if isinstance(member, int) else (1, 0, member)


def _bonus(
    label: str, here: dict[Key, int], there: dict[Key, int], text: Callable[[int], str], name: str | None = None
) -> BonusComparison:
    ours = {key: amount for key, amount in here.items() if name is None or key[1] == name}
    theirs = {key: amount for key, amount in there.items() if name is None or key[1] == name}
    sum_here, sum_there = sum(ours.values()), sum(theirs.values())
    equal = sum(theirs.get(key) == amount for key, amount in ours.items())
    return BonusComparison(
        label, len(ours), len(theirs), equal, text(sum_here), text(sum_there), text(sum_here - sum_there)
    )


def _knows(
    run: CommissionRun,
    explanations: dict[int, MemberExplanation],
    member: int | str,
    bonus: str,
    here: int,
    there: int,
) -> str:
    if not isinstance(member, int):
        return "not a member of this run"
    if bonus and bonus not in run.bonuses:
        return "the plan has no bonus of this name"
    found = explanations[member]
    lines = [line for line in found.amounts if not bonus or line.bonus == bonus]
    unmet = [
        f"{name}: {need.sentence()}"
        for name, needs in found.eligibility.items()
        if not bonus or name == bonus
        for need in needs
    ]
    rank = ", ".join(f"{standing.ladder} {standing.rank}" for standing in found.ranks)
    parts = [rank] if rank else []
    unit = run.values.rounding.unit * 10 ** (run.amount_decimals - run.values.rounding.money_decimals)
    if here and there and abs(here - there) <= len(lines) * unit:
        parts.append(f"no more than the rounding of {len(lines)} lines could make")
    parts.append(_earned(lines) if lines else "; ".join(unmet) or _missed(found, bonus))
    return "; ".join(parts)


def _earned(lines: list) -> str:
    levels = sorted({line.paid_level for line in lines})
    sources = len({line.source for line in lines})
    return f"{len(lines)} lines from {sources} sources, levels {levels[0]} to {levels[-1]}"


def _missed(found: MemberExplanation, bonus: str) -> str:
    outcomes: dict[str, int] = {}
    for step in found.missed:
        if not bonus or step.bonus == bonus:
            outcomes[step.outcome] = outcomes.get(step.outcome, 0) + 1
    counted = ", ".join(f"{outcome} from {count}" for outcome, count in sorted(outcomes.items()))
    return counted or "no volume here that this bonus pays on"
