"""``mlmcalc explain``: why a member was paid, and why not; who got what from an order."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlmcalc.audit.explanation import MemberExplanation, OrderExplanation


@click.command()
@click.argument("member", required=False)
@click.option("--order", help="Explain an order instead: who got what from it, who was passed over, and why.")
@click.option(
    "--run", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the run."
)
@click.option("--limit", default=25, show_default=True, help="Sources to look at, per bonus, for what was not earned.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def explain(member: str | None, order: str | None, folder: Path, limit: int, form: str) -> None:
    """Say why MEMBER was paid what it was paid, and what it did not get from those near it.

    The run is calculated again from its inputs, which must be unchanged.
    """
    if (member is None) == (order is None):
        raise click.UsageError("name a MEMBER, or an order with --order")
    from mlmcalc.api.explanations import Repeatable, explain_member, explain_order

    run = Repeatable.of_folder(folder)
    if order is not None:
        found_order = explain_order(run, order)
        _show_json(found_order) if form == "json" else _show_order(found_order)
    elif member is not None:
        found = explain_member(run, member, limit)
        _show_json(found) if form == "json" else _show_member(found)


def _show_json(found: MemberExplanation | OrderExplanation) -> None:
    click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))


def _show_member(found: MemberExplanation) -> None:
    from mlmcalc.cli.sheets import Sheet

    sheet = Sheet()
    sheet.title(f"Member {found.member}", f"{found.plan}, {found.period}, run {found.run}")
    upline = [f"{tree} {parent or 'none (root)'}" for tree, parent in found.upline.items()]
    keeper = [f"{tree}: {name or 'nobody'}" for tree, name in found.keeper.items() if name != found.member]
    sheet.facts(
        {
            "status": found.status + ("" if found.active else ", not active"),
            "kind": found.kind,
            "joined": found.joined,
            "scheme": found.scheme,
            "upline": ", ".join(upline),
            "belongs to": ", ".join(keeper),
        }
    )
    sheet.table("Volumes and metrics", ["name", "value"], list({**found.volumes, **found.metrics}.items()), right={1})
    for standing in found.ranks:
        forced = f" (forced: {standing.forced})" if standing.forced else ""
        sheet.line(f"{standing.ladder}: {standing.rank}{forced}", bold=True)
        for number, needs in enumerate(standing.next_needs):
            name = f"Next: {standing.next_rank}" if number == 0 else f"or, for {standing.next_rank}"
            rows = [(need.word, need.required, need.actual, need.short_by, _met(need.met, need.waived)) for need in needs]
            sheet.table(name, ["needs", "required", "actual", "short by", ""], rows, right={3})
    amounts = [
        (line.bonus, _source(line.source, line.order, line.via), line.level, line.paid_level, line.rate, line.base,
         line.amount, "" if line.outcome == "paid" else line.outcome, line.plan_source)
        for line in found.amounts
    ]  # fmt: skip
    columns = ["bonus", "from", "level", "paid level", "rate", "base", "amount", "", "plan"]
    sheet.table("Earned", columns, amounts, right={2, 3, 4, 5, 6}, empty="nothing")
    sheet.line(f"Total {found.total} {found.currency}", bold=True)
    for bonus, unmet in found.eligibility.items():
        for need in unmet:
            sheet.line(f"Not eligible for {bonus}: {need.sentence()}")
    missed = [
        (step.bonus, _source(step.source, step.order, ""), step.level or "", step.paid_level or "", step.outcome,
         step.offered, step.reason)
        for step in found.missed
    ]  # fmt: skip
    sheet.table(
        "Not earned", ["bonus", "from", "level", "paid level", "outcome", "offered", "why"], missed, right={2, 3, 5}
    )
    if found.not_shown:
        sheet.line(f"{found.not_shown} further sources are not shown; raise --limit to see them.")
    sheet.show()


def _show_order(found: OrderExplanation) -> None:
    from mlmcalc.cli.sheets import Sheet

    sheet = Sheet()
    sheet.title(f"Order {found.order}", f"{found.plan}, {found.period}, run {found.run}")
    sheet.facts({"buyer": found.buyer, "date": found.date, "kind": found.kind, **found.volumes})
    if found.whole_source:
        sheet.line(f"Lines are kept per source: amounts are those of all orders of member {found.buyer} in the period.")
    got = [
        (line.earner, line.bonus, line.level, line.paid_level, line.rate, line.base, line.amount,
         "" if line.outcome == "paid" else line.outcome, line.plan_source)
        for line in found.amounts
    ]  # fmt: skip
    columns = ["earner", "bonus", "level", "paid level", "rate", "base", "amount", "", "plan"]
    sheet.table("Who got what", columns, got, right={2, 3, 4, 5, 6}, empty="nobody got anything")
    passed = [
        (step.member or "nobody", step.bonus, step.level or "", step.paid_level or "", step.outcome, step.offered,
         step.reason)
        for step in found.passed_over
    ]  # fmt: skip
    columns = ["member", "bonus", "level", "paid level", "outcome", "offered", "why"]
    sheet.table("Who was passed over", columns, passed, right={2, 3, 5}, empty="nobody")
    sheet.show()


def _met(met: bool, waived: str) -> str:
    return f"waived: {waived}" if waived else "met" if met else "not met"


def _source(source: str, order: str, via: str) -> str:
    return source + (f" order {order}" if order else "") + (f" via {via}" if via else "")
