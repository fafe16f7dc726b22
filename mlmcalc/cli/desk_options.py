"""What every command of operators has in common: the desk they act at, the program and the period meant."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlmcalc.cli.store_options import open_workspace, store_of

if TYPE_CHECKING:
    from mlmcalc.closing.desk import Desk

PERIOD = "PERIOD"


@contextlib.contextmanager
def at_desk(workspace: Path, by: str) -> Iterator[Desk]:
    """Yield the desk of a workspace: its store, open, its programs, and who acts.

    Raises
    ------
    click.UsageError, MlmcalcError
        As `open_workspace`, `store_of` and `programs_of`.
    """
    found = open_workspace(workspace)
    from mlmcalc.closing.desk import Desk
    from mlmcalc.closing.programs import programs_of
    from mlmcalc.closing.told import tables_at

    programs = programs_of(found)
    with store_of(found) as store:
        yield Desk(store, programs, by, tables_at)


def program_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--program NAME``, received as `program`."""
    return click.option(
        "--program", metavar="NAME", help="Name of the plan.  [default: the only one with such periods]"
    )(command)


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format table|json``, received as `form`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="Of standard output.",
    )(command)


def period_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument PERIOD, received as `label`."""
    return click.argument("label", metavar=PERIOD)(command)


def period_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--period PERIOD``, received as `label`: the first that is not committed where it is not given."""
    return click.option(
        "--period", "label", metavar=PERIOD, help="The period meant.  [default: the first not committed]"
    )(command)


def reason_option(required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds ``--reason TEXT``."""
    return click.option("--reason", required=required, default=None if required else "", metavar="TEXT", help="Why.")


def say_next(command: str) -> None:
    """Say on standard error which command comes next; nothing where none does."""
    if command:
        second = "a second person runs " if " approve " in command else ""
        click.echo(f"next: {second}`{command}`", err=True)


def put_json(value: Any) -> None:
    """Write a value to standard output as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
