"""Explanations as a reader sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from mlmcalc.audit.explanation import (
    Amount,
    BonusSummary,
    MemberExplanation,
    Need,
    PassedOver,
    RankStanding,
    Working,
    by_plan,
)
from mlmcalc.cli.amounts import amount_text
from mlmcalc.cli.sheets import Column, Sheet

if TYPE_CHECKING:
    from mlmcalc.audit.explanation import OrderExplanation

_DECIMAL = re.compile(r"(?<![\w.-])-?\d{4,}\.\d+(?![\w.%])")
_LEVEL = Column("level", right=True, spare=2)
_PAID_LEVEL = Column("paid level", right=True, spare=1)


def explanation_sheet(found: MemberExplanation | OrderExplanation, shown: int | None) -> Sheet:
    """Return the sheet of an explanation.

    Parameters
    ----------
    found : MemberExplanation or OrderExplanation
    shown : int or None
        How many lines to list at most; None for all.
    """
    sheet = Sheet()
    if isinstance(found, MemberExplanation):
        _member(sheet, found, shown)
    else:
        _order(sheet, found, shown)
    return sheet


def add_balance(sheet: Sheet, came: Mapping[str, str]) -> None:
    """Add which periods the opening balance comes from; nothing where there is none."""
    if not came:
        return
    sheet.heading("The opening balance comes from")
    rows = [
        ("before what can be followed" if period == "before" else period, amount_text(came[period])) for period in came
    ]
    sheet.table([Column("period"), Column("amount", right=True)], rows)
    sheet.line("What was paid was taken from the oldest first.", 2)


def _member(sheet: Sheet, found: MemberExplanation, shown: int | None) -> None:
    company = not found.kind
    sheet.title(
        "The company" if company else f"Member {found.member}", f"{found.plan}, {found.period}, run {found.run}"
    )
    if not company:
        _facts(sheet, found)
        for standing in found.ranks:
            _standing(sheet, standing)
    _earned(sheet, found, shown)
    _workings(sheet, found.workings)
    for reason, bonuses in _barred(found.bonuses):
        sheet.heading(f"Not eligible for {', '.join(bonuses)}")
        sheet.line(reason, 2)
    _not_earned(sheet, found.missed, found.bonuses)


def _facts(sheet: Sheet, found: MemberExplanation) -> None:
    keeper = [
        f"{tree} (it belongs to {name or 'nobody'})" for tree, name in found.keeper.items() if name != found.member
    ]
    sheet.facts(
        {
            "status": _status(found),
            "kind": found.kind,
            "joined": found.joined,
            "scheme": found.scheme,
            "upline": ", ".join(f"{parent or 'none, a root'} ({tree})" for tree, parent in found.upline.items()),
            "left out": f"of {', '.join(keeper)}" if keeper else "",
        }
    )
    sheet.facts({name: amount_text(value) for name, value in {**found.volumes, **found.metrics}.items()})


def _status(found: MemberExplanation) -> str:
    if found.status == "active" and not found.active:
        return "active, but not by the plan's measure"
    return found.status.replace("_", " ")


def _standing(sheet: Sheet, standing: RankStanding) -> None:
    sheet.heading(f"{standing.ladder}: {_rank(standing.rank)}{by_plan(standing.source)}")
    if standing.barred:
        sheet.line(f"may hold no rank: {standing.barred}", 2)
        return
    if standing.forced:
        sheet.line(f"forced: {standing.forced}; by its own figures {_rank(standing.earned)}", 2)
    if standing.title:
        below = f"; {standing.below_title}" if standing.below_title else ""
        sheet.line(f"title: {_rank(standing.title)}{below}", 2)
    if standing.kept:
        sheet.line(f"kept, not reached anew: {'; '.join(standing.kept)}", 2)
    for waived in standing.waived:
        sheet.line(waived, 2)
    if not standing.next_rank:
        sheet.line("the highest", 2)
    columns = [Column("needs", folds=True), Column("required", folds=True), Column("actual", right=True)]
    columns += [Column("short by", right=True), Column("", folds=True)]
    for number, needs in enumerate(standing.next_needs):
        next_rank = f"next: {standing.next_rank}{by_plan(standing.next_source)}"
        sheet.line(next_rank if number == 0 else "or", 2)
        sheet.table(columns, [_need(need) for need in needs] or [("nothing", "", "", "", "")])


def _need(need: Need) -> tuple[str, str, str, str, str]:
    met = f"waived: {need.waived}" if need.waived else "met" if need.met else "not met"
    return need.word, readable(need.required), readable(need.actual), readable(need.short_by), met


def readable(text: str) -> str:
    """Return a text with the thousands of its decimals set apart; ids and days have none."""
    return _DECIMAL.sub(lambda found: f"{Decimal(found[0]):,}", text)


def _earned(sheet: Sheet, found: MemberExplanation, shown: int | None) -> None:
    sheet.heading(f"Earned, {found.currency}")
    columns = [Column("bonus", folds=True), Column("amount", right=True), Column("lines", right=True)]
    columns += [Column("sources", right=True), Column("plan", folds=True)]
    rows = [
        (row.bonus, amount_text(row.amount), row.lines or "", row.sources or "", row.plan_source)
        for row in found.bonuses
    ]
    sheet.table(columns, rows, ("total", amount_text(found.total), len(found.amounts), "", ""))
    _lines(sheet, found.amounts, shown, "source")


def _workings(sheet: Sheet, workings: list[Working]) -> None:
    columns = [Column("step", folds=True), Column("value", right=True), Column("", folds=True)]
    for bonus, steps in groupby(workings, key=lambda step: step.bonus):
        sheet.heading(f"How {bonus} came about")
        sheet.table(columns, [(step.step, readable(step.value), step.note) for step in steps])


def _lines(sheet: Sheet, amounts: list[Amount], shown: int | None, who: str) -> None:
    chosen, left = _largest(amounts, shown)
    if not chosen:
        return
    if who == "source":
        sheet.heading("Its lines" if not left else f"Its {len(chosen)} largest lines; --all lists all {len(amounts)}")
    columns = [Column("bonus", folds=True), Column(who if who == "earner" else "from", folds=True), Column("order")]
    columns += [Column("via", spare=1), _LEVEL, _PAID_LEVEL, Column("rate", right=True), Column("base", right=True)]
    columns += [Column("amount", right=True), Column("", folds=True), Column("plan", folds=True, spare=4)]
    rows = [
        (
            line.bonus,
            line.earner if who == "earner" else line.source,
            line.order,
            line.via,
            line.level if line.rate else "",
            line.paid_level if line.rate else "",
            line.rate,
            line.base and amount_text(line.base),
            amount_text(line.amount),
            "" if line.outcome == "paid" else line.outcome.replace("_", " "),
            line.plan_source,
        )
        for line in chosen
    ]
    sheet.table(_without_same_level(columns, rows), rows)


def _without_same_level(columns: list[Column], rows: list[tuple]) -> list[Column]:
    # Where the level paid is the distance throughout, it is the one to leave out.
    same = all(row[4] == row[5] for row in rows)
    return [Column(column.name, column.right, spare=3) if same and column is _LEVEL else column for column in columns]


def _largest(amounts: list[Amount], shown: int | None) -> tuple[list[Amount], int]:
    """Return the largest lines, the largest first where some are left out, and how many that are."""
    if shown is None or len(amounts) <= shown:
        return amounts, 0
    by_size = sorted(range(len(amounts)), key=lambda place: -abs(Decimal(amounts[place].amount)))
    return [amounts[place] for place in by_size[:shown]], len(amounts) - shown


def _barred(bonuses: Iterable[BonusSummary]) -> Iterator[tuple[str, list[str]]]:
    reasons: dict[str, list[str]] = {}
    for row in bonuses:
        if row.not_eligible:
            reasons.setdefault("; ".join(need.sentence() for need in row.not_eligible), []).append(row.bonus)
    yield from reasons.items()


def _not_earned(sheet: Sheet, missed: list[PassedOver], bonuses: list[BonusSummary]) -> None:
    columns = [Column("from", folds=True), Column("order"), _LEVEL, _PAID_LEVEL, Column("base", right=True)]
    columns.append(Column("offered", right=True))
    for row in bonuses:
        own = [step for step in missed if step.bonus == row.bonus]
        if own:
            sheet.heading(f"Not earned of {row.bonus}{by_plan(row.plan_source)}")
        # The same reason is said once, over all it is the reason for.
        for reason, steps in _by_reason(own):
            sheet.line(reason, 2)
            sheet.table(columns, [_step(step) for step in steps])
        if row.not_shown:
            sheet.line(f"and {_count(row.not_shown, 'source')} further away; --limit shows more", 2)


def _by_reason(steps: list[PassedOver]) -> Iterator[tuple[str, list[PassedOver]]]:
    reasons: dict[str, list[PassedOver]] = {}
    for step in steps:
        reasons.setdefault(_why(step), []).append(step)
    yield from reasons.items()


def _step(step: PassedOver) -> tuple:
    own = step.level == 0 and step.paid_level == 0
    level = "" if own else step.level or ""
    paid_level = "" if own or step.paid_level is None else step.paid_level
    offered = "" if step.paid_level is None else amount_text(step.offered)
    return step.source, step.order, level, paid_level, amount_text(step.base), offered


def _order(sheet: Sheet, found: OrderExplanation, shown: int | None) -> None:
    sheet.title(f"Order {found.order}", f"{found.plan}, {found.period}, run {found.run}")
    columns = {name: amount_text(value) for name, value in found.columns.items()}
    tied = {"returns order": found.returns, "returned by": ", ".join(found.returned_by)}
    sheet.facts({"buyer": found.buyer, "date": found.date, "kind": found.kind, **tied, **columns})
    sheet.heading("Counts for")
    names = [Column("volume", folds=True), Column("amount", right=True), Column("of member", folds=True)]
    rows = [
        (row.volume, row.amount and amount_text(row.amount), row.member or "nobody", row.reason)
        for row in found.counted
    ]
    sheet.table([*names, Column("", folds=True)], rows)
    sheet.heading(f"Who got what, {found.currency}")
    if found.whole_source:
        sheet.line(
            f"Lines of {', '.join(found.whole_source)} are about all orders of a member in the period.",
            2,
        )
    if found.amounts:
        _lines(sheet, found.amounts, shown, "earner")
    else:
        sheet.line("nobody got anything", 2)
    if found.changed_later:
        sheet.heading("Changed afterwards, of all that an earner has of the bonus")
        sheet.table([Column("bonus", folds=True), Column("by", folds=True)], list(found.changed_later.items()))
    if found.passed_over:
        sheet.heading("Who was passed over")
        _passed_over(sheet, found.passed_over)
    if found.nothing_from:
        sheet.heading("Pays nothing under")
        sheet.table([Column("bonus", folds=True), Column("", folds=True)], list(found.nothing_from.items()))


def _passed_over(sheet: Sheet, passed_over: list[PassedOver]) -> None:
    columns = [Column("bonus", folds=True), Column("member", folds=True), _LEVEL, Column("paid level", right=True)]
    columns += [Column("offered", right=True), Column("why", folds=True)]
    rows = []
    for _, same in groupby(
        passed_over, key=lambda step: (step.bonus, step.order, step.member, step.outcome, step.reason)
    ):
        steps = list(same)
        first, last = steps[0], steps[-1]
        offered = sum((Decimal(step.offered) for step in steps), Decimal(0))
        paid_level = "" if first.paid_level in (None, 0) else str(first.paid_level)
        if len(steps) > 1:
            paid_level = f"{first.paid_level}-{last.paid_level}"
        nothing = first.outcome == "compressed"
        row = (first.bonus, first.member or "nobody", first.level or "", paid_level)
        rows.append((*row, "" if nothing else amount_text(str(offered)), _why(first)))
    sheet.table(columns, rows)


def _why(step: PassedOver) -> str:
    outcome = step.outcome.replace("_", " ")
    return step.reason if step.reason.startswith(outcome) else f"{outcome}: {step.reason}"


def _rank(name: str) -> str:
    return "no rank" if name == "none" else name


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
