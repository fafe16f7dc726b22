"""Instants as people write them: the end of a day, local times that clocks showed twice or never, offsets."""

from __future__ import annotations

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.history.instants import known_instant, local_day


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-10-31", "UTC", "2026-10-31T23:59:59.999999+00:00"),
        ("2026-10-31", "Europe/Rome", "2026-10-31T22:59:59.999999+00:00"),
        # The day on which clocks go back is an hour longer, the one on which they go forward an hour shorter.
        ("2026-10-25", "Europe/Rome", "2026-10-25T22:59:59.999999+00:00"),
        ("2026-03-29", "Europe/Rome", "2026-03-29T21:59:59.999999+00:00"),
        # Here midnight itself was skipped.
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T02:59:59.999999+00:00"),
        ("2028-02-29", "Asia/Kolkata", "2028-02-29T18:29:59.999999+00:00"),
        ("2026-11-05T14:30", "Europe/Rome", "2026-11-05T13:30:00+00:00"),
        ("2026-11-05 14:30:05.25", "Europe/Rome", "2026-11-05T13:30:05.250000+00:00"),
        ("2026-10-25T02:30+01:00", "Europe/Rome", "2026-10-25T01:30:00+00:00"),
        ("2026-10-25T02:30:00Z", "Europe/Rome", "2026-10-25T02:30:00+00:00"),
    ],
)
def test_an_instant(text: str, zone: str, instant: str) -> None:
    assert known_instant(text, zone).isoformat() == instant


@pytest.mark.parametrize(
    ("text", "zone", "code", "readings"),
    [
        ("2026-10-25T02:30", "Europe/Rome", "history.ambiguous", ["02:30:00+02:00", "02:30:00+01:00"]),
        ("2026-03-29T02:30", "Europe/Rome", "history.no_such_time", ["03:30:00+02:00", "01:30:00+01:00"]),
        ("2026-11-01T01:15", "America/New_York", "history.ambiguous", ["01:15:00-04:00", "01:15:00-05:00"]),
        # A whole day that Samoa skipped.
        ("2011-12-30T12:00", "Pacific/Apia", "history.no_such_time", ["2011-12-31T12:00:00+14:00"]),
        ("2026-02-29", "UTC", "history.instant", []),
        ("2026-10-31T24:00", "UTC", "history.instant", []),
        ("31.10.2026", "UTC", "history.instant", []),
        ("2026-10-31T10:00+1", "UTC", "history.instant", []),
        ("", "UTC", "history.instant", []),
    ],
)
def test_what_is_no_instant_is_refused(text: str, zone: str, code: str, readings: list[str]) -> None:
    with pytest.raises(InputRefused) as refusal:
        known_instant(text, zone)
    (finding,) = refusal.value.findings
    assert finding.code == code
    assert all(reading in finding.message for reading in readings)


def test_the_day_of_an_instant_is_that_of_the_zone() -> None:
    late = known_instant("2026-10-31T23:30:00Z", "UTC")
    days = [local_day(late, zone).isoformat() for zone in ("UTC", "Europe/Rome", "America/New_York")]
    assert days == ["2026-10-31", "2026-11-01", "2026-10-31"]
