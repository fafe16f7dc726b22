"""Tables of plain numbers, chosen by scheme, rank and tier as rates are: amounts of money, shares of a fund."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.money import RATE_DECIMALS, rate_text, text_from_units
from mlmcalc.rules.bound_rates import EVERY_KEY, BoundRates
from mlmcalc.rules.rate_layers import NO_RATE, PerUnit, RateTree
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Values, Vocabulary

EQUAL = "equal"
_NUMBER: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "number", "minimum": 0}]}
_LEAF: dict[str, Any] = {"anyOf": [*_NUMBER["anyOf"], {"type": "array", "items": _NUMBER, "minItems": 1}]}


def _nested(leaf: dict[str, Any]) -> dict[str, Any]:
    table = leaf
    for _ in range(3):
        table = {"anyOf": [*leaf["anyOf"], {"type": "object", "additionalProperties": table}]}
    return table


def _number_for_all(value: Any) -> Any:
    return "1" if value == EQUAL else value


NumberTable = Annotated[RateTable, BeforeValidator(_number_for_all), WithJsonSchema(_nested(_LEAF))]
"""A number, ``equal`` (1 for everybody), or a mapping that chooses among further tables; kept in millionths."""


def leaves(table: RateTree) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield every number of a table with its path."""
    if isinstance(table, Mapping):
        for key, part in table.items():
            for path, leaf in leaves(part):
                yield (key, *path), leaf
    else:
        for leaf in table if isinstance(table, tuple) else (table,):
            yield (), leaf


def is_percentages(table: RateTable) -> bool:
    """Return whether the numbers of a table carry percent signs."""
    return any(leaf != NO_RATE and not isinstance(leaf, PerUnit) for _, leaf in leaves(table.root))


def is_mixed(table: RateTable) -> bool:
    """Return whether some numbers of a table carry percent signs and some do not."""
    kinds = {isinstance(leaf, PerUnit) for _, leaf in leaves(table.root) if leaf != NO_RATE}
    return len(kinds) > 1


def decimals_of(table: RateTable) -> int:
    """Return the fewest decimals in which every number of a table is whole."""
    decimals = 0
    for _, leaf in leaves(table.root):
        while leaf % 10 ** (RATE_DECIMALS - decimals):
            decimals += 1
    return decimals


def check_table(
    key: str, table: RateTable, vocabulary: Vocabulary, tier: str | None, levels: bool = False
) -> list[Finding]:
    """Return what is wrong with the form of a table, with paths from its key on; with `levels` of lists."""
    found = table.check(vocabulary, None, tier, levels, base_decimals=0)
    return [replace(one, path=(key, *one.path)) for one in found]


def check_numbers(
    key: str, table: RateTable, vocabulary: Vocabulary, tier: str | None = None, levels: bool = False
) -> list[Finding]:
    """Return what is wrong with a table of plain numbers; ``bonuses.number`` where one has a percent sign."""
    findings = check_table(key, table, vocabulary, tier, levels)
    for path, leaf in leaves(table.root):
        if leaf != NO_RATE and not isinstance(leaf, PerUnit):
            message = f"{rate_text(leaf)} has a percent sign, where a plain number is wanted."
            remedy = f"Write {rate_text(leaf).removesuffix('%')}."
            findings.append(Finding("bonuses.number", message, remedy, path=(key, *path)))
    return findings


def check_money(key: str, table: RateTable, vocabulary: Vocabulary, tier: str | None = None) -> list[Finding]:
    """Return what is wrong with a table of amounts; ``bonuses.amount`` where one cannot be paid to the unit."""
    return check_numbers(key, table, vocabulary, tier) + check_payable(key, table, vocabulary)


def check_payable(key: str, table: RateTable, vocabulary: Vocabulary, multiplied: bool = False) -> list[Finding]:
    """Return ``bonuses.amount`` for every amount of a table that cannot be paid.

    It must be a multiple of the unit of money; one that is `multiplied` has only to have no more decimals than money.
    """
    findings = []
    unit = 1 if multiplied else vocabulary.line_unit
    step = 10 ** (RATE_DECIMALS - vocabulary.paid_decimals) * unit
    for path, leaf in leaves(table.root):
        if isinstance(leaf, PerUnit) and leaf % step:
            least = text_from_units(unit, vocabulary.paid_decimals)
            message = f"{text_from_units(leaf, RATE_DECIMALS).rstrip('0')} is no multiple of {least}."
            findings.append(Finding("bonuses.amount", message, "State amounts that can be paid.", path=(key, *path)))
    return findings


def bound_numbers(table: RateTable, values: Values, tier: str | None = None) -> tuple[BoundRates, NDArray[np.int32]]:
    """Return a table as arrays, for a run, and the row of every member; the plan has been checked."""
    assert values.vocabulary is not None, "a table is bound by the names of its plan"
    ranking = values.rankings.get("rank")
    ranks = ranking.names if ranking is not None else ()
    bound = table.bind(values.vocabulary, None, tier, values.scheme_names, ranks)
    return bound, bound.row(values)


def numbers_of(table: RateTable, values: Values, tier: str | None = None) -> NDArray[np.int64]:
    """Return the number of every member in millionths, `NO_RATE` for none; ``(n,)`` int64 by position."""
    bound, row = bound_numbers(table, values, tier)
    return bound.rates[EVERY_KEY][:, 0][row]
