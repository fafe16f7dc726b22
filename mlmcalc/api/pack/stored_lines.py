"""The lines of a stored run, read part by part: sums, a sample, and the statements behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.api.lines_again import lines_again
from mlmcalc.audit.pack.sample import LineSample
from mlmcalc.audit.pack.tie_out import LineSums
from mlmcalc.tables.stored import StoredTables

SHOWN = 60
"""Lines of a statement that are shown one by one."""


def line_parts(folder: Path, manifest: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    """Yield the lines of a run; those that were not kept are calculated again.

    Raises
    ------
    InputRefused
        ``api.inputs_gone``, where the run keeps no lines.
    IntegrityError
        ``tables.digest``, ``tables.missing``, ``tables.unreadable``; ``api.input_changed``, ``api.lines_differ``.
    """
    if manifest.get("detail") == "none":
        yield lines_again(folder)
        return
    yield from StoredTables(folder, manifest).pieces("lines")


def summed_and_drawn(parts: Iterable[pl.DataFrame], seed: int, size: int) -> tuple[LineSums, LineSample]:
    """Return the sums of all lines by earner and bonus, and a sample of them; lines never all stay in memory."""
    sums, sample = LineSums(), LineSample(seed, size)
    for part in parts:
        sums.add(part)
        sample.add(part)
    return sums, sample


def of_statements(parts: Iterable[pl.DataFrame], wanted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what some statements are made of.

    Parameters
    ----------
    parts : iterable of polars.DataFrame
    wanted : polars.DataFrame
        ``earner``, ``bonus``, as texts.

    Returns
    -------
    sums : polars.DataFrame
        ``earner``, ``bonus``, ``outcome`` (texts), ``amount``.
    largest : polars.DataFrame
        The largest `SHOWN` lines of each: ``earner``, ``bonus``, ``outcome``, ``source`` (texts), ``amount``, and in
        ``others`` how many more there are of the outcome.
    """
    keys = ["earner", "bonus"]
    sums, largest = [], []
    for part in parts:
        texts = part.select(pl.col("earner", "bonus", "outcome", "source").cast(pl.String), "amount")
        chosen = texts.join(wanted, on=keys, how="semi", nulls_equal=True)
        sums.append(_by_outcome(chosen.with_columns(pl.lit(1, pl.Int64).alias("lines"))))
        largest = [_largest(pl.concat([*largest, chosen]))]
    return _by_outcome(pl.concat(sums)), largest[0]


def _by_outcome(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("earner", "bonus", "outcome").agg(pl.col("amount").sum(), pl.col("lines").sum())


def _largest(rows: pl.DataFrame) -> pl.DataFrame:
    ordered = rows.sort(pl.col("amount").abs(), pl.col("source"), descending=[True, False], maintain_order=True)
    return ordered.group_by("earner", "bonus", maintain_order=True).head(SHOWN).select(rows.columns)
