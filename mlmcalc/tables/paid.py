"""What another system paid: member, bonus and amount."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.ids import Ids, read_ids
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.source import ColumnMap, Wanted, read_table


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """A table of payments.

    Attributes
    ----------
    position : (k,) int32
        Of the member, -1 for one who is not a member of the run.
    member : sequence of k str
        Ids as the table writes them.
    bonus : sequence of k str
        Empty where the table knows no bonuses.
    amount : (k,) int64
        In units of ``10**-decimals``.
    """

    position: NDArray[np.int32]
    member: Sequence[str]
    bonus: Sequence[str]
    amount: NDArray[np.int64]


def read_paid(
    source: object, column_map: ColumnMap, ids: NDArray[np.int64] | Sequence[str], decimals: int
) -> tuple[Paid | None, list[Finding]]:
    """Return a table of payments and the findings about it.

    Parameters
    ----------
    source : path, or polars frame, or anything polars makes a frame of
        Columns ``member_id``, ``amount`` and, if bonuses are told apart, ``bonus``.
    column_map : ColumnMap
    ids : (n,) int64 or sequence of str
        The members of the run, by position.
    decimals : int
        The most decimals an amount may have.
    """
    collector = Collector()
    with ThreadPoolExecutor(1) as threads:
        table, _ = read_table(
            source, Wanted("paid", ("member_id", "amount"), ("bonus",)), column_map, collector, threads
        )
    if table is None or not table.has("member_id") or not table.has("amount"):
        return None, collector.findings()
    members = read_ids(table, "member_id", collector)
    position = _directory(ids).rows(table, "member_id", members, collector)
    amount, _ = read_amounts(table, "amount", decimals, collector)
    bonus = (
        table.series("bonus").cast(pl.String).str.strip_chars().fill_null("").to_list() if table.has("bonus") else []
    )
    texts = [text or "" for text in members.as_texts().to_list()]
    return (
        Paid(np.maximum(position, -1), texts, bonus or [""] * table.size, amount),
        collector.findings(),
    )


def _directory(ids: NDArray[np.int64] | Sequence[str]) -> Directory:
    nowhere = np.zeros(len(ids), np.bool_)
    if isinstance(ids, np.ndarray):
        return Directory(Ids(ids, None, nowhere, None, nowhere))
    return Directory(Ids(None, pl.Series("id", list(ids), dtype=pl.String), nowhere, None, nowhere))
