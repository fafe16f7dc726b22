"""The keys of ``levels`` that say where a walk ends and how much it hands out, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Flag, Model, Text
from mlmcalc.rules.bound_rates import longest
from mlmcalc.rules.rates import RateTable
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
