"""What was measured so far, row by row: kept as JSON beside README.md, which is written from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Found, Row
from benchmarks.tables import seconds_text, write_section

README = Path(__file__).parent / "README.md"
RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """A row's findings, and where and when they were found."""

    found: Found
    machine: str
    day: str

    @property
    def occasion(self) -> str:
        """The machine and the day, in words."""
        return f"{self.machine} {self.day}."


def load(path: Path = RESULTS) -> dict[str, Measured]:
    """Return what was measured, by name of the row."""
    if not path.exists():
        return {}
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: Measured(Found.of_json(row), row["machine"], row["day"]) for name, row in stored.items()}


def keep(name: str, found: Found, machine: str, path: Path = RESULTS) -> dict[str, Measured]:
    """Store what a row found in place of what it found before, and return everything that is known.

    Parameters
    ----------
    name : str
        Of the row.
    found : Found
    machine : str
        What it was measured on.
    path : Path
    """
    known = load(path) | {name: Measured(found, machine, date.today().isoformat())}
    stored = {
        one: {"day": row.day, "machine": row.machine, **row.found.as_json()} for one, row in sorted(known.items())
    }
    text = json.dumps(stored, indent=1, ensure_ascii=False) + "\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return load(path)


def write_readme(rows: Sequence[Row], known: Mapping[str, Measured], path: Path = README) -> None:
    """Replace the written sections of the page: machine, aims and details."""
    occasions = _occasions(rows, known)
    write_section(path, "machine", _machines(occasions))
    write_section(path, "aims", aims_table(rows, known))
    write_section(path, "details", details(rows, known))


def aims_table(rows: Sequence[Row], known: Mapping[str, Measured]) -> list[str]:
    """Return the table of aims: every row, those not measured yet too.

    Where rows were measured on several occasions, the last column numbers them as the list of machines does.
    """
    occasions = _occasions(rows, known)
    several = len(occasions) > 1
    heading = "| what | against | aim | measured | by CPU | met | reference |" + (" on |" if several else "")
    lines = [heading, "|---|---|---:|---:|---:|---|---:|" + ("---:|" if several else "")]
    for row in rows:
        measured = known.get(row.name)
        if measured is None:
            missing = f"| {row.what} | {row.against} | {row.aim} | not measured yet | | | |"
            lines.append(missing + (" |" if several else ""))
            continue
        on = f" {occasions.index(measured.occasion) + 1} |" if several else ""
        lines += [_line(figure) + on for figure in measured.found.figures]
    return [*lines, ""]


def details(rows: Sequence[Row], known: Mapping[str, Measured]) -> list[str]:
    """Return what lies behind the figures, a heading for each row that has more to tell."""
    lines: list[str] = []
    for row in rows:
        if (measured := known.get(row.name)) and measured.found.details:
            lines += [f"### {row.title}", "", *measured.found.details, ""]
    return lines


def _occasions(rows: Sequence[Row], known: Mapping[str, Measured]) -> list[str]:
    """Return every machine and day that something was measured on, each once, in the order of the table."""
    return list(dict.fromkeys(known[row.name].occasion for row in rows if row.name in known))


def _machines(occasions: Sequence[str]) -> list[str]:
    if len(occasions) < 2:
        return list(occasions)
    return [f"{number}. {occasion}" for number, occasion in enumerate(occasions, start=1)]


def _line(figure: Figure) -> str:
    aim = "" if figure.aim is None else f"{figure.aim:g}"
    if figure.at_least:
        aim = f"at least {aim}"
    measured = f"**{figure.measured:.2f}**" if figure.measured < 10 else f"**{figure.measured:.0f}**"
    if figure.memory_aim is not None:
        aim += f", {figure.memory_aim:g} bytes per member"
    if figure.memory is not None:
        measured += f", {figure.memory:,.0f} bytes per member"
    if figure.note:
        measured += f" ({figure.note})"
    work = "" if figure.work is None else f"{figure.work:.2f}"
    met = {True: "yes", False: "no", None: ""}[figure.is_met]
    reference = "" if figure.reference is None else seconds_text(figure.reference)
    return f"| {figure.what} | {figure.against} | {aim} | {measured} | {work} | {met} | {reference} |"
