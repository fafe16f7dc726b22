"""``mlmcalc schema``: the JSON Schema of the plan language."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mlmcalc.cli.text_output import put_text


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of standard output.")
def schema(output: Path | None) -> None:
    """Write the JSON Schema of the plan language.

    An editor that knows it completes and checks a plan while you type. The first line of the plan names it:
    "# yaml-language-server: $schema=plan.schema.json".
    """
    from mlmcalc.plan.schema import plan_schema

    text = json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"
    put_text(text, output)
