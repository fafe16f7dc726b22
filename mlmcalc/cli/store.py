"""``mlmcalc store``: make a store, look at it, bring it to this version's layout, check all of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlmcalc.cli.store_options import by_option, open_workspace, store_of, store_url, workspace_option

if TYPE_CHECKING:
    from mlmcalc.store.status import StoreStatus


@click.group()
def store() -> None:
    """Make the store, look at it, upgrade it, check all of it.

    The store keeps periods, runs, approvals, payments and events: in the folder that company.yaml names under store:,
    and in SQLite there or in the PostgreSQL database it names, or MLMCALC_STORE_URL does.
    """


@store.command()
@workspace_option
@by_option
def init(workspace: Path, by: str) -> None:
    """Make the store of a workspace; one that is there is left as it is."""
    from mlmcalc.store.store import open_store

    words = open_workspace(workspace)
    with open_store(words.store.folder, store_url(words), create=True, company=words.company, by=by) as opened:
        click.echo(f"the store is in {opened.folder}, its database {opened.database}")


@store.command()
@workspace_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def status(workspace: Path, form: str) -> None:
    """Say what is in the store."""
    from mlmcalc.store.status import store_status

    with store_of(open_workspace(workspace)) as opened:
        found = store_status(opened)
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        _show(found)


@store.command()
@workspace_option
@by_option
def upgrade(workspace: Path, by: str) -> None:
    """Bring the database to the layout of this version, whole or not at all. Make a backup first."""
    from mlmcalc.store.store import upgrade_store

    words = open_workspace(workspace)
    before, after = upgrade_store(words.store.folder, store_url(words), by)
    done = f"from layout {before} to {after}" if before != after else f"nothing to do: the layout is {after}"
    click.echo(done)


@store.command()
@workspace_option
@click.option("--quick", is_flag=True, help="Leave out reading every byte of objects and run folders.")
def doctor(workspace: Path, quick: bool) -> None:
    """Check database, log, documents, objects, run folders, rights and clock.

    Exit status: 0 all is well (warnings are listed), 5 something was altered or is missing, 6 the clock is wrong.
    """
    from mlmcalc.cli.findings import print_findings
    from mlmcalc.errors import EnvironmentRefused
    from mlmcalc.store.checks import check_store, refuse_broken

    with store_of(open_workspace(workspace)) as opened:
        found = check_store(opened, files=not quick)
    clock = [finding for finding in found if finding.code == "store.clock_back"]
    refuse_broken([finding for finding in found if finding not in clock])
    if clock:
        raise EnvironmentRefused(clock)
    print_findings(found)
    click.echo("all is well" + (", files were not read" if quick else ""))


def _show(found: StoreStatus) -> None:
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    sheet.title(found.company or "a store")
    sheet.facts(
        {
            "folder": found.folder,
            "database": found.database,
            "layout": found.layout,
            "events": f"{found.batches:,} batches"
            + (f", the last known at {found.known_at}" if found.known_at else ""),
            "runs": f"{found.runs:,}",
            "documents": f"{found.documents:,}",
            "objects": f"{found.objects:,}, {found.bytes:,} bytes",
            "log": f"{found.records:,} records; {found.last}",
        }
    )
    if found.programs:
        sheet.heading("Periods")
        statuses = list(next(iter(found.programs.values())))
        columns = [Column("program"), *(Column(status, right=True) for status in statuses)]
        sheet.table(columns, [[name, *counts.values()] for name, counts in found.programs.items()])
    sheet.show()
