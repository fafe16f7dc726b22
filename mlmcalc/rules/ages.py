"""How many periods ago rows of state are of, where their keys are periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mlmcalc.periods import last_day_of, periods_apart
from mlmcalc.rules.state import StateRows
from mlmcalc.rules.values import Values


def ages_of(rows: StateRows, values: Values) -> NDArray[np.int32]:
    """Return how many periods before this one each row is of, 1 for the period before.

    Months and weeks are counted in the calendar. Ranges of days do not count: there the periods of which anybody has
    a row are counted, and the one that closed.

    Parameters
    ----------
    rows : StateRows
        Keyed by labels of periods.
    values : Values

    Returns
    -------
    (k,) int32
        0 stands for no period before this one.
    """
    this, closed = values.closing.period, values.opening.period
    used = [int(code) for code in np.unique(rows.key)]
    newest_first = sorted({closed, *(rows.keys[code] for code in used)}, reverse=True)
    ages = [0] * len(rows.keys)
    for code in used:
        apart = periods_apart(rows.keys[code], this)
        ages[code] = 1 + newest_first.index(rows.keys[code]) if apart is None else max(apart, 0)
    return np.array(ages, np.int32)[rows.key]


def periods_since(months: Sequence[int], rows: StateRows, values: Values) -> int:
    """Return how many periods there are, this one included, since the first of one of these months.

    A week or a range of days is of the month in which it ends.

    Parameters
    ----------
    months : sequence of int
        1 to 12.
    rows : StateRows
        Keyed by labels of periods: ranges of days are counted in them.
    values : Values

    Returns
    -------
    int
        1 or more; the periods of a lower age (`ages_of`) are since then.
    """
    this = values.closing.period
    last = last_day_of(this)
    earlier = [month for month in months if month <= last.month]
    since = date(last.year, max(earlier), 1) if earlier else date(last.year - 1, max(months), 1)
    if ".." in this:
        labels = {values.opening.period, *(rows.keys[code] for code in np.unique(rows.key))}
        return 1 + sum(".." in label and last_day_of(label) >= since for label in labels)
    if "W" in this:
        return (last - since).days // 7 + 1
    return 12 * (last.year - since.year) + last.month - since.month + 1
