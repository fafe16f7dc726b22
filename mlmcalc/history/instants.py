"""When something was known: an instant in UTC, from what people write."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mlmcalc.errors import Finding, InputRefused

_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)")
_OFFSET = re.compile(r"Z|[+-][0-9]{2}:[0-9]{2}")
_TICK = timedelta(microseconds=1)


def known_instant(text: str, time_zone: str) -> datetime:
    """Return the instant that a text names, in UTC.

    Parameters
    ----------
    text : str
        ``2026-11-05`` (the end of that day), ``2026-11-05T14:30`` (local time), or with an offset,
        ``2026-11-05T14:30:00+01:00`` or ``2026-11-05T13:30:00Z``.
    time_zone : str
        IANA name of the zone of days and local times.

    Raises
    ------
    InputRefused
        ``history.instant``; ``history.ambiguous``: clocks showed this time twice, and both instants are told;
        ``history.no_such_time``: clocks skipped it.
    """
    zone = ZoneInfo(time_zone)
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return end_of_day(date.fromisoformat(text), time_zone)
        found = _LOCAL.match(text)
        if found and not text[found.end() :]:
            return _of_local(datetime.fromisoformat(f"{found[1]}T{found[2]}"), zone, text)
        if found and _OFFSET.fullmatch(text[found.end() :]):
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{text[found.end() :]}").astimezone(UTC)
    except (ValueError, OverflowError):
        # Such as the 31st of June.
        pass
    raise InputRefused(
        Finding(
            "history.instant",
            f"{text!r} is no day and no time.",
            "Write 2026-11-05, 2026-11-05T14:30 or, with an offset, 2026-11-05T14:30:00+01:00.",
        )
    )


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the last microsecond of a day in a time zone, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone)).astimezone(UTC) - _TICK


def local_day(instant: datetime, time_zone: str) -> date:
    """Return the day of an instant in a time zone."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def _of_local(local: datetime, zone: ZoneInfo, text: str) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    readings = " or ".join(instant.astimezone(zone).isoformat() for instant in sorted((first, second)))
    if first.astimezone(zone).replace(tzinfo=None) == local:
        message = f"clocks in {zone.key} showed {text} twice: {readings}."
        raise InputRefused(Finding("history.ambiguous", message, "Write the one that is meant, with its offset."))
    message = f"clocks in {zone.key} never showed {text}: it may mean {readings}."
    raise InputRefused(Finding("history.no_such_time", message, "Write the one that is meant, with its offset."))
