"""A finished placement: its tables, its digest, and why a member sits where it sits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc._version import __version__
from mlmcalc.api.folders import finish_folder
from mlmcalc.api.outputs import findings_table
from mlmcalc.api.placement_tables import cycle_tables, events_table, moves_table, placement_table
from mlmcalc.api.placing_inputs import PlacingCompany, Ready
from mlmcalc.api.seat_explanation import SeatExplanation, explain_seat
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.genealogy.candidates import CIRCLE, FULL, NO_TOP
from mlmcalc.genealogy.place import Placed
from mlmcalc.genealogy.recycle import Cycles
from mlmcalc.kernels.compiled import sources_digest
from mlmcalc.periods import day_text
from mlmcalc.runs.manifest import content_digest
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.folder import StagedFolder
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.placing import row_of_id
from mlmcalc.tables.stored import schema_text
from mlmcalc.tables.tables_out import OutTable, write_frame

RULES_FILE = "placement.yaml"
TABLE_SCHEMAS = {"placement": 1, "events": 1, "moves": 1, "cycles": 1, "findings": 1}
"""Version of the columns of each table."""

_REFUSALS = {
    FULL: ("placement.full", "no seat within the depth is free.", "Place the member by hand, or allow more levels."),
    NO_TOP: ("placement.no_top", "nobody above in the line of sponsors has a seat.", "Place the sponsor by hand."),
    CIRCLE: ("placement.circle", "the member would sit below itself.", "Move its sponsor by hand."),
}


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """What `mlmcalc.place` returns.

    Attributes
    ----------
    manifest : mapping
        Rules, inputs, counts and the digests of the tables.
    findings : sequence of Finding
        Warnings: who has no seat, and why.
    """

    manifest: Mapping[str, Any]
    findings: Sequence[Finding]
    _tables: Mapping[str, OutTable]
    _ids: IdColumn
    _rules_text: str
    _explain: Callable[[str], SeatExplanation] | None

    @property
    def digest(self) -> str:
        """Content digest of all tables: the same for the same members in any order of rows."""
        return self.manifest["digest"]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self._tables)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table by name.

        Raises
        ------
        KeyError
            This placement has no such table.
        """
        return self._tables[name].frame(self._ids)

    @property
    def placement(self) -> pl.DataFrame:
        """One row per member: seat, level, sequence, rule."""
        return self.table("placement")

    @property
    def events(self) -> pl.DataFrame:
        """What happened, in order."""
        return self.table("events")

    @property
    def moves(self) -> pl.DataFrame:
        """Who has another place because somebody was removed."""
        return self.table("moves")

    @property
    def cycles(self) -> pl.DataFrame:
        """Positions and cycles of each member, of a board or a recycling matrix."""
        return self.table("cycles")

    def explain(self, member: str | int) -> SeatExplanation:
        """Return why a member sits where it sits.

        Raises
        ------
        InputRefused
            ``placement.unknown_member``; ``placement.no_seats``: boards and matrices have events instead.
        """
        if self._explain is None:
            remedy = "Look at the events of the member."
            raise InputRefused(Finding("placement.no_seats", "these rules give positions, not seats.", remedy))
        return self._explain(str(member))

    def write(self, folder: str | os.PathLike[str], format: Literal["parquet", "csv"] = "parquet") -> None:
        """Write everything into a new folder, which appears whole or not at all.

        Raises
        ------
        ConflictError
            ``tables.output_exists``.
        EnvironmentRefused
            ``tables.output_refused``.
        """
        with StagedFolder(folder) as staged:
            frames = {name: self.table(name) for name in self.tables}
            files = [write_frame(staged, name, frame, format) for name, frame in frames.items()]
            files.append(staged.write_text(RULES_FILE, self._rules_text))
            finish_folder(
                staged, self.manifest, files, {name: schema_text(frame.schema) for name, frame in frames.items()}
            )


def seated_placement(company: PlacingCompany, ready: Ready, placed: Placed) -> Placement:
    """Return the placement of a matrix or a binary tree."""
    tables = [
        placement_table(company, ready, placed),
        events_table(company, ready, placed),
        moves_table(company, ready),
    ]
    findings = [*company.findings, *_refused(company, placed)]
    rows = company.entrants.rows

    def explain(member: str) -> SeatExplanation:
        row = row_of_id(rows, member)
        if row < 0 or company.out[row]:
            seen = "nobody with this id is there." if row < 0 else "the member is removed."
            raise InputRefused(Finding("placement.unknown_member", seen, "Correct the id.", member=member))
        return explain_seat(company, ready, placed, row)

    return _finished(company, tables, findings, explain)


def cycled_placement(company: PlacingCompany, cycles: Cycles, out: NDArray[np.bool_]) -> Placement:
    """Return the placement of boards or a recycling matrix."""
    return _finished(company, cycle_tables(company, cycles, out), company.findings, None)


def _refused(company: PlacingCompany, placed: Placed) -> list[Finding]:
    collector, rows = Collector(), company.entrants.rows
    for fate, (code, seen, remedy) in _REFUSALS.items():
        found = placed.order[placed.seats.fate[placed.order] == fate]
        collector.rows(
            code,
            rows.table,
            "sponsor_id",
            rows.places[found],
            lambda _, seen=seen: seen,
            remedy,
            level="warning",
            member=lambda index, found=found: rows.member(int(found[index])),
        )
    return collector.findings()


def _finished(
    company: PlacingCompany,
    tables: Sequence[OutTable],
    findings: Sequence[Finding],
    explain: Callable[[str], SeatExplanation] | None,
) -> Placement:
    ids = company.entrants.rows.directory.ids
    column = IdColumn(ids.numbers if ids.numbers is not None else ids.as_texts())
    named = {table.name: table for table in [*tables, findings_table(findings)]}
    digests = {name: table.content_digest(column) for name, table in named.items()}
    kinds = named["events"].frame(column).get_column("kind").value_counts().sort("kind")
    rules = company.rules
    manifest = {
        "digest": content_digest(digests),
        "versions": {"mlmcalc": __version__, "tables": {name: TABLE_SCHEMAS[name] for name in named}},
        "rules": {"method": rules.words.method, "digest": rules.digest},
        "date": None if company.day is None else day_text(company.day),
        "inputs": [
            {"name": seal.name, "path": seal.path, "sha256": seal.sha256, "rows": seal.rows} for seal in company.seals
        ],
        "members": column.size,
        "removed": int(company.out.sum()),
        "events": {str(kind): int(count) for kind, count in kinds.iter_rows()},
        "digests": digests,
        "evidence": {"kernels": sources_digest()},
    }
    return Placement(manifest, tuple(findings), named, column, rules.text, explain)
