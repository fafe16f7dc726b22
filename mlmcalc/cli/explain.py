"""``mlmcalc explain``: why a member was paid, and why not; who got what from an order."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlmcalc.cli.unread import one_thread, with_reader, without_reader

if TYPE_CHECKING:
    from mlmcalc.audit.explanation import MemberExplanation, OrderExplanation

SHOWN = 20
PAYOUT = "payout"


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
@click.pass_context
def explain(
    context: click.Context,
    member: str | None,
    order: str | None,
    folder: Path,
    limit: int,
    everything: bool,
    form: str,
) -> None:
    """Say why MEMBER was paid what it was paid, and what it did not get from those near it.

    MEMBER is an id, or company for what the plan gives to the company. What the run has kept says it at once; where
    that does not tell, the run is calculated again from its inputs, which must be unchanged.
    """
    if (member is None) == (order is None):
        raise click.UsageError("name a MEMBER, or an order with --order")
    # Only a process that is ours alone may do without what others in it would need.
    ours = context.obj == "alone"
    found: MemberExplanation | OrderExplanation | None = None
    if member is not None:
        found = _at_once(folder, member, limit, ours)
    if found is None:
        found = _calculated_again(folder, member, order, limit)
    if form == "json":
        whole = asdict(found)
        came = _balance_from(folder, member, whole)
        click.echo(json.dumps(whole | ({"balance_from": came} if came else {}), indent=2, ensure_ascii=False))
        return
    from mlmcalc.cli.explanation_sheets import add_balance, explanation_sheet

    sheet = explanation_sheet(found, None if everything else SHOWN)
    add_balance(sheet, _balance_from(folder, member, asdict(found)))
    sheet.show()


def _at_once(folder: Path, member: str, limit: int, ours: bool) -> MemberExplanation | None:
    if ours:
        one_thread()
    from mlmcalc.api.kept_runs import SMALL, explain_kept
    from mlmcalc.api.sealed import sealed_manifest

    def prepare(members: int) -> None:
        if ours:
            without_reader(loops_compiled=members > SMALL)

    found = explain_kept(folder, sealed_manifest(folder), member, limit, prepare)
    if found is None:
        with_reader()
    return found


def _balance_from(folder: Path, member: str | None, found: dict[str, Any]) -> dict[str, str]:
    """Return which periods the opening balance comes from; empty without one."""
    steps = [step["step"] for step in found.get("workings", []) if step["bonus"] == PAYOUT]
    if member is None or "opening balance" not in steps:
        return {}
    # Runs of earlier periods are read whole, plan and all.
    with_reader()
    from mlmcalc.api.timeline import balance_chain

    return {period: f"{amount:f}" for period, amount in balance_chain(folder, member)}


def _calculated_again(
    folder: Path, member: str | None, order: str | None, limit: int
) -> MemberExplanation | OrderExplanation:
    from mlmcalc.api.explanations import Repeatable, explain_member, explain_order

    run = Repeatable.of_folder(folder)
    return explain_order(run, order) if order is not None else explain_member(run, member or "", limit)
