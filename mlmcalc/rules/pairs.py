"""Conditions that compare a source with an earner: ``source.tier >= earner.tier``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Model
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.values import Node, Values, Vocabulary

_PAIR = re.compile(r"source\.([A-Za-z_][\w\-@.]*)\s*(>=|<=|>|<|=)\s*earner\.([A-Za-z_][\w\-@.]*)")
_OPERATORS = (">=", ">", "<=", "<", "=")


class Pair(Model):
    """One comparison between the source and the earner of a step."""

    source: str
    operator: str
    earner: str

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values both sides are computed from."""
        nodes = {self._node(vocabulary, name) for name in (self.source, self.earner)}
        return {node for node in nodes if node is not None}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.pair`` for a word that is no quantity and no ladder, and for one of each."""
        findings = [
            Finding(
                "bonuses.pair",
                f"{name} is no volume, metric, number column or ladder of this plan.",
                "Compare words that both are one of these.",
                path=("pairs",),
            )
            for name in dict.fromkeys((self.source, self.earner))
            if vocabulary.ranking_of(name) is None
            and (vocabulary.quantity_decimals(name) is None or name in vocabulary.required_metrics)
        ]
        is_rank = [vocabulary.ranking_of(name) is not None for name in (self.source, self.earner)]
        if not findings and is_rank[0] != is_rank[1]:
            message = f"source.{self.source} and earner.{self.earner} are a rank and a number."
            findings.append(Finding("bonuses.pair", message, "Compare two ranks or two numbers.", path=("pairs",)))
        return findings

    def sides(self, values: Values) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Return key and bound columns, by position, such that the pair holds where every key >= bound.

        Returns
        -------
        list of ((n,) int64, (n,) int64)
            One comparison, two for ``=``.
        """
        key, key_decimals = _column(values, self.source)
        bound, bound_decimals = _column(values, self.earner)
        common = max(key_decimals, bound_decimals)
        key = _scaled(key, common - key_decimals)
        bound = _scaled(bound, common - bound_decimals)
        # One less fits however low the key, one more than a bound might not.
        return {
            ">=": [(key, bound)],
            ">": [(key - 1, bound)],
            "<=": [(-key, -bound)],
            "<": [(-key - 1, -bound)],
            "=": [(key, bound), (-key, -bound)],
        }[self.operator]

    @staticmethod
    def _node(vocabulary: Vocabulary, name: str) -> Node | None:
        return vocabulary.ranking_of(name) or vocabulary.node_of(name)


def _scaled(column: NDArray[np.int64], decimals: int) -> NDArray[np.int64]:
    # What leaves int64 stays beyond all that is counted in finer units.
    factor = 10**decimals
    scaled = np.clip(column, -(INT64_MAX // factor), INT64_MAX // factor) * factor
    scaled[column > INT64_MAX // factor] = INT64_MAX
    scaled[column < -(INT64_MAX // factor)] = -INT64_MAX
    return scaled


def _column(values: Values, name: str) -> tuple[NDArray[np.int64], int]:
    ranking = values.ranking(name)
    if ranking is not None:
        return ranking.code.astype(np.int64), 0
    quantity = values.quantity(name)
    return quantity.amounts, quantity.decimals


def _pair(value: Any) -> Any:
    if isinstance(value, Pair):
        return value
    found = _PAIR.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"a comparison is written source.WORD >= earner.WORD, with one of {' '.join(_OPERATORS)}")
    return {"source": found[1], "operator": found[2], "earner": found[3]}


PairField = Annotated[
    Pair, BeforeValidator(_pair), WithJsonSchema({"type": "string", "pattern": "^source\\..+ earner\\..+$"})
]


def pair_columns(values: Values, pairs: Sequence[Pair]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the keys and bounds of all pairs, ``(n, comparisons)`` int64 each, by position."""
    sides = [side for pair in pairs for side in pair.sides(values)]
    return np.stack([key for key, _ in sides], axis=1), np.stack([bound for _, bound in sides], axis=1)
