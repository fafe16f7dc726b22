"""``mlmcalc trueup``: an older period with what is known now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlmcalc.cli.clocks import instant_of
from mlmcalc.cli.desk_options import (
    at_desk,
    format_option,
    program_option,
    put_json,
    reason_option,
    say_next,
)
from mlmcalc.cli.store_options import by_option, workspace_option

if TYPE_CHECKING:
    from mlmcalc.closing.trueup import TruedUp, TrueUp


@click.command()
@click.argument("label", metavar="[PERIOD]", required=False)
@program_option
@click.option("--known-at", metavar="INSTANT", help="What became known later does not go in.  [default: now]")
@click.option("--dry-run", is_flag=True, help="Only say what it comes to; nothing is written.")
@click.option("--limit", type=click.IntRange(0), default=25, show_default=True, help="How many lines to show.")
@reason_option(required=False)
@format_option
@workspace_option
@by_option
def trueup(
    label: str | None,
    program: str | None,
    known_at: str | None,
    dry_run: bool,
    limit: int,
    reason: str,
    form: str,
    workspace: Path,
    by: str,
) -> None:
    """Calculate PERIOD, which is committed, again with what is known now, and correct it in the open period.

    Late orders, returns, moves and whatever else was told since go in; plan, rates and what the period began with are
    those it was committed with. What was paid stands: the difference becomes lines of the first period that is not
    committed, by member, bonus and cause, which a second person approves with it. The plan says (`corrections:`)
    whether who was paid too much gives it back, which differences are too small, and how returns count. Where nothing
    new is known nothing is written.

    Without PERIOD: which committed periods something new is known about.
    """
    from mlmcalc.cli.progress import progress_shown

    if label is None:
        _waiting(workspace, by, program, form)
        return
    with at_desk(workspace, by) as desk:
        with progress_shown() as progress:
            from mlmcalc.closing.trueup import trueup as true_up

            name = desk.programs.named(program, label)
            instant = instant_of(known_at, desk.programs.versions(name)[-1].time_zone)
            done = true_up(desk, name, label, reason, instant, dry_run, progress)
        if form == "json":
            put_json(_stated(done))
            return
        _show(done, limit, dry_run)
        if done.numbers or done.was != done.takes.status:
            from mlmcalc.closing.status import status_of

            if done.was != "open":
                said = f"{done.takes.label} was {done.was} and is open again: its run no longer stands"
                click.echo(said, err=True)
            say_next(status_of(desk, done.takes.program, done.takes.label).next)


def _waiting(workspace: Path, by: str, program: str | None, form: str) -> None:
    """Say which committed periods something new is known about."""
    from mlmcalc.cli.progress import progress_shown

    with at_desk(workspace, by) as desk, progress_shown() as progress:
        from mlmcalc.closing.trueup import waiting

        names = desk.programs.names if program is None else [desk.programs.named(program)]
        found = [(name, label, tables) for name in names for label, tables in waiting(desk, name, progress)]
    if form == "json":
        put_json([{"program": name, "period": label, "new": tables} for name, label, tables in found])
        return
    for name, label, tables in found:
        click.echo(f"{name} {label}: something new in {', '.join(tables)}")
    if not found:
        click.echo("Nothing new is known about any committed period.")
    else:
        several = len({name for name, _, _ in found}) > 1
        say_next(f"mlmcalc trueup {found[0][1]}{f' --program {found[0][0]}' if several else ''} --dry-run")


def _stated(done: TrueUp) -> dict[str, Any]:
    return {
        "program": done.takes.program,
        "into": done.takes.label,
        "adjustments": list(done.numbers),
        "periods": [
            {
                "period": period.label,
                "committed": period.committed,
                "run": period.now,
                "causes": {effect.name: str(effect.paid) for effect in period.effects},
                **{kind: str(period.total(kind)) for kind in ("paid", "collected", "written_off")},
                "lines": [
                    {
                        "member": line.member,
                        "bonus": line.bonus,
                        "type": line.type,
                        "amount": str(line.amount),
                        "cause": line.cause,
                    }
                    for line in period.lines
                ],
                "findings": [finding.text() for finding in period.findings],
            }
            for period in done.periods
        ],
    }


def _show(done: TrueUp, limit: int, dry_run: bool) -> None:
    from mlmcalc.cli.sheets import Sheet

    sheet = Sheet()
    label = done.periods[0].label
    sheet.title(f"True-up of {done.takes.program} {label}", "nothing is written" if dry_run else "")
    for period in done.periods:
        _period(sheet, period, limit)
    for finding in (finding for period in done.periods for finding in period.findings):
        sheet.line(finding.text())
    if not done.lines:
        new = any(period.effects for period in done.periods)
        said = "What is new changes no amount" if new else "Nothing new is known"
        sheet.heading(f"{said}: nothing is left to correct.")
    elif dry_run:
        sheet.heading(f"{done.lines:,} line{'' if done.lines == 1 else 's'} would go into {done.takes.label}.")
    else:
        sheet.heading(f"{_numbers(done.numbers)}, in {done.takes.label}")
    sheet.show()


def _numbers(numbers: Sequence[int]) -> str:
    return f"Adjustments {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"Adjustment {numbers[0]}"


def _period(sheet: Any, period: TruedUp, limit: int) -> None:
    from mlmcalc.cli.amounts import amount_text
    from mlmcalc.cli.sheets import Column

    if not period.lines:
        return
    sheet.heading(f"{period.label}, run {period.now}")
    causes = [[effect.name, amount_text(str(effect.paid)), f"{effect.members:,}"] for effect in period.effects]
    sheet.table([Column("cause", folds=True), Column("amount", right=True), Column("members", right=True)], causes)
    kinds = ("paid", "collected", "written_off")
    sheet.facts({kind.replace("_", " "): amount_text(str(period.total(kind))) for kind in kinds if period.total(kind)})
    columns = [Column("member", folds=True), Column("bonus", folds=True), Column("type")]
    columns += [Column("amount", right=True), Column("cause", folds=True)]
    rows = [
        [line.member, line.bonus, line.type, amount_text(str(line.amount)), line.cause] for line in period.lines[:limit]
    ]
    sheet.table(columns, rows)
    if len(period.lines) > limit:
        sheet.line(f"and {len(period.lines) - limit:,} more; --limit shows more, --format json has all", 2)
