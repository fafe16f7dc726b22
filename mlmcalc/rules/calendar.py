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


def periods_since(start: NDArray[np.int64], first: int, last: int, label: str) -> NDArray[np.int64]:
    """Return how many periods after that of a day a period is: 0 for its own days.

    Parameters
    ----------
    start : (k,) int64
        Days since 1970-01-01. After the period the number is negative.
    first, last : int
        The days of the period.
    label : str
        Of the period. Months are those of the calendar; weeks and ranges of days are counted in its lengths.

    Returns
    -------
    (k,) int64
    """
    if "W" in label or ".." in label:
        return -((start - first) // (last - first + 1))
    return _month_and_day(np.array([last], np.int64))[0] - _month_and_day(start)[0]


def _month_and_day(days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)
