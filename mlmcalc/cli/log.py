"""``mlmcalc log``: who did what and when."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlmcalc.cli.store_options import open_workspace, store_of, workspace_option

if TYPE_CHECKING:
    from mlmcalc.store.log import LogRecord


@click.command()
@workspace_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Of the output.",
)
@click.option("--newest", type=click.IntRange(1), metavar="N", help="Only the last N records.")
@click.option("--subject", metavar="TEXT", help="Only what begins like this, such as 'batch' or 'unilevel 2026-10'.")
@click.option("--verify", is_flag=True, help="Say whether every record is what it was; status 5 if one is not.")
def log(workspace: Path, form: str, newest: int | None, subject: str | None, verify: bool) -> None:
    """Show the log of the store: who did what and when, each record chained to the one before.

    Exit status: 0 done, 5 with --verify: a record was altered, or one is missing.
    """
    from mlmcalc.store.checks import refuse_broken
    from mlmcalc.store.log import log_records, verify_log

    with store_of(open_workspace(workspace)) as opened, opened.read() as tx:
        if verify:
            refuse_broken(verify_log(tx))
            last = next(log_records(tx, newest=1))
            click.echo(f"{last.seq:,} records, each as it was written; the last has the digest {last.digest}")
            return
        _print(log_records(tx, subject, newest), form)


def _print(records: Iterable[LogRecord], form: str) -> None:
    from mlmcalc.store.clock import instant_text

    if form == "json":
        rows = [
            {
                "seq": record.seq,
                "at": instant_text(record.at),
                "by": record.by,
                "action": record.action,
                "subject": record.subject,
                "details": json.loads(record.details),
                "previous": record.previous,
                "digest": record.digest,
            }
            for record in records
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["seq", "at", "by", "action", "subject", "details", "previous", "digest"])
        for record in records:
            writer.writerow(
                [
                    *(record.seq, instant_text(record.at), record.by, record.action, record.subject, record.details),
                    *(record.previous, record.digest),
                ]
            )
        click.echo(text.getvalue(), nl=False)
        return
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    columns = [Column("seq", right=True), *(Column(name) for name in ("at", "by", "action"))]
    columns += [Column("subject", folds=True), Column("details", folds=True, spare=1)]
    rows = [
        [record.seq, instant_text(record.at), record.by, record.action, record.subject, _words(record.details)]
        for record in records
    ]
    sheet.table(columns, rows)
    sheet.show()


def _words(details: str) -> str:
    """Return details for a reader: names and values; digests by their first digits."""

    def word(value: object) -> str:
        if isinstance(value, list):
            return " ".join(word(part) for part in value)
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
        return text[:12] if len(text) == 64 else text

    return ", ".join(
        f"{name} {word(value)}" for name, value in json.loads(details).items() if value not in ("", [], None)
    )
