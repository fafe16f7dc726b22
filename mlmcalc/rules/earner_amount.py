"""An amount for each earner: one for all, by rank, from a column of members, or from a volume or metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import GetJsonSchemaHandler, TypeAdapter, model_validator
from pydantic_core import CoreSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import WHEN_READ, Amount, Name, Reference, Root
from mlmcalc.money import INT64_MAX, NotExact, units_from_text
from mlmcalc.rules.needs import NO_RANK, Goal
from mlmcalc.rules.rate_layers import ranks_of_keys
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

NO_AMOUNT = INT64_MAX
"""Stands for a member for whom no amount is stated; no amount of a run is as large."""

_AMOUNT: TypeAdapter[str] = TypeAdapter(Amount, config=WHEN_READ)
_REFERENCE: TypeAdapter[str] = TypeAdapter(Reference, config=WHEN_READ)
_GOAL: TypeAdapter[Goal] = TypeAdapter(Goal)
_COLUMN: TypeAdapter[str] = TypeAdapter(Name, config=WHEN_READ)


class EarnerAmount(Root[Any]):
    """``500.00``, ``{Gold: 249, Director+: 500}``, ``{column: goal}`` or the name of a volume or metric."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, Goal):
            return value
        if isinstance(value, Mapping):
            if set(value) == {"column"}:
                return Goal(column=_COLUMN.validate_python(value["column"]))
            if not value:
                raise ValueError("an amount is wanted here, or one for each rank")
            return {str(rank).strip(): _AMOUNT.validate_python(amount) for rank, amount in value.items()}
        if isinstance(value, str) and value.strip()[:1].isalpha():
            return _REFERENCE.validate_python(value)
        return _AMOUNT.validate_python(value)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of what is written, not of what is kept."""
        scalar = {"type": ["string", "number"]}
        return {"anyOf": [scalar, {"type": "object", "additionalProperties": scalar, "minProperties": 1}]}

    @property
    def name(self) -> str:
        """The volume or metric it is read from; empty where it is none."""
        return self.root if isinstance(self.root, str) and self.root[:1].isalpha() else ""

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values it is read from."""
        if isinstance(self.root, dict):
            return {Node("ladder", "rank")}
        node = vocabulary.node_of(self.name) if self.name else None
        return set() if node is None else {node}

    def check(self, vocabulary: Vocabulary, key: str) -> list[Finding]:
        """Return ``rules.amount`` for everything that is no amount, rank, column or value; paths begin with `key`."""
        if isinstance(self.root, Goal):
            kind, _ = vocabulary.member_columns.get(self.root.column, ("", 0))
            if kind == "number":
                return []
            numbers = [name for name, (kind, _) in vocabulary.member_columns.items() if kind == "number"]
            remedy = nearest(self.root.column, numbers) or "Declare it in member_columns."
            return [_fault(f"{self.root.column} is no number column of members", remedy, (key, "column"))]
        if isinstance(self.root, dict):
            return self._check_ranks(vocabulary, key)
        if self.name:
            return self._check_name(vocabulary, key)
        return check_amount(self.root, vocabulary, (key,))

    def least_of(
        self, values: Values, decimals: int, otherwise: int, members: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Return the amount that every member must reach, rounded up to whole units: what is below it does not do.

        Parameters and what is returned are those of `of`.
        """
        finer = decimals
        if self.name:
            finer = max(decimals, values.quantity(self.name).decimals)
        elif isinstance(self.root, Goal):
            finer = max(decimals, values.network.columns[self.root.column].decimals)
        factor = 10 ** (finer - decimals)
        exact = self.of(values, finer, 1, otherwise * factor, members)
        return exact if factor == 1 else -(-exact // factor)

    def of(
        self,
        values: Values,
        decimals: int,
        step: int,
        otherwise: int = NO_AMOUNT,
        members: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """Return the amount of every member, or of some, rounded down to whole steps.

        Parameters
        ----------
        values : Values
        decimals : int
            Of what is returned.
        step : int
            In units of ``10**-decimals``.
        otherwise : int
            For those for whom nothing is stated: an unlisted rank, an empty cell.
        members : (k,) int64, optional
            Positions; everybody's where nothing is said.

        Returns
        -------
        (k,) int64
        """
        some = slice(None) if members is None else members
        if isinstance(self.root, Goal):
            column = values.network.columns[self.root.column]
            amounts = _in_decimals(column.values[some], column.decimals, decimals, step)
            return amounts if column.given is None else np.where(column.given[some], amounts, otherwise)
        if isinstance(self.root, dict):
            ranking = values.rankings["rank"]
            chosen = ranks_of_keys(list(self.root), ranking.names)
            codes = range(1 + len(ranking.names))
            stated = [self._units(self.root[chosen[c]], decimals, step) if c in chosen else otherwise for c in codes]
            return np.array(stated, np.int64)[ranking.code[some]]
        if self.name:
            quantity = values.quantity(self.name)
            return _in_decimals(quantity.amounts[some], quantity.decimals, decimals, step)
        size = values.size if members is None else members.size
        return np.full(size, self._units(self.root, decimals, step), np.int64)

    @staticmethod
    def _units(text: str, decimals: int, step: int) -> int:
        try:
            return units_from_text(text, decimals) // step * step
        except NotExact:
            # The digits were checked: it is larger than anything it could limit.
            return NO_AMOUNT

    def _check_ranks(self, vocabulary: Vocabulary, key: str) -> list[Finding]:
        if "rank" not in vocabulary.ladders:
            return [_fault("This plan has no ranks that an amount could go by", "State ranks, or one amount.", (key,))]
        known = (*vocabulary.ladders["rank"], NO_RANK)
        findings = []
        for rank, amount in self.root.items():
            if rank.removesuffix("+") not in known:
                remedy = nearest(rank.removesuffix("+"), known)
                findings.append(_fault(f"{rank.removesuffix('+')} is no rank of this plan", remedy, (key, rank)))
            findings += check_amount(amount, vocabulary, (key, rank))
        return findings

    def _check_name(self, vocabulary: Vocabulary, key: str) -> list[Finding]:
        if self.name in vocabulary.required_metrics:
            return [_fault(f"{self.name} depends on what a rung requires and means nothing here", "", (key,))]
        if vocabulary.quantity_decimals(self.name) is None:
            remedy = nearest(self.name, (*vocabulary.volumes, *vocabulary.metrics))
            return [_fault(f"{self.name} is no volume or metric of this plan", remedy, (key,))]
        return []


def check_amount(text: str, vocabulary: Vocabulary, path: tuple[str, ...]) -> list[Finding]:
    """Return ``rules.amount`` for a text with too many decimals, below 0, or no whole unit of what is paid."""
    try:
        units = units_from_text(text, vocabulary.paid_decimals)
    except NotExact as wrong:
        return [_fault(str(wrong), "State it in the money of the plan.", path)]
    if units < 0:
        return [_fault(f"{text} is below 0", "State 0 or more.", path)]
    if units % vocabulary.line_unit:
        fault = f"{text} is no multiple of the unit that lines are rounded to"
        return [_fault(fault, "State it in the money of the plan.", path)]
    return []


def _fault(fault: str, remedy: str, path: tuple[str, ...]) -> Finding:
    return Finding("rules.amount", f"{fault}.", remedy, path=path)


def _in_decimals(amounts: NDArray[np.int64], own: int, decimals: int, step: int) -> NDArray[np.int64]:
    # What would leave int64 limits nothing.
    if decimals >= own:
        factor = 10 ** (decimals - own)
        bound = INT64_MAX // factor
        found = np.where(np.abs(amounts) <= bound, amounts, 0) * factor
        found = np.where(np.abs(amounts) <= bound, found, np.sign(amounts) * INT64_MAX)
    else:
        found = amounts // 10 ** (own - decimals)
    return np.maximum(found // step * step, 0)
