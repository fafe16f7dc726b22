"""Instants as the database holds them: microseconds since 1970 in UTC, as integers."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from mlmcalc.errors import EnvironmentRefused, Finding, InputRefused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_microseconds() -> int:
    """Return the machine's clock, in microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


def instant_text(instant: int) -> str:
    """Return an instant as ``2026-11-26T14:03:09.000120Z``."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> int:
    """Return the instant that a text names: a day and a time with ``Z`` or an offset, or a day alone: its last moment.

    Raises
    ------
    InputRefused
        ``store.instant``: it is no instant, or does not say in which time zone.
    """
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return microseconds_of(datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1)) - 1
        given = datetime.fromisoformat(text)
        if given.tzinfo is not None:
            return microseconds_of(given)
    except (ValueError, OverflowError):
        # The same refusal as for a time without a zone.
        pass
    message = f"{text!r} is no instant."
    raise InputRefused(Finding("store.instant", message, "Write it as 2026-11-26T14:03:09Z, or as a day: 2026-11-26."))


def microseconds_of(moment: datetime) -> int:
    """Return a moment with a time zone as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def clock_back(now: int, last: int, what: str) -> EnvironmentRefused:
    """Return the refusal of a clock that stands before what was recorded last.

    Parameters
    ----------
    now, last : int
        Microseconds.
    what : str
        What was recorded last.
    """
    message = f"the clock says {instant_text(now)}, but {what} is of {instant_text(last)}."
    return EnvironmentRefused(Finding("store.clock_back", message, "Set the clock right, then try again."))
