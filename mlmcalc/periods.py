"""Periods of a calendar: a label and its first and last day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from mlmcalc.errors import Finding, InputRefused

Calendar = Literal["month", "week", "days"]
_EPOCH = date(1970, 1, 1)
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True, slots=True)
class Period:
    """One period.

    Attributes
    ----------
    label : str
        ``2026-10``, ``2026-W41`` or ``2026-10-01..2026-10-28``.
    first, last : datetime.date
        Both inside.
    """

    label: str
    first: date
    last: date

    def follows(self, other: Period) -> bool:
        """Return whether this period begins on the day after another ends."""
        return self.first_day == other.last_day + 1

    @property
    def first_day(self) -> int:
        """First day, in days since 1970-01-01."""
        return (self.first - _EPOCH).days

    @property
    def last_day(self) -> int:
        """Last day, in days since 1970-01-01."""
        return (self.last - _EPOCH).days


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - _EPOCH).days


def day_text(day: int) -> str:
    """Return a day number as ``2026-10-31``."""
    return (_EPOCH + timedelta(days=int(day))).isoformat()


def parse_period(label: str, calendar: Calendar = "month") -> Period:
    """Return the period a label names in a calendar.

    Raises
    ------
    InputRefused
        ``periods.label``: the label is not of the calendar, or no such period exists.
    """
    try:
        if calendar == "month" and re.fullmatch(r"[0-9]{4}-[0-9]{2}", label):
            first = date.fromisoformat(label + "-01")
            following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            return Period(label, first, following - timedelta(days=1))
        if calendar == "week" and re.fullmatch(r"[0-9]{4}-W[0-9]{2}", label):
            first = date.fromisocalendar(int(label[:4]), int(label[6:]), 1)
            return Period(label, first, first + timedelta(days=6))
        if calendar == "days" and re.fullmatch(rf"{_DAY}\.\.{_DAY}", label):
            start, _, end = label.partition("..")
            period = Period(label, date.fromisoformat(start), date.fromisoformat(end))
            if period.first <= period.last:
                return period
    except (ValueError, OverflowError):
        # Days beyond the calendar, such as those of the last week of 9999.
        pass
    forms = {"month": "2026-10", "week": "2026-W41", "days": "2026-10-01..2026-10-28"}
    form = f"{label}..{label}" if calendar == "days" and re.fullmatch(_DAY, label) else forms[calendar]
    raise InputRefused(
        Finding("periods.label", f"{label!r} is no period of a {calendar} calendar.", f"Write it as {form}.")
    )


def last_day_of(label: str) -> date:
    """Return the last day of a label of any calendar.

    Raises
    ------
    InputRefused
        ``periods.label``.
    """
    calendar: Calendar = "days" if ".." in label else "week" if "W" in label else "month"
    return parse_period(label, calendar).last


def label_before(label: str) -> str:
    """Return the label of the month or week directly before that of another.

    Raises
    ------
    InputRefused
        ``periods.label``: the label is no month and no week, so that nothing says how long the one before was.
    """
    calendar: Calendar = "week" if "W" in label else "month"
    return _label_of(parse_period(label, calendar).first - timedelta(days=1), calendar)


def _label_of(day: date, calendar: Calendar) -> str:
    if calendar == "month":
        return day.isoformat()[:7]
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def label_after(label: str) -> str:
    """Return the label of the month or week directly after that of another.

    Raises
    ------
    InputRefused
        ``periods.label``: the label is no month and no week, so that nothing says how long the next one is.
    """
    calendar: Calendar = "week" if "W" in label else "month"
    day = parse_period(label, calendar).last
    if day == date.max:
        raise InputRefused(Finding("periods.label", f"no period comes after {label}.", "Write an earlier one."))
    return _label_of(day + timedelta(days=1), calendar)


def periods_apart(earlier: str, later: str) -> int | None:
    """Return how many months or weeks one label lies before another; None for ranges of days, which do not count."""
    if ".." in later or ".." in earlier:
        return None
    calendar: Calendar = "week" if "W" in later else "month"
    first, last = (parse_period(label, calendar).first for label in (earlier, later))
    if calendar == "week":
        return (last - first).days // 7
    return 12 * (last.year - first.year) + last.month - first.month
