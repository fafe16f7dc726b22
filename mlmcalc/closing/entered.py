"""What people entered, as rows of the tables that a run reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from mlmcalc.closing.changes import HOLD, RANK, VOLUME, WAIVER, WRITTEN_OFF
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.adjustments import StoredAdjustment
from mlmcalc.store.overrides import StoredOverride

_OVERRIDES = ("member_id", "override", "rank", "metric", "ladder", "reason", "approver")
_ADJUSTMENTS = ("member_id", "type", "amount", "reason", "approver", "bonus", "period", "cause")


def approver_of(made_by: str, label: str) -> str:
    """Return who approves what was entered for a period: whoever approves the period, and never who entered it."""
    return f"the approver of {label} (entered by {made_by})"


def override_rows(entered: Iterable[StoredOverride], label: str) -> pl.DataFrame:
    """Return forced ranks, waivers and holds as rows of the table of overrides; all of them are texts."""
    rows = [
        {
            "member_id": one.member_id,
            "override": one.kind,
            **{name: one.values.get(name) for name in ("rank", "metric", "ladder")},
            "reason": one.reason,
            "approver": approver_of(one.made_by, label),
        }
        for one in entered
        if one.kind in (RANK, WAIVER, HOLD)
    ]
    return _texts(_OVERRIDES, rows)


def correction_rows(entered: Iterable[StoredOverride]) -> pl.DataFrame:
    """Return corrections of volume as rows of the table of orders; all of them are texts.

    One with a value below zero is a return.
    """
    rows = []
    for one in entered:
        if one.kind != VOLUME:
            continue
        values = dict(one.values)
        amounts = {name: value for name, value in values.items() if name not in ("order_id", "date")}
        kind = "return" if any(value.startswith("-") for value in amounts.values()) else "sale"
        rows.append({"order_id": values["order_id"], "member_id": one.member_id, "date": values["date"]})
        rows[-1] |= {"kind": kind, **amounts}
    names = dict.fromkeys(name for row in rows for name in row)
    return _texts(tuple(names), rows)


def adjustment_rows(entered: Iterable[StoredAdjustment], label: str) -> pl.DataFrame:
    """Return manual amounts and corrections of older periods as rows of the table of adjustments; all are texts."""
    rows = [
        {
            "member_id": one.member_id,
            "type": one.type,
            "amount": one.amount,
            "reason": one.reason,
            "approver": approver_of(one.made_by, label),
            "bonus": one.bonus or None,
            "period": one.origin or None,
            "cause": one.cause or None,
        }
        for one in entered
        if one.type != WRITTEN_OFF
    ]
    return _texts(_ADJUSTMENTS, rows)


def rate_rows(rates: Mapping[str, str]) -> pl.DataFrame:
    """Return rates as rows of the table of rates: ``currency``, ``rate``."""
    return _texts(("currency", "rate"), [{"currency": name, "rate": rate} for name, rate in sorted(rates.items())])


def as_in(rows: pl.DataFrame, schema: Mapping[str, pl.DataType], table: str) -> pl.DataFrame:
    """Return rows of texts in the types of a table.

    Parameters
    ----------
    rows : polars.DataFrame
        Of texts.
    schema : mapping of str to polars.DataType
        Of the table; its other columns are left to be empty.
    table : str
        Its name, for findings.

    Raises
    ------
    InputRefused
        ``closing.value``: a text cannot be such a value.
    """
    columns, findings = [], []
    for name in rows.columns:
        column = rows.get_column(name)
        wanted = schema.get(name, pl.String())
        typed = _typed(column, wanted)
        columns.append(typed)
        for place in _lost(column, typed):
            message = f"{column[place]!r} cannot be a {name} of the table of {table}."
            remedy = "Withdraw it with `mlmcalc override withdraw`, and enter it as the table has it."
            findings.append(Finding("closing.value", message, remedy, column=name))
    if findings:
        raise InputRefused(findings)
    return pl.DataFrame(columns)


def _typed(column: pl.Series, wanted: pl.DataType) -> pl.Series:
    if wanted == pl.Date:
        return column.str.to_date("%Y-%m-%d", strict=False)
    return column.cast(wanted, strict=False)


def _lost(column: pl.Series, typed: pl.Series) -> list[int]:
    # A decimal with more digits than the column has would be rounded by a cast: its text would not come back.
    lost = typed.is_null() & column.is_not_null()
    if isinstance(typed.dtype, pl.Decimal):
        finer = column.cast(pl.Decimal(38, 18), strict=False)
        lost |= (finer != typed.cast(pl.Decimal(38, 18), strict=False)).fill_null(False)
    return lost.arg_true().to_list()


def _texts(names: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()))
