"""``mlmcalc history``: what was told of a member, and the tables of any two times."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mlmcalc.cli.clocks import clock_options, instant_of
from mlmcalc.cli.sources import program_options
from mlmcalc.cli.store_options import open_workspace, store_of, workspace_option

if TYPE_CHECKING:
    from mlmcalc.closing.member_events import MemberEvent
    from mlmcalc.closing.programs import Programs
    from mlmcalc.store.store import Store

_KINDS = ("members", "orders", "volumes", "overrides")


@click.command()
@click.argument("member", required=False)
@workspace_option
@program_options
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(_KINDS),
    help="What to list of MEMBER; may be repeated.  [default: members and overrides]",
)
@click.option("--table", type=click.Choice(_KINDS), help="Write this table instead.")
@click.option("--period", metavar="PERIOD", help="Of the table.")
@clock_options("The day of the table.  [default: the last of the period]", "What became known later does not count.")
@click.option("--out", type=click.Path(path_type=Path), help="New file for the table: .csv or .parquet.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def history(
    member: str | None,
    workspace: Path,
    program: str | None,
    version: str | None,
    kinds: tuple[str, ...],
    table: str | None,
    period: str | None,
    as_of: date | None,
    known_at: str | None,
    out: Path | None,
    form: Literal["table", "json", "csv"],
) -> None:
    """List what was told of MEMBER: from which day each event is true, and when it was known.

    With --table, --period and --out the table of that period is written as a run would read it, as of a day and as
    known at an instant.
    """
    if (member is None) == (table is None):
        raise click.UsageError("Name a MEMBER, or a --table.")
    place = open_workspace(workspace)
    from mlmcalc.closing.programs import programs_of

    programs = programs_of(place)
    zone = programs.versions(programs.names[0])[-1].time_zone
    instant = instant_of(known_at, zone)
    with store_of(place) as store:
        if table is not None:
            if period is None or out is None:
                raise click.UsageError("A table is of a --period, and goes to --out FILE.")
            _write_table(store, programs, (table, period, program, version), as_of, instant, out)
            return
        from mlmcalc.closing.member_events import member_events
        from mlmcalc.closing.told import Told

        assert member is not None, "one of the two was named"
        with store.read() as tx:
            events = member_events(Told(tx, instant), member, kinds or ("members", "overrides"))
    _show(member, events, form)


def _write_table(
    store: Store,
    programs: Programs,
    named: tuple[str, str, str | None, str | None],
    as_of: date | None,
    known_at: int | None,
    out: Path,
) -> None:
    from mlmcalc.api.needs import needs_of
    from mlmcalc.closing.table_out import write_table
    from mlmcalc.closing.told import Told, frames_at

    table, label, program, version = named
    plan = programs.chosen(label, program, version)
    period = plan.calendar(label)
    with store.read() as tx:
        frames = frames_at(Told(tx, known_at), needs_of(plan), period, as_of or period.last)
    rows = write_table(frames.get(table), table, out)
    click.echo(f"{rows:,} rows written to {out}", err=True)


def _stated(events: list[MemberEvent]) -> list[dict[str, Any]]:
    from mlmcalc.store.clock import instant_text

    return [
        asdict(event)
        | {"true_from": event.true_from and event.true_from.isoformat(), "known_at": instant_text(event.known_at)}
        for event in events
    ]


def _show(member: str, events: list[MemberEvent], form: Literal["table", "json", "csv"]) -> None:
    rows = _stated(events)
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if form == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    sheet.title(f"Member {member}", "what was told, in the order in which it became known")
    columns = [Column("true from"), Column("what", folds=True), Column("value", folds=True), Column("known at")]
    columns += [Column("batch", right=True), Column("by", spare=2), Column("from", folds=True, spare=1)]
    told = ("true_from", "column", "value", "known_at", "batch", "made_by", "why")
    shown = [
        {**row, "value": "none" if row["value"] is None else row["value"], "why": row["reason"] or row["file"]}
        for row in rows
    ]
    sheet.table(columns, [[row[name] for name in told] for row in shown])
    sheet.show()
