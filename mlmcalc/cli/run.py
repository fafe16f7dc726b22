"""``mlmcalc run``: a period's commissions into a new folder."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import click

from mlmcalc.cli.clocks import clock_options
from mlmcalc.cli.sources import GivenFiles, input_options, resolve_sources


@click.command()
@input_options
@click.option("--out", type=click.Path(path_type=Path), help="New folder for the run.  [default: runs/PERIOD]")
@click.option("--format", "format_", type=click.Choice(["parquet", "csv"]), help="Of the tables.  [default: parquet]")
@click.option(
    "--detail",
    type=click.Choice(["all", "none"]),
    help="none keeps no lines; what needs them calculates the run again.  [default: all]",
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Threads that read and write."
)
@clock_options(
    "Members stand where they stood on that day.  [default: the period's last]",
    "What became known later does not count: 2026-11-05, or 2026-11-05T14:30.",
)
@click.option("--only", metavar="BONUS,...", help="A trial of these bonuses, and what they are calculated from.")
@click.option(
    "--until",
    type=click.Choice(["volumes", "trees", "metrics", "ranks", "bonuses", "limits"]),
    help="A trial that ends after this stage.",
)
@click.option(
    "--summary",
    type=click.Choice(["text", "json", "none"]),
    default="text",
    show_default=True,
    help="What standard output gets.",
)
def run(
    given: GivenFiles,
    out: Path | None,
    format_: Literal["parquet", "csv"] | None,
    detail: Literal["all", "none"] | None,
    threads: int,
    as_of: date | None,
    known_at: str | None,
    only: str | None,
    until: str | None,
    summary: Literal["text", "json", "none"],
) -> None:
    """Calculate the commissions of a period.

    PLAN is a plan file. Without it, plan and tables come from company.yaml in this folder, or from --workspace.

    With --as-of or --known-at members, orders and overrides come from the store of the workspace, as they were then.

    A trial (--only, --until) is written to runs/PERIOD-trial; nobody is paid by it, and no period begins with it.

    The run appears in a new folder, whole or not at all. A summary goes to standard output.
    """
    started = time.perf_counter()
    if only is not None and until is not None:
        raise click.UsageError("--only and --until exclude each other: name one of them.")
    sources = resolve_sources(given, out=out, format=format_, detail=detail)
    # A trial does not take the place of the run.
    folder = sources.out if out or not (only or until) else sources.out.with_name(f"{sources.out.name}-trial")
    from mlmcalc.cli.progress import progress_shown

    with progress_shown() as progress:
        from mlmcalc.api.calculate import run_into_folder

        inputs = sources.inputs()
        if as_of is not None or known_at is not None:
            from mlmcalc.cli.told import told_inputs

            inputs = told_inputs(sources, inputs, as_of, known_at)
        if only or until:
            from mlmcalc.plan.trial import TrialWish

            names = tuple(name.strip() for name in only.split(",")) if only else ()
            inputs = replace(inputs, trial=TrialWish(names, until or ""))
        finished = run_into_folder(inputs, folder, sources.format, threads, progress, sources.detail)
    if summary == "json":
        click.echo(json.dumps(finished.manifest, indent=2, ensure_ascii=False))
    elif summary == "text":
        from mlmcalc.cli.summary import print_summary

        print_summary(finished.manifest, str(folder), time.perf_counter() - started)
