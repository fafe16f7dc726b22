"""Amounts scaled and shared out exactly: every product is rounded once, and parts add up to their whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.totals import exact_sum
from mlmcalc.money import INT64_MAX, RATE_DECIMALS, Mode, Rounding


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


def in_proportion(weights: NDArray[np.int64], left: int, step: int, ties: NDArray[np.int64]) -> NDArray[np.int64]:
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
    ties : (k,) int64
        All indices, in the order in which equal remainders are served.

    Returns
    -------
    (k,) int64
    """
    total = sum_of(weights)
    if total == 0 or left >= total:
        return weights.copy()
    steps = left // step
    exact = weights.astype(_kind(int(weights.max()) * steps)) * steps
    parts = (exact // total).astype(np.int64)
    rest = (exact % total).astype(np.int64)
    remaining = steps - sum_of(parts)
    if remaining:
        able = ties[((rest > 0) & ((parts + 1) * step <= weights))[ties]]
        order = able[np.argsort(-rest[able], kind="stable")]
        parts[order[:remaining]] += 1
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
    found = weights.copy()
    total = weights.sum(axis=0)
    columns = np.flatnonzero(left < total)
    if not columns.size:
        return found
    whole, sums = weights[:, columns], total[columns]
    steps = left[columns] // step
    kind = _kind(int(whole.max()) * int(steps.max()))
    exact = whole.astype(kind) * steps.astype(kind)
    parts = (exact // sums.astype(kind)).astype(np.int64)
    rest = (exact % sums.astype(kind)).astype(np.int64)
    remaining = steps - parts.sum(axis=0)
    able = (rest > 0) & ((parts + 1) * step <= whole)
    # Place of each remainder in its column, the largest first; whoever may not have more comes last.
    order = np.argsort(np.where(able, -rest, 1), axis=0, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(order))[:, None], axis=0)
    found[:, columns] = (parts + (able & (place < remaining))) * step
    return found


def _kind(largest: int) -> type[np.int64] | type[object]:
    # A product of amount and rate may have up to 95 bits: Python's integers hold it, and are slower.
    return np.int64 if largest <= INT64_MAX else object


def sum_of(amounts: NDArray[np.int64]) -> int:
    """Return the sum of a column as a Python integer, however large."""
    return exact_sum(amounts)
