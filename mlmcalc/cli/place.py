"""``mlmcalc place``: seats in the placement tree for everybody who has none."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from mlmcalc.api.placement import Placement
    from mlmcalc.tables.source import ColumnMap
    from mlmcalc.workspace.load import Workspace

WORKSPACE_FILE = "company.yaml"
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("rules", type=_PATH, required=False)
@click.option("--members", type=_PATH, metavar="FILE", help="Table of members: CSV, Parquet or Excel, by its name.")
@click.option("--volumes", type=_PATH, metavar="FILE", help="What weaker_volume compares, by member_id.")
@click.option("--remove", type=_PATH, metavar="FILE", help="Members who are taken out for good, by member_id.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the placement, such as 2026-10-31.")
@click.option("--period", metavar="PERIOD", help="What stands for {period} in the paths of the workspace.")
@click.option("--workspace", type=_PATH, metavar="FILE", help="A file like company.yaml that names rules and members.")
@click.option("--out", type=_PATH, help="New folder for the tables.  [default: placement]")
@click.option("--format", "format_", type=click.Choice(["parquet", "csv"]), default="csv", show_default=True)
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@click.option("--explain", "member", metavar="MEMBER", help="Say why MEMBER gets its seat; write nothing.")
@click.option("--strict", is_flag=True, help="Exit with 1 if somebody was refused a seat, or there is another warning.")
@click.option(
    "--summary",
    type=click.Choice(["text", "json", "none"]),
    default="text",
    show_default=True,
    help="What standard output gets.",
)
def place(
    rules: Path | None,
    members: Path | None,
    volumes: Path | None,
    remove: Path | None,
    day: datetime.datetime | None,
    period: str | None,
    workspace: Path | None,
    out: Path | None,
    format_: Literal["parquet", "csv"],
    dry_run: bool,
    member: str | None,
    strict: bool,
    summary: Literal["text", "json", "none"],
) -> int:
    """Give new members their seats in the placement tree, by RULES.

    Without RULES or --members, they come from company.yaml in this folder, or from --workspace. The tables appear in a
    new folder, whole or not at all.

    Exit status: 0 done, 1 with warnings if --strict, 3 refused, 4 the folder exists.
    """
    found = _workspace(workspace, period, complete=rules is not None and members is not None)
    rules = rules or (found.placement if found else None)
    if rules is None:
        raise click.UsageError(f"Name placement rules, or write placement: FILE in {WORKSPACE_FILE}.")
    if members is None and found is None:
        raise click.UsageError("Missing --members.")
    writes = not dry_run and member is None
    target = out or Path("placement")
    from mlmcalc.api.place import place as place_members
    from mlmcalc.cli.progress import progress_shown
    from mlmcalc.tables.folder import refuse_existing

    if writes:
        refuse_existing(target)
    source, maps = _members(members, found)
    with progress_shown() as progress:
        progress("placing members", 0, 0)
        date = day.date() if day else None
        placement = place_members(source, rules, date=date, volumes=volumes, remove=remove, maps=maps)
        if writes:
            placement.write(target, format_)
    _print(placement, member, summary, str(target) if writes else "")
    return 1 if strict and placement.findings else 0


def _workspace(file: Path | None, period: str | None, complete: bool) -> Workspace | None:
    if file is None and (complete or not Path(WORKSPACE_FILE).exists()):
        return None
    from mlmcalc.workspace.load import load_workspace

    found = load_workspace(file or Path(WORKSPACE_FILE))
    return found if period is None else found.for_period(period)


def _members(given: Path | None, workspace: Workspace | None) -> tuple[Any, dict[str, ColumnMap]]:
    if given is not None or workspace is None:
        return given, {}
    from mlmcalc.api.inputs import column_map

    table = workspace.members
    return table.path, {"members": column_map(table.columns, table.constants, table.only_where)}


def _print(placement: Placement, member: str | None, summary: str, target: str) -> None:
    from mlmcalc.cli.findings import print_findings

    if member is not None:
        explanation = placement.explain(member)
        if summary == "json":
            click.echo(json.dumps(asdict(explanation), indent=2, ensure_ascii=False))
        elif summary == "text":
            from mlmcalc.cli.place_sheets import seat_sheet

            seat_sheet(explanation).show()
        return
    print_findings(placement.findings)
    if summary == "json":
        click.echo(json.dumps(placement.manifest, indent=2, ensure_ascii=False))
    elif summary == "text":
        from mlmcalc.cli.place_sheets import placement_sheet

        placement_sheet(placement, target).show()
