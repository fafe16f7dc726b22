"""A rate for each earner: one for all, by scheme or rank, or by the tier of a volume or metric."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Reference
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Node, Values, Vocabulary


class EarnerRate(Model):
    """``95%``, a table by scheme or rank, or ``{tier: METRIC, steps: {0: 100%, 3: 150%}}``."""

    steps: RateTable
    tier: Reference | None = Field(default=None, description="volume or metric that chooses among the steps")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, cls) or (isinstance(value, dict) and {"steps", "tier"} & set(value)):
            return value
        return {"steps": value}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the schema of the long form and of a table alone."""
        found = handler(schema)
        table = found["properties"]["steps"]
        return {"anyOf": [found, table]}

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values it chooses by."""
        return self.steps.reads(vocabulary, tier=self.tier)

    def check(self, vocabulary: Vocabulary, key: str, room: str) -> list[Finding]:
        """Return what is wrong with it, ``<room>.tier`` and ``<room>.rank`` among it.

        That a rank or scheme is not listed is not wrong.
        """
        if "rank" in self.steps.layers(vocabulary, None) and "rank" not in vocabulary.ladders:
            message = "This plan has no ranks that a rate could go by."
            return [Finding(f"{room}.rank", message, "State ranks, or one rate.", path=(key, "steps"))]
        found = self.steps.check(vocabulary, None, self.tier, False)
        findings = [replace(one, path=(key, "steps", *one.path)) for one in found if one.level == "error"]
        if self.tier is not None and vocabulary.quantity_decimals(self.tier) is None:
            message = f"{self.tier} is no volume or metric of this plan."
            findings.append(Finding(f"{room}.tier", message, path=(key, "tier")))
        if self.tier in vocabulary.required_metrics:
            message = f"{self.tier} depends on what a rung requires and means nothing here."
            findings.append(Finding(f"{room}.tier", message, path=(key, "tier")))
        return findings

    def rates_of(self, values: Values, otherwise: int, members: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Return the rate of every member, or of some, ``(k,)`` int64 in parts per million.

        Parameters
        ----------
        values : Values
        otherwise : int
            For those for whom the table has no rate.
        members : (k,) int64, optional
            Positions; everybody's where nothing is said.
        """
        ranking = values.rankings.get("rank")
        assert values.vocabulary is not None, "a rate table is bound by the names of its plan"
        ranks = ranking.names if ranking is not None else ()
        bound = self.steps.bind(values.vocabulary, None, self.tier, values.scheme_names, ranks)
        rates = bound.rates[bound.keys[0]][:, 0]
        row = bound.row(values)
        return np.where(rates < 0, otherwise, rates)[row if members is None else row[members]]
