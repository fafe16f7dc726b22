"""How many periods ago a day was, in months, weeks and ranges of days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from mlmcalc.periods import day_number, parse_period
from mlmcalc.rules.calendar import periods_since


@pytest.mark.parametrize(
    ("calendar", "label", "joined", "expected"),
    [
        ("month", "2026-11", [(2026, 11, 30), (2026, 11, 1), (2026, 10, 31), (2025, 11, 1)], [0, 0, 1, 12]),
        ("week", "2026-W41", [(2026, 10, 11), (2026, 10, 5), (2026, 10, 4), (2026, 10, 12)], [0, 0, 1, -1]),
        ("days", "2026-10-02..2026-10-03", [(2026, 10, 3), (2026, 10, 1), (2026, 9, 30), (2026, 9, 29)], [0, 1, 1, 2]),
        ("days", "2026-10-02..2026-10-02", [(2026, 10, 2), (2026, 10, 1)], [0, 1]),
    ],
)
def test_periods_since_a_day(calendar, label, joined, expected):
    period = parse_period(label, calendar)
    days = np.array([day_number(date(*one)) for one in joined], np.int64)
    assert periods_since(days, period.first_day, period.last_day, label).tolist() == expected
