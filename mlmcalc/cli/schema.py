"""``mlmcalc schema``: the JSON Schema of the plan language."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of standard output.")
def schema(output: Path | None) -> None:
    """Write the JSON Schema of the plan language.

    An editor that knows it completes and checks a plan while you type. The first line of the plan names it:
    "# yaml-language-server: $schema=plan.schema.json".
    """
    from mlmcalc.plan.schema import plan_schema

    text = json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    from mlmcalc.errors import EnvironmentRefused, Finding

    try:
        output.write_text(text, encoding="utf-8")
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise EnvironmentRefused(
            Finding("cli.output_refused", f"{reason}.", "Name another file.", file=str(output))
        ) from fault
    click.echo(f"written to {output}", err=True)
