"""Rate tables: rates by level, chosen by order column, scheme, rank and tier, in this order of nesting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError

from mlmcalc.errors import Finding
from mlmcalc.fields import Root, rate_from_text
from mlmcalc.money import RATE_DECIMALS, units_from_text
from mlmcalc.rules.bound_rates import BoundRates, bind_rates
from mlmcalc.rules.rate_layers import NO_RATE, Layer, PerUnit, RateTree, TableFault, layers_of, table_faults
from mlmcalc.rules.values import Node, Vocabulary
from mlmcalc.rules.words import nearest

_RATE_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string", "pattern": r"^(\d+(\.\d{1,4})?%|-)$"}, {"type": "number", "minimum": 0}]
}
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")


RankBy = Literal["paid_as", "title", "title_before"]
"""What the rank keys of a table mean: the rank paid as, the title with this period, or without it."""


class RateTable(Root[Any]):
    """A rate, a list of one rate per level, or a mapping that chooses among further tables.

    ``5%`` is kept as parts per million, ``20.00`` for each unit of the base too (`PerUnit`), ``-`` as -1, a list as a
    tuple.
    """

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        faults: list[InitErrorDetails] = []
        table = _read_table(value, (), faults)
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return table

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of what is written, not of what is kept."""
        leaf = {"anyOf": [_RATE_SCHEMA, {"type": "array", "items": _RATE_SCHEMA, "minItems": 1}]}
        table: dict[str, Any] = leaf
        for _ in range(4):
            table = {"anyOf": [*leaf["anyOf"], {"type": "object", "additionalProperties": table}]}
        return table

    def highest(self) -> list[int]:
        """Return the highest rate of every level, in parts per million; 0 for a level without any."""
        found: list[int] = []
        for rates in _leaves(self.root):
            found += [0] * (len(rates) - len(found))
            found = [max(most, rate) for most, rate in zip(found, (*rates, *[0] * len(found)), strict=False)]
        return found

    def layers(self, vocabulary: Vocabulary, by: str | None) -> list[Layer]:
        """Return what the mappings of the table choose by, outermost first."""
        return layers_of(self.root, by is not None, vocabulary.schemes, vocabulary.ladders.get("rank", ()))

    def reads(
        self, vocabulary: Vocabulary, tier: str | None = None, by: str | None = None, rank: RankBy = "paid_as"
    ) -> set[Node]:
        """Return the values the table chooses by."""
        layers = self.layers(vocabulary, by)
        chosen = Node("ladder", "rank") if rank == "paid_as" else Node("title", f"rank.{rank}")
        # A title is named in the order of its ladder, so that is read too.
        nodes = {chosen, Node("ladder", "rank")} if "rank" in layers else set()
        tier_node = vocabulary.node_of(tier) if tier and "tier" in layers else None
        return nodes | ({tier_node} if tier_node else set())

    def check(
        self, vocabulary: Vocabulary, by_column: str | None, tier: str | None, levels: bool, base_decimals: int = 2
    ) -> list[Finding]:
        """Return what is wrong, with paths relative to the table.

        Codes are ``rules.rates_by``, ``rules.rates_form``, ``rules.rates_key``, ``rules.rates_order``,
        ``rules.rates_sign``, ``rules.rates_tier`` and the warnings ``rules.rank_without_rate`` and
        ``rules.scheme_without_rate``.

        Parameters
        ----------
        vocabulary : Vocabulary
        by_column : str or None
            The order column of ``by``.
        tier : str or None
            The volume or metric of ``tier``; for own volume the base where none is stated.
        levels : bool
            Whether a list of rates is wanted, or a single one.
        base_decimals : int
            Of what the rates are of: where it has none, they may be amounts for each unit.
        """
        decimals = vocabulary.quantity_decimals(tier) if tier else None
        faults: Sequence[TableFault] = table_faults(
            self.root,
            by=by_column is not None,
            schemes=vocabulary.schemes,
            ranks=vocabulary.ladders.get("rank", ()),
            tier=(tier, decimals) if tier and decimals is not None else None,
            levels=levels,
            per_unit=base_decimals == 0,
        )
        findings = [
            Finding(f"rules.{fault.code}", fault.message, fault.remedy, level=fault.level, path=fault.path)
            for fault in faults
        ]
        texts = [name for name, (kind, _) in vocabulary.order_columns.items() if kind == "text"]
        if by_column is not None and by_column not in texts:
            message = f"{by_column} is no text column of orders."
            remedy = nearest(by_column, texts) or f"Declare it: order_columns: {{{by_column}: text}}."
            findings.append(Finding("rules.rates_by", message, remedy))
        return findings

    def bind(
        self,
        vocabulary: Vocabulary,
        by: str | None,
        tier: str | None,
        schemes: Sequence[str],
        ranks: Sequence[str],
        rank: RankBy = "paid_as",
    ) -> BoundRates:
        """Return the table as arrays, for a run; the plan has been checked.

        Parameters
        ----------
        vocabulary : Vocabulary
        by, tier : str or None
        schemes : sequence of str
            Names in the order of `Values.scheme`; one empty name without schemes.
        ranks : sequence of str
            The ranks of the default ladder, lowest first.
        rank : {"paid_as", "title", "title_before"}
            What the keys of ranks mean.
        """
        decimals = vocabulary.quantity_decimals(tier) if tier else None
        names = tuple(schemes) or ("",)
        ladder = vocabulary.definitions.get(Node("ladder", "rank"))
        held = [frozenset(ranks if ladder is None else (rung.rank for rung in ladder.rungs_of(name))) for name in names]
        if rank != "paid_as":
            # Who has changed the scheme keeps a title that its new one lacks.
            held = [frozenset(ranks)] * len(names)
        bound = bind_rates(self.root, by is not None, tier or "", decimals or 0, names, tuple(ranks), held)
        return bound if rank == "paid_as" else replace(bound, ranking=f"rank.{rank}")


def _leaves(table: RateTree) -> Iterator[tuple[int, ...]]:
    if isinstance(table, Mapping):
        for part in table.values():
            yield from _leaves(part)
    else:
        yield table if isinstance(table, tuple) else (table,)


def _read_table(value: Any, path: tuple[str | int, ...], faults: list[InitErrorDetails]) -> RateTree:
    if isinstance(value, Mapping):
        if not value:
            faults.append(_fault("the table is empty", path, value))
        return {str(key).strip(): _read_table(part, (*path, str(key)), faults) for key, part in value.items()}
    if isinstance(value, list | tuple):
        if not value:
            faults.append(_fault("the list of rates is empty", path, value))
        if len(value) > 1000:
            faults.append(_fault("a list of rates has at most 1000 levels", path, len(value)))
        return tuple(_read_rate(rate, (*path, level), faults) for level, rate in enumerate(value))
    return _read_rate(value, path, faults)


def _read_rate(value: Any, path: tuple[str | int, ...], faults: list[InitErrorDetails]) -> int:
    if value in ("-", NO_RATE):
        return NO_RATE
    if isinstance(value, PerUnit):
        return value
    if isinstance(value, str) and _AMOUNT.fullmatch(value.strip()):
        return PerUnit(units_from_text(value.strip(), RATE_DECIMALS))
    try:
        return rate_from_text(value)
    except ValueError as fault:
        faults.append(_fault(str(fault), path, value))
        return NO_RATE


def _fault(message: str, path: tuple[str | int, ...], value: Any) -> InitErrorDetails:
    # The message goes in as a value, so that braces in it mean nothing.
    error = PydanticCustomError("rates", "{message}", {"message": message})
    return InitErrorDetails(type=error, loc=path, input=value)
