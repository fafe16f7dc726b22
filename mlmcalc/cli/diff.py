"""``mlmcalc diff``: what two runs pay differently, and why."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mlmcalc.cli.sources import default_store

if TYPE_CHECKING:
    from mlmcalc.audit.run_difference import RunDifference

_PATH = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("before", metavar="RUN_A", type=_PATH)
@click.argument("after", metavar="RUN_B", type=_PATH)
@click.option(
    "--store",
    type=_PATH,
    help="Folder of the store, for a RUN that is no folder.  [default: that of company.yaml here]",
)
@click.option("--each", is_flag=True, help="Every order, member and rule that differs is a cause of its own, up to 50.")
@click.option("--causes/--no-causes", default=True, help="Whether to say why: about the time of a run for each cause.")
@click.option("--members", type=click.IntRange(0), default=20, show_default=True, help="How many members to show.")
@click.option("--member", metavar="ID", help="Show this member, or company, bonus by bonus.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def diff(
    before: Path,
    after: Path,
    store: Path | None,
    each: bool,
    causes: bool,
    members: int,
    member: str | None,
    form: Literal["table", "json", "csv"],
) -> int:
    """Say what the run RUN_B pays otherwise than RUN_A, and why. Exit status 1 if they differ.

    Each is the folder of a run; in a store also its id, or a period that had only one.

    Causes are the orders, the members (who moved, joined, left, whose data differ), overrides, plan, state and other
    tables. Each is replaced alone, in the inputs of RUN_A, and that run calculated again: what it pays more than RUN_A
    is the cause's effect. What is left is the interaction. Together they are the whole difference, exactly, for each
    member and bonus. JSON and CSV have every member.

    The inputs of both runs must be unchanged (exit status 5). Where they are gone, totals and members are shown without
    causes.
    """
    from mlmcalc.cli.progress import progress_shown

    with progress_shown() as progress:
        from mlmcalc.api.diff import diff as compared

        place = store or default_store()
        folders = (_folder(before, place), _folder(after, place))
        found = compared(*folders, causes=causes, finer="each" if each else "tables", progress=progress)
    if form == "csv":
        sys.stdout.write(_chosen(found, member).write_csv())
    elif form == "json":
        click.echo(json.dumps(_stated(found, member), indent=2, ensure_ascii=False))
    else:
        from mlmcalc.cli.diff_sheet import diff_sheet

        diff_sheet(found, members, member).show()
    for finding in found.findings:
        click.echo(finding.text(), err=True)
    return 0 if found.is_equal else 1


def _folder(run: Path, store: Path | None) -> Path:
    from mlmcalc.api.run_folders import run_folders

    found = run_folders(run, store)
    if len(found) > 1:
        raise click.UsageError(f"{run} had several runs, name one: {', '.join(folder.name for folder in found)}.")
    return found[0]


def _chosen(found: RunDifference, member: str | None) -> Any:
    if member is None:
        return found.rows
    return found.of_member(None if member == "company" else member)


def _stated(found: RunDifference, member: str | None) -> dict[str, Any]:
    fixed = ("member", "section", "name", "before", "after", "difference")
    rows = []
    for row in _chosen(found, member).iter_rows(named=True):
        texts = {name: None if value is None else str(value) for name, value in row.items()}
        causes = {name: text for name, text in texts.items() if name not in fixed}
        rows.append({name: texts[name] for name in fixed} | {"causes": causes})
    return {
        "equal": found.is_equal,
        "before": found.before,
        "after": found.after,
        "tables": list(found.tables),
        "totals": [asdict(pair) for pair in found.pairs],
        "causes": [
            {
                "name": effect.name,
                "what": effect.what,
                "after": list(effect.after),
                "members": effect.members,
                "paid": str(effect.paid),
                "company": str(effect.company),
                "payments": str(effect.payments),
            }
            for effect in found.effects
        ],
        "ranks": found.ranks.to_dicts(),
        "rows": rows,
        "findings": [asdict(finding) for finding in found.findings],
    }
