"""``mlmcalc export``: what was committed, for somebody who has nothing else at hand."""

from __future__ import annotations

from pathlib import Path

import click

from mlmcalc.cli.desk_options import format_option, put_json
from mlmcalc.cli.store_options import open_workspace, store_of, workspace_option


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--inputs", is_flag=True, help="With the tables that the runs read: they hold the company's data.")
@format_option
@workspace_option
def export(folder: Path, inputs: bool, form: str, workspace: Path) -> None:
    """Write every commit, payment and reopening into the new folder DIR, with runs, payments, journals and balances.

    `mlmcalc verify DIR` checks it with nothing else at hand. DIR appears whole or not at all.
    """
    with store_of(open_workspace(workspace)) as store:
        from mlmcalc.closing.exporting import export as export_store

        made = export_store(store, folder, inputs)
    if form == "json":
        put_json({"folder": str(folder), **{name: getattr(made, name) for name in made.__dataclass_fields__}})
        return
    from mlmcalc.cli.findings import counted

    parts = [counted(made.documents, "document"), counted(made.tables, "table"), counted(made.runs, "run")]
    parts += [counted(made.inputs, "input")] if inputs else []
    click.echo(f"written to {folder}: {', '.join(parts)}")
    click.echo(f"next: `mlmcalc verify {folder}`", err=True)
