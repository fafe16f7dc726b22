"""What is said after somebody entered something for a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlmcalc.cli.desk_options import say_next

if TYPE_CHECKING:
    from mlmcalc.closing.changes import Changed
    from mlmcalc.closing.desk import Desk


def show_changed(desk: Desk, what: str, made: Changed) -> None:
    """Say what was entered, that a calculated run no longer stands where there was one, and what comes next."""
    from mlmcalc.closing.status import status_of

    click.echo(f"{made.period.program} {made.period.label}, {what}")
    if made.before:
        click.echo("this stands already: nothing was added", err=True)
    if made.run_fell:
        click.echo(f"the period was {made.was} and is open again: its run no longer stands", err=True)
    say_next(status_of(desk, made.period.program, made.period.label).next)
