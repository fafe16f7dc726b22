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
    reason = np.where(values.may_earn, ELIGIBLE, NOT_ELIGIBLE).astype(np.int8)
    if condition is not None:
        failed = ~condition.holds(values)
        reason[failed] = NOT_ELIGIBLE
        reason[failed & condition.needs_active(values)] = NOT_ACTIVE
    reason[values.status_bars] = NOT_ACTIVE
    return reason
