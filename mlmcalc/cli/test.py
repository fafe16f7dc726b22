"""``mlmcalc test``: cases, expected beside got."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlmcalc.cases.verdict import CaseResult

COLUMNS = ("case", "what", "expected", "got")
SHOWN_PER_CASE = 20
WIDEST_COLUMN = 70


@click.command("test")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How the results are shown.",
)
@click.option("--all", "everything", is_flag=True, help="List every difference of a case, not only the first ones.")
def test(paths: Sequence[Path], form: str, everything: bool) -> int:
    """Run the cases at or below PATHS: a plan, its members and volumes, and what must come out.

    A case is a YAML file with "expected:", or a folder with the plan and the tables. Exit status 1 if anything came
    out otherwise.
    """
    from mlmcalc.cases.calculate import calculate
    from mlmcalc.cases.verdict import judge_all

    results = judge_all(paths, calculate)
    if form == "json":
        click.echo(json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False))
    elif form == "csv":
        _write_csv(results)
    else:
        _show_table(results, None if everything else SHOWN_PER_CASE)
    return int(any(result.outcome == "failed" for result in results))


def rows_of(results: Sequence[CaseResult], shown: int | None = None) -> list[tuple[str, str, str, str]]:
    """Return one row per difference, and one per case without any: case, what, expected, got."""
    rows = []
    for result in results:
        if result.outcome == "passed":
            rows.append((result.case, f"{result.compared} compared", "", "as expected"))
        if result.outcome == "expected failure":
            rows.append((result.case, "expected failure", "", result.missing))
        if result.outcome == "failed":
            listed = result.differences[:shown]
            rows += [(result.case, found.what, found.expected, found.got) for found in listed]
            if len(listed) < len(result.differences):
                rows.append((result.case, f"and {len(result.differences) - len(listed)} more", "", "see --all"))
    return rows


def summary(results: Sequence[CaseResult]) -> str:
    """Return ``60 passed, 1 failed``."""
    count = Counter(result.outcome for result in results)
    known = f", {count['expected failure']} expected to fail" if count["expected failure"] else ""
    return f"{count['passed']} passed, {count['failed']} failed{known}"


def _write_csv(results: Sequence[CaseResult]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("outcome", *COLUMNS))
    for result in results:
        writer.writerows((result.outcome, *row) for row in rows_of([result]))


def _show_table(results: Sequence[CaseResult], shown: int | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="fold", max_width=WIDEST_COLUMN)
    failed = {result.case for result in results if result.outcome == "failed"}
    for case, *cells in rows_of(results, shown):
        style = "red" if case in failed else ""
        table.add_row(Text(case), *(Text(cell, style=style) for cell in cells))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 4 * WIDEST_COLUMN)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip())
    click.echo(summary(results))
