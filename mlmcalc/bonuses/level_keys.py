"""The keys of ``levels`` that say where a walk ends and how much it hands out, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Flag, Model, Text
from mlmcalc.rules.bound_rates import longest
from mlmcalc.rules.most import Most
from mlmcalc.rules.rates import RankBy, RateTable
from mlmcalc.rules.values import Vocabulary
from mlmcalc.rules.words import nearest


class Until(Model):
    """Where a walk ends."""

    rank: Text
    paid: Flag = True
    levels_below: Count = 0


class Boundary(Model):
    """Who ends a generation: whoever holds the earner's own rank on a ladder, or a higher one."""

    mine_or_higher: Text = "rank"


def _boundary(value: Any) -> Any:
    if value == "mine_or_higher":
        return Boundary()
    if isinstance(value, str):
        raise ValueError("generations are mine_or_higher, or {mine_or_higher: LADDER}")
    return value


BoundaryField = Annotated[
    Boundary,
    BeforeValidator(_boundary),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "mine_or_higher"},
                {
                    "type": "object",
                    "properties": {"mine_or_higher": {"type": "string"}},
                    "required": ["mine_or_higher"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def unknown(key: str, name: str, fault: str, known: Iterable[str]) -> Finding:
    """Return the finding of a name that the plan does not have."""
    return Finding(f"bonuses.{key}", f"{name} {fault}.", nearest(name, known) or "There is none.", path=(key,))


def check_until(until: Until | None, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield ``bonuses.until`` for a rank that the plan does not have."""
    ranks = vocabulary.ladders.get("rank", ())
    if until is not None and until.rank not in ranks:
        yield unknown("until", until.rank, "is not a rank of this plan", ranks)


def check_boundary(boundary: Boundary | None, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield ``bonuses.generations`` for what is neither a ladder of the plan nor a title."""
    if boundary is not None and vocabulary.ranking_of(boundary.mine_or_higher) is None:
        fault = "is no ladder of this plan, by whose ranks generations could end"
        yield unknown("generations", boundary.mine_or_higher, fault, vocabulary.ladders)


def check_complete(complete: Mapping[int, int], table: RateTable, first_level: int) -> Iterator[Finding]:
    """Yield ``bonuses.complete`` for levels that the rate table does not have."""
    last = first_level + longest(table.root) - 1
    for level in complete:
        if level == 0 or not first_level <= level <= last:
            message = f"level {level} is not in the rate table, which has {max(first_level, 1)} to {last}."
            yield Finding("bonuses.complete", message, "State levels that the table has.", path=("complete",))


def check_together(present: Mapping[str, bool], key: str, without: Iterable[str], remedy: str) -> Iterator[Finding]:
    """Yield ``bonuses.KEY`` where a key stands beside others that it cannot be combined with.

    Parameters
    ----------
    present : mapping of str to bool
        Which keys the bonus states.
    key : str
    without : iterable of str
    remedy : str
    """
    wrong = [other for other in without if present[other]] if present[key] else []
    if wrong:
        yield Finding(f"bonuses.{key}", f"{key} cannot stand beside {', '.join(wrong)}.", remedy, path=(key,))


def most_of_generations(
    table: RateTable, ends: tuple[str, RankBy], vocabulary: Vocabulary, by: str | None, tier: str | None
) -> Most:
    """Return the bound of generations that the earner's own rank cuts: every rank is paid its own on the same source.

    Parameters
    ----------
    table : RateTable
    ends : (str, str)
        The ladder or title that ends generations, and what the rank keys of the table mean.
    vocabulary : Vocabulary
    by, tier : str or None
    """
    boundary = vocabulary.ranking_of(ends[0])
    codes = 1 + len(vocabulary.ranks_of(boundary))
    bound = table.bind(vocabulary, by, tier, vocabulary.schemes or ("",), vocabulary.ladders.get("rank", ()), ends[1])
    rates = np.maximum(np.max(list(bound.rates.values()), axis=0), 0)
    same = boundary == vocabulary.ranking_of("rank" if ends[1] == "paid_as" else f"rank.{ends[1]}")
    if same and bound.by_rank:
        most = int(rates.reshape(len(bound.schemes), codes, -1, rates.shape[1]).max(axis=(0, 2)).sum())
    else:
        most = codes * int(rates.max(axis=0).sum())
    return Most(most, "every rank, and no rank, has generations of its own")
