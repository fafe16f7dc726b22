"""Who may earn a bonus, and the outcome for who may not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.condition import Condition
from mlmcalc.rules.values import Values

ELIGIBLE, NOT_ACTIVE, NOT_ELIGIBLE = 0, 1, 2


def eligibility(values: Values, condition: Condition | None) -> NDArray[np.int8]:
    """Return for every member `ELIGIBLE`, `NOT_ACTIVE` or `NOT_ELIGIBLE`.

    Parameters
    ----------
    values : Values
    condition : Condition or None
        The bonus's ``eligible``.

    Returns
    -------
    (n,) int8, by position
    """
    able, not_active = values.may_earn, values.status_bars
    if condition is not None:
        holds = condition.holds(values)
        able = able & holds
        not_active = not_active | condition.needs_active(values, holds)
    reason = np.logical_not(able).view(np.int8) * np.int8(NOT_ELIGIBLE)
    np.putmask(reason, not_active, NOT_ACTIVE)
    return reason
