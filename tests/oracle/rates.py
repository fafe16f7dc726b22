"""Rate tables: a mapping chooses by scheme, rank or tier until a list of rates, or one rate, is left."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tests.oracle import ladder as ladders
from tests.oracle.scalars import ZERO, is_number, level_rate, listed

OTHER = "other"


class RateTable:
    """The table of one bonus.

    Parameters
    ----------
    table : nested mapping, list or text
    by : str
        The order column that chooses a part of the table, or empty.
    rank : str
        What its rank keys mean: ``paid_as``, ``title`` or ``title_before``.
    """

    def __init__(self, plan: dict[str, Any], table: Any, by: str, rank: str = "paid_as") -> None:
        self.by_title = rank != "paid_as"
        self.parts: dict[str, Any] = table if by else {"": table}
        self.schemes = plan.get("schemes", {}).get("names", [])
        self.codes = ladders.codes(ladders.of_plan(plan)["rank"]) if "ranks" in plan else {}
        self.rungs = ladders.rungs_by_scheme(plan["ranks"]) if "ranks" in plan else {}
        self.levels = max(len(rates) for part in self.parts.values() for rates in leaves(part))

    def part_of(self, value: str) -> str | None:
        """Return the key of the part that an order with this value uses."""
        if value in self.parts:
            return value
        return OTHER if OTHER in self.parts else None

    def rates(self, part: str, scheme: str, rank: int, tier: Fraction) -> list[Fraction | None]:
        """Return the rates, one per level, of somebody of that scheme, rank and tier; none at all is empty."""
        node = self.parts[part]
        while isinstance(node, dict):
            if self._by_scheme(node):
                node = node.get(scheme, [])
            elif all(is_number(key) for key in node):
                node = _of_tier(node, tier)
            else:
                node = self._of_rank(node, rank) if rank in (0, *self._held(scheme)) else []
        return [level_rate(text) for text in listed(node)]

    def rate(self, part: str, scheme: str, rank: int, tier: Fraction, index: int) -> Fraction | None:
        rates = self.rates(part, scheme, rank, tier)
        return rates[index] if index < len(rates) else None

    def top(self, part: str, scheme: str, index: int) -> Fraction:
        """Return the highest rate that any rank or tier of a scheme has at a level; 0 where none has one."""
        node = self.parts[part]
        if isinstance(node, dict) and self._by_scheme(node):
            node = node.get(scheme, [])
        nodes = [node]
        if isinstance(node, dict) and not all(is_number(key) for key in node):
            nodes = [self._of_rank(node, rank) for rank in (0, *self._held(scheme))]
        found = [level_rate(rates[index]) for one in nodes for rates in leaves(one) if index < len(rates)]
        return max((one for one in found if one is not None), default=ZERO)

    @property
    def by_rank(self) -> bool:
        """Whether any part of the table chooses by rank."""
        named = {*self.codes, "none"}
        return any(key.removesuffix("+") in named for part in self.parts.values() for key in keys_of(part))

    def top_of_rank(self, part: str, scheme: str, rank: int, index: int) -> Fraction:
        """Return the highest rate that any tier of a rank has at a level; 0 where none has one."""
        node = self.parts[part]
        if isinstance(node, dict) and self._by_scheme(node):
            node = node.get(scheme, [])
        if isinstance(node, dict) and not all(is_number(key) for key in node):
            node = self._of_rank(node, rank)
        found = [level_rate(rates[index]) for rates in leaves(node) if index < len(rates)]
        return max((one for one in found if one is not None), default=ZERO)

    def _held(self, scheme: str) -> list[int]:
        """Return the ranks that somebody of a scheme can hold: the others have no rate."""
        if self.by_title:
            return list(self.codes.values())
        return [self.codes[rung["rank"]] for rung in self.rungs.get("", self.rungs.get(scheme, []))]

    def _by_scheme(self, node: dict[str, Any]) -> bool:
        return bool(self.schemes) and all(key in self.schemes for key in node)

    def _of_rank(self, node: dict[str, Any], rank: int) -> Any:
        if rank == 0:
            return node.get("none", [])
        lower = [
            (self.codes[key.removesuffix("+")], key.endswith("+"), inner)
            for key, inner in node.items()
            if key != "none" and self.codes[key.removesuffix("+")] <= rank
        ]
        if not lower:
            return []
        code, upwards, inner = max(lower, key=lambda entry: entry[0])
        return inner if code == rank or upwards else []


def _of_tier(node: dict[str, Any], tier: Fraction) -> Any:
    reached = [(Fraction(key), inner) for key, inner in node.items() if Fraction(key) <= max(tier, ZERO)]
    return max(reached, key=lambda entry: entry[0])[1] if reached else []


def leaves(node: Any) -> Iterator[list[str]]:
    """Yield every list of rates under a node."""
    if isinstance(node, dict):
        for inner in node.values():
            yield from leaves(inner)
    else:
        yield listed(node)


def thresholds(node: Any) -> Iterator[Fraction]:
    """Yield every tier threshold under a node."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if is_number(key):
                yield Fraction(key)
            yield from thresholds(inner)


def keys_of(node: Any) -> Iterator[str]:
    """Yield every key of nested mappings."""
    if isinstance(node, dict):
        for key, inner in node.items():
            yield key
            yield from keys_of(inner)
