"""The options of two clocks: as of which day, as known when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import click


class Day(click.ParamType):
    """A day, as 2026-10-31."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day of a text, or refuse it as a usage error."""
        if isinstance(value, date):
            return value
        try:
            if len(value) == len("2026-10-31"):
                return date.fromisoformat(value)
        except ValueError:
            # Such as the 31st of June.
            pass
        self.fail(f"{value!r} is no day; write it as 2026-10-31.", param, ctx)


def clock_options(as_of: str, known_at: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds ``--as-of`` and ``--known-at``, received as `as_of` and `known_at` (its text).

    Parameters
    ----------
    as_of, known_at : str
        What help says of them.
    """

    def added(command: Callable[..., Any]) -> Callable[..., Any]:
        day = click.option("--as-of", type=Day(), metavar="DAY", help=as_of)
        instant = click.option("--known-at", metavar="INSTANT", help=known_at)
        return day(instant(command))

    return added


def instant_of(text: str | None, time_zone: str) -> int | None:
    """Return an instant as microseconds since 1970 in UTC; None where none was named.

    Raises
    ------
    InputRefused
        As `known_instant`.
    """
    if text is None:
        return None
    from mlmcalc.history.instants import known_instant
    from mlmcalc.store.clock import microseconds_of

    return microseconds_of(known_instant(text, time_zone))
