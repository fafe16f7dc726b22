"""The lines that correct an older period: what it comes to now, less what was paid and corrected, by cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from mlmcalc.api.diff_causes import RETURNS
from mlmcalc.audit.moved_amounts import BONUS
from mlmcalc.audit.run_difference import Effect
from mlmcalc.closing.changes import CLAWBACK, TRUEUP, WRITTEN_OFF
from mlmcalc.plan.corrections import Corrections
from mlmcalc.store.adjustments import StoredAdjustment

EARLIER = "earlier corrections"
"""Cause of what an earlier true-up wrote off and now counts, and of what was withdrawn of its lines."""
BELOW, NOT_COLLECTED, NOT_PAID = "below the threshold", "not collected", "not paid"
GONE = "no member any more"

Key = tuple[str, str]
"""Member and bonus."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes
    ----------
    member, bonus : str
    type : str
        ``trueup``, ``clawback``, or ``written_off`` for what is neither paid nor collected.
    amount : Decimal
        In decimals of money.
    cause : str
    """

    member: str
    bonus: str
    type: str
    amount: Decimal
    cause: str


@dataclass(slots=True)
class _Account:
    """What is to be corrected for one member, by bonus.

    Attributes
    ----------
    open : dict of str to Decimal
        What the period comes to now, less what was paid and corrected.
    off : dict of str to Decimal
        How much of that is written off already.
    parts : dict of (str, str) to Decimal
        By bonus and cause, what changed since the last true-up.
    """

    open: dict[str, Decimal] = field(default_factory=dict)
    off: dict[str, Decimal] = field(default_factory=dict)
    parts: dict[tuple[str, str], Decimal] = field(default_factory=dict)


def correcting_lines(
    moved: pl.DataFrame,
    effects: Iterable[Effect],
    before: Iterable[StoredAdjustment],
    corrections: Corrections,
    decimals: int,
    members: Collection[str],
) -> list[Line]:
    """Return the lines that bring the payments of a period to what it comes to now.

    Parameters
    ----------
    moved : polars.DataFrame
        What the period comes to now less what was committed: ``member``, ``section``, ``name``, ``amount``.
    effects : iterable of Effect
        What changed since the last true-up, or the commit, by cause; with the interaction.
    before : iterable of StoredAdjustment
        The lines of earlier true-ups of this period that stand.
    corrections : Corrections
        What the plan says of them.
    decimals : int
        Of money.
    members : collection of str
        Who is a member in the period that takes the lines.

    Returns
    -------
    list of Line
        By member, then bonus, then cause; empty where nothing is left to correct.
    """
    accounts: dict[str, _Account] = {}
    for member, bonus, amount in _earned(moved):
        _add(accounts.setdefault(member, _Account()).open, bonus, amount)
    for effect in effects:
        for member, bonus, amount in _earned(effect.amounts):
            _add(accounts.setdefault(member, _Account()).parts, (bonus, effect.name), amount)
    for line in before:
        account = accounts.setdefault(line.member_id, _Account())
        if line.type == WRITTEN_OFF:
            _add(account.off, line.bonus, Decimal(line.amount))
        else:
            _add(account.open, line.bonus, -Decimal(line.amount))
    lines: list[Line] = []
    for member, account in sorted(accounts.items(), key=lambda one: _order(one[0])):
        why = GONE if member not in members else _unsettled(account, corrections, decimals)
        lines += _lines(member, account, why, Decimal(1).scaleb(-decimals))
    return lines


def _unsettled(account: _Account, corrections: Corrections, decimals: int) -> str:
    """Return why a member's difference is neither paid nor collected; empty where it is."""
    net = int(sum(account.open.values(), Decimal(0)).scaleb(decimals).to_integral_value(ROUND_HALF_UP))
    # What only goes from one bonus to another is no difference for the member.
    if not net or corrections.settles(net):
        return ""
    if abs(net) < corrections.write_off_below:
        return BELOW
    return NOT_COLLECTED if net < 0 else NOT_PAID


def _lines(member: str, account: _Account, why: str, unit: Decimal) -> list[Line]:
    if why:
        wanted = {bonus: amount - account.off.get(bonus, Decimal(0)) for bonus, amount in account.open.items()}
        wanted |= {bonus: -amount for bonus, amount in account.off.items() if bonus not in account.open}
        return [
            Line(member, bonus, WRITTEN_OFF, amount, why) for bonus, amount in _rounded(sorted(wanted.items()), unit)
        ]
    parts: dict[tuple[str, str], Decimal] = {}
    for bonus, amount in account.open.items():
        # What changed comes to nothing where it was corrected already.
        told = {key: part for key, part in account.parts.items() if key[0] == bonus and amount}
        _add(parts, (bonus, EARLIER), amount - sum(told.values(), Decimal(0)))
        parts |= told
    paid = [
        Line(member, bonus, CLAWBACK if cause == RETURNS else TRUEUP, amount, cause)
        for (bonus, cause), amount in _rounded(sorted(parts.items()), unit)
    ]
    back = _rounded(sorted((bonus, -amount) for bonus, amount in account.off.items()), unit)
    return paid + [Line(member, bonus, WRITTEN_OFF, amount, EARLIER) for bonus, amount in back]


def _rounded(amounts: Sequence[tuple[object, Decimal]], unit: Decimal) -> list:
    """Return amounts in units of money that add up to the rounded sum, what is 0 left out.

    Bonuses of a plan that rounds at the payout have finer amounts, which add up to whole units of money.
    """
    whole = sum((amount for _, amount in amounts), Decimal(0)).quantize(unit, ROUND_HALF_UP)
    found = {key: amount.quantize(unit, ROUND_HALF_UP) for key, amount in amounts}
    rest = whole - sum(found.values(), Decimal(0))
    if rest:
        largest = max(found, key=lambda key: abs(found[key]))
        found[largest] += rest
    return [(key, amount) for key, amount in found.items() if amount]


def _earned(amounts: pl.DataFrame) -> Iterable[tuple[str, str, Decimal]]:
    rows = amounts.filter((pl.col("section") == BONUS) & pl.col("member").is_not_null())
    return rows.select("member", "name", "amount").iter_rows()


def _add(sums: dict, key: object, amount: Decimal) -> None:
    sums[key] = sums.get(key, Decimal(0)) + amount


def _order(member: str) -> tuple[int, int, str]:
    return (0, int(member), "") if member.isdecimal() else (1, 0, member)
