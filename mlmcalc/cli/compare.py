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
    from mlmcalc.audit.compare import BonusComparison, Comparison
    from mlmcalc.cli.sheets import Sheet

NO_NAME = "(none)"


@click.command()
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.argument("paid", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--member-column", default="", help="Its column of member ids, if not member_id.")
@click.option("--bonus-column", default="", help="Its column of bonuses, if not bonus; without one, totals count.")
@click.option("--amount-column", default="", help="Its column of amounts, if not amount.")
@click.option(
    "--bonus",
    "names",
    multiple=True,
    metavar="OURS=THEIRS",
    help="What it calls a bonus of the plan; may be repeated, and several of ours may be one of theirs.",
)
@click.option(
    "--limit", type=click.IntRange(0), default=25, show_default=True, help="How many differences to show and explain."
)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def compare(
    run: Path,
    paid: Path,
    member_column: str,
    bonus_column: str,
    amount_column: str,
    names: tuple[str, ...],
    limit: int,
    form: str,
) -> int:
    """Set the RUN in a folder beside PAID, a table of what another system paid: member_id, bonus, amount.

    Exit status 1 if anything differs. Amounts are compared exactly; the largest differences come first, each with what
    is known about it. Rows of one member and bonus are added up. JSON and CSV have every difference.
    """
    if any("=" not in name for name in names):
        raise click.UsageError("--bonus is written OURS=THEIRS")
    called = {ours.strip(): theirs.strip() for ours, _, theirs in (name.partition("=") for name in names)}
    from mlmcalc.api.explanations import Repeatable, compare_paid
    from mlmcalc.tables.source import ColumnMap

    named = {member_column: "member_id", bonus_column: "bonus", amount_column: "amount"}
    column_map = ColumnMap({theirs: ours for theirs, ours in named.items() if theirs})
    found = compare_paid(Repeatable.of_folder(run), paid, column_map, limit, called)
    if form == "json":
        click.echo(json.dumps({"agrees": found.agrees, **asdict(found)}, indent=2, ensure_ascii=False))
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
    from mlmcalc.cli.amounts import amount_text
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    sheet.title(f"{found.run} beside what was paid", f"{found.period}, {found.currency}; difference = here less there")
    sheet.heading("Amounts")
    columns = [Column("bonus", folds=True), *(Column(name, right=True) for name in ("here", "there", "difference"))]
    rows = [
        (row.bonus or NO_NAME, amount_text(row.here), amount_text(row.there), amount_text(row.difference))
        for row in found.bonuses
    ]
    total = found.total
    last = ("all", amount_text(total.here), amount_text(total.there), amount_text(total.difference))
    sheet.table(columns, rows, last)
    sheet.heading("Members")
    names = ("paid here", "there", "equal", "only here", "only there", "unlike")
    columns = [Column("bonus", folds=True), *(Column(name, right=True) for name in names)]
    sheet.table(columns, [_counts(row, row.bonus or NO_NAME) for row in found.bonuses], _counts(total, "all"))
    for note in found.notes:
        sheet.heading(note)
    if found.agrees:
        sheet.heading("No difference.")
    else:
        _differences(sheet, found, limit)
    sheet.show()


def _differences(sheet: Sheet, found: Comparison, limit: int) -> None:
    from mlmcalc.cli.amounts import amount_text
    from mlmcalc.cli.sheets import Column

    count, shown = len(found.differences), found.differences[:limit]
    title = f"{count:,} difference{_s(count)} of {found.members:,} member{_s(found.members)}"
    sheet.heading(f"{title}, the {len(shown)} largest" if 0 < len(shown) < count else title)
    columns = [Column("member", folds=True), Column("bonus", folds=True)]
    columns += [Column(name, right=True) for name in ("here", "there", "difference")] + [Column("known", folds=True)]
    rows = [
        (row.member, row.bonus, amount_text(row.here), amount_text(row.there), amount_text(row.difference), row.knows)
        for row in shown
    ]
    sheet.table(columns, rows)
    if len(shown) < count:
        sheet.line("--limit shows and explains more, --format csv lists all", 2)


def _counts(row: BonusComparison, name: str) -> tuple[str, ...]:
    numbers = (row.payouts_here, row.payouts_there, row.equal, row.only_here, row.only_there, row.unlike)
    return (name, *(f"{number:,}" for number in numbers))


def _s(count: int) -> str:
    return "" if count == 1 else "s"
