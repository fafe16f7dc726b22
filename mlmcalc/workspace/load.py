"""A workspace: ``company.yaml`` with its paths resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from glob import glob
from pathlib import Path
from typing import Literal

from mlmcalc.documents.document import Document
from mlmcalc.documents.validation import validated
from mlmcalc.documents.yaml_reader import read_file
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import label_before
from mlmcalc.workspace.expectations import Expectations
from mlmcalc.workspace.model import TableWords, WorkspaceWords

WORKSPACE_FILE = "company.yaml"
_TABLES = ("members", "orders", "volumes", "overrides", "adjustments", "state")


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of a company.

    Attributes
    ----------
    path : Path
        May contain ``{period}``, see `Workspace.for_period`.
    columns : mapping of str to str
        Our column to the company's.
    constants : mapping of str to str
        Our column to the value of every row.
    only_where : tuple of str
        Columns of the company: only rows in which all of them are filled are read.
    """

    path: Path
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    only_where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where the store of a company is.

    Attributes
    ----------
    folder : Path
    url : str
        Of a PostgreSQL database; empty for SQLite in the folder. It may hold a password, so it is never shown.
    """

    folder: Path
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What ``mlmcalc run --period`` needs to know.

    Attributes
    ----------
    file : Path
        The workspace file.
    company : str
    plan : Path or None
    plans : tuple of Path
        Files, or patterns; see `plan_files`.
    members : TableFile
    orders, volumes, overrides : TableFile or None
        At most one of orders and volumes.
    adjustments : TableFile or None
        Amounts that enter the payout.
    closed : TableFile or None
        What other programs came to.
    rates : TableFile or None
        Rates of exchange.
    state : TableFile or None
        What the period before left; its path may contain ``{previous}``.
    begins : str
        Label of the first period, which has no state; empty where none is said.
    placement : Path or None
        Placement rules.
    store : StorePlace
    out : Path
        Folder of the run.
    format : {"parquet", "csv"}
    detail : {"all", "none"}
    expect : Expectations
    """

    file: Path
    company: str
    plan: Path | None
    plans: tuple[Path, ...]
    members: TableFile
    orders: TableFile | None
    volumes: TableFile | None
    overrides: TableFile | None
    adjustments: TableFile | None
    closed: TableFile | None
    rates: TableFile | None
    state: TableFile | None
    begins: str
    placement: Path | None
    store: StorePlace
    out: Path
    format: Literal["parquet", "csv"]
    detail: Literal["all", "none"]
    expect: Expectations

    def for_period(self, label: str) -> Workspace:
        """Return the workspace with ``{period}``, and ``{previous}`` of the state, replaced in every path.

        Raises
        ------
        InputRefused
            ``periods.label``: the label holds what no period has, so it must not become part of a path.
        """
        if not re.fullmatch(r"[0-9][0-9W.\-]*", label):
            raise InputRefused(Finding("periods.label", f"{label!r} is no period.", "Write it as 2026-10 or 2026-W41."))

        def named(path: Path) -> Path:
            return Path(str(path).replace("{period}", label))

        def table(source: TableFile | None) -> TableFile | None:
            return None if source is None else replace(source, path=named(source.path))

        return replace(
            self,
            plan=None if self.plan is None else named(self.plan),
            members=replace(self.members, path=named(self.members.path)),
            orders=table(self.orders),
            volumes=table(self.volumes),
            overrides=table(self.overrides),
            adjustments=table(self.adjustments),
            closed=table(self.closed),
            rates=table(self.rates),
            state=self._state_before(table(self.state), label),
            placement=None if self.placement is None else named(self.placement),
            out=named(self.out),
        )

    def for_program(self, name: str) -> Workspace:
        """Return the workspace with ``{plan}`` replaced in the paths of tables and of the run.

        Parameters
        ----------
        name : str
            Of a plan.
        """

        def named(path: Path) -> Path:
            return Path(str(path).replace("{plan}", name))

        tables = {
            field: replace(source, path=named(source.path))
            for field in _TABLES
            if (source := getattr(self, field)) is not None
        }
        return replace(self, **tables, out=named(self.out))

    @property
    def by_program(self) -> bool:
        """Whether a path says ``{plan}``, so that the program has to be known."""
        paths = [source.path for field in _TABLES if (source := getattr(self, field)) is not None]
        return any("{plan}" in str(path) for path in [*paths, self.out])

    def plan_files(self) -> list[Path]:
        """Return the files of all plans, each once: ``plan``, and what the patterns of ``plans`` find, by name.

        Raises
        ------
        InputRefused
            ``workspace.no_plan``: a pattern finds no file.
        """
        found = [self.plan] if self.plan is not None else []
        findings = []
        for pattern in self.plans:
            files = sorted(Path(name) for name in glob(str(pattern)))
            found += files
            if not files:
                message = f"no plan is called {pattern}."
                remedy = "Correct the pattern; it is relative to this file."
                findings.append(Finding("workspace.no_plan", message, remedy, file=str(self.file), path=("plans",)))
        if findings:
            raise InputRefused(findings)
        first: dict[Path, Path] = {}
        for path in found:
            first.setdefault(path.resolve(), path)
        return list(first.values())

    def _state_before(self, source: TableFile | None, label: str) -> TableFile | None:
        if source is None or label == self.begins:
            return None
        path = str(source.path)
        return (
            replace(source, path=Path(path.replace("{previous}", label_before(label))))
            if "{previous}" in path
            else source
        )


def load_workspace(path: str | Path) -> Workspace:
    """Return the workspace in a file, or in the ``company.yaml`` of a folder.

    Raises
    ------
    InputRefused
        ``documents.*`` and ``workspace.*``, with line and column, all at once.
    """
    file = Path(path)
    if file.is_dir():
        file = file / WORKSPACE_FILE
    return _bound(read_file(file), file)


def _bound(document: Document, file: Path) -> Workspace:
    words, findings = validated(WorkspaceWords, document.value, document, (), "workspace")
    findings += [document.located(finding, key=True) for finding in _contradictions(document)]
    if words is None or findings:
        raise InputRefused(findings)
    folder = file.parent

    def table(source: TableWords | None) -> TableFile | None:
        return None if source is None else _table(folder, source)

    return Workspace(
        file=file,
        company=words.company,
        plan=folder / words.plan if words.plan else None,
        plans=tuple(folder / pattern for pattern in words.plans),
        members=_table(folder, words.members),
        orders=table(words.orders),
        volumes=table(words.volumes),
        overrides=table(words.overrides),
        adjustments=table(words.adjustments),
        closed=table(words.closed),
        rates=table(words.rates),
        state=table(words.state),
        begins=words.state.begins if words.state else "",
        placement=folder / words.placement if words.placement else None,
        store=StorePlace(folder / words.store.folder, words.store.url),
        out=folder / words.out,
        format=words.format,
        detail=words.detail,
        expect=Expectations(words.expect.stated(), document),
    )


def _contradictions(document: Document) -> list[Finding]:
    given = document.value
    findings = []
    if not given.get("plan") and not given.get("plans"):
        message = "plan is missing."
        findings.append(Finding("workspace.missing", message, "Add plan: FILE, or plans: [FILE, ...].", path=()))
    if given.get("orders") and given.get("volumes"):
        message = "volumes is given beside orders, which it replaces."
        findings.append(Finding("workspace.both", message, "Keep one of the two.", path=("volumes",)))
    stated = given.get("expect", {})
    for table in ("orders", "volumes", "overrides", "adjustments", "closed", "rates"):
        if isinstance(stated, dict) and table in stated and not given.get(table):
            message = f"{table} is expected but not given."
            remedy = f"Add {table}: FILE, or leave the expectation out."
            findings.append(Finding("workspace.expect", message, remedy, path=("expect", table)))
    return findings


def _table(folder: Path, words: TableWords) -> TableFile:
    return TableFile(folder / words.file, words.columns, words.constants, words.only_where)
