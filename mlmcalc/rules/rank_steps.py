"""The steps of a table: each of its ranks, from the lowest rank that falls under it, or each of its thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.money import units_from_text
from mlmcalc.rules.bound_rates import EVERY_KEY, BoundRates
from mlmcalc.rules.number_table import bound_numbers
from mlmcalc.rules.rate_layers import NO_RATE, RateTree, layer_of, layers_of, ranks_of_keys
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Values, Vocabulary

EVERYBODY = ""
"""The one step of a table that chooses neither by rank nor by tier."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a table, by row of the bound table: what is true of a row is true of every member of that row.

    Attributes
    ----------
    name : str
        The rank; the threshold, where the table chooses by tier and not by rank; else `EVERYBODY`.
    reached : (rows,) bool
        Who holds this rank or a higher one, or has reached the threshold.
    own : (rows,) bool
        Whose own rank falls under this step; whose highest threshold it is, if the table says anything for it.
    number : (rows, levels) int64
        In millionths, what the table says for the step; `NO_RATE` for nothing.
    """

    name: str
    reached: NDArray[np.bool_]
    own: NDArray[np.bool_]
    number: NDArray[np.int64]


def step_names(table: RateTable, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the names of all steps of a table."""
    ranks = vocabulary.ladders.get("rank", ())
    found: dict[str, None] = {}
    by_rank = "rank" in layers_of(table.root, False, vocabulary.schemes, ranks)
    for part in _by_scheme(table.root, vocabulary.schemes, ranks).values():
        found |= dict.fromkeys(_keys_of_codes(part, ranks).values() if by_rank else _thresholds(part).values())
    return tuple(found)


def steps_of(table: RateTable, values: Values, tier: str | None) -> tuple[list[Step], NDArray[np.int32]]:
    """Return the steps of a checked table, for a run, lowest first, and the row of every member, ``(n,)`` int32."""
    bound, row = bound_numbers(table, values, tier)
    rates = bound.rates[EVERY_KEY]
    if not bound.by_rank:
        return _tier_steps(table, values, bound), row
    per_rank = bound.tiers.size + 1
    place = np.arange(len(rates)) // per_rank
    scheme, code = np.divmod(place, len(bound.ranks) + 1)
    lowest = _lowest_codes(table, values, bound)
    steps = []
    for name in sorted(lowest, key=lambda name: min(int(first) for first in lowest[name] if first >= 0)):
        first, under = lowest[name][scheme], _codes_under(table, values, bound, name)
        reached = (first >= 0) & (code >= first)
        own = under[scheme, code]
        at = np.arange(len(rates)) + (np.where(first >= 0, first, code) - code) * per_rank
        number = np.where(reached[:, None], rates[at], NO_RATE)
        steps.append(Step(name, reached & (number != NO_RATE).any(axis=1), own, number))
    return steps, row


def reached_any(steps: Sequence[Step], row: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return who has reached any of the steps, ``(n,)`` bool; `row` is the row of every member."""
    if not steps:
        return np.zeros(row.size, np.bool_)
    return np.any([step.reached for step in steps], axis=0)[row]


def _tier_steps(table: RateTable, values: Values, bound: BoundRates) -> list[Step]:
    """Return the steps of a table without ranks: the thresholds of each scheme, lowest first."""
    rates = bound.rates[EVERY_KEY]
    parts = [
        {units_from_text(key, bound.tier_decimals) if key else -1: name for key, name in _thresholds(part).items()}
        for part in _parts(table, values, bound)
    ]
    scheme, reached = np.divmod(np.arange(len(rates)), bound.tiers.size + 1)
    above = np.zeros(len(rates), np.bool_)
    steps = []
    for threshold, name in sorted({(at, name) for part in parts for at, name in part.items()}, reverse=True):
        met = np.array([threshold in part for part in parts], np.bool_)[scheme]
        at = np.arange(len(rates))
        if name != EVERYBODY:
            number = int(np.searchsorted(bound.tiers, threshold)) + 1
            met &= reached >= number
            at = at - reached + number
        number = np.where(met[:, None], rates[at], NO_RATE)
        some = (number != NO_RATE).any(axis=1)
        steps.append(Step(name, some, some & ~above, number))
        above |= met
    return steps[::-1]


def _lowest_codes(table: RateTable, values: Values, bound: BoundRates) -> dict[str, NDArray[np.int64]]:
    """Return for every step the lowest code of each scheme that falls under it, -1 for none."""
    found: dict[str, NDArray[np.int64]] = {}
    for place, part in enumerate(_parts(table, values, bound)):
        for code, name in sorted(_keys_of_codes(part, bound.ranks).items(), reverse=True):
            found.setdefault(name, np.full(len(bound.schemes), -1, np.int64))[place] = code
    return found


def _codes_under(table: RateTable, values: Values, bound: BoundRates, name: str) -> NDArray[np.bool_]:
    under = np.zeros((len(bound.schemes), len(bound.ranks) + 1), np.bool_)
    for place, part in enumerate(_parts(table, values, bound)):
        for code, key in _keys_of_codes(part, bound.ranks).items():
            under[place, code] = key == name
    return under


def _parts(table: RateTable, values: Values, bound: BoundRates) -> list[RateTree | None]:
    assert values.vocabulary is not None, "a table is bound by the names of its plan"
    by_scheme = _by_scheme(table.root, values.vocabulary.schemes, bound.ranks)
    return [by_scheme.get(name, by_scheme.get(EVERYBODY)) for name in bound.schemes]


def _by_scheme(table: RateTree, schemes: Sequence[str], ranks: Sequence[str]) -> Mapping[str, RateTree]:
    if isinstance(table, Mapping) and layer_of(list(table), False, schemes, ranks) == "scheme":
        return table
    return {EVERYBODY: table}


def _thresholds(table: RateTree | None) -> dict[str, str]:
    """Return the thresholds of a table by tier and how each is called; one empty one for a table without any."""
    if table is None:
        return {}
    return {key: _plain(key) for key in table} if isinstance(table, Mapping) else {EVERYBODY: EVERYBODY}


def _plain(threshold: str) -> str:
    whole, _, part = threshold.partition(".")
    return (whole.lstrip("0") or "0") + ("." + part.rstrip("0")).rstrip(".")


def _keys_of_codes(table: RateTree | None, ranks: Sequence[str]) -> dict[int, str]:
    if table is None:
        return {}
    if isinstance(table, Mapping) and layer_of(list(table), False, (), ranks) == "rank":
        return {code: key.removesuffix("+") for code, key in ranks_of_keys(list(table), ranks).items()}
    return dict.fromkeys(range(len(ranks) + 1), EVERYBODY)
