"""``mlmcalc check``: every finding about plan and data at once."""

from __future__ import annotations

from typing import Literal

import click

from mlmcalc.cli.sources import GivenFiles, input_options, resolve_sources


@click.command()
@input_options
@click.option("--strict", is_flag=True, help="Warnings count: exit with 1 if there are any.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How findings are printed.",
)
def check(given: GivenFiles, strict: bool, format_: Literal["table", "json"]) -> int:
    """List every finding about plan and data, without calculating anything.

    PLAN alone is checked by itself; with --members and --period the tables are checked too. Without PLAN, everything
    comes from company.yaml in this folder, or from --workspace.

    Exit status: 0 without errors, 1 with warnings if --strict, 3 with errors.
    """
    sources = resolve_sources(given, plan_alone=True)
    from mlmcalc.cli.findings import counted, findings_json, print_findings
    from mlmcalc.cli.progress import progress_shown

    with progress_shown() as progress:
        from mlmcalc.api.inputs import findings_of

        findings = findings_of(sources.inputs(), progress)
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(findings) - errors
    if format_ == "json":
        click.echo(findings_json(findings))
    else:
        print_findings(findings, shown=None, err=False)
        click.echo(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", err=True)
    if errors:
        return 3
    return 1 if strict and warnings else 0
