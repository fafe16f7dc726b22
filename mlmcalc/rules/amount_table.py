"""Amounts that may differ by scheme, rank and tier, or stand in a column of members: caps and limits of a bonus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Name
from mlmcalc.money import INT64_MAX, RATE_DECIMALS
from mlmcalc.rules.rate_layers import NO_RATE, PerUnit, RateTree
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

NO_LIMIT = -1


class AmountTable(Model):
    """One amount, a table of them, or the member column that holds each member's own."""

    table: RateTable | None = None
    column: Name | None = None

    def reads(self, vocabulary: Vocabulary, tier: str | None) -> set[Node]:
        """Return the values the table chooses by."""
        return set() if self.table is None else self.table.reads(vocabulary, tier)

    def check(self, vocabulary: Vocabulary, tier: str | None, decimals: int) -> list[Finding]:
        """Return ``rules.amount``, ``rules.amount_column`` and what else is wrong with the table, paths relative to it.

        Parameters
        ----------
        vocabulary : Vocabulary
        tier : str or None
            The quantity that chooses a tier of the table.
        decimals : int
            Of what the amounts are compared with.
        """
        if self.table is None:
            numbers = [name for name, (kind, _) in vocabulary.member_columns.items() if kind == "number"]
            if self.column in numbers:
                return []
            message = f"{self.column} is no number column of members."
            remedy = nearest(str(self.column), numbers) or f"Declare it: member_columns: {{{self.column}: number}}."
            return [Finding("rules.amount_column", message, remedy, path=("column",))]
        findings = self.table.check(vocabulary, None, tier, False, 0)
        return findings + list(_leaf_faults(self.table.root, (), decimals))

    def of_members(
        self, values: Values, tier: str | None, decimals: int, members: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the amount of some members, `NO_LIMIT` where one has none.

        Parameters
        ----------
        values : Values
        tier : str or None
        decimals : int
            What is finer is cut off.
        members : (k,) int64
            Positions.

        Returns
        -------
        (k,) int64
            In units of ``10**-decimals``.
        """
        if self.table is None:
            column = values.network.columns[self.column]
            amounts = scaled(np.maximum(column.values[members], 0), column.decimals, decimals)
            return amounts if column.given is None else np.where(column.given[members], amounts, NO_LIMIT)
        assert values.vocabulary is not None, "a table is bound by the names of its plan"
        ranking = values.rankings.get("rank")
        ranks = ranking.names if ranking is not None else ()
        bound = self.table.bind(values.vocabulary, None, tier, values.scheme_names, ranks)
        chosen = bound.rates[bound.keys[0]][:, 0]
        amounts = np.where(chosen == NO_RATE, NO_LIMIT, scaled(chosen, RATE_DECIMALS, decimals))
        return amounts[bound.row(values)[members]]


def scaled(amounts: NDArray[np.int64], decimals: int, wanted: int) -> NDArray[np.int64]:
    """Return amounts of 0 or more in other decimals: what is finer is cut off, what does not fit the largest number."""
    if wanted <= decimals:
        return amounts // 10 ** (decimals - wanted)
    factor = 10 ** (wanted - decimals)
    if factor > INT64_MAX:
        return np.where(amounts == 0, 0, INT64_MAX).astype(np.int64)
    return np.where(amounts > INT64_MAX // factor, INT64_MAX, amounts * factor).astype(np.int64)


def _leaf_faults(part: RateTree, path: tuple[str | int, ...], decimals: int) -> Iterator[Finding]:
    if isinstance(part, Mapping):
        for key, below in part.items():
            yield from _leaf_faults(below, (*path, key), decimals)
        return
    for one in part if isinstance(part, tuple) else (part,):
        if one == NO_RATE:
            continue
        if not isinstance(one, PerUnit):
            yield Finding("rules.amount", "An amount is wanted here, not a percentage.", "Write 5000.", path=path)
        elif decimals < RATE_DECIMALS and one % 10 ** (RATE_DECIMALS - decimals):
            message = f"The amount has more than {decimals} decimals."
            yield Finding("rules.amount", message, "State it as precisely as what it limits.", path=path)


def _written(value: Any) -> Any:
    if isinstance(value, AmountTable):
        return value
    if isinstance(value, dict) and set(value) == {"column"}:
        return value
    return {"table": value}


def below(key: str, findings: list[Finding]) -> list[Finding]:
    """Return findings with paths from a key on."""
    return [replace(found, path=(key, *found.path)) for found in findings]


AmountTableField = Annotated[
    AmountTable,
    BeforeValidator(_written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "number"]},
                {"type": "object", "minProperties": 1},
            ]
        }
    ),
]
