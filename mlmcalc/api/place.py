"""Placement: members and rules in, a placement tree and the record of how it came about out."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlmcalc.api.placement import Placement, cycled_placement, seated_placement
from mlmcalc.api.placing_inputs import outside, prepared, read_company
from mlmcalc.genealogy.place import place as place_rows
from mlmcalc.genealogy.recycle import play
from mlmcalc.placement.load import PlacementRules, load_placement
from mlmcalc.tables.source import ColumnMap


def place(
    members: Any,
    rules: PlacementRules | str | Path,
    *,
    date: datetime.date | None = None,
    volumes: Any = None,
    remove: Any = None,
    maps: Mapping[str, ColumnMap] | None = None,
) -> Placement:
    """Give every new member its seat in the placement tree; no file is written.

    Parameters
    ----------
    members : path, polars frame, or anything polars makes a frame of
        ``member_id``, ``sponsor_id``, and where there are any ``placement_id``, ``leg``, ``joined``, ``sequence``,
        ``status``, ``status_from``.
    rules : PlacementRules, path or text
    date : datetime.date, optional
        Day of the placement: who joined later gets no seat, and deadlines are counted to it.
    volumes : table, optional
        ``member_id`` and the column that ``weaker_volume`` compares.
    remove : table, optional
        ``member_id`` of those who are taken out for good.
    maps : mapping of str to ColumnMap, optional
        By table: ``members``, ``volumes``, ``remove``.

    Raises
    ------
    InputRefused
        With every finding about rules and tables.
    """
    found = rules if isinstance(rules, PlacementRules) else load_placement(rules)
    company = read_company(found, {"members": members, "volumes": volumes, "remove": remove}, date, maps or {})
    if found.cycles:
        candidates, out = company.entrants.candidates, outside(company)
        return cycled_placement(company, play(candidates, found.cycle_rule(), out), out)
    ready = prepared(company)
    return seated_placement(company, ready, place_rows(ready.candidates, ready.rule, ready.given, waits=ready.waits))


__all__ = ["Placement", "load_placement", "place"]
