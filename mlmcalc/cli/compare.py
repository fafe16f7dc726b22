"""``mlmcalc compare``: a run beside what another system paid."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlmcalc.audit.compare import Comparison


@click.command()
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.argument("paid", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--member-column", default="", help="Its column of member ids, if not member_id.")
@click.option("--bonus-column", default="", help="Its column of bonuses, if not bonus; without one, totals are compared.")
@click.option("--amount-column", default="", help="Its column of amounts, if not amount.")
@click.option("--limit", default=25, show_default=True, help="How many differences to show and explain.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def compare(
    run: Path, paid: Path, member_column: str, bonus_column: str, amount_column: str, limit: int, form: str
) -> int:
    """Set the RUN in a folder beside PAID, a table of what another system paid: member_id, bonus, amount.

    Exit status 1 if anything differs. Amounts are compared exactly; the largest differences come first, each with what
    is known about it.
    """
    from mlmcalc.api.explanations import Repeatable, compare_paid
    from mlmcalc.tables.source import ColumnMap

    named = {member_column: "member_id", bonus_column: "bonus", amount_column: "amount"}
    column_map = ColumnMap({theirs: ours for theirs, ours in named.items() if theirs})
    found = compare_paid(Repeatable.of_folder(run), paid, column_map, limit)
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    elif form == "csv":
        _write_csv(found)
    else:
        _show(found, limit)
    return 0 if found.agrees else 1


def _write_csv(found: Comparison) -> None:
    from mlmcalc.audit.compare import Difference

    names = [field.name for field in fields(Difference)]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(row, name) for name in names] for row in found.differences)


def _show(found: Comparison, limit: int) -> None:
    from mlmcalc.cli.sheets import Sheet

    sheet = Sheet()
    sheet.title(f"Run {found.run} beside what was paid", f"{found.period}, {found.currency}; difference = here less there")
    columns = ["bonus", "payouts here", "there", "equal", "here", "there", "difference"]
    rows = [
        (row.bonus or "all", row.payouts_here, row.payouts_there, row.equal, row.here, row.there, row.difference)
        for row in [*found.bonuses, found.total]
    ]
    sheet.table("Totals", columns, rows, right=set(range(1, 7)))
    if found.agrees:
        sheet.line("No difference.", bold=True)
    shown = [
        (row.member, row.bonus, row.here, row.there, row.difference, row.knows) for row in found.differences[:limit]
    ]
    sheet.table("Differences", ["member", "bonus", "here", "there", "difference", "known"], shown, right={2, 3, 4})
    if found.differences:
        more = len(found.differences) - len(shown)
        rest = f", {more} of them not shown; --limit shows more, --format csv all" if more > 0 else ""
        sheet.line(f"{len(found.differences)} differences of {found.members} members{rest}.")
    sheet.show()
