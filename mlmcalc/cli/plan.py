"""``mlmcalc plan``: a plan looked at by itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlmcalc.cli.text_output import put_text

if TYPE_CHECKING:
    from mlmcalc.plan.differences import Difference
    from mlmcalc.plan.doubts import Doubt


@click.group()
def plan() -> None:
    """Look at a plan: as a page, its doubtful places, what changed between two versions."""


_FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Of the output."
)
_SECTIONS = ("exclusive", "payout")
"""Sections that are one rule by themselves; other keys of the document's top are of its head."""
_PATH = click.Path(path_type=Path)


@plan.command(short_help="Show PLAN as a page: volumes, ranks, bonuses.")
@click.argument("path", metavar="PLAN", type=_PATH)
@click.option("--format", "form", type=click.Choice(["table", "html"]), default="table", show_default=True)
@click.option("-o", "--out", type=_PATH, help="Write the page into this file instead of standard output.")
def show(path: Path, form: str, out: Path | None) -> None:
    """Show PLAN as a page: what counts, who holds which rank, who is paid what.

    As HTML it is one file that loads nothing and prints well.
    """
    from mlmcalc.plan.load import load_plan
    from mlmcalc.plan.page import plan_page

    page = plan_page(load_plan(path))
    if form == "html":
        from mlmcalc.reports.plan_html import plan_html

        text = plan_html(page)
    else:
        from mlmcalc.cli.plan_sheet import plan_sheet

        text = "\n".join(plan_sheet(page).lines) + "\n"
    put_text(text, out)


@plan.command()
@click.argument("path", metavar="PLAN", type=_PATH)
@click.option("--strict", is_flag=True, help="End with status 1 if anything is doubtful.")
@_FORMAT
def lint(path: Path, strict: bool, form: str) -> None:
    """Say what is valid in PLAN but doubtful.

    Ranks that nobody can hold, rates that fall with rank or volume, what could be paid at most of every volume, names
    that nothing reads. A plan that is not valid is refused as everywhere.
    """
    from mlmcalc.plan.doubts import doubts_of
    from mlmcalc.plan.load import load_plan
    from mlmcalc.plan.worst_case import worst_cases

    loaded = load_plan(path)
    found, worst = doubts_of(loaded), worst_cases(loaded)
    if form == "json":
        listed = {"doubts": [asdict(one) for one in found], "worst_cases": [asdict(one) for one in worst]}
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        _doubts(found, f"{loaded.name} {loaded.version}")
        for one in worst:
            click.echo(f"  {one.sentence()}")
    if strict and found:
        raise click.exceptions.Exit(1)


@plan.command()
@click.argument("before", metavar="A", type=_PATH)
@click.argument("after", metavar="B", type=_PATH)
@_FORMAT
def diff(before: Path, after: Path, form: str) -> None:
    """Say what plan B says differently from plan A, rule by rule.

    Layout, quotes and defaults that are only written out are no differences. Ends with status 1 if there are any.
    """
    from mlmcalc.plan.differences import plan_differences
    from mlmcalc.plan.load import load_plan

    found = plan_differences(load_plan(before), load_plan(after))
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    else:
        _differences(found, str(before), str(after))
    if found:
        raise click.exceptions.Exit(1)


def _doubts(found: list[Doubt], name: str) -> None:
    if not found:
        click.echo(f"{name}: nothing doubtful")
        return
    click.echo(f"{name}: {len(found)} doubtful place{'' if len(found) == 1 else 's'}")
    for one in found:
        click.echo(f"  {one.code}  {one.file} line {one.line}, {one.what}: {one.message}")


def _differences(found: list[Difference], before: str, after: str) -> None:
    if not found:
        click.echo(f"{before} and {after} say the same")
        return
    for (section, rule), same in groupby(found, key=lambda one: (one.section, one.rule)):
        click.secho(rule if section or rule in _SECTIONS else f"the head: {rule}", bold=True)
        for one in same:
            lines = " → ".join(str(line) for line in (one.line_before, one.line_after) if line)
            click.echo(f"  {one.sentence()}  (line {lines})")
