"""A bonus cut into the parts of its rate table: by order column, and by the source's scheme where that decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.bound_rates import BoundRates
from mlmcalc.rules.rate_layers import OTHER
from mlmcalc.rules.rates import RankBy, RateTable
from mlmcalc.rules.sources import Sources, sources_of
from mlmcalc.rules.values import Values


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The sources that use one part of a rate table, and the table.

    Attributes
    ----------
    key : str
        Value of the order column; empty without one.
    sources : Sources
    bound : BoundRates
        The whole table.
    rates : (rows, levels) int64
    top : (schemes, levels) int64
    row_scheme : (rows,) int
    row : (n,) int32
        Row of every member, by position.
    scheme : (n,) int16
        The scheme that decides, of every member.
    """

    key: str
    sources: Sources
    bound: BoundRates
    rates: NDArray[np.int64]
    top: NDArray[np.int64]
    row_scheme: NDArray[np.integer]
    row: NDArray[np.int32]
    scheme: NDArray[np.integer]


def parts_of(
    word: SourceBonus,
    values: Values,
    table: RateTable,
    tier: str | None,
    by: str | None = None,
    scheme: Literal["earner", "source"] = "earner",
    rank: RankBy = "paid_as",
) -> Iterator[Part]:
    """Yield the parts of a bonus that have sources, in the order of the plan.

    Parameters
    ----------
    word : SourceBonus
    values : Values
    table : RateTable
    tier : str or None
        The quantity that chooses a tier of the table.
    by : str or None
        The order column that chooses a part of the table.
    scheme : {"earner", "source"}
        Whose scheme decides.
    rank : {"paid_as", "title", "title_before"}
        What the rank keys of the table mean.
    """
    ranking = values.rankings.get("rank")
    ranks = ranking.names if ranking is not None else ()
    assert values.vocabulary is not None, "a rate table is bound by the names of its plan"
    bound = table.bind(values.vocabulary, by, tier, values.scheme_names, ranks, rank)
    per_order = word.lines_per_order(values)
    sources = sources_of(values, word.base, word.allowed_sources(values), by is not None or per_order)
    for key in bound.keys:
        chosen = sources if by is None else _of_key(values, sources, by, key, bound.keys, per_order)
        for code, own in _by_scheme(values, chosen, scheme):
            deciding = values.scheme if code is None else np.full(values.size, code, np.int16)
            yield Part(
                key=key,
                sources=own,
                bound=bound,
                rates=bound.rates[key],
                top=bound.top[key],
                row_scheme=bound.row_of_scheme,
                row=bound.row(values, key, deciding),
                scheme=deciding,
            )


def _by_scheme(
    values: Values, sources: Sources, scheme: Literal["earner", "source"]
) -> Iterator[tuple[int | None, Sources]]:
    if scheme == "earner":
        yield None, sources
        return
    of_source = values.scheme[sources.member]
    for code in range(len(values.scheme_names)):
        if (of_source == code).any():
            yield code, sources.pick(of_source == code)


def _of_key(values: Values, sources: Sources, by: str, key: str, keys: list[str], per_order: bool) -> Sources:
    column = values.orders.columns[by]
    labels = {label: code for code, label in enumerate(column.labels)}
    codes = column.values[sources.order]
    if key == OTHER:
        # Orders that say "other" themselves are among the rest.
        listed = [labels[name] for name in keys if name != OTHER and name in labels]
        chosen = sources.pick(~np.isin(codes, listed))
    else:
        chosen = sources.pick(codes == labels.get(key, -2))
    return chosen if per_order else chosen.summed()


def has_order(part: Part, values: Values, by: str | None, order: int) -> bool:
    """Return whether an order, by its row, falls under a part of a table chosen by an order column."""
    if by is None:
        return True
    column = values.orders.columns[by]
    code = int(column.values[order])
    label = column.labels[code] if code >= 0 else OTHER
    return part.key == (label if label in part.bound.keys else OTHER)
