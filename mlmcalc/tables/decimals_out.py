"""Integers in fixed units become decimal columns, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.money import decimal_from_units

PRECISION = 38


def decimal_type(decimals: int) -> pl.Decimal:
    """Return the column type of an amount with so many decimals."""
    return pl.Decimal(PRECISION, decimals)


def decimal_series(
    name: str, units: NDArray[np.int64] | Sequence[int], decimals: int, scale: int | None = None
) -> pl.Series:
    """Return integers in units of ``10**-decimals`` as a decimal column.

    Parameters
    ----------
    name : str
    units : (k,) int64, or a sequence of Python integers
        Python integers may leave int64.
    decimals : int
        Of `units`.
    scale : int, optional
        Decimals of the column, at least `decimals`; the same by default.

    Returns
    -------
    polars.Series
        ``Decimal(38, scale)``.
    """
    wanted = decimals if scale is None else scale
    if isinstance(units, np.ndarray):
        # In 128 bits 19 digits stay far inside 38, whatever the scale; then only the reading of the bits changes.
        whole = pl.Series(name, units).cast(pl.Int128)
        if wanted > decimals:
            whole *= pl.Series([10 ** (wanted - decimals)], dtype=pl.Int128)
        return whole.reinterpret(dtype=decimal_type(wanted))
    column = pl.Series(name, [decimal_from_units(unit, decimals) for unit in units], dtype=decimal_type(decimals))
    return column if wanted == decimals else column.cast(decimal_type(wanted))
