"""A rate table as arrays: one row for every scheme, rank and tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.money import text_from_units, units_from_text
from mlmcalc.rules.needs import NO_RANK
from mlmcalc.rules.rate_layers import NO_RATE, RateTree, layer_of, layers_of, ranks_of_keys
from mlmcalc.rules.values import Values

EVERY_KEY = ""
_FEW_TIERS = 10
"""So few are compared one after another, more are searched."""


@dataclass(frozen=True, slots=True, eq=False)
class BoundRates:
    """Rates by row and level.

    A row stands for a scheme, a rank (only where the table chooses by rank) and a tier; the tiers of one scheme and
    rank are consecutive rows, the first of them below every threshold.

    Attributes
    ----------
    keys : list of str
        Values of the order column of ``by``, ``other`` for the rest; one empty text without ``by``.
    rates : mapping of str to (rows, levels) int64
        Parts per million, -1 for no rate, per key; a rank that the scheme's ladder lacks has none where the table
        chooses by rank.
    top : mapping of str to (schemes, levels) int64
        The highest rate of any row of the scheme, -1 if there is none.
    row_of_scheme : (rows,) int16
        Index of each row's scheme.
    tiers : (t,) int64
        All thresholds of the table, ascending, in units of the tier quantity; row = first row + how many are reached.
    tier : str
        Name of the quantity that chooses the tier, empty without tiers.
    tier_decimals : int
    schemes : sequence of str
    ranks : sequence of str
        Empty where the table does not choose by rank.
    ranking : str
        The ladder or title by which it does.
    """

    keys: list[str]
    rates: Mapping[str, NDArray[np.int64]]
    top: Mapping[str, NDArray[np.int64]]
    row_of_scheme: NDArray[np.int16]
    tiers: NDArray[np.int64]
    tier: str
    tier_decimals: int
    schemes: Sequence[str]
    ranks: Sequence[str]
    by_rank: bool
    ranking: str = "rank"

    def first_row(self, values: Values, scheme: NDArray[np.integer] | None = None) -> NDArray[np.int32]:
        """Return for each member the row of its scheme and rank below every threshold.

        Parameters
        ----------
        values : Values
        scheme : (n,) integer, optional
            The scheme to use instead of the member's own.
        """
        place = (values.scheme if scheme is None else scheme).astype(np.int32)
        if self.by_rank:
            ranking = values.ranking(self.ranking)
            assert ranking is not None, "what a table chooses by is computed before"
            place *= len(self.ranks) + 1
            place += ranking.code
        if self.tiers.size:
            place *= self.tiers.size + 1
        return place

    def row(self, values: Values, key: str = EVERY_KEY, scheme: NDArray[np.integer] | None = None) -> NDArray[np.int32]:
        """Return the row of each member by scheme, rank and tier.

        Parameters
        ----------
        values : Values
        key : str
            Rows are the same for every key.
        scheme : (n,) integer, optional
            The scheme to use instead of the member's own.

        Returns
        -------
        (n,) int32
            By position.
        """
        first = self.first_row(values, scheme)
        if not self.tiers.size:
            return first
        # A value below zero has the tier of zero.
        amounts = values.quantity(self.tier).amounts
        if self.tiers.size <= _FEW_TIERS:
            for threshold in self.tiers.tolist():
                first += amounts >= threshold if threshold > 0 else 1
            return first
        return first + np.searchsorted(self.tiers, np.maximum(amounts, 0), side="right").astype(np.int32)

    def describe(self, row: int) -> str:
        """Return what a row stands for, as a reader would say it: ``DEFAULT/Manager``, ``tv >= 500``."""
        place, reached = divmod(int(row), self.tiers.size + 1)
        parts = []
        if self.by_rank:
            place, code = divmod(place, len(self.ranks) + 1)
            parts.append(self.ranks[code - 1] if code else NO_RANK)
        if self.tiers.size:
            sign, threshold = (">=", self.tiers[reached - 1]) if reached else ("<", self.tiers[0])
            parts.append(f"{self.tier} {sign} {text_from_units(int(threshold), self.tier_decimals)}")
        return "/".join([self.schemes[place], *parts] if self.schemes[place] else parts)


@dataclass(slots=True)
class _Frame:
    schemes: tuple[str, ...]
    ranks: tuple[str, ...]
    by_rank: bool
    held: Sequence[frozenset[str]]
    tiers: list[int]
    tier_decimals: int
    levels: int

    def rows(self, table: RateTree) -> NDArray[np.int64]:
        """Return the rates of one part of the table that no longer chooses by order column."""
        codes = len(self.ranks) + 1 if self.by_rank else 1
        rates = np.full((len(self.schemes), codes, len(self.tiers) + 1, self.levels), NO_RATE, dtype=np.int64)
        for scheme, name in enumerate(self.schemes):
            for code in range(codes):
                part = self._of_rank(self._of_scheme(table, name), code, self.held[scheme])
                if part is not None:
                    self._fill(rates[scheme, code], part)
        return rates.reshape(-1, self.levels)

    def _of_scheme(self, table: RateTree, name: str) -> RateTree | None:
        if isinstance(table, Mapping) and layer_of(list(table), False, self.schemes, self.ranks) == "scheme":
            return table.get(name)
        return table

    def _of_rank(self, table: RateTree | None, code: int, held: frozenset[str]) -> RateTree | None:
        if isinstance(table, Mapping) and layer_of(list(table), False, (), self.ranks) == "rank":
            if code and self.ranks[code - 1] not in held:
                return None
            key = ranks_of_keys(list(table), self.ranks).get(code)
            return None if key is None else table[key]
        return table

    def _fill(self, rows: NDArray[np.int64], table: RateTree) -> None:
        if not isinstance(table, Mapping):
            rates = _leaf(table)
            rows[:, : len(rates)] = rates
            return
        for key in sorted(table, key=lambda key: units_from_text(key, self.tier_decimals)):
            above = 1 + self.tiers.index(units_from_text(key, self.tier_decimals))
            rates = _leaf(table[key])
            rows[above:] = NO_RATE
            rows[above:, : len(rates)] = rates


def bind_rates(
    table: RateTree,
    by: bool,
    tier: str,
    tier_decimals: int,
    schemes: tuple[str, ...],
    ranks: tuple[str, ...],
    held: Sequence[frozenset[str]],
) -> BoundRates:
    """Return a checked rate table as arrays.

    Parameters
    ----------
    table : RateTree
    by : bool
        Whether the outermost mapping chooses by an order column.
    tier : str
        Name of the quantity that chooses the tier, empty without one.
    tier_decimals : int
    schemes : tuple of str
        At least one; a single empty name without schemes.
    ranks : tuple of str
        Lowest first.
    held : sequence of frozenset of str
        For each scheme, the ranks its ladder has.
    """
    parts = table if by and isinstance(table, Mapping) else {EVERY_KEY: table}
    layers = layers_of(table, by, schemes, ranks)
    thresholds = sorted({units_from_text(key, tier_decimals) for part in parts.values() for key in _tier_keys(part)})
    levels = max(longest(part) for part in parts.values())
    frame = _Frame(schemes, ranks, "rank" in layers, held, thresholds, tier_decimals, levels)
    rates = {key: frame.rows(part) for key, part in parts.items()}
    rows = next(iter(rates.values())).shape[0]
    per_scheme = rows // len(schemes)
    return BoundRates(
        keys=list(parts),
        rates=rates,
        top={key: rows.reshape(len(schemes), -1, levels).max(axis=1) for key, rows in rates.items()},
        row_of_scheme=np.repeat(np.arange(len(schemes), dtype=np.int16), per_scheme),
        tiers=np.array(thresholds, dtype=np.int64),
        tier=tier,
        tier_decimals=tier_decimals,
        schemes=schemes,
        ranks=ranks,
        by_rank="rank" in layers,
    )


def _leaf(table: RateTree) -> tuple[int, ...]:
    assert not isinstance(table, Mapping), "below tiers there are rates"
    return table if isinstance(table, tuple) else (table,)


def _tier_keys(table: RateTree) -> set[str]:
    if not isinstance(table, Mapping):
        return set()
    if layer_of(list(table), False, (), ()) == "tier":
        return set(table)
    return {key for part in table.values() for key in _tier_keys(part)}


def longest(table: RateTree) -> int:
    """Return how many levels the longest list of a table has."""
    if isinstance(table, Mapping):
        return max(longest(part) for part in table.values())
    return len(table) if isinstance(table, tuple) else 1
