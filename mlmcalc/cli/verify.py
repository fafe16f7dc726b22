"""``mlmcalc verify``: the folder of a run, or an exported archive, with nothing else at hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlmcalc.errors import IntegrityError

if TYPE_CHECKING:
    from mlmcalc.audit.verify import Check, Verification


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--last",
    default="",
    metavar="SHA256",
    help="Digest of the last document, known from elsewhere: an archive that was cut short is whole in itself.",
)
@click.option("--all", "everything", is_flag=True, help="A line for every run and document; otherwise one for all.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def verify(folder: Path, last: str, everything: bool, form: str) -> int:
    """Verify all that can be verified of FOLDER: a run's, or an archive that `mlmcalc export` has written.

    A run: its seals, every file, the content of every table, and every sum that stands in two of them. An archive:
    besides, the chain of documents, what was paid and booked against the runs, and that every period begins with what
    the one before left. Exit status 5 if anything does not hold.
    """
    from mlmcalc.audit.verify import verify as look_at
    from mlmcalc.cli.progress import progress_shown

    with progress_shown() as progress:
        progress("verifying", 0, 0)
        found = look_at(folder, last)
    if form == "json":
        click.echo(json.dumps({"holds": found.holds, **asdict(found)}, indent=2, ensure_ascii=False))
    else:
        _show(found, everything)
    return 0 if found.holds else IntegrityError.status


def _show(found: Verification, everything: bool) -> None:
    from mlmcalc.cli.colours import styled
    from mlmcalc.cli.findings import counted, print_findings

    good, bad = ("✓", "✗") if (sys.stdout.encoding or "").lower().startswith("utf") else ("ok", "NOT")
    for count, text, holds in _lines(found.checks, everything):
        mark = styled(good, fg="green") if holds else styled(bad, fg="red", bold=True)
        click.echo(f"  {mark} {count:>12,} {text}")
    if found.last:
        click.echo(f"last document: {found.last}")
    if found.holds:
        click.echo(f"{found.folder}: everything holds, {counted(len(found.checks), 'check')}")
        return
    first = found.findings[0]
    click.echo(f"{found.folder}: {counted(len(found.findings), 'finding')}; the first bad link: {first.text()}")
    print_findings(found.findings)


def _lines(checks: Iterable[Check], everything: bool) -> list[tuple[int, str, bool]]:
    """Return count, text and outcome of each line: of every check, or of all of one kind together."""
    if everything:
        return [(check.count, f"{check.text} ({check.of})", check.holds) for check in checks]
    kinds: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        kinds.setdefault((check.of.partition(" ")[0], check.text), []).append(check)
    return [
        (sum(check.count for check in alike), text + _of(what, alike), all(check.holds for check in alike))
        for (what, text), alike in kinds.items()
    ]


def _of(what: str, checks: list[Check]) -> str:
    return "" if checks[0].of == what else f" ({len(checks):,} {what}{'s' if len(checks) > 1 else ''})"
