"""Amounts scaled and shared out exactly: every product is rounded once, and parts add up to their whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.proportions import divide, shrink_columns
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.id_ties import Ids, id_order
from mlmcalc.money import INT64_MAX, RATE_DECIMALS, Mode, Rounding

_DIVIDES = 2**62
"""The largest whole that the kernel divides by."""


def share_step(rounding: Rounding, amount_decimals: int) -> int:
    """Return the smallest part a scaled or shared amount has, in units of ``10**-amount_decimals``.

    The payable unit; where only statements are rounded, a millionth.
    """
    if rounding.place == "payout":
        return 10 ** (amount_decimals - RATE_DECIMALS)
    return rounding.divisor(amount_decimals)


def scaled(
    amounts: NDArray[np.int64], numerator: NDArray[Any], denominator: NDArray[Any], step: int, mode: Mode
) -> NDArray[np.int64]:
    """Return ``amount x numerator / denominator``, rounded on the magnitude to whole steps.

    Amounts whose factor is 1 stay as they are.

    Parameters
    ----------
    amounts : (k,) int64
    numerator : (k,) int64 or Python integers
        0 or more.
    denominator : (k,) int64 or Python integers
        Above 0.
    step : int
    mode : Mode

    Raises
    ------
    OverflowError
        A product does not fit 64 bits.
    """
    chosen = np.flatnonzero((numerator != denominator) & (amounts != 0))
    if not chosen.size:
        return amounts.copy()
    most = int(np.abs(amounts[chosen]).max()) * int(numerator[chosen].max())
    kind = _kind(max(most, 2 * step * int(denominator[chosen].max())))
    exact = np.abs(amounts[chosen]).astype(kind) * numerator[chosen].astype(kind)
    divisor = denominator[chosen].astype(kind) * step
    quotient = exact // divisor
    rest = (exact - quotient * divisor) * 2
    if mode == "half_up":
        quotient = quotient + (rest >= divisor).astype(bool)
    elif mode == "half_even":
        quotient = quotient + ((rest > divisor) | ((rest == divisor) & (quotient % 2 == 1))).astype(bool)
    elif mode == "up":
        quotient = quotient + (rest > 0).astype(bool)
    if int(quotient.max()) * step > INT64_MAX:
        raise OverflowError
    whole = quotient * step
    found = amounts.copy()
    found[chosen] = np.sign(amounts[chosen]) * whole.astype(np.int64)
    return found


def in_proportion(
    weights: NDArray[np.int64], left: int, step: int, ids: Ids, places: NDArray[np.integer] | None = None
) -> NDArray[np.int64]:
    """Return what is left of each amount when all shrink in proportion to a smaller sum, in whole steps.

    Every part is rounded down; the steps that remain go to the largest remainders, and nobody is left with more than
    it had.

    Parameters
    ----------
    weights : (k,) int64
        0 or more.
    left : int
        From 0 to the sum of the weights.
    step : int
    ids : int64 or a sequence of str
        Of equal remainders the lowest ids are served first.
    places : (k,) integers, optional
        Place in `ids` of each weight, one after another where nothing is said.

    Returns
    -------
    (k,) int64
    """
    total = exact_sum(weights)
    if total == 0 or left >= total:
        return weights.copy()
    steps = left // step
    parts, rest = _floors(weights, steps, total)
    remaining = steps - exact_sum(parts)
    if remaining:
        able = np.flatnonzero((rest > 0) & ((parts + 1) * step <= weights))
        if remaining < able.size:
            of = rest[able]
            least = np.partition(of, able.size - remaining)[able.size - remaining]
            first, tied = able[of > least], able[of == least]
            where = tied if places is None else places[tied]
            ranked = tied[id_order(where, ids)]
            able = np.concatenate([first, ranked[: remaining - first.size]])
        parts[able] += 1
    return parts * step


def in_proportion_each(weights: NDArray[np.int64], left: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Return the same for many columns at once: column j of the weights shrinks to ``left[j]``.

    Parameters
    ----------
    weights : (k, n) int64
        0 or more; ties go to the first row.
    left : (n,) int64
        From 0 to the sum of its column.
    step : int

    Returns
    -------
    (k, n) int64
    """
    found = np.empty_like(weights, order="C")
    if not weights.size:
        return found
    fits = weights.max(axis=0) <= INT64_MAX // np.maximum(left // step, 1)
    small = left if fits.all() else np.where(fits, left, INT64_MAX)
    shrink_columns(np.ascontiguousarray(weights), np.ascontiguousarray(small), step, found)
    first_row = np.arange(len(weights))
    for column in np.flatnonzero(~fits).tolist():
        found[:, column] = in_proportion(weights[:, column], int(left[column]), step, first_row)
    return found


def _floors(weights: NDArray[np.int64], steps: int, total: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # The whole part and the rest of weight x steps / total.
    if total <= _DIVIDES:
        parts, rest = np.empty(weights.size, np.int64), np.empty(weights.size, np.int64)
        divide(np.ascontiguousarray(weights), steps, total, parts, rest)
        return parts, rest
    exact = weights.astype(object) * steps
    return (exact // total).astype(np.int64), (exact % total).astype(np.int64)


def _kind(largest: int) -> type[np.int64] | type[object]:
    # A product of amount and rate may have up to 95 bits: Python's integers hold it, and are slower.
    return np.int64 if largest <= INT64_MAX else object


def sum_of(amounts: NDArray[np.int64]) -> int:
    """Return the sum of a column as a Python integer, however large."""
    return exact_sum(amounts)
