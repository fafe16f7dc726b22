"""``mlmcalc record``: events of members with days of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import click

from mlmcalc.cli.clocks import instant_of
from mlmcalc.cli.store_options import by_option, open_workspace, store_of, workspace_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@click.option("--known-at", metavar="INSTANT", help="When it was known.  [default: now]")
@click.option("--dry-run", is_flag=True, help="Only say what is new.")
@click.option("--reason", default="", metavar="TEXT", help="Kept with what is new.")
@by_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def record(
    file: Path,
    workspace: Path,
    known_at: str | None,
    dry_run: bool,
    reason: str,
    by: str,
    form: Literal["table", "json"],
) -> None:
    """Take events of members into the store, each with the day from which it is true.

    FILE is a table of member_id, column (sponsor_id, status, ...), value (blank: none) and from. A backdated move does
    not undo what was told of later days. What would make a circle, or leave a member without a sponsor, on the day of
    an event or on any later day is refused, and nothing is taken in.
    """
    place = open_workspace(workspace)
    from mlmcalc.closing.programs import programs_of
    from mlmcalc.closing.recording import record_events

    programs = programs_of(place)
    plans = [plan for name in programs.names for plan in programs.versions(name)]
    instant = instant_of(known_at, plans[0].time_zone)
    with store_of(place) as store:
        done = record_events(store, file, plans, by, instant, reason, dry_run)
    from mlmcalc.store.clock import instant_text

    known = None if done.known_at is None else instant_text(done.known_at)
    if form == "json":
        stated = {"new": done.new, "unchanged": done.unchanged, "batch": done.batch, "known_at": known}
        click.echo(json.dumps(stated, indent=2))
        return
    told = ", ".join(f"{name} {count:,}" for name, count in done.new.items()) or "nothing new"
    known_already = f"; {done.unchanged:,} known already" if done.unchanged else ""
    click.echo(f"{told}{known_already}.")
    if known is not None:
        click.echo(f"Batch {done.batch}, known at {known}.")
    elif done.new:
        click.echo("Nothing was written: this was a dry run.")
