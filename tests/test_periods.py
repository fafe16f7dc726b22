"""Labels of periods: one way to write each, none that ends in a traceback."""

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.periods import label_after, label_before, parse_period


@pytest.mark.parametrize(
    ("label", "calendar", "first", "last"),
    [
        ("2028-02", "month", "2028-02-01", "2028-02-29"),
        ("2026-W53", "week", "2026-12-28", "2027-01-03"),
        ("2026-10-01..2026-10-28", "days", "2026-10-01", "2026-10-28"),
        ("2026-10-01..2026-10-01", "days", "2026-10-01", "2026-10-01"),
    ],
)
def test_periods(label, calendar, first, last):
    period = parse_period(label, calendar)
    assert (period.first.isoformat(), period.last.isoformat(), period.label) == (first, last, label)


@pytest.mark.parametrize(
    ("label", "calendar"),
    [
        ("9999-12", "month"),
        ("0000-01", "month"),
        ("2026-13", "month"),
        ("2026-W41", "month"),
        ("9999-W52", "week"),
        ("2027-W53", "week"),
        ("\uff12\uff10\uff12\uff16-W10", "week"),
        ("20261001..20261028", "days"),
        ("2026-W01-1..2026-W01-2", "days"),
        ("2026-10-05..2026-10-01", "days"),
        ("2026-10-01..2026-10-28..2026-10-29", "days"),
        ("2026-10-01..", "days"),
    ],
)
def test_what_is_no_period(label, calendar):
    with pytest.raises(InputRefused) as refused:
        parse_period(label, calendar)
    assert [finding.code for finding in refused.value.findings] == ["periods.label"]


@pytest.mark.parametrize(
    ("label", "before", "after"),
    [
        ("2026-01", "2025-12", "2026-02"),
        ("2026-12", "2026-11", "2027-01"),
        ("2026-W53", "2026-W52", "2027-W01"),
        ("2021-W01", "2020-W53", "2021-W02"),
    ],
)
def test_neighbours(label, before, after):
    assert (label_before(label), label_after(label)) == (before, after)


@pytest.mark.parametrize("label", ["2026-10-01..2026-10-28", "9999-12"])
def test_what_comes_after_some_periods_nothing_says(label):
    with pytest.raises(InputRefused, match=r"periods\.label"):
        label_after(label)
