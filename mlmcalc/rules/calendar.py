"""Calendar arithmetic on columns of days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def months_completed(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the calendar months completed between two days.

    A month is completed on the day of the month it began on, or on the last day of a month that is too short:
    from 31 January to 28 February 2026 is one month.

    Parameters
    ----------
    start, end : (k,) int64
        Days since 1970-01-01. Where `end` lies before `start`, the months are negative.

    Returns
    -------
    (k,) int64
    """
    start_month, start_day = _month_and_day(start)
    end_month, end_day = _month_and_day(end)
    following_month, _ = _month_and_day(end + 1)
    end_is_last = following_month != end_month
    unfinished = (end_day < start_day) & ~end_is_last
    return end_month - start_month - unfinished


def _month_and_day(days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)
