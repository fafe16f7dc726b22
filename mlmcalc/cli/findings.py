"""Findings on standard error, one line each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

import click

from mlmcalc.cli.colours import styled
from mlmcalc.errors import Finding, MlmcalcError

SHOWN = 50
# Of one fault in one column: whoever has seen five of them knows what is wrong, and must not miss the other faults.
_SHOWN_ALIKE = 5


def print_refusal(refusal: MlmcalcError) -> None:
    """Print why something was refused."""
    errors = sum(finding.level == "error" for finding in refusal.findings)
    warnings = len(refusal.findings) - errors
    counts = counted(errors, "error") + (f", {counted(warnings, 'warning')}" if warnings else "")
    click.echo(styled(f"{refusal.headline}, {counts}", fg="red", bold=True), err=True)
    print_findings(refusal.findings)


def print_findings(findings: Iterable[Finding], shown: int | None = SHOWN, err: bool = True) -> None:
    """Print findings, one line each, codes aligned; of a long list the first ones of each kind.

    Parameters
    ----------
    findings : iterable of Finding
    shown : int or None
        How many at most; None for all.
    err : bool
        To standard error.
    """
    found = list(findings)
    chosen = found if shown is None else _first_of_each(found)[:shown]
    width = max((len(finding.code) for finding in chosen), default=0)
    for finding in chosen:
        code, _, text = finding.text().partition("  ")
        colour, level = ("red", "") if finding.level == "error" else ("yellow", "warning: ")
        click.echo("  " + styled(code.ljust(width), fg=colour) + "  " + level + _one_line(text), err=err)
    if len(found) > len(chosen):
        left = Counter(finding.code for finding in found)
        left.subtract(finding.code for finding in chosen)
        kinds = ", ".join(f"{count:,} {code}" for code, count in left.items() if count)
        click.echo(f"  and {kinds} more; `mlmcalc check` lists them all", err=err)


def findings_json(findings: Iterable[Finding]) -> str:
    """Return findings as JSON, one object each."""
    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False, default=str)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``no errors``, ``1 error``, ``2 errors``."""
    return f"{f'{number:,}' if number else 'no'} {noun}{'' if number == 1 else 's'}"


def _first_of_each(findings: list[Finding]) -> list[Finding]:
    seen: Counter[tuple[str, str, str]] = Counter()
    first = []
    for finding in findings:
        kind = (finding.code, finding.file, finding.column)
        seen[kind] += 1
        # Findings of a plan have no column, and each its own cure.
        if seen[kind] <= _SHOWN_ALIKE or not finding.column:
            first.append(finding)
    return first


def _one_line(text: str) -> str:
    # What the input holds must not steer the terminal: control characters are shown, not sent.
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda found: repr(found[0])[1:-1], text)
