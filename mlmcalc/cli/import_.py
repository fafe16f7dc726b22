"""``mlmcalc import``: what is new in a company's tables goes into the store."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mlmcalc.cli.clocks import clock_options, instant_of
from mlmcalc.cli.sources import program_options
from mlmcalc.cli.store_options import by_option, open_workspace, store_of, workspace_option

if TYPE_CHECKING:
    from mlmcalc.closing.importing import Import


@click.command("import")
@click.option("--period", required=True, metavar="PERIOD", help="2026-10, 2026-W41 or 2026-10-01..2026-10-28.")
@workspace_option
@program_options
@clock_options(
    "The day of the members.  [default: the last of the period, or today before it]",
    "When it was known.  [default: now]",
)
@click.option("--dry-run", is_flag=True, help="Only say what is new.")
@click.option(
    "--allow-removals", is_flag=True, help="Also where more than a tenth of a table that is known is missing."
)
@click.option("--reason", default="", metavar="TEXT", help="Kept with what is new.")
@by_option
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def import_command(
    period: str,
    workspace: Path,
    program: str | None,
    version: str | None,
    as_of: date | None,
    known_at: str | None,
    dry_run: bool,
    allow_removals: bool,
    reason: str,
    by: str,
    form: Literal["table", "json", "csv"],
) -> None:
    """Take what is new in the tables of company.yaml into the store.

    Members, orders (or volumes) and overrides are checked as `mlmcalc check` does, for every plan that has such a
    period; if anything is wrong, nothing is taken in. Then they are held against what is known, and what differs is
    kept as events. Orders and overrides of the period that are missing now are withdrawn. The same tables again add
    nothing.
    """
    place = open_workspace(workspace)
    from dataclasses import replace

    from mlmcalc.closing.importing import Given, import_tables
    from mlmcalc.closing.programs import programs_of

    programs = programs_of(place)
    names = programs.fitting(period, program)
    plans = [programs.in_force(name, programs.period(name, period), version) for name in names]
    place = place.for_period(period)
    if place.by_program:
        if len(names) > 1:
            raise click.UsageError(f"Paths say {{plan}}: name one of the programs, --program {names[0]}.")
        place = place.for_program(names[0])
    given = replace(Given.of(place, plans[0].calendar(period)), as_of=as_of, reason=reason)
    every = [plan for name in programs.names for plan in programs.versions(name)]
    instant = instant_of(known_at, plans[0].time_zone)
    with store_of(place) as store:
        done = import_tables(store, given, plans, every, by, instant, dry_run, allow_removals)
    from mlmcalc.cli.findings import print_findings

    print_findings(done.warnings)
    if form == "table":
        _show(done, dry_run)
    else:
        _put(done, form)


def _rows(done: Import) -> list[dict[str, Any]]:
    return [
        {
            "table": table.kind,
            "file": table.file,
            "new": table.changes.new,
            "changed": dict(table.changes.changed),
            "removed": table.changes.removed,
            "unchanged": table.changes.unchanged,
            "batch": table.batch,
        }
        for table in done.tables
    ]


def _changed(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in row["changed"].items())


def _counts(row: dict[str, Any]) -> list[str]:
    return [f"{row['new']:,}", _changed(row) or "0", f"{row['removed']:,}", f"{row['unchanged']:,}"]


def _put(done: Import, form: Literal["json", "csv"]) -> None:
    if form == "json":
        from mlmcalc.store.clock import instant_text

        known = None if done.known_at is None else instant_text(done.known_at)
        stated = {"as_of": done.as_of.isoformat(), "known_at": known, "tables": _rows(done)}
        click.echo(json.dumps(stated, indent=2, ensure_ascii=False))
        return
    import csv
    import sys

    rows = [{**row, "changed": _changed(row)} for row in _rows(done)]
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _show(done: Import, dry_run: bool) -> None:
    from mlmcalc.cli.sheets import Column, Sheet
    from mlmcalc.store.clock import instant_text

    sheet = Sheet()
    columns = [Column("table"), Column("new", right=True), Column("changed", folds=True)]
    columns += [Column(name, right=True) for name in ("removed", "unchanged", "batch")]
    rows = _rows(done)
    sheet.table(columns, [(row["table"], *_counts(row), row["batch"] or "") for row in rows])
    new = any(table.changes.rows for table in done.tables)
    if done.known_at is not None:
        sheet.line(f"Members as of {done.as_of}, known at {instant_text(done.known_at)}.")
    else:
        sheet.line("Nothing was written: this was a dry run." if dry_run and new else "Nothing new; nothing was added.")
    sheet.show()
