"""What people change in a period before it is committed: overrides, manual amounts, rates.

A change after the calculation puts the period back to open: the run that was calculated no longer stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlmcalc.api.needs import needs_of
from mlmcalc.closing.desk import Desk, called, day_of, open_of, opened
from mlmcalc.documents.known_keys import nearest
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.money import NotExact, units_from_text
from mlmcalc.plan.load import Plan
from mlmcalc.store.adjustments import (
    NewAdjustment,
    StoredAdjustment,
    add_adjustments,
    adjustment_of,
    adjustments,
    withdraw_adjustments,
)
from mlmcalc.store.approvals import withdraw_approvals
from mlmcalc.store.overrides import StoredOverride, add_override, override_of, overrides, withdraw_override
from mlmcalc.store.periods import StoredPeriod, find_period, set_period
from mlmcalc.store.rates import set_rate
from mlmcalc.store.transaction import Writing

HOLD, RANK, WAIVER, VOLUME = "hold", "rank", "waiver", "volume"
NO_RANK = "none"
TRUEUP, CLAWBACK, WRITTEN_OFF = "trueup", "clawback", "written_off"
CORRECTING = frozenset({TRUEUP, CLAWBACK, WRITTEN_OFF})
"""Types of the lines that a true-up writes, and nobody else: the next one counts on them. What is written off enters no
payout."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did.

    Attributes
    ----------
    period : StoredPeriod
        As it is now.
    was : str
        The status it had before; another than ``open`` means that its run no longer stands.
    numbers : tuple of int
        Of the overrides or adjustments concerned.
    before : bool
        Whether the same person had entered the same for the same reason: then nothing was added.
    """

    period: StoredPeriod
    was: str
    numbers: tuple[int, ...] = ()
    before: bool = False

    @property
    def run_fell(self) -> bool:
        """Whether a calculated run no longer stands."""
        return self.was != "open" and not self.before


def back_to_open(tx: Writing, period: StoredPeriod, because: str) -> StoredPeriod:
    """Return a period that is open again, its approvals withdrawn; one that is open stays as it is."""
    if period.status == "open":
        return period
    withdraw_approvals(tx, period.program, period.label)
    tx.log("period.back_to_open", called(period), {"was": period.status, "run": period.run or "", "because": because})
    return set_period(tx, period, "open")


def force_rank(
    desk: Desk, program: str, member: str, rank: str, reason: str, ladder: str = RANK, label: str | None = None
) -> Changed:
    """Force the rank of a member in a period.

    Parameters
    ----------
    desk : Desk
    program, member, rank, reason : str
    ladder : str
    label : str, optional
        By default the first period that is not committed.

    Raises
    ------
    InputRefused
        ``closing.rank``, ``closing.ladder``: the plan has no such rank; ``closing.committed``, ``closing.none_open``,
        ``closing.not_open``; ``closing.twice``: it stands already, by another person or for another reason;
        ``store.reason``.
    """
    fields = {"ladder": ladder, "rank": rank}
    return _override(desk, program, label, RANK, member, fields, reason)


def waive(
    desk: Desk,
    program: str,
    member: str,
    metric: str,
    reason: str,
    rank: str = "",
    ladder: str = RANK,
    label: str | None = None,
) -> Changed:
    """Waive what rungs require of a member: one metric, at one rank or at all of them. Raises as `force_rank`."""
    fields = {"ladder": ladder, "metric": metric} | ({"rank": rank} if rank else {})
    return _override(desk, program, label, WAIVER, member, fields, reason)


def hold(desk: Desk, program: str, member: str, reason: str, label: str | None = None) -> Changed:
    """Hold the payment of a member: it is carried to the next period. Raises as `force_rank`.

    Raises
    ------
    InputRefused
        ``closing.no_payout``: the plan says nothing of payout, so that nothing can be carried.
    """
    return _override(desk, program, label, HOLD, member, {}, reason)


def correct_volume(
    desk: Desk,
    program: str,
    member: str,
    order: str,
    day: str,
    volumes: Mapping[str, str],
    reason: str,
    label: str | None = None,
) -> Changed:
    """Add a correction to the volume of a member: an order of its own, with an id that no order has.

    Parameters
    ----------
    desk : Desk
    program, member : str
    order : str
        Id of the correction.
    day : str
        ``2026-10-31``.
    volumes : mapping of str to str
        Column of orders to its value as decimal text; below zero it is a return.
    reason : str
    label : str, optional

    Raises
    ------
    InputRefused
        ``closing.volume``: no such column, or no such value; ``closing.day``: a day outside the period; and as
        `force_rank`.
    """
    fields = {"order_id": order.strip(), "date": day_of(day), **volumes}
    return _override(desk, program, label, VOLUME, member, fields, reason)


def release(desk: Desk, program: str, member: str, reason: str, label: str | None = None) -> Changed:
    """Take back the holds of a member in a period.

    Raises
    ------
    InputRefused
        ``closing.no_hold``; and as `force_rank`.
    """
    with desk.store.write(desk.by) as tx:
        period = open_of(tx, program, label)
        there = [
            one.number
            for one in overrides(tx, program, period.label)
            if (one.kind, one.member_id) == (HOLD, member.strip())
        ]
        if not there:
            message = f"no hold of {member} stands in {called(period)}."
            raise InputRefused(Finding("closing.no_hold", message, "Look at `mlmcalc override list`."))
        for number in there:
            withdraw_override(tx, number)
        tx.log("override.release", called(period), {"numbers": there, "member": member.strip(), "reason": reason})
        return Changed(back_to_open(tx, period, "a hold was released"), period.status, tuple(there))


def take_back_override(desk: Desk, number: int) -> Changed:
    """Withdraw an override of a period that is not committed; it stays in the list.

    Raises
    ------
    InputRefused
        ``store.no_override``, ``closing.committed``.
    ConflictError
        ``store.withdrawn``.
    """
    with desk.store.write(desk.by) as tx:
        there = override_of(tx, number)
        period = open_of(tx, there.program, there.period)
        withdraw_override(tx, number)
        tx.log("override.withdraw", called(period), {"number": number})
        return Changed(back_to_open(tx, period, f"override {number} was withdrawn"), period.status, (number,))


def adjust(
    desk: Desk,
    program: str,
    member: str,
    kind: str,
    amount: str,
    reason: str,
    bonus: str = "",
    label: str | None = None,
    again: bool = False,
) -> Changed:
    """Add an amount to the payout of a member, or take it off; with a committed period it goes into the open one.

    The same entered twice counts once, so that a command that was cut off can be repeated.

    Parameters
    ----------
    desk : Desk
    program, member : str
    kind : str
        What the payout will call it, such as ``manual``.
    amount : str
        Decimal text in the plan's currency; below zero it is taken off.
    reason : str
    bonus : str
        Where it belongs to one.
    label : str, optional
        The period it is about: by default the first that is not committed, which takes it.
    again : bool
        Whether a second one is meant where the same stands already.

    Raises
    ------
    InputRefused
        ``closing.amount``, ``closing.bonus``, ``closing.no_payout``; ``closing.none_open``; ``store.reason``;
        ``closing.type``: only a true-up writes such lines.
    """
    if kind.strip() in CORRECTING:
        message = f"{kind.strip()} is what a true-up calls its lines, and the next one counts on them."
        raise InputRefused(Finding("closing.type", message, "Call it otherwise, such as manual."))
    with desk.store.write(desk.by) as tx:
        about = None if label is None else find_period(tx, program, label)
        if label is not None and about is None:
            remedy = f"Open it: `mlmcalc period open {label}`."
            raise InputRefused(Finding("closing.not_open", f"{program} has no period {label} yet.", remedy))
        takes = about if about is not None and about.status not in ("committed", "paid") else open_of(tx, program)
        plan = desk.plan(program, takes.label)
        _refuse_without_payout(plan, "an adjustment")
        if bonus and bonus not in plan.bonuses:
            hint = nearest(bonus, plan.bonuses)
            raise InputRefused(Finding("closing.bonus", f"{bonus!r} is no bonus of {plan.name} {plan.version}.", hint))
        origin = about.label if about is not None and about.label != takes.label else ""
        units, decimals = _units(amount, plan), plan.rounding.money_decimals
        line = NewAdjustment(member.strip(), kind.strip(), units, decimals, reason.strip(), bonus=bonus, origin=origin)
        there = [one.number for one in adjustments(tx, program, takes.label) if _says(one, line, tx.by)]
        if there and not again:
            return Changed(takes, takes.status, (there[-1],), before=True)
        made = add_adjustments(tx, program, takes.label, [line])[0]
        tx.log("adjust", called(takes), {"number": made.number, "member": made.member_id, "amount": made.amount})
        return Changed(back_to_open(tx, takes, "an adjustment was added"), takes.status, (made.number,))


def take_back_adjustment(desk: Desk, number: int) -> Changed:
    """Withdraw an adjustment of a period that is not committed; it stays in the list.

    Raises
    ------
    InputRefused
        ``store.no_adjustment``, ``closing.committed``.
    ConflictError
        ``store.withdrawn``.
    """
    with desk.store.write(desk.by) as tx:
        there: StoredAdjustment = adjustment_of(tx, number)
        period = open_of(tx, there.program, there.period)
        withdraw_adjustments(tx, [number])
        tx.log("adjust.withdraw", called(period), {"number": number})
        return Changed(back_to_open(tx, period, f"adjustment {number} was withdrawn"), period.status, (number,))


def set_rates(desk: Desk, program: str, label: str, rates: Mapping[str, str]) -> Changed:
    """State how much of other currencies one unit of the plan's is in a period; its next calculation freezes it.

    Raises
    ------
    InputRefused
        ``store.rate``, ``closing.committed``, ``closing.gap``.
    """
    with desk.store.write(desk.by) as tx:
        opened(tx, desk.plan(program, label), label)
        period = open_of(tx, program, label)
        for currency, rate in sorted(rates.items()):
            set_rate(tx, program, label, currency, rate)
        tx.log("rate.set", called(period), dict(sorted(rates.items())))
        return Changed(back_to_open(tx, period, "a rate was set"), period.status)


def _override(
    desk: Desk, program: str, label: str | None, kind: str, member: str, fields: Mapping[str, str], reason: str
) -> Changed:
    with desk.store.write(desk.by) as tx:
        period = open_of(tx, program, label)
        plan = desk.plan(program, period.label)
        if kind == HOLD:
            _refuse_without_payout(plan, "a hold")
        elif kind == VOLUME:
            _refuse_volume(plan, period, fields)
        else:
            _refuse_unknown_rank(plan, fields["ladder"], fields.get("rank", ""))
        there = _same(overrides(tx, program, period.label), kind, member.strip(), fields)
        if there is not None and (there.reason, there.made_by) == (reason.strip(), tx.by):
            return Changed(period, period.status, (there.number,), before=True)
        if there is not None:
            message = f"override {there.number} says the same already: {there.reason} ({there.made_by})."
            raise InputRefused(Finding("closing.twice", message, "Nothing is to be done.", member=member.strip()))
        made: StoredOverride = add_override(tx, program, period.label, kind, member.strip(), fields, reason.strip())
        tx.log(f"override.{kind}", called(period), {"number": made.number, "member": made.member_id, **fields})
        return Changed(back_to_open(tx, period, f"an override ({kind}) was added"), period.status, (made.number,))


def _says(one: StoredAdjustment, line: NewAdjustment, by: str) -> bool:
    return one.made_by == by and all(
        getattr(one, name) == getattr(line, name)
        for name in ("member_id", "type", "units", "decimals", "reason", "bonus", "origin")
    )


def _same(there: Sequence[StoredOverride], kind: str, member: str, fields: Mapping[str, str]) -> StoredOverride | None:
    said = (kind, member, dict(fields))
    return next((one for one in there if (one.kind, one.member_id, dict(one.values)) == said), None)


def _refuse_unknown_rank(plan: Plan, ladder: str, rank: str) -> None:
    ladders = plan.vocabulary.ladders
    if ladder not in ladders:
        hint = nearest(ladder, list(ladders)) or f"Ladders: {', '.join(ladders) or 'none'}."
        raise InputRefused(Finding("closing.ladder", f"{ladder!r} is no ladder of {plan.name} {plan.version}.", hint))
    known = [*ladders[ladder], NO_RANK]
    if rank and rank not in known:
        hint = nearest(rank, known) or f"Ranks: {', '.join(known)}."
        raise InputRefused(Finding("closing.rank", f"{rank!r} is no rank of {plan.name} {plan.version}.", hint))


def _refuse_volume(plan: Plan, period: StoredPeriod, fields: Mapping[str, str]) -> None:
    volumes = {name: value for name, value in fields.items() if name not in ("order_id", "date")}
    known = list(needs_of(plan).volume_columns)
    if not volumes:
        message = "no volume is corrected."
        raise InputRefused(Finding("closing.volume", message, f"Say which and by how much: --set {known[0]}=-25.00."))
    for column, value in volumes.items():
        if column not in known:
            hint = nearest(column, known) or f"Columns: {', '.join(known)}."
            raise InputRefused(Finding("closing.volume", f"{column!r} is no volume that {plan.name} reads.", hint))
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value):
            message = f"{value!r} is no value of {column}."
            raise InputRefused(Finding("closing.volume", message, "Write it as a decimal, such as -25.00."))
    if not period.first <= fields["date"] <= period.last:
        message = f"{fields['date']} is no day of {called(period)}."
        remedy = f"Name one from {period.first} to {period.last}, or the period that is meant: --period."
        raise InputRefused(Finding("closing.day", message, remedy))


def _refuse_without_payout(plan: Plan, what: str) -> None:
    if plan.payout is None:
        message = f"{what} needs a payout, and {plan.name} {plan.version} says nothing of it."
        remedy = "State payout: in the plan, as {} at least."
        raise InputRefused(Finding("closing.no_payout", message, remedy, file=plan.file))


def _units(amount: str, plan: Plan) -> int:
    places = plan.rounding.money_decimals
    try:
        units = units_from_text(amount.strip(), places)
    except NotExact as fault:
        remedy = f"Write it with at most {places} decimals, such as -12.50."
        raise InputRefused(Finding("closing.amount", f"{fault}.", remedy)) from None
    if units == 0:
        raise InputRefused(Finding("closing.amount", "an adjustment of 0 changes nothing.", "Name another amount."))
    return units
