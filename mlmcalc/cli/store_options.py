"""What every command that works on a store has in common: which workspace, which store, and who acts."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlmcalc.cli.sources import WORKSPACE_FILE

if TYPE_CHECKING:
    from mlmcalc.store.store import Store
    from mlmcalc.workspace.load import Workspace

BY = "MLMCALC_BY"
STORE_URL = "MLMCALC_STORE_URL"


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--workspace FILE``, received as `workspace`: ``company.yaml`` of this folder where it is not given."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path),
        default=Path(WORKSPACE_FILE),
        metavar="FILE",
        help=f"A file like {WORKSPACE_FILE}, which names the store.",
    )(command)


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--by NAME``, received as `by`: the environment's ``MLMCALC_BY``, or the login name."""
    return click.option(
        "--by", envvar=BY, default=_login, metavar="NAME", help=f"Who acts.  [default: {BY}, or the login name]"
    )(command)


def login_name() -> str:
    """Return who acts where nobody is named: the environment's ``MLMCALC_BY``, or the login name."""
    return os.environ.get(BY) or _login()


def open_workspace(file: Path) -> Workspace:
    """Return a workspace.

    Raises
    ------
    click.UsageError
        The file of this folder is meant, and there is none.
    InputRefused
        ``documents.*``, ``workspace.*``.
    """
    from mlmcalc.workspace.load import load_workspace

    if file == Path(WORKSPACE_FILE) and not file.exists():
        raise click.UsageError(f"Work in a folder with a {WORKSPACE_FILE}, or name one with --workspace.")
    return load_workspace(file)


def store_url(workspace: Workspace) -> str | None:
    """Return the URL of the database of a workspace: the environment's ``MLMCALC_STORE_URL`` before the file's."""
    return os.environ.get(STORE_URL) or workspace.store.url or None


def has_store(workspace: Workspace) -> bool:
    """Return whether a workspace has a store already."""
    return (workspace.store.folder / "store.json").exists()


def store_of(workspace: Workspace) -> Store:
    """Open the store of a workspace; use it in a ``with`` statement.

    Raises
    ------
    EnvironmentRefused, ConflictError, InputRefused
        As `open_store`.
    """
    from mlmcalc.store.store import open_store

    return open_store(workspace.store.folder, store_url(workspace))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container may run under a number that has no name; whoever writes then says --by.
        return ""
