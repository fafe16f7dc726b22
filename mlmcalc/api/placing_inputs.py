"""Everything a placement reads, checked as a whole, and the tree before the first seat is given."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, refuse_errors
from mlmcalc.genealogy.candidates import WAITING, Candidates, SeatRule
from mlmcalc.genealogy.network import NO_DAY, STATUSES
from mlmcalc.genealogy.place import Seats, given_seats, one_top
from mlmcalc.genealogy.remove import remove
from mlmcalc.periods import Period, day_number
from mlmcalc.placement.load import PlacementRules
from mlmcalc.runs.manifest import InputSeal
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.inputs import Fingerprint
from mlmcalc.tables.placing import Entrants, PlacingNeeds, read_entrants, read_listed, row_of_id
from mlmcalc.tables.source import ColumnMap, read_table

_LISTS = ("volumes", "remove")


@dataclass(frozen=True, slots=True, eq=False)
class PlacingCompany:
    """What was read, free of errors.

    Attributes
    ----------
    rules : PlacementRules
    entrants : Entrants
    out : (n,) bool
        Who is removed for good.
    unseated : (n,) bool
        Who loses a seat, and stays.
    day : int or None
        Of the placement, in days since 1970-01-01.
    seals : tuple of InputSeal
    findings : tuple of Finding
        Warnings.
    """

    rules: PlacementRules
    entrants: Entrants
    out: NDArray[np.bool_]
    unseated: NDArray[np.bool_]
    day: int | None
    seals: tuple[InputSeal, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """The tree before the first seat is given.

    Attributes
    ----------
    candidates : Candidates
        After the removals.
    given : Seats
        `mlmcalc.genealogy.place.place` writes into them.
    rule : SeatRule
    loosened : (n,) bool
        Who has lost a seat by a removal.
    waits : (n,) bool or None
        Who of them waits for a hand.
    parent, leg : (n,) int32
        As the table gives them, before the removals.
    """

    candidates: Candidates
    given: Seats
    rule: SeatRule
    loosened: NDArray[np.bool_]
    waits: NDArray[np.bool_] | None
    parent: NDArray[np.int32]
    leg: NDArray[np.int32]


def read_company(
    rules: PlacementRules, tables: Mapping[str, Any], day: datetime.date | None, maps: Mapping[str, ColumnMap]
) -> PlacingCompany:
    """Read members and lists, and refuse them with all that is wrong.

    Parameters
    ----------
    rules : PlacementRules
    tables : mapping of str to (path, frame or None)
        ``members``, ``volumes``, ``remove``.
    day : datetime.date or None
    maps : mapping of str to ColumnMap

    Raises
    ------
    InputRefused
        With every finding.
    """
    collector, needs = Collector(), _needs(rules, tables)
    last = day or datetime.date.max
    seals: list[InputSeal] = []
    listed: dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]] = {}
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") as threads:
        mapped = maps.get("members", ColumnMap())
        table, print_ = read_table(tables["members"], needs.wanted(), mapped, collector, threads)
        entrants = None
        if table is not None and print_ is not None:
            entrants = read_entrants(table, needs, Period("placement", last, last), collector)
            seals.append(_seal("members", tables["members"], print_, table.size))
        for label in _LISTS:
            if entrants is not None and tables[label] is not None:
                mapped = maps.get(label, ColumnMap())
                volume, who, print_ = read_listed(
                    tables[label], label, needs, entrants.rows, collector, threads, mapped
                )
                listed[label] = volume, who
                if print_ is not None:
                    seals.append(_seal(label, tables[label], print_, int(who.sum())))
    findings = [finding for finding in collector.findings() if finding.code != "members.not_joined"]
    findings += [rules.document.located(finding, key=True) for finding in _rule_faults(rules, day, tables)]
    if entrants is not None:
        findings += _seat_faults(rules, entrants)
    refuse_errors(findings)
    assert entrants is not None, "without an error there are members"
    if "volumes" in listed:
        entrants = replace(entrants, candidates=replace(entrants.candidates, volume=listed["volumes"][0]))
    number = None if day is None else day_number(day)
    out = _removed(rules, entrants, number)
    if "remove" in listed:
        out |= listed["remove"][1]
    stay = rules.words.remove is not None and rules.words.remove.members == "holding"
    nobody = np.zeros_like(out)
    masks = (nobody, out) if stay else (out, nobody)
    company = PlacingCompany(rules, entrants, *masks, number, tuple(seals), tuple(findings))
    refuse_errors(_top_faults(company))
    return company


def prepared(company: PlacingCompany) -> Ready:
    """Return the tree before the first seat is given: what the table gives, less who is removed."""
    rules, candidates = company.rules, company.entrants.candidates
    given, _ = given_seats(candidates, rules.width)
    parent, leg = given.parent.copy(), given.leg.copy()
    loosened = np.zeros(candidates.size, np.bool_)
    if company.out.any() or company.unseated.any():
        words = rules.words.remove
        loose = words is not None and words.children == "holding"
        candidates, loosened = remove(candidates, given, company.out, company.unseated, loose)
    rule = rules.seat_rule(_top(rules, company.entrants), company.day)
    return Ready(candidates, given, rule, loosened, loosened if rules.words.holding else None, parent, leg)


def outside(company: PlacingCompany) -> NDArray[np.bool_]:
    """Return who does not enter boards or matrices: who has left, is suspended or merged, or has not joined yet."""
    candidates = company.entrants.candidates
    if company.day is None:
        return candidates.gone
    return candidates.gone | (candidates.joined > company.day)


def _needs(rules: PlacementRules, tables: Mapping[str, Any]) -> PlacingNeeds:
    return PlacingNeeds(
        width=0 if rules.cycles else rules.width,
        preference=rules.words.preference or "",
        volume=rules.words.volume or "",
        decimals=rules.words.decimals,
        volumes_table=tables["volumes"] is not None,
    )


def _top(rules: PlacementRules, entrants: Entrants) -> int:
    return row_of_id(entrants.rows, rules.words.top) if rules.words.top else -1


def _rule_faults(rules: PlacementRules, day: datetime.date | None, tables: Mapping[str, Any]) -> Iterator[Finding]:
    words = rules.words
    if day is None and words.holding is not None:
        message, remedy = "A deadline needs the day of the placement.", "Name it, such as --date 2026-10-31."
        yield Finding("placement.no_day", message, remedy, path=("placement", "holding"))
    if day is None and words.remove is not None and words.remove.days:
        message, remedy = "Days of a status need the day of the placement.", "Name it, such as --date 2026-10-31."
        yield Finding("placement.no_day", message, remedy, path=("placement", "remove", "days"))
    for label, used in (("volumes", words.volume is not None), ("remove", not rules.cycles)):
        if tables[label] is not None and not used:
            message, remedy = f"A table of {label} is given, which these rules do not read.", "Leave it out."
            yield Finding("placement.unread", message, remedy, path=("placement", "method"))


def _seat_faults(rules: PlacementRules, entrants: Entrants) -> list[Finding]:
    """Return what is wrong with the seats that are given, and with the days that deadlines are counted from."""
    collector, rows = Collector(), entrants.rows
    if not rules.cycles:
        _, crowded = given_seats(entrants.candidates, rules.width)
        above = entrants.candidates.parent
        collector.rows(
            "placement.width",
            rows.table,
            "placement_id",
            rows.places[crowded],
            lambda index: f"all {rules.width} legs of {rows.member(int(above[crowded[index]]))} are taken.",
            "Place the member elsewhere.",
            member=lambda index: rows.member(int(crowded[index])),
        )
    if rules.words.top and _top(rules, entrants) < 0:
        message = f"The member {rules.words.top} at the top is not in the table."
        finding = Finding("placement.unknown_top", message, "Correct the id.", path=("placement", "top"))
        collector.add(rules.document.located(finding))
    if rules.words.holding is not None:
        candidates = entrants.candidates
        waits = (candidates.parent < 0) & ((candidates.sponsor >= 0) | (rules.words.without_sponsor == "place"))
        unknown = np.flatnonzero((candidates.held_from == NO_DAY) & waits)
        message, remedy = "without a day of joining the member has no deadline.", "Fill the day in."
        rows.report("placement.no_deadline", "joined", unknown, message, remedy, collector)
    return collector.findings()


def _top_faults(company: PlacingCompany) -> list[Finding]:
    """Return that the whole tree has several tops, or that its top is removed."""
    rules, rows = company.rules, company.entrants.rows
    if rules.cycles or rules.words.within != "whole":
        return []
    chosen = _top(rules, company.entrants)
    if chosen >= 0 and (company.out[chosen] or company.unseated[chosen]):
        message = f"The member {rules.words.top} at the top is removed."
        finding = Finding("placement.unknown_top", message, "Name another top.", path=("placement", "top"))
        return [rules.document.located(finding)]
    ready = prepared(company)
    tops = one_top(ready.candidates, ready.rule, ready.given)
    waiting = (ready.given.fate == WAITING) & ~ready.candidates.gone
    if company.day is not None:
        waiting &= ready.candidates.joined <= company.day
    waiting[tops] = False
    if tops.size < 2 or not waiting.any():
        return []
    named = ", ".join(rows.member(int(top)) for top in tops[:5]) + (" ..." if tops.size > 5 else "")
    message = f"the whole tree has {tops.size} tops: {named}."
    remedy = "Name one (top: ID in the rules), give the others a place, or write without_sponsor: place."
    return [Finding("placement.tops", message, remedy, file=rows.table.file)]


def _removed(rules: PlacementRules, entrants: Entrants, day: int | None) -> NDArray[np.bool_]:
    words = rules.words.remove
    if words is None or words.status is None:
        return np.zeros(entrants.status.size, np.bool_)
    out = entrants.status == STATUSES.index(words.status)
    if day is not None and words.days:
        # An unknown day lies before every other.
        out &= entrants.status_from.astype(np.int64) + words.days <= day
    return out


def _seal(name: str, source: Any, print_: Fingerprint, rows: int) -> InputSeal:
    path = str(source) if isinstance(source, str | Path) else "<frame>"
    return InputSeal(name, path, print_.sha256.result(), rows)
