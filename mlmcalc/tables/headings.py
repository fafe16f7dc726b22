"""The headings of a table: which of its columns is meant by which name, and which are missing or in doubt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.content import Content

_LIKENESS = 0.75


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a company's own table becomes ours.

    Attributes
    ----------
    names : mapping of str to (str or sequence of str)
        The company's name of a column to ours; to several of ours where one column serves twice.
    constants : mapping of str to str
        Our column to the text that stands in every row, for columns the company lacks.
    only_where : sequence of str
        Columns (by the company's name, or ours) that must be filled for a row to count.
    """

    names: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    only_where: Sequence[str] = ()

    def place_by_name(self, headings: Sequence[str]) -> dict[str, int]:
        """Return the place of the first heading for each of our names; a mapped column loses its own name."""
        places: dict[str, int] = {}
        for heading, ours in self.names.items():
            if heading in headings:
                for name in [ours] if isinstance(ours, str) else ours:
                    places.setdefault(name, headings.index(heading))
        for place, heading in enumerate(headings):
            if heading not in self.names:
                places.setdefault(heading, place)
        return places


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns wanted of a table, by our names.

    Attributes
    ----------
    label : str
    required, optional : tuple of str
    seldom : tuple of str
        Optional too, and so seldom meant that a name almost like it is not pointed out.
    """

    label: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    seldom: tuple[str, ...] = ()


def find_columns(
    opened: Content, wanted: Wanted, column_map: ColumnMap, file: str, collector: Collector
) -> dict[str, int]:
    """Return the place of each wanted column that is there, and report those that are not, or are there twice.

    Parameters
    ----------
    opened : Content
    wanted : Wanted
    column_map : ColumnMap
    file : str
    collector : Collector
        Receives ``tables.map``, ``tables.map_unread``, ``tables.duplicate_column``, ``tables.missing_column`` and
        ``tables.near_miss``.
    """
    headings = list(opened.headings)
    absent = [heading for heading in column_map.names if heading not in headings]
    for heading in absent:
        seen = f"the column map names {heading!r}, which the table does not have."
        collector.add(Finding("tables.map", seen, _likely(heading, headings), file=file, column=heading))
    by_name = column_map.place_by_name(headings)
    names = [*wanted.required, *wanted.optional, *wanted.seldom]
    _report_unread(column_map, names, file, collector)
    found = {name: by_name[name] for name in names if name in by_name and name not in column_map.constants}
    for place in dict.fromkeys(found.values()):
        if headings.count(headings[place]) > 1:
            seen = f"{headings.count(headings[place])} columns have this name."
            collector.add(
                Finding(
                    "tables.duplicate_column", seen, "Rename or remove one of them.", file=file, column=headings[place]
                )
            )
    unused = [heading for place, heading in enumerate(headings) if heading and place not in found.values()]
    for name in names:
        if name not in found and name not in column_map.constants and name not in wanted.seldom:
            _report_absent(name, name in wanted.required, unused, file, collector)
    return found


def _report_unread(column_map: ColumnMap, names: Sequence[str], file: str, collector: Collector) -> None:
    """Warn of a constant that nothing reads, and of a map to what is almost a column of ours."""
    mapped = [[ours] if isinstance(ours, str) else list(ours) for ours in column_map.names.values()]
    for name in dict.fromkeys([*(name for ours in mapped for name in ours), *column_map.constants]):
        near = near_misses(name, names)
        # A map to any other name is how a company hides a column of its own that is called like one of ours.
        if name not in names and (near or name in column_map.constants):
            seen = f"the column map gives {name!r}, which is no column that is read here."
            remedy = f"Is {near[0]!r} meant?" if near else f"These are: {', '.join(names[:20])}."
            collector.add(Finding("tables.map_unread", seen, remedy, "warning", file=file, column=name))


def _report_absent(name: str, required: bool, unused: list[str], file: str, collector: Collector) -> None:
    near = near_misses(name, unused)
    # A heading of the very name is one that the map gives away.
    if near and near[0] != name:
        seen = f"{near[0]!r} looks like {name!r}, and is not read."
        remedy = f"Rename it to {name}, or name it in the column map, if it is meant."
        collector.add(Finding("tables.near_miss", seen, remedy, "warning", file=file, column=near[0]))
    if required:
        remedy = "Add it, or name the company's own column for it in the column map (columns: in company.yaml)."
        collector.add(Finding("tables.missing_column", "the column is missing.", remedy, file=file, column=name))


def near_misses(name: str, headings: Sequence[str]) -> list[str]:
    """Return the headings that are probably meant as a name, the likeliest first."""
    plain = {heading: re.sub(r"[^a-z0-9]", "", heading.casefold()) for heading in headings}
    wanted = re.sub(r"[^a-z0-9]", "", name.casefold())
    near = difflib.get_close_matches(wanted, list(plain.values()), n=3, cutoff=_LIKENESS)
    return [heading for text in near for heading in headings if plain[heading] == text]


def _likely(name: str, headings: Sequence[str]) -> str:
    near = near_misses(name, headings)
    return f"Is {near[0]!r} meant?" if near else "Its columns: " + ", ".join(headings[:20]) + "."


def filter_places(
    column_map: ColumnMap, headings: list[str], found: Mapping[str, int], file: str, collector: Collector
) -> list[int]:
    """Return the places of the columns that must be filled for a row to count, and report those that are missing."""
    places = []
    for name in column_map.only_where:
        if name in headings:
            places.append(headings.index(name))
        elif name in found:
            places.append(found[name])
        else:
            seen = f"rows count only where {name!r} is filled, and the table has no such column."
            collector.add(Finding("tables.map", seen, _likely(name, headings), file=file, column=name))
    return places
