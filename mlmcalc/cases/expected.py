"""What a case expects, as rows of texts; the sections a plan expert may write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from mlmcalc.cases.rows import Rows, read_rows, refused
from mlmcalc.fields import rate_from_text
from mlmcalc.money import NotExact, units_from_text
from mlmcalc.payout.settlement import STEPS

# Per section: the columns a row may state; those before the bar are needed.
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "statements": (("bonus", "member", "amount"), ()),
    "lines": (
        (),
        ("bonus", "earner", "source", "via", "order", "level", "paid_level", "base", "rate", "amount", "outcome"),
    ),
    "sums": ((), ("bonus", "earner", "source", "level", "paid_level", "rate", "outcome", "base", "amount", "count")),
    "ranks": (("member", "rank"), ("ladder",)),
    "metrics": (("metric", "member", "value"), ()),
    "tree": (("tree", "member", "parent"), ()),
    "breakage": ((), ("bonus", "level", "outcome", "base", "amount")),
    "payout": (("step", "member", "amount"), ("name",)),
    "payments": (("member", "currency", "amount"), ("plan_amount", "left")),
    "transfers": ((), ("volume", "tree", "source", "keeper", "amount")),
    "state": ((), ("section", "name", "member", "key", "since", "value")),
}
NUMBERS = ("level", "paid_level", "base", "amount", "count", "value", "plan_amount", "left")
_LONGEST_NUMBER = 40
_ALIASES = {"member_id": "member", "parent_id": "parent", "order_id": "order"}
_NESTED = ("statements", "metrics", "tree", "payout")
WORDS = (*COLUMNS, "finding", "only")


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out.

    Attributes
    ----------
    sections : dict of str to list of row
        See `COLUMNS`; every cell is text.
    finding : list of str or None
        Codes of the errors with which the case must be refused; None if it must run.
    only : bool or None
        True: whatever is not listed must be absent or zero, in every section given. False: nothing else is looked
        at. None: nobody else is paid by a bonus that ``statements`` lists.
    """

    sections: dict[str, Rows] = field(default_factory=dict)
    finding: list[str] | None = None
    only: bool | None = None


def read_expected(value: Any, file: str) -> Expected:
    """Return the expectation of a case from its document.

    Raises
    ------
    InputRefused
        ``cases.table``: an unknown section or column, a missing column, a table that cannot be read, nothing expected.
    """
    if not isinstance(value, Mapping) or not value:
        raise refused("expected", file, "expected is a mapping of sections", "Write statements:, lines:, ranks: ...")
    for word in value:
        if word not in WORDS:
            near = get_close_matches(str(word), WORDS, n=1)
            raise refused("expected", file, f"{word!r} is no section", f"Did you mean {near[0]}?" if near else "")
    sections = {name: section_rows(name, value[name], file) for name in COLUMNS if name in value}
    finding = _codes(value["finding"], file) if "finding" in value else None
    if finding is not None and sections:
        raise refused("expected.finding", file, "a case that must be refused has no other result")
    only = value.get("only")
    if only not in (None, "true", "false"):
        raise refused("expected.only", file, f"true or false is wanted, not {only!r}")
    return Expected(sections, finding, None if only is None else only == "true")


def section_rows(name: str, value: Any, file: str) -> Rows:
    """Return the rows of one section, with the columns of `COLUMNS`.

    Raises
    ------
    InputRefused
        ``cases.table``
    """
    place = f"expected.{name}"
    if name in _NESTED and isinstance(value, Mapping):
        rows = _nested_rows(name, value, place, file)
    elif name == "state" and isinstance(value, Mapping):
        rows = _state_rows(value, place, file)
    elif name == "ranks" and isinstance(value, Mapping):
        rows = [{"member": str(member), "rank": str(rank)} for member, rank in value.items()]
    else:
        rows = [{_ALIASES.get(key, key): cell for key, cell in row.items()} for row in read_rows(value, place, file)]
    needed, optional = COLUMNS[name]
    for row in rows:
        missing = [column for column in needed if column not in row]
        unknown = [column for column in row if column not in (*needed, *optional)]
        if missing or unknown:
            fault = f"column {missing[0]} is missing" if missing else f"{unknown[0]!r} is no column here"
            raise refused(place, file, fault, f"Columns: {', '.join((*needed, *optional))}.")
        _check_numbers(row, place, file)
        if name == "payout" and row["step"] not in STEPS:
            near = get_close_matches(row["step"], STEPS, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"Steps: {', '.join(STEPS)}."
            raise refused(f"{place}.step", file, f"{row['step']!r} is no step of a payout", remedy)
    return rows


def _check_numbers(row: Mapping[str, str], place: str, file: str) -> None:
    for column, cell in row.items():
        try:
            if column in NUMBERS and cell:
                units_from_text(cell if len(cell) < _LONGEST_NUMBER else "too long", len(cell.partition(".")[2]))
            if column == "rate" and cell:
                rate_from_text(cell)
        except (NotExact, ValueError) as fault:
            raise refused(f"{place}.{column}", file, str(fault)) from None


def _nested_rows(name: str, value: Mapping[str, Any], place: str, file: str) -> Rows:
    """``{unilevel: {Sam: 23.30}}`` reads better than three columns."""
    group, member, amount = COLUMNS[name][0]
    rows: Rows = []
    for outer, inner in value.items():
        if not isinstance(inner, Mapping) or not all(isinstance(cell, str) for cell in inner.values()):
            columns = ", ".join(part for names in COLUMNS[name] for part in names)
            remedy = f"Write {outer}: {{Sam: 12.00}}, or the whole section as rows with the columns {columns}."
            raise refused(place, file, f"{outer} is no mapping of members to amounts", remedy)
        rows += [{group: str(outer), member: str(who), amount: cell.strip()} for who, cell in inner.items()]
        if not inner:
            # {unilevel: {}} says that this bonus pays nobody.
            rows.append({group: str(outer), member: "", amount: "0"})
    return rows


def _state_rows(value: Mapping[str, Any], place: str, file: str) -> Rows:
    """``{lifetime: {volume: {Sam: 120}}}``: section, name, member, value."""
    rows: Rows = []
    for section, names in value.items():
        for name, members in names.items() if isinstance(names, Mapping) else [(section, None)]:
            if not isinstance(members, Mapping) or not all(isinstance(cell, str) for cell in members.values()):
                remedy = (
                    f"Write {section}: {{NAME: {{Sam: 12}}}}, or the whole section as rows with the columns section,"
                )
                remedy += " name, member, key, since, value."
                raise refused(place, file, f"{section} is no mapping of names, each a mapping of members", remedy)
            kept = {"section": str(section), "name": str(name)}
            rows += [{**kept, "member": str(who), "value": cell.strip()} for who, cell in members.items()]
    return rows


def _codes(value: Any, file: str) -> list[str]:
    codes = [value] if isinstance(value, str) else value
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) and code for code in codes):
        raise refused("expected.finding", file, "finding is a code or a list of codes, such as genealogy.cycle")
    return [str(code) for code in codes]
