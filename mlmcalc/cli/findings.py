"""Findings on standard error, one line each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict

import click

from mlmcalc.cli.colours import styled
from mlmcalc.errors import Finding, MlmcalcError

SHOWN = 50


def print_refusal(refusal: MlmcalcError) -> None:
    """Print why something was refused."""
    count = len(refusal.findings)
    click.echo(styled(f"{refusal.headline}, {count} finding{'' if count == 1 else 's'}", fg="red", bold=True), err=True)
    print_findings(refusal.findings)


def print_findings(findings: Iterable[Finding], shown: int | None = SHOWN, err: bool = True) -> None:
    """Print findings, one line each, codes aligned; of a long list the first ones.

    Parameters
    ----------
    findings : iterable of Finding
    shown : int or None
        How many at most; None for all.
    err : bool
        To standard error.
    """
    found = list(findings)
    width = max((len(finding.code) for finding in found[:shown]), default=0)
    for finding in found[:shown]:
        code, _, text = finding.text().partition("  ")
        colour = "red" if finding.level == "error" else "yellow"
        click.echo("  " + styled(code.ljust(width), fg=colour) + "  " + _one_line(text), err=err)
    if shown is not None and len(found) > shown:
        click.echo(f"  and {len(found) - shown} more; `mlmcalc check` lists them all", err=err)


def findings_json(findings: Iterable[Finding]) -> str:
    """Return findings as JSON, one object each."""
    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False, default=str)


def _one_line(text: str) -> str:
    # What the input holds must not steer the terminal: control characters are shown, not sent.
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda found: repr(found[0])[1:-1], text)
