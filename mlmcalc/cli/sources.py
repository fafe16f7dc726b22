"""Where a command finds plan and tables: named one by one, or in a workspace file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from mlmcalc.api.inputs import Inputs
    from mlmcalc.workspace.load import Workspace

TABLES = ("members", "orders", "volumes", "overrides", "state", "adjustments", "closed")
WORKSPACE_FILE = "company.yaml"
STORE_FOLDER = "store"


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """What stood on the command line."""

    plan: Path | None
    tables: dict[str, Path]
    period: str | None
    workspace: Path | None


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a command reads, and where it writes."""

    given: GivenFiles
    workspace: Workspace | None
    out: Path
    format: Literal["parquet", "csv"]
    detail: Literal["all", "none"] = "all"

    def inputs(self) -> Inputs:
        """Return the inputs as the library takes them."""
        from mlmcalc.api.inputs import Inputs, column_map

        workspace = self.workspace
        tables: dict[str, Any] = dict(self.given.tables)
        if workspace is None:
            return Inputs(plan=self.given.plan, tables=tables, period=self.given.period)
        described = {name: getattr(workspace, name) for name in TABLES if getattr(workspace, name) is not None}
        if "orders" in tables or "volumes" in tables:
            # One of the two replaces whichever the workspace names.
            described = {name: table for name, table in described.items() if name not in ("orders", "volumes")} | {
                name: table for name, table in described.items() if name in tables
            }
        return Inputs(
            plan=self.given.plan or workspace.plan,
            tables={name: table.path for name, table in described.items()} | tables,
            period=self.given.period,
            maps={
                name: column_map(table.columns, table.constants, table.only_where) for name, table in described.items()
            },
            expect=workspace.expect,
        )


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add PLAN and the options that name inputs; the command receives them as `given`."""

    @functools.wraps(command)
    def gathered(plan: Path | None, period: str | None, workspace: Path | None, **options: Any) -> Any:
        tables = {name: options.pop(name) for name in TABLES}
        given = GivenFiles(plan, {name: path for name, path in tables.items() if path is not None}, period, workspace)
        return command(given, **options)

    path = click.Path(path_type=Path)
    helps = {
        "members": "Table of members.",
        "orders": "Table of orders: CSV, Parquet or Excel, by its name.",
        "volumes": "Volumes per member, in place of orders.",
        "overrides": "Forced ranks, waivers and holds.",
        "state": "What the period before left: the folder of its run, or its table of state.",
        "adjustments": "Amounts that enter the payout, each with a reason.",
        "closed": "What other programs came to in periods that end in this one.",
    }
    decorators = [
        click.argument("plan", type=path, required=False),
        *(click.option(f"--{name}", type=path, metavar="FILE", help=text) for name, text in helps.items()),
        click.option("--period", metavar="PERIOD", help="2026-10, 2026-W41 or 2026-10-01..2026-10-28."),
        click.option("--workspace", type=path, metavar="FILE", help="A file like company.yaml that names the rest."),
    ]
    for decorator in reversed(decorators):
        gathered = decorator(gathered)
    return gathered


def resolve_sources(
    given: GivenFiles,
    out: Path | None = None,
    format: Literal["parquet", "csv"] | None = None,
    plan_alone: bool = False,
    detail: Literal["all", "none"] | None = None,
) -> Sources:
    """Return where everything is.

    Parameters
    ----------
    given : GivenFiles
    out : Path, optional
    format : {"parquet", "csv"}, optional
    plan_alone : bool
        A plan without tables will do.
    detail : {"all", "none"}, optional

    Raises
    ------
    click.UsageError
        Something needed was not named.
    InputRefused
        ``documents.*``, ``workspace.*``: the workspace file cannot be used.
    """
    if "orders" in given.tables and "volumes" in given.tables:
        raise click.UsageError("--orders and --volumes exclude each other: name one of them.")
    alone = plan_alone and given.plan is not None and not given.tables and given.workspace is None
    file = None if alone else _workspace_file(given)
    if file is None:
        _refuse_gaps(given, alone)
        return Sources(given, None, out or Path("runs", given.period or ""), format or "parquet", detail or "all")
    if given.period is None:
        raise click.UsageError("Name the period, such as --period 2026-10.")
    from mlmcalc.workspace.load import load_workspace

    workspace = load_workspace(file).for_period(given.period)
    if workspace.plan is None and given.plan is None:
        files = ", ".join(str(path) for path in workspace.plan_files())
        raise click.UsageError(f"The workspace has several plans. Name one: {files}.")
    if workspace.by_program:
        from mlmcalc.plan.load import load_plan

        workspace = workspace.for_program(load_plan(given.plan or str(workspace.plan)).name)
    kept = detail or workspace.detail
    return Sources(given, workspace, out or workspace.out, format or workspace.format, kept)


def default_store() -> Path | None:
    """Return the folder of the store beside the workspace file of this folder, None where there is none."""
    store = Path(STORE_FOLDER)
    return store if Path(WORKSPACE_FILE).exists() and store.is_dir() else None


def _workspace_file(given: GivenFiles) -> Path | None:
    if given.workspace is not None:
        return given.workspace
    complete = given.plan is not None and "members" in given.tables
    return Path(WORKSPACE_FILE) if not complete and Path(WORKSPACE_FILE).exists() else None


def _refuse_gaps(given: GivenFiles, plan_alone: bool) -> None:
    if given.plan is None:
        raise click.UsageError(f"Name a plan, or work in a folder with a {WORKSPACE_FILE}.")
    if plan_alone:
        return
    missing = [f"--{name}" for name in ("members",) if name not in given.tables]
    if not {"orders", "volumes"} & set(given.tables):
        missing.append("--orders (or --volumes)")
    if given.period is None:
        missing.append("--period")
    if missing:
        raise click.UsageError(f"Missing {', '.join(missing)}.")
