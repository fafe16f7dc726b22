"""Two runs side by side, as an operator reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mlmcalc.cli.amounts import amount_text
from mlmcalc.cli.sheets import Column, Sheet

if TYPE_CHECKING:
    from mlmcalc.audit.run_difference import Pair, RunDifference

_COMPANY = "the company"
_FIGURES = ("before", "after", "difference")
_CALLED = {"volumes": "volume {}", "bonuses": "bonus {}", "payout": "payout, {}", "members": "{}"}
_AMOUNTS = {"paid": "paid to members", "company": "to the company"}


def diff_sheet(found: RunDifference, members: int, member: str | None = None) -> Sheet:
    """Return two runs side by side as a sheet.

    Parameters
    ----------
    found : RunDifference
    members : int
        How many members to show.
    member : str, optional
        Show this one alone, or ``company``, bonus by bonus.
    """
    sheet = Sheet()
    old, new = found.before, found.after
    period = old["period"] if old["period"] == new["period"] else f"{old['period']} and {new['period']}"
    sheet.title("Two runs side by side", f"{period}, {old['currency']}; difference = the second less the first")
    sheet.facts(
        {
            "first": old["run"],
            "digest of the first": old["digest"],
            "second": new["run"],
            "digest of the second": new["digest"],
        }
    )
    if found.is_equal:
        sheet.heading("No difference: the contents are the same, line for line.")
        return sheet
    sheet.heading("Totals")
    differing = [pair for pair in found.pairs if pair.name in _AMOUNTS or Decimal(pair.difference)]
    sheet.table(_columns("what"), [_pair(pair) for pair in differing])
    sheet.line(f"tables that differ: {', '.join(found.tables) or 'none'}", 2)
    if found.effects:
        _causes(sheet, found)
    if member is None:
        _members(sheet, found, members)
    else:
        _one(sheet, found, member)
    return sheet


def _columns(first: str) -> list[Column]:
    return [Column(first, folds=True), *(Column(name, right=True) for name in _FIGURES)]


def _pair(pair: Pair) -> list[str]:
    name = _CALLED.get(pair.section, f"{pair.section} {{}}").format(pair.name)
    name = _AMOUNTS.get(pair.name, name) if pair.section == "amounts" else name
    return [name, *(amount_text(figure) for figure in (pair.before, pair.after, pair.difference))]


def _causes(sheet: Sheet, found: RunDifference) -> None:
    sheet.heading("Causes, each replaced alone in the first run")
    columns = [Column("cause", folds=True), Column("paid to members", right=True), Column("to the company", right=True)]
    columns += [Column("payments", right=True), Column("members", right=True), Column("what changed", folds=True)]
    amounts = [(effect.paid, effect.company, effect.payments) for effect in found.effects]
    # What no cause moves, as payments without a payout in the plan, needs no column.
    shown = [any(column) for column in zip(*amounts, strict=True)]
    rows = []
    for effect, figures in zip(found.effects, amounts, strict=True):
        what = effect.what + (f" (after {', '.join(effect.after)})" if effect.after else "")
        rows.append([effect.name, *_shown(figures, shown), f"{effect.members:,}", what])
    whole = found.rows.filter(found.rows["difference"] != 0)["member"].drop_nulls().n_unique()
    sums = [sum(column, Decimal(0)) for column in zip(*amounts, strict=True)]
    sheet.table(columns, rows, ["the whole", *_shown(sums, shown), f"{whole:,}", ""])


def _shown(figures: Sequence[Decimal], shown: Sequence[bool]) -> list[str]:
    return [amount_text(str(figure)) if wanted else "" for figure, wanted in zip(figures, shown, strict=True)]


def _members(sheet: Sheet, found: RunDifference, members: int) -> None:
    by_member = found.by_member()
    count, shown = by_member["member"].drop_nulls().len(), by_member.head(members)
    title = f"{count:,} member{'' if count == 1 else 's'} paid otherwise, or moved by a cause"
    sheet.heading(f"{title}, the {shown.height} largest" if shown.height < by_member.height else title)
    rows = [
        [_COMPANY if row["member"] is None else row["member"], *_figures(row), _parts(row, found)]
        for row in shown.iter_rows(named=True)
    ]
    sheet.table([*_columns("member"), Column("of which", folds=True)], rows)
    if shown.height < by_member.height:
        sheet.line("--members shows more, --format csv has all, bonus by bonus", 2)
    if found.ranks.height:
        sheet.heading(f"{found.ranks.height:,} of another rank")
        sheet.table(_rank_columns(), _ranks(found.ranks.head(members).iter_rows(named=True)))


def _one(sheet: Sheet, found: RunDifference, member: str) -> None:
    rows = found.of_member(None if member == "company" else member)
    sheet.heading(f"Member {member}" if member != "company" else "The company")
    if not rows.height:
        sheet.line("paid the same in both", 2)
    for section in rows["section"].unique(maintain_order=True):
        of_section = rows.filter(rows["section"] == section)
        cells = [[row["name"], *_figures(row), _parts(row, found)] for row in of_section.iter_rows(named=True)]
        last: Sequence[str] = ()
        if of_section.height > 1 and section == "bonus":
            total = of_section.drop("member", "section", "name").sum().row(0, named=True)
            last = ["all bonuses", *_figures(total), _parts(total, found)]
        sheet.table([*_columns(section), Column("of which", folds=True)], cells, last)
    ranks = found.ranks.filter(found.ranks["member"] == member)
    sheet.table(_rank_columns(), _ranks(ranks.iter_rows(named=True)))


def _figures(row: Mapping[str, Any]) -> list[str]:
    return [amount_text(str(row[name])) for name in _FIGURES]


def _parts(row: Mapping[str, Any], found: RunDifference) -> str:
    parts = ((effect.name, row[effect.name]) for effect in found.effects)
    return ", ".join(f"{name} {amount_text(str(amount))}" for name, amount in parts if amount)


def _rank_columns() -> list[Column]:
    return [Column("member", folds=True), Column("ladder"), Column("before"), Column("after")]


def _ranks(rows: Any) -> list[list[str]]:
    return [[row["member"], row["ladder"], row["before"] or "no rank", row["after"] or "no rank"] for row in rows]
