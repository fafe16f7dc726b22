"""``mlmcalc timeline``: one member across periods."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlmcalc.cli.sources import WORKSPACE_FILE

if TYPE_CHECKING:
    from mlmcalc.audit.timeline.model import Moment
    from mlmcalc.workspace.load import Workspace

MANIFEST = "manifest.json"
HEAD = ("program", "period", "run", "what", "name", "value")


@click.command()
@click.argument("member")
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--program", help="Periods of this program only: the name of its plan.")
@click.option("--why", is_flag=True, help="Say why each rank and carry is what it is: explains every period.")
@click.option("--workspace", type=click.Path(path_type=Path), metavar="FILE", help="A file like company.yaml.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def timeline(
    member: str,
    runs: tuple[Path, ...],
    program: str | None,
    why: bool,
    workspace: Path | None,
    form: str,
) -> int:
    """Show MEMBER period by period: rank, volumes, what it earned and was paid, what changed, what was carried.

    RUNS are folders of runs, or folders that hold some. One run alone is followed back through the states it began
    with. Without any, they are the closed periods of the store in company.yaml, or the runs where it keeps them.

    Every period begins with what the one before left; where it does not, that is shown, and the exit status is 1.
    """
    folders = _runs(runs, workspace, program)
    from mlmcalc.api.timeline import timeline as timeline_of

    found = timeline_of(_of_program(folders, program), member, why)
    if form == "json":
        click.echo(json.dumps(_plain(found), indent=2, ensure_ascii=False))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(row for moment in found.moments for row in _rows(moment))
    else:
        from mlmcalc.cli.timeline_sheet import timeline_sheet

        timeline_sheet(found).show()
    return 1 if found.breaks else 0


def _runs(given: tuple[Path, ...], file: Path | None, program: str | None) -> list[Path]:
    if len(given) == 1 and (given[0] / MANIFEST).exists():
        from mlmcalc.api.timeline import run_chain

        return run_chain(given[0])
    if given:
        found = [run for folder in given for run in _inside(folder)]
    else:
        place = file or Path(WORKSPACE_FILE)
        if not place.exists():
            raise click.UsageError(f"Name folders of runs, or work in a folder with a {WORKSPACE_FILE}.")
        from mlmcalc.workspace.load import load_workspace

        found = _of_workspace(load_workspace(place), program)
    if not found:
        raise click.UsageError("There is no run here: name folders of runs.")
    return found


def _inside(folder: Path) -> list[Path]:
    if (folder / MANIFEST).exists():
        return [folder]
    return sorted(place.parent for place in folder.glob(f"*/{MANIFEST}") if not place.parent.name.startswith("."))


def _of_workspace(workspace: Workspace, program: str | None) -> list[Path]:
    from mlmcalc.cli.store_options import has_store, store_of

    if has_store(workspace):
        from mlmcalc.closing.evidence import committed_runs

        with store_of(workspace) as store:
            if found := committed_runs(store, program):
                return found
    # Where a run of any period would be kept.
    pattern = re.sub(r"\{[a-z]+\}", "*", str(workspace.out))
    root = Path(pattern.partition("*")[0] or ".")
    return sorted(
        Path(place).parent for place in root.parent.glob(f"{Path(pattern).relative_to(root.parent)}/{MANIFEST}")
    )


def _of_program(folders: list[Path], program: str | None) -> list[Path]:
    if program is None:
        return folders
    from mlmcalc.api.sealed import sealed_manifest

    names = {folder: sealed_manifest(folder)["plan"]["name"] for folder in folders}
    kept = [folder for folder, name in names.items() if name == program]
    if not kept:
        raise click.UsageError(f"None of the runs is of {program}; there are {', '.join(sorted(set(names.values())))}.")
    return kept


def _rows(moment: Moment) -> Iterator[tuple[str, ...]]:
    seen = moment.seen
    head = (seen.program, seen.period, seen.run)
    facts = {
        "there": str(seen.there).lower(),
        "status": seen.status,
        "kind": seen.kind,
        "active": str(seen.active).lower(),
    }
    named: list[tuple[str, str, Any]] = [("standing", name, value) for name, value in facts.items()]
    for what in ("parents", "ranks", "titles", "volumes", "earned", "deferred"):
        named += [(what.removesuffix("s"), name, value) for name, value in getattr(seen, what).items()]
    named += [("payout", f"{step.step}: {step.name}" if step.name else step.step, step.amount) for step in seen.steps]
    named += [("total", "earned", seen.total), ("total", "paid", seen.paid), ("total", "closing balance", seen.balance)]
    named += [("carry out", f"{bonus}, leg {leg}", amount) for (bonus, leg), amount in seen.carry.items()]
    if seen.why is not None:
        named += [
            (field.name.replace("_", " "), f"{leg.bonus}, leg {leg.leg}", getattr(leg, field.name))
            for leg in seen.why.legs
            for field in fields(leg)[2:]
        ]
    named += [("balance from", period, amount) for period, amount in moment.balance_from]
    named += [("change", "", text) for text in moment.changes] + [("break", "", text) for text in moment.breaks]
    for what, name, value in named:
        yield (*head, what, name, f"{value:f}" if isinstance(value, Decimal) else str(value))


def _plain(value: Any) -> Any:
    """Return a timeline as JSON has it: amounts as texts."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {", leg ".join(key) if isinstance(key, tuple) else key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
