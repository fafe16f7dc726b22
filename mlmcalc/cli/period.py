"""``mlmcalc period``: the life of a period."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mlmcalc.cli.clocks import Day, clock_options, instant_of
from mlmcalc.cli.desk_options import (
    at_desk,
    format_option,
    period_argument,
    program_option,
    put_json,
    reason_option,
    say_next,
)
from mlmcalc.cli.sources import program_options
from mlmcalc.cli.store_options import by_option, workspace_option

if TYPE_CHECKING:
    from mlmcalc.closing.desk import Desk
    from mlmcalc.closing.status import PeriodStatus
    from mlmcalc.errors import Finding
    from mlmcalc.store.periods import StoredPeriod
    from mlmcalc.store.runs import StoredRun

_CLOCKS = (
    "Day on which members stand where they stand.  [default: the last of the period]",
    "What became known later does not go in.  [default: now]",
)
_ORDER = ("status", "open", "calculate", "preview", "approve", "commit", "pay", "reopen", "project")


class _InOrder(click.Group):
    """Lists its commands in the order in which a period lives."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _ORDER if name in self.commands]


@click.group(cls=_InOrder)
def period() -> None:
    """Close a period: calculate it, let a second person approve it, commit it, pay it.

    open > calculated > reviewed > committed > paid. What is committed does not change any more; what is entered
    before (`mlmcalc override`, `adjust`, `rate`) puts a period that was calculated back to open.
    """


@period.command(short_help="How far the periods have come, and what comes next.")
@click.argument("label", metavar="[PERIOD]", required=False)
@program_option
@format_option
@workspace_option
def status(label: str | None, program: str | None, form: str, workspace: Path) -> None:
    """Say how far the periods have come; of one PERIOD everything that was done to it."""
    with at_desk(workspace, "status") as desk:
        from mlmcalc.cli.findings import print_findings
        from mlmcalc.cli.period_sheets import period_json, period_sheet, periods_sheet, stated
        from mlmcalc.closing.status import every_status, status_of

        known: Sequence[Finding] = []
        if label is None:
            found = every_status(desk, None if program is None else desk.programs.named(program))
        else:
            from mlmcalc.closing.notices import notices

            found = [status_of(desk, desk.programs.named(program, label), label)]
            known = notices(desk, found[0].period.program, label)
    if form == "json":
        put_json([period_json(one) for one in found] if label is None else period_json(found[0]) | stated(known))
        return
    if label is None:
        periods_sheet(found).show()
        for command in dict.fromkeys(one.next for one in _waiting(found)):
            say_next(command)
    else:
        period_sheet(found[0]).show()
        print_findings(known)
        say_next(found[0].next)


@period.command(name="open", short_help="Open PERIOD: the first of a program, or the one after the last.")
@period_argument
@program_option
@workspace_option
@by_option
def open_(label: str, program: str | None, workspace: Path, by: str) -> None:
    """Open PERIOD: the first of a program, or the one directly after the last.

    The calculation of such a period opens it as well; to open it before is needed only to enter something for it.
    """
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.desk import open_period

        made = open_period(desk, desk.programs.named(program, label), label)
        click.echo(f"{made.program} {made.label} is {made.status}: {made.first} to {made.last}")
        _next(desk, made)


@period.command(short_help="Calculate PERIOD for approval.")
@period_argument
@program_options
@clock_options(*_CLOCKS)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@format_option
@workspace_option
@by_option
def calculate(label: str, program: str | None, workspace: Path, by: str, form: str, **options: Any) -> None:
    """Calculate PERIOD from what is known, for approval by a second person.

    The run is kept in the store, with everything it was made of. What was calculated before no longer stands; nothing
    of a committed period is calculated again.
    """
    _calculate(label, program, "calculated", workspace, by, form, options)


@period.command(short_help="Calculate PERIOD as a preview beside what stands.")
@period_argument
@program_options
@clock_options(*_CLOCKS)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@format_option
@workspace_option
@by_option
def preview(label: str, program: str | None, workspace: Path, by: str, form: str, **options: Any) -> None:
    """Calculate PERIOD as a preview: kept beside what stands, and nothing of the period changes.

    It may begin with the state of a period that is not committed yet, and says so. `mlmcalc preview` tries orders that
    never came.
    """
    _calculate(label, program, "preview", workspace, by, form, options)


@period.command(short_help="Approve what was calculated, as a second person.")
@period_argument
@program_option
@click.option("--digest", default="", metavar="DIGITS", help="Beginning of the digest of the run that you looked at.")
@reason_option(required=False)
@format_option
@workspace_option
@by_option
def approve(label: str, program: str | None, digest: str, reason: str, form: str, workspace: Path, by: str) -> None:
    """Approve the run of PERIOD.

    Not by who calculated it, nor by who entered an override, a hold, an amount or a correction for it.
    """
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.approving import approve as approve_run

        made = approve_run(desk, desk.programs.named(program, label), label, digest, reason)
        from mlmcalc.cli.period_sheets import approval_json, approval_sheet

        put_json(approval_json(made)) if form == "json" else approval_sheet(made).show()
        _say_what_to_know(desk, made.period)
        _next(desk, made.period, form)


@period.command(short_help="Commit PERIOD: payments, journal and balances stand.")
@period_argument
@program_option
@click.option("--run", default="", metavar="ID", help="The run that is meant.  [default: the approved one]")
@reason_option(required=False)
@format_option
@workspace_option
@by_option
def commit(label: str, program: str | None, run: str, reason: str, form: str, workspace: Path, by: str) -> None:
    """Commit PERIOD: once or not at all, however often it is tried.

    Payments, journal and balances are written, and a document that is chained to the one before.
    """
    with at_desk(workspace, by) as desk:
        from mlmcalc.cli.period_sheets import sealed_json, sealed_sheet
        from mlmcalc.closing.committing import commit as commit_period

        made = commit_period(desk, desk.programs.named(program, label), label, run, reason)
        put_json(sealed_json(made)) if form == "json" else sealed_sheet(made).show()
        _say_what_to_know(desk, made.period)
        _next(desk, made.period, form)


@period.command(short_help="Pay PERIOD: a file for the bank.")
@period_argument
@program_option
@click.option("--file", type=click.Path(path_type=Path), help="For the bank.  [default: payments/PROGRAM-PERIOD.csv]")
@reason_option(required=False)
@format_option
@workspace_option
@by_option
def pay(label: str, program: str | None, file: Path | None, reason: str, form: str, workspace: Path, by: str) -> None:
    """Mark the payments of PERIOD as paid, and write the file for the bank.

    The file appears whole or not at all, and only when the payment is recorded. The same command again writes the same
    file.
    """
    with at_desk(workspace, by) as desk:
        from mlmcalc.cli.period_sheets import sealed_json, sealed_sheet
        from mlmcalc.closing.paying import default_file
        from mlmcalc.closing.paying import pay as pay_period

        name = desk.programs.named(program, label)
        place = file or default_file(workspace.parent, name, label)
        made = pay_period(desk, name, label, place, reason)
        shown = str(file or place)
        put_json(sealed_json(made.sealed, shown)) if form == "json" else sealed_sheet(made.sealed, shown).show()
        _next(desk, made.sealed.period, form)


@period.command(short_help="Reopen the newest period, with a reason.")
@period_argument
@program_option
@reason_option(required=True)
@format_option
@workspace_option
@by_option
def reopen(label: str, program: str | None, reason: str, form: str, workspace: Path, by: str) -> None:
    """Reopen PERIOD, newest first, with a reason.

    Of a committed one the payments are void and the journal is taken back by a document of its own; nothing is
    deleted. One that is paid stands: `mlmcalc trueup` corrects it in the open period.
    """
    with at_desk(workspace, by) as desk:
        from mlmcalc.cli.period_sheets import reopened_json
        from mlmcalc.closing.reopening import reopen as reopen_period

        made = reopen_period(desk, desk.programs.named(program, label), label, reason)
        if form == "json":
            put_json(reopened_json(made))
        else:
            taken = "" if made.document is None else f"; document {made.document.number} takes its commit back"
            again = "was opened again already" if made.before else "is open again"
            click.echo(f"{made.period.program} {made.period.label} {again} (it was {made.was}){taken}")
        _next(desk, made.period, form)


@period.command(short_help="What the open PERIOD would come to on what is known so far.")
@period_argument
@program_options
@click.option("--as-of", type=Day(), metavar="DAY", help="Up to which day.  [default: today]")
@click.option("--member", metavar="ID", help="What this member lacks for the next rank.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="What every member lacks, as CSV.")
@format_option
@workspace_option
@by_option
def project(
    label: str,
    program: str | None,
    as_of: date | None,
    version: str | None,
    member: str | None,
    out: Path | None,
    form: str,
    workspace: Path,
    by: str,
) -> None:
    """Say what the open PERIOD would come to on what is known so far, and what members lack for their next rank.

    A projection is no run: it is not kept, and cannot be committed.
    """
    with at_desk(workspace, by) as desk:
        from mlmcalc.cli.progress import progress_shown
        from mlmcalc.cli.projection_sheet import show_projection
        from mlmcalc.closing.desk import today
        from mlmcalc.closing.projecting import project as project_period

        name = desk.programs.named(program, label)
        with progress_shown() as progress:
            day = today(desk, name) if as_of is None else as_of.isoformat()
            made = project_period(desk, name, label, day, version=version, progress=progress)
        show_projection(made, member, out, form)


def _say_what_to_know(desk: Desk, period: StoredPeriod) -> None:
    """Say on standard error what its run does not know, and what beside it should be known."""
    from mlmcalc.cli.findings import print_findings
    from mlmcalc.closing.notices import notices
    from mlmcalc.closing.status import status_of

    run = status_of(desk, period.program, period.label).run
    if run is not None:
        _say_if_not_over(desk, period, run)
    print_findings(notices(desk, period.program, period.label))


def _say_if_not_over(desk: Desk, period: StoredPeriod, run: StoredRun) -> None:
    from mlmcalc.closing.status import is_over

    if run.as_of < period.last:
        said = f"the run is as of {run.as_of}, and has no later order"
        click.echo(f"{period.label} ends on {period.last}: {said}", err=True)
    elif not is_over(desk, period, run):
        click.echo(f"{period.label} ends on {period.last}: the run was made before, and knows nothing later", err=True)


def _calculate(
    label: str,
    program: str | None,
    purpose: Literal["calculated", "preview"],
    workspace: Path,
    by: str,
    form: str,
    options: dict[str, Any],
) -> None:
    started = time.perf_counter()
    with at_desk(workspace, by) as desk:
        from mlmcalc.cli.progress import progress_shown
        from mlmcalc.closing.calculating import calculate as calculate_period

        name = desk.programs.named(program, label)
        known_at = instant_of(options.pop("known_at"), desk.programs.versions(name)[-1].time_zone)
        as_of = options.pop("as_of")
        options["as_of"] = None if as_of is None else as_of.isoformat()
        with progress_shown() as progress:
            made = calculate_period(desk, name, label, purpose, known_at=known_at, progress=progress, **options)
        from mlmcalc.cli.period_sheets import calculation_json, stated
        from mlmcalc.closing.notices import notices

        if form == "json":
            put_json(calculation_json(made) | stated(notices(desk, name, label)))
        else:
            from mlmcalc.cli.summary import print_summary

            print_summary(
                made.result.manifest, _near(desk.store.run_folder(made.run.id)), time.perf_counter() - started
            )
        if made.there_already:
            click.echo("the store had this very run: same plan, inputs and arithmetic", err=True)
        if made.provisional:
            click.echo("provisional: the period before is not committed, so its state may still change", err=True)
        if purpose == "preview":
            _say_if_not_over(desk, made.period, made.run)
            click.echo("a preview: nothing of the period changed", err=True)
        else:
            _say_what_to_know(desk, made.period)
            _next(desk, made.period)


def _near(path: Path) -> str:
    """Return a path as seen from this folder, where that is shorter."""
    return min(os.path.relpath(path), str(path), key=len)


def _next(desk: Desk, period: StoredPeriod, form: str = "table") -> None:
    from mlmcalc.closing.status import status_of

    if form == "table":
        say_next(status_of(desk, period.program, period.label).next)


def _waiting(found: Sequence[PeriodStatus]) -> list[PeriodStatus]:
    """Return the first period of each program in which something is left to do; its last one where nothing is."""
    chosen: dict[str, PeriodStatus] = {}
    for one in found:
        there = chosen.get(one.period.program)
        if there is None or there.period.status == "paid":
            chosen[one.period.program] = one
    return list(chosen.values())
