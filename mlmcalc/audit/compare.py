"""A run beside what another system paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.audit.explanation import MemberExplanation
from mlmcalc.audit.known import known_of
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.ledger.result import round_amounts
from mlmcalc.money import text_from_units
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun
from mlmcalc.tables.paid import Paid

MOST_DECIMALS = 6
"""Amounts of the other system may have so many decimals, or as many as the run's own."""

UNNAMED = "the table names no bonus in this row"
Explain = Callable[[list[int]], dict[int, MemberExplanation]]
"""From positions to their explanations, all in one run."""

Key = tuple[int | str, str]
"""Position of a member, or the id of one who is none here; bonus."""


@dataclass(frozen=True, slots=True)
class BonusComparison:
    """One bonus here and there; amounts as text.

    Attributes
    ----------
    payouts_here, payouts_there : int
        Members with an amount other than 0.
    equal : int
        Members with the same amount in both.
    only_here, only_there, unlike : int
        Members paid by one of the two only, and by both differently.
    """

    bonus: str
    payouts_here: int
    payouts_there: int
    equal: int
    only_here: int
    only_there: int
    unlike: int
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
        Over all bonuses, member by member.
    bonuses : list of BonusComparison
        Empty where the other table does not tell bonuses apart.
    differences : list of Difference
        The largest first, then by member and bonus.
    members : int
        Members who differ.
    notes : list of str
        What a reader must know about the figures.
    """

    run: str
    period: str
    currency: str
    total: BonusComparison
    bonuses: list[BonusComparison]
    differences: list[Difference]
    members: int
    notes: list[str]

    @property
    def agrees(self) -> bool:
        """Whether there is no difference at all."""
        return not self.differences


def compare(
    run: CommissionRun,
    run_id: str,
    period: str,
    paid: Paid,
    decimals: int,
    explain: Explain,
    explained: int = 25,
    names: Mapping[str, str] | None = None,
) -> Comparison:
    """Return a run beside what another system paid.

    Parameters
    ----------
    run, run_id, period
    paid : Paid
        Without bonuses, statements are compared as a whole.
    decimals : int
        Of the amounts of `paid`; at least the run's amount decimals.
    explain : callable
        Explains the members with the largest differences.
    explained : int
        How many differences to explain.
    names : mapping of str to str, optional
        From a bonus of the plan to what the other system calls it; several may have one name.
    """
    by_bonus = any(paid.bonus)
    called = {name: (names or {}).get(name, name) if by_bonus else "" for name in run.bonuses}
    there = _there(run, paid)
    notes: list[str] = []
    here = _here(run, called, decimals, _rounds_payouts(run, there, decimals) and by_bonus, notes)
    keys = sorted(
        (key for key in here.keys() | there.keys() if here.get(key, 0) != there.get(key, 0)),
        key=lambda key: (-abs(here.get(key, 0) - there.get(key, 0)), _order(key[0]), key[1]),
    )
    chosen = sorted({key[0] for key in keys[:explained] if isinstance(key[0], int) and key[0] < run.values.size})
    explanations = explain(chosen) if chosen else {}
    text = _texts(run, decimals)

    def difference(number: int, key: Key) -> Difference:
        ours, theirs = here.get(key, 0), there.get(key, 0)
        known = ""
        if number < explained:
            unnamed = by_bonus and not key[1]
            same = [name for name, label in called.items() if label == key[1]]
            known = UNNAMED if unnamed else known_of(run, explanations, key, same, (ours, theirs), decimals)
        return Difference(_id(run, key[0]), key[1], text(ours), text(theirs), text(ours - theirs), known)

    labels = [*dict.fromkeys(called[name] for name in run.plan.bonuses)] if by_bonus else []
    labels += sorted({bonus for _, bonus in here.keys() | there.keys()} - set(labels)) if by_bonus else []
    return Comparison(
        run=run_id,
        period=period,
        currency=run.plan.currency,
        total=_bonus("", _per_member(here), _per_member(there), text),
        bonuses=[_bonus(name, _of(here, name), _of(there, name), text) for name in labels],
        differences=[difference(number, key) for number, key in enumerate(keys)],
        members=len({key[0] for key in keys}),
        notes=notes + _twice(paid, by_bonus),
    )


def _rounds_payouts(run: CommissionRun, there: dict[Key, int], decimals: int) -> bool:
    """Whether exact amounts of bonuses meet a table that has rounded ones."""
    unit = run.values.rounding.divisor(decimals)
    finer = any(amount % unit for amount in there.values())
    return run.values.rounding.place == PAYOUT and not finer and not any(bonus == PAYOUT for _, bonus in there)


def _here(
    run: CommissionRun, called: Mapping[str, str], decimals: int, rounded: bool, notes: list[str]
) -> dict[Key, int]:
    sums: Counter[Key] = Counter()
    scale = 10 ** (decimals - run.amount_decimals)
    for name, result in run.bonuses.items():
        amounts: NDArray[np.int64] = result.amounts
        if rounded:
            if name == PAYOUT:
                continue
            amounts = round_amounts(amounts, run.values.rounding, run.amount_decimals)
        for position in amounts.nonzero()[0].tolist():
            sums[(position, called[name])] += int(amounts[position]) * scale
    if rounded:
        notes.append(
            "The plan rounds whole payouts; each bonus is shown rounded for itself, as the other table has it."
        )
    company = sum(amount for (member, _), amount in sums.items() if member == run.values.size)
    if company:
        notes.append(f"{_texts(run, decimals)(company)} {run.plan.currency} to the company is not compared.")
    return {key: amount for key, amount in sums.items() if amount and key[0] != run.values.size}


def _there(run: CommissionRun, paid: Paid) -> dict[Key, int]:
    sums: Counter[Key] = Counter()
    for position, member, bonus, amount in zip(
        paid.position.tolist(), paid.member, paid.bonus, paid.amount.tolist(), strict=True
    ):
        if member != COMPANY:
            sums[(position if position >= 0 else member, bonus)] += amount
    return {key: amount for key, amount in sums.items() if amount}


def _twice(paid: Paid, by_bonus: bool) -> list[str]:
    rows = Counter(zip(paid.member, paid.bonus, strict=True))
    repeated = sum(count > 1 for count in rows.values())
    if not repeated:
        return []
    what = "member and bonus" if by_bonus else "member"
    return [f"Rows of the same {what} were added up: {repeated} stand in several rows of the table."]


def _id(run: CommissionRun, member: int | str) -> str:
    return member if isinstance(member, str) else str(run.values.network.ids[member])


def _order(member: int | str) -> tuple[int, int, str]:
    return (0, member, "") if isinstance(member, int) else (1, 0, member)


def _of(sums: dict[Key, int], bonus: str) -> dict[int | str, int]:
    return {member: amount for (member, name), amount in sums.items() if name == bonus}


def _per_member(sums: dict[Key, int]) -> dict[int | str, int]:
    found: Counter[int | str] = Counter()
    for (member, _), amount in sums.items():
        found[member] += amount
    return {member: amount for member, amount in found.items() if amount}


def _bonus(
    label: str, ours: dict[int | str, int], theirs: dict[int | str, int], text: Callable[[int], str]
) -> BonusComparison:
    sum_here, sum_there = sum(ours.values()), sum(theirs.values())
    both = ours.keys() & theirs.keys()
    equal = sum(ours[member] == theirs[member] for member in both)
    return BonusComparison(
        bonus=label,
        payouts_here=len(ours),
        payouts_there=len(theirs),
        equal=equal,
        only_here=len(ours) - len(both),
        only_there=len(theirs) - len(both),
        unlike=len(both) - equal,
        here=text(sum_here),
        there=text(sum_there),
        difference=text(sum_here - sum_there),
    )


def _texts(run: CommissionRun, decimals: int) -> Callable[[int], str]:
    """Return what writes an amount with the decimals of money, and more only where it needs them."""
    least = run.values.rounding.money_decimals

    def text(units: int) -> str:
        whole, _, fraction = text_from_units(units, decimals).partition(".")
        fraction = fraction[:least] + fraction[least:].rstrip("0")
        return f"{whole}.{fraction}" if fraction else whole

    return text
