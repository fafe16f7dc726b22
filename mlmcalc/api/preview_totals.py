"""Control totals of a changed run, from those of the run before and of the few rows that changed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

_OF_ROWS = ("active", "lines", "volumes", "paid", "company", "earners", "bonuses", "ranks")
"""What adds up over members; the rest is known as a whole."""
_WHOLE = ("breakage", "cut", "payout", "payments")
_DIGITS = 200


def moved_totals(whole: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the control totals of a changed run.

    Parameters
    ----------
    whole : mapping
        Of the run before, as `mlmcalc.runs.totals.control_totals` gives them.
    old, new : mapping
        Of the rows of the members concerned alone, before and after; breakage, cuts and payout of the whole run.
    """
    found = dict(whole)
    with localcontext() as context:
        context.prec = _DIGITS
        for name in _OF_ROWS:
            found[name] = _moved(whole[name], old[name], new[name])
    for name in _WHOLE:
        if name in new:
            found[name] = new[name]
    return found


def _moved(whole: Any, old: Any, new: Any) -> Any:
    if isinstance(whole, dict):
        return {name: _moved(value, old[name], new[name]) for name, value in whole.items()}
    if isinstance(whole, str):
        return format(Decimal(whole) - Decimal(old) + Decimal(new), "f")
    return whole - old + new
