"""A timeline as a reader sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from mlmcalc.audit.timeline.chain import BEFORE_ALL
from mlmcalc.audit.timeline.model import Leg, Moment, Seen, Timeline
from mlmcalc.cli.amounts import amount_text
from mlmcalc.cli.explanation_sheets import readable
from mlmcalc.cli.sheets import Column, Sheet
from mlmcalc.payout.settlement import STEPS

SIDE_BY_SIDE = 4
"""Columns of amounts in one table: so many stand within 80 characters."""
_BECAME = "What became of it"
_STEPS = ("opening_balance", "earned")
"""Steps of a payout that stand elsewhere."""


def timeline_sheet(found: Timeline) -> Sheet:
    """Return the sheet of a timeline."""
    sheet = Sheet()
    seen = [moment.seen for moment in found.moments]
    first, last = min(seen, key=lambda one: one.first), max(seen, key=lambda one: one.first)
    about = f"{len(seen)} periods, {first.period} to {last.period}" if len(seen) > 1 else f"1 period, {first.period}"
    sheet.title(f"Member {found.member}", about)
    for program, moments in found.programs().items():
        _program(sheet, program, moments)
    if found.breaks:
        sheet.heading("Breaks: a period does not begin with what the one before left")
        for text in found.breaks:
            sheet.line(text, 2)
    return sheet


def _program(sheet: Sheet, program: str, moments: Sequence[Moment]) -> None:
    seen = [moment.seen for moment in moments]
    sheet.heading(f"{program}, {seen[-1].currency}")
    _standing(sheet, seen)
    changed = [(moment.seen.period, text) for moment in moments for text in moment.changes]
    if changed:
        sheet.heading("What changed")
        sheet.table([Column("period"), Column("", folds=True)], changed)
    _amounts(sheet, "Volumes", seen, lambda one: one.volumes)
    _amounts(sheet, "Earned", seen, lambda one: one.earned)
    _amounts(sheet, _BECAME, seen, _steps)
    _amounts(sheet, "Earned, and paid in a later period", seen, lambda one: one.deferred)
    _carry(sheet, seen)
    _why(sheet, seen)
    _balance(sheet, moments[-1])


def _standing(sheet: Sheet, seen: Sequence[Seen]) -> None:
    columns = [Column("period"), Column("rank", folds=True), Column("title", folds=True, spare=1), Column("active")]
    columns += [Column(name, right=True) for name in ("earned", "opening", "paid", "closing")]
    rows = []
    for one in seen:
        if not one.there:
            rows.append((one.period, "not a member", *[""] * 6))
            continue
        forced = " (forced)" if one.forced else ""
        active = "yes" if one.active else one.status if one.status != "active" else "no"
        amounts = [_amount(amount) for amount in (one.total, one.opening, one.paid, one.balance)]
        rank, title = (", ".join(names.values()) for names in (one.ranks, one.titles))
        rows.append((one.period, rank + forced, title, active, *amounts))
    sheet.table(columns, rows)


def _amounts(sheet: Sheet, title: str, seen: Sequence[Seen], amounts: Callable[[Seen], Mapping[str, Decimal]]) -> None:
    by_period = [(one.period, amounts(one)) for one in seen]
    names = dict.fromkeys(name for _, found in by_period for name, amount in found.items() if amount)
    if title == _BECAME:
        names = dict.fromkeys(sorted(names, key=lambda name: STEPS.index(name.partition(",")[0])))
    if not names:
        return
    sheet.heading(title)
    for some in _parts(list(names), SIDE_BY_SIDE):
        columns = [Column("period"), *(Column(name, right=True) for name in some)]
        rows = [(period, *(_amount(found.get(name)) for name in some)) for period, found in by_period]
        sheet.table(columns, rows)


def _steps(one: Seen) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for step in one.steps:
        if step.step not in _STEPS:
            name = f"{step.step}, {step.name}" if step.name else step.step
            found[name] = found.get(name, Decimal(0)) + step.amount
    return found


def _carry(sheet: Sheet, seen: Sequence[Seen]) -> None:
    legs = [(one.period, leg) for one in seen if one.why is not None for leg in one.why.legs if _moves(leg)]
    if legs:
        sheet.heading("Volume on the legs: carry in + volume + overflow = matched + flushed + carry out")
        names = ("carry in", "volume", "overflow", "matched", "flushed", "carry out")
        columns = [Column("period"), Column("bonus", folds=True, spare=1), Column("leg")]
        columns += [Column(name, right=True) for name in names]
        rows = [
            (period, leg.bonus, leg.leg, _amount(leg.carried_in), _amount(leg.volume), _amount(leg.overflow),
             _amount(leg.matched), _amount(leg.flushed), _amount(leg.carried_out))
            for period, leg in legs
        ]  # fmt: skip
        sheet.table(columns, rows)
        return
    _amounts(
        sheet,
        "Volume carried out",
        seen,
        lambda one: {f"{bonus}, leg {leg}": amount for (bonus, leg), amount in one.carry.items()},
    )


def _moves(leg: Leg) -> bool:
    return any((leg.carried_in, leg.volume, leg.overflow, leg.matched, leg.flushed, leg.carried_out))


def _why(sheet: Sheet, seen: Sequence[Seen]) -> None:
    for one in seen:
        for standing in () if one.why is None else one.why.ranks:
            sheet.heading(f"{one.period}: {standing.ladder} {standing.rank}")
            for said in (standing.barred and f"may hold no rank: {standing.barred}", standing.forced, *standing.kept):
                if said:
                    sheet.line(said, 2)
            for number, needs in enumerate(standing.next_needs):
                sheet.line(f"next: {standing.next_rank}" if number == 0 else "or", 2)
                columns = [Column("needs", folds=True), Column("required", folds=True)]
                columns += [Column("actual", right=True), Column("short by", right=True)]
                rows = [
                    (need.word, readable(need.required), readable(need.actual), readable(need.short_by) or "met")
                    for need in needs
                ]
                sheet.table(columns, rows)
            if not standing.next_rank and not standing.barred:
                sheet.line("the highest", 2)


def _balance(sheet: Sheet, last: Moment) -> None:
    if not last.balance_from:
        return
    sheet.heading(f"Where the closing balance of {last.seen.period} comes from")
    rows = [(_called(label), _amount(amount)) for label, amount in last.balance_from]
    whole = sum((amount for _, amount in last.balance_from), Decimal(0))
    sheet.table([Column("period"), Column("amount", right=True)], rows, ("all", _amount(whole)))
    sheet.line("What is paid is taken from the oldest first.", 2)


def _called(label: str) -> str:
    return "before the first period" if label == BEFORE_ALL else label


def _parts(names: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


def _amount(amount: Decimal | None) -> str:
    return "" if not amount else amount_text(f"{amount:f}")
