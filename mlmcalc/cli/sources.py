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
    from mlmcalc.plan.load import Plan
    from mlmcalc.workspace.load import Workspace

TABLES = ("members", "orders", "volumes", "overrides", "state", "adjustments", "closed", "rates")
WORKSPACE_FILE = "company.yaml"


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """What stood on the command line."""

    plan: Path | None
    tables: dict[str, Path]
    period: str | None
    workspace: Path | None
    program: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything a command reads, and where it writes."""

    given: GivenFiles
    workspace: Workspace | None
    out: Path
    format: Literal["parquet", "csv"]
    detail: Literal["all", "none"] = "all"
    chosen: Plan | None = None

    @property
    def plan(self) -> Plan | Path | None:
        """The plan, read already where it had to be chosen among several."""
        named = self.given.plan
        if named is not None or self.workspace is None:
            return named
        return self.chosen or self.workspace.plan

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
            plan=self.plan,
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
        named = {name: path for name, path in tables.items() if path is not None}
        program, version = options.pop("program"), options.pop("version")
        return command(GivenFiles(plan, named, period, workspace, program, version), **options)

    path = click.Path(path_type=Path)
    helps = {
        "members": "Table of members.",
        "orders": "Table of orders: CSV, Parquet or Excel, by its name.",
        "volumes": "Volumes per member, in place of orders.",
        "overrides": "Forced ranks, waivers and holds.",
        "state": "What the period before left: the folder of its run, or its table of state.",
        "adjustments": "Amounts that enter the payout, each with a reason.",
        "closed": "What other programs came to in periods that end in this one.",
        "rates": "What one unit of the plan's currency is in those that members are paid in.",
    }
    decorators = [
        click.argument("plan", type=path, required=False),
        *(click.option(f"--{name}", type=path, metavar="FILE", help=text) for name, text in helps.items()),
        click.option("--period", metavar="PERIOD", help="2026-10, 2026-W41 or 2026-10-01..2026-10-28."),
        click.option("--workspace", type=path, metavar="FILE", help="A file like company.yaml that names the rest."),
        program_options,
    ]
    for decorator in reversed(decorators):
        gathered = decorator(gathered)
    return gathered


def program_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--program`` and ``--version``, which choose among the plans of a workspace."""
    program = click.option("--program", "--plan", "program", metavar="NAME", help="Which of the workspace's plans.")
    version = click.option(
        "--version", metavar="VERSION", help="Of the plan.  [default: in force on the period's first day]"
    )
    return program(version(command))


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
        if given.program or given.version:
            raise click.UsageError("--program and --version choose among the plans of a workspace.")
        return Sources(given, None, out or Path("runs", given.period or ""), format or "parquet", detail or "all")
    if given.period is None:
        raise click.UsageError("Name the period, such as --period 2026-10.")
    from mlmcalc.workspace.load import load_workspace

    workspace = load_workspace(file).for_period(given.period)
    plan = _chosen(workspace, given)
    if workspace.by_program:
        from mlmcalc.plan.load import load_plan

        name = plan.name if plan is not None else load_plan(given.plan or str(workspace.plan)).name
        workspace = workspace.for_program(name)
    kept = detail or workspace.detail
    return Sources(given, workspace, out or workspace.out, format or workspace.format, kept, plan)


def _chosen(workspace: Workspace, given: GivenFiles) -> Plan | None:
    """Return the plan chosen among those of a workspace; None where there is nothing to choose."""
    if given.plan is not None:
        if given.program or given.version:
            raise click.UsageError("PLAN is a file; --program and --version choose among the plans of a workspace.")
        return None
    if not workspace.plans and not given.program and not given.version:
        return None
    from mlmcalc.closing.programs import programs_of

    assert given.period is not None, "it was looked at before"
    return programs_of(workspace).chosen(given.period, given.program, given.version)


def default_store() -> Path | None:
    """Return the folder of the store that the workspace file of this folder names, None where there is none.

    Raises
    ------
    InputRefused
        ``documents.*``, ``workspace.*``: the workspace file cannot be used.
    """
    if not Path(WORKSPACE_FILE).exists():
        return None
    from mlmcalc.workspace.load import load_workspace

    store = load_workspace(WORKSPACE_FILE).store.folder
    return store if store.is_dir() else None


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
