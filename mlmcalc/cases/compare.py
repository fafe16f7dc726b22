"""Expected beside observed: every difference, in exact decimals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

from mlmcalc.cases.expected import NUMBERS, Expected
from mlmcalc.cases.observed import Cell, Observed, Row
from mlmcalc.fields import rate_from_text
from mlmcalc.money import rate_text

LEFT_OUT = "left_out"
NOBODY = "none"
_EXACT = Context(prec=200, traps=[Inexact])
_VALUES = ("base", "rate", "amount", "count", "value", "plan_amount", "left")
_SUMMED = ("base", "amount")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise.

    Attributes
    ----------
    what : str
        ``statements unilevel Sam``.
    expected, got : str
    """

    what: str
    expected: str
    got: str


def compare(expected: Expected, observed: Observed) -> tuple[int, list[Difference]]:
    """Return how many things were compared, and the differences.

    Parameters
    ----------
    expected : Expected
    observed : Observed
    """
    differences: list[Difference] = []
    count = 0
    for section, rows in expected.sections.items():
        stated = [{column: _cell(column, text) for column, text in row.items()} for row in rows]
        count += len(stated)
        if section == "statements":
            differences += _statements(stated, observed, expected.only)
        elif section == "ranks":
            differences += _ranks(stated, observed, expected.only)
        elif section == "metrics":
            differences += _metrics(stated, observed, expected.only)
        elif section == "tree":
            differences += _trees(stated, observed, expected.only)
        elif section == "sums":
            differences += _sums(stated, observed.lines)
        else:
            differences += _rows(section, stated, getattr(observed, section), expected.only)
    return count, differences


def _cell(column: str, text: str) -> Cell:
    if column in NUMBERS and text:
        return Decimal(text)
    return rate_text(rate_from_text(text)) if column == "rate" and text else text


def _show(cell: Cell | None, absent: str = "nothing") -> str:
    if cell is None:
        return absent
    return format(cell, "f") if isinstance(cell, Decimal) else cell or NOBODY


def _statements(stated: list[dict[str, Cell]], observed: Observed, only: bool | None) -> Iterable[Difference]:
    wanted = {(str(row["bonus"]), str(row["member"])): row["amount"] for row in stated}
    statements = observed.statements
    for (bonus, member), amount in wanted.items():
        got = statements.get((bonus, member), Decimal(0))
        stranger = _stranger(bonus, member, observed)
        # A slip in a name must not pass as "not paid".
        if stranger or (member and got != amount):
            yield Difference(f"statements {bonus} {member}".rstrip(), _show(amount), stranger or _show(got))
    bonuses = {bonus for bonus, _ in wanted}
    for (bonus, member), got in statements.items():
        listed = (bonus, member) in wanted or (only is not True and bonus not in bonuses)
        if got and not listed and only is not False:
            yield Difference(f"statements {bonus} {member}", "not listed", _show(got))


def _stranger(bonus: str, member: str, observed: Observed) -> str:
    """Return what is said of a name that nobody has."""
    if observed.bonuses is not None and bonus not in observed.bonuses:
        return "no such bonus"
    if member and observed.members is not None and member not in observed.members:
        return "no such member"
    return ""


def _ranks(stated: list[dict[str, Cell]], observed: Observed, only: bool | None) -> Iterable[Difference]:
    ranks = observed.ranks
    known = {ladder for ladder, _ in ranks}
    wanted = {(_ladder(row, known), str(row["member"])): row["rank"] or NOBODY for row in stated}
    unstated_titles = {ladder for ladder in known if "." in ladder} - {ladder for ladder, _ in wanted}
    for (ladder, member), rank in wanted.items():
        got = ranks.get((ladder, member))
        if got != rank:
            yield Difference(f"{ladder} {member}", _show(rank), _show(got, "no such member or ladder"))
    for (ladder, member), got in ranks.items():
        if only and got != NOBODY and (ladder, member) not in wanted and ladder not in unstated_titles:
            yield Difference(f"{ladder} {member}", "not listed", got)


def _ladder(row: dict[str, Cell], known: set[str]) -> str:
    ladder = str(row.get("ladder") or "rank")
    return f"rank.{ladder}" if ladder not in known and f"rank.{ladder}" in known else ladder


def _metrics(stated: list[dict[str, Cell]], observed: Observed, only: bool | None) -> Iterable[Difference]:
    wanted = {(str(row["metric"]), str(row["member"])): row["value"] for row in stated}
    metrics = observed.metrics
    for (metric, member), value in wanted.items():
        column = metrics.get(metric)
        got = None if column is None else column.get(member)
        if member and got != value:
            absent = "no such metric" if column is None else "no such member"
            yield Difference(f"{metric} {member}", _show(value), _show(got, absent))
    if only:
        for metric in dict.fromkeys(metric for metric, _ in wanted):
            for member, got in metrics.get(metric, {}).items():
                if got and (metric, member) not in wanted:
                    yield Difference(f"{metric} {member}", "not listed", _show(got))


def _trees(stated: list[dict[str, Cell]], observed: Observed, only: bool | None) -> Iterable[Difference]:
    wanted = {(str(row["tree"]), str(row["member"])): str(row["parent"]) for row in stated}
    trees = observed.trees
    for (tree, member), parent in wanted.items():
        if tree not in trees:
            yield Difference(f"{tree} {member}", parent or NOBODY, "no such tree")
            continue
        got = trees[tree].get(member, LEFT_OUT)
        if member and got != ("" if parent == NOBODY else parent):
            yield Difference(f"{tree} {member}", parent or NOBODY, got or NOBODY)
    if only:
        for tree in dict.fromkeys(tree for tree, _ in wanted):
            for member, parent in trees.get(tree, {}).items():
                if (tree, member) not in wanted:
                    yield Difference(f"{tree} {member}", "not listed", parent or NOBODY)


def _paid_unless_stated(row: dict[str, Cell]) -> dict[str, Cell]:
    return row if "outcome" in row else {**row, "outcome": "paid"}


def _key(row: Mapping[str, Cell], columns: Iterable[str]) -> tuple[Cell, ...]:
    return tuple(row.get(column, "") for column in columns)


def _rows(section: str, stated: list[dict[str, Cell]], got: Sequence[Row], only: bool | None) -> Iterable[Difference]:
    """Each stated row takes one that came out and agrees in every stated column; the most particular choose first."""
    if section == "lines":
        stated = [_paid_unless_stated(row) for row in stated]
    used: set[int] = set()
    indexes: dict[tuple[str, ...], dict[tuple[Cell, ...], list[int]]] = {}
    for row in sorted(stated, key=len, reverse=True):
        columns = tuple(sorted(row))
        if columns not in indexes:
            indexes[columns] = defaultdict(list)
            for number in range(len(got) - 1, -1, -1):
                indexes[columns][_key(got[number], columns)].append(number)
        free = indexes[columns].get(_key(row, columns), [])
        while free and free[-1] in used:
            free.pop()
        if free:
            used.add(free.pop())
        else:
            yield Difference(f"{section} {_name(row)}", _worth(row), _nearest(row, got, used))
    if only:
        for number, row in enumerate(got):
            if number not in used and (row.get("amount") or row.get("value")):
                yield Difference(f"{section} {_name(row)}", "not listed", _worth(row))


def _name(row: Mapping[str, Cell]) -> str:
    words = [(column, cell) for column, cell in row.items() if column not in _VALUES and cell not in ("", "paid")]
    return " ".join(f"{column} {_show(cell)}" if column.endswith("level") else _show(cell) for column, cell in words)


def _worth(row: Mapping[str, Cell]) -> str:
    values = [f"{column} {_show(row[column])}" for column in _VALUES if column in row and row[column] != ""]
    return ", ".join(values) or "a row"


def _nearest(row: dict[str, Cell], got: Sequence[Row], used: set[int]) -> str:
    """What did come out under the same name, if anything."""
    columns = [column for column in row if column not in _VALUES]
    name = _key(row, columns)
    near = [other for number, other in enumerate(got) if number not in used and _key(other, columns) == name]
    values = [column for column in _VALUES if column in row]
    return "; ".join(_worth({column: other.get(column, "") for column in values}) for other in near[:3]) or "nothing"


def _sums(stated: list[dict[str, Cell]], lines: Sequence[Row]) -> Iterable[Difference]:
    """Sum, and count, the lines that agree in the other columns; without an outcome, those paid."""
    indexes: dict[tuple[str, ...], dict[tuple[Cell, ...], dict[str, Decimal]]] = {}
    for row in (_paid_unless_stated(row) for row in stated):
        columns = tuple(column for column in row if column not in (*_SUMMED, "count"))
        if columns not in indexes:
            indexes[columns] = _summed(lines, columns)
        got = indexes[columns].get(_key(row, columns), {})
        for column in (*_SUMMED, "count"):
            if column in row and got.get(column, Decimal(0)) != row[column]:
                what = f"sums {_name({name: row[name] for name in columns})} {column}"
                yield Difference(what, _show(row[column]), _show(got.get(column, Decimal(0))))


def _summed(lines: Sequence[Row], columns: tuple[str, ...]) -> dict[tuple[Cell, ...], dict[str, Decimal]]:
    sums: dict[tuple[Cell, ...], dict[str, Decimal]] = {}
    for line in lines:
        total = sums.setdefault(_key(line, columns), {"count": Decimal(0), **dict.fromkeys(_SUMMED, Decimal(0))})
        total["count"] += 1
        for column in _SUMMED:
            cell = line.get(column)
            if isinstance(cell, Decimal):
                total[column] = _EXACT.add(total[column], cell)
    return sums
