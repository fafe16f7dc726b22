"""How many periods ago rows of state are of, where their keys are periods."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.periods import periods_apart
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
