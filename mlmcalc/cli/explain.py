"""``mlmcalc explain``: why a member was paid, and why not; who got what from an order."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

SHOWN = 20


@click.command()
@click.argument("member", required=False)
@click.option("--order", help="Explain an order instead: who got what from it, who was passed over, and why.")
@click.option(
    "--run", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the run."
)
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="Sources to look at, per bonus, for what was not earned.",
)
@click.option("--all", "everything", is_flag=True, help=f"List every line; the {SHOWN} largest are listed otherwise.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="JSON has every line.",
)
def explain(member: str | None, order: str | None, folder: Path, limit: int, everything: bool, form: str) -> None:
    """Say why MEMBER was paid what it was paid, and what it did not get from those near it.

    MEMBER is an id, or company for what the plan gives to the company. The run is calculated again from its inputs,
    which must be unchanged.
    """
    if (member is None) == (order is None):
        raise click.UsageError("name a MEMBER, or an order with --order")
    from mlmcalc.api.explanations import Repeatable, explain_member, explain_order

    run = Repeatable.of_folder(folder)
    found = explain_order(run, order) if order is not None else explain_member(run, member or "", limit)
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
        return
    from mlmcalc.cli.explanation_sheets import explanation_sheet

    explanation_sheet(found, None if everything else SHOWN).show()
