"""Calendar arithmetic on columns of days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def months_completed(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the calendar months completed between two days.

    A month is complete on the day of the same number, or where the month is shorter on the 1st of the next: from
    31 January the first month is complete on 1 March.

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
    return end_month - start_month - (end_day < start_day)


def _month_and_day(days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)
