"""``mlmcalc preview``: what a period's run would be with some orders more, and others fewer."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mlmcalc.cli.sources import GivenFiles, input_options, resolve_sources

if TYPE_CHECKING:
    from mlmcalc.api.preview import Preview
    from mlmcalc.cli.sheets import Sheet


@click.command()
@input_options
@click.option("--add", type=click.Path(path_type=Path), metavar="FILE", help="Orders that come besides.")
@click.option("--withdraw", multiple=True, metavar="ID", help="An order that does not count; may be repeated.")
@click.option("--limit", type=click.IntRange(0), default=25, show_default=True, help="How many members to show.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="Of both."
)
def preview(
    given: GivenFiles,
    add: Path | None,
    withdraw: tuple[str, ...],
    limit: int,
    form: Literal["table", "json", "csv"],
) -> None:
    """Show what a period's run would be with some orders more, and others fewer. Nothing is written.

    PLAN and tables are named as for run. Orders are withdrawn first, then those of --add come in: an order that changed
    is withdrawn by its id and added again. Totals are shown before and after, and the members who are paid otherwise
    or hold another rank, the largest difference first; JSON and CSV have all of them.

    The period is calculated once before the change, so that a preview takes as long as a run. In the library
    a preview stays in memory, and every further change takes a fraction of that.
    """
    if add is None and not withdraw:
        raise click.UsageError("Name what changes: --add FILE, or --withdraw ID.")
    sources = resolve_sources(given)
    from mlmcalc.cli.progress import progress_shown

    with progress_shown() as progress:
        from mlmcalc.api.preview import preview_of

        before = preview_of(sources.inputs(), progress)
        after = before.without_orders(withdraw) if withdraw else before
        after = after if add is None else after.with_orders(add)
        progress("calculating the change", 0, 0)
        changes = after.changes()
    if form == "csv":
        sys.stdout.write(changes.write_csv())
    elif form == "json":
        click.echo(json.dumps(_stated(before, after), indent=2, ensure_ascii=False))
    else:
        _show(before, after, limit)


def _stated(before: Preview, after: Preview) -> dict[str, Any]:
    members = [
        {name: None if value is None else str(value) for name, value in row.items()}
        for row in after.changes().iter_rows(named=True)
    ]
    return {
        "before": {"digest": before.digest, "totals": before.totals},
        "after": {"digest": after.digest, "totals": after.totals},
        "members": members,
    }


def _show(before: Preview, after: Preview, limit: int) -> None:
    from mlmcalc.cli.amounts import amount_text
    from mlmcalc.cli.sheets import Column, Sheet

    old, new = before.totals, after.totals
    places = old["money_decimals"]
    sheet = Sheet()
    sheet.title(f"Preview of {before.run_id}", f"{old['currency']}; nothing is written")
    sheet.facts({"digest before": before.digest, "digest after": after.digest})
    sheet.heading("Totals")
    rows = [(f"volume {name}", old["volumes"][name], new["volumes"][name]) for name in old["volumes"]]
    rows += [(name, old["bonuses"][name]["paid"], new["bonuses"][name]["paid"]) for name in old["bonuses"]]
    rows.append(("to the company", old["company"], new["company"]))
    columns = [Column("what", folds=True), *(Column(name, right=True) for name in ("before", "after", "difference"))]
    paid = ("all earners", old["paid"], new["paid"])
    cells = [
        (name, amount_text(one, places), amount_text(other, places), amount_text(_less(other, one), places))
        for name, one, other in [*rows, paid]
    ]
    sheet.table(columns, cells[:-1], cells[-1])
    _ranks(sheet, old["ranks"], new["ranks"])
    _members(sheet, after, limit, places)
    for finding in after.findings[len(before.findings) :]:
        sheet.line(finding.text())
    sheet.show()


def _ranks(sheet: Sheet, old: Mapping[str, Mapping[str, int]], new: Mapping[str, Mapping[str, int]]) -> None:
    from mlmcalc.cli.sheets import Column

    for ladder, counts in old.items():
        rows = [
            (name, f"{count:,}", f"{new[ladder][name]:,}")
            for name, count in counts.items()
            if count != new[ladder][name]
        ]
        if rows:
            sheet.heading(f"Members by {ladder}")
            sheet.table([Column(ladder), Column("before", right=True), Column("after", right=True)], rows)


def _members(sheet: Sheet, after: Preview, limit: int, places: int) -> None:
    from mlmcalc.cli.amounts import amount_text
    from mlmcalc.cli.sheets import Column

    changes = after.changes()
    shown = sorted(changes.iter_rows(named=True), key=lambda row: -abs(row["difference"]))[:limit]
    count = changes.height
    sheet.heading(
        f"{count:,} paid otherwise or of another rank" + (f", {len(shown)} shown" if len(shown) < count else "")
    )
    ladders = [name.removesuffix("_before") for name in changes.columns if name.endswith("_before")]
    columns = [Column("member", folds=True), *(Column(name, right=True) for name in ("before", "after", "difference"))]
    columns += [Column(name, folds=True) for name in ladders]
    rows = []
    for row in shown:
        amounts = [amount_text(str(row[name]), places) for name in ("before", "after", "difference")]
        ranks = []
        for ladder in ladders:
            was, now = (row[f"{ladder}_{when}"] or "no rank" for when in ("before", "after"))
            ranks.append("" if was == now else f"{was}, now {now}")
        member = "the company" if row["member_id"] is None else row["member_id"]
        rows.append([member, *amounts, *ranks])
    sheet.table(columns, rows)


def _less(one: str, other: str) -> str:
    from decimal import Decimal

    return format(Decimal(one) - Decimal(other), "f")
