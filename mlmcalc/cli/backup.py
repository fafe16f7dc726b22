"""``mlmcalc backup`` and ``mlmcalc restore``: a whole store in one file, and out of it."""

from __future__ import annotations

from pathlib import Path

import click

from mlmcalc.cli.store_options import by_option, open_workspace, store_of, store_url, workspace_option

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@workspace_option
def backup(file: Path, workspace: Path) -> None:
    """Write the whole store into FILE: database, objects and run folders, as they are now.

    Others may go on working. Every byte is verified on the way: a damaged store is refused, with status 5. FILE must
    not exist; it is there whole or not at all. It is the same for SQLite and PostgreSQL.
    """
    from mlmcalc.store.backup import back_up

    with store_of(open_workspace(workspace)) as opened:
        made = back_up(opened, file)
    click.echo(
        f"{made.rows:,} rows and {made.files:,} files up to record {made.log:,} of the log, digest {made.digest}"
    )


@click.command()
@click.argument("file", type=_FILE)
@workspace_option
@by_option
def restore(file: Path, workspace: Path, by: str) -> None:
    """Make the store of a workspace from FILE, which `mlmcalc backup` wrote.

    The folder of the store must not exist, and the PostgreSQL database it names must hold none: the store is there
    whole or not at all, and verified. A store may come from SQLite and go to PostgreSQL, or the other way.
    """
    from mlmcalc.store.restore import restore_store

    words = open_workspace(workspace)
    made = restore_store(file, words.store.folder, store_url(words), by)
    click.echo(f"the store of {made.made_at} is in {words.store.folder}, {made.rows:,} rows and {made.files:,} files")
