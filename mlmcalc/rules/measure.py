"""What members are measured by: a quantity, what bonuses paid, or how much a quantity has grown in a period."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Model, Name, Reference
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.earned import EARNED_SCHEMA, is_earned
from mlmcalc.rules.state import Kept
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary
from mlmcalc.rules.words import nearest

GROWTH = "growth"
"""The section of state in which what grows is kept."""


class Measure(Model):
    """One number per member."""

    quantity: Reference | None = None
    earned: tuple[Name, ...] = ()
    growth: Reference | None = None

    @property
    def text(self) -> str:
        """The measure in words."""
        if self.growth is not None:
            return f"growth of {self.growth}"
        return self.quantity or f"earned: {', '.join(self.earned)}"

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values it is computed from."""
        node = vocabulary.node_of(self.quantity or self.growth or "")
        earned = set().union(*(vocabulary.earnings_of(bonus) for bonus in self.earned))
        return earned | ({node} if node else set())

    def check(self, key: str, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.measure`` for every name that is no quantity or bonus, with paths from `key` on."""
        return [
            Finding(
                "bonuses.measure", f"{name} is not a bonus of this plan.", _known(name, vocabulary.bonuses), path=(key,)
            )
            for name in self.earned
            if name not in vocabulary.bonuses
        ] + check_quantity(key, self.quantity or self.growth, vocabulary)

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the numbers."""
        if self.earned:
            return vocabulary.money_decimals
        return vocabulary.quantity_decimals(self.quantity or self.growth or "") or 0

    def of(self, values: Values, bonus: str) -> NDArray[np.int64]:
        """Return the number of every member, ``(n,)`` int64 by position.

        Parameters
        ----------
        values : Values
        bonus : str
            Under whose name growth is kept.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``; ``state.decimals``, ``state.overflow``.
        """
        if self.growth is not None:
            now = values.quantity(self.growth)
            kept = Kept(GROWTH, bonus)
            before = values.opening.rows(*kept).of_key(self.growth).per_member(values.size, now.decimals, kept)
            _refuse_sum([now.amounts, before], bonus)
            return now.amounts - before
        if self.quantity is not None:
            return values.quantity(self.quantity).amounts
        paid = [values.earned[name].amounts for name in self.earned]
        _refuse_sum(paid, bonus)
        return np.stack(paid).sum(axis=0, dtype=np.int64)

    def leave(self, values: Values, bonus: str) -> None:
        """Leave what the next period needs to know how much has grown."""
        if self.growth is not None:
            now: Quantity = values.quantity(self.growth)
            values.closing.leave(GROWTH, bonus, now.amounts, now.decimals, key=self.growth)


def check_quantity(key: str, name: str | None, vocabulary: Vocabulary) -> list[Finding]:
    """Return ``bonuses.measure`` where a name is no volume, metric or number column that has a value here."""
    if name is None:
        return []
    if name in vocabulary.required_metrics:
        message = f"{name} depends on what a rung requires and means nothing here."
        return [Finding("bonuses.measure", message, "Use it in the requires of a ladder.", path=(key,))]
    if vocabulary.quantity_decimals(name) is not None:
        return []
    known = (*vocabulary.volumes, *vocabulary.metrics, *vocabulary.member_columns)
    message = f"{name} is not a volume, metric or number column of this plan."
    return [Finding("bonuses.measure", message, _known(name, known), path=(key,))]


def _known(name: str, known: Any) -> str:
    return nearest(name, known) or "There is none."


def _refuse_sum(parts: list[NDArray[np.int64]], bonus: str) -> None:
    if sum(total_magnitude(part) for part in parts) > INT64_MAX:
        message = f"what bonus {bonus} is shared by could add up to more than 64 bits hold."
        raise InputRefused(Finding("bonuses.overflow", message, "Correct the volumes, or state fewer decimals."))


def _read(value: Any) -> Any:
    if isinstance(value, str):
        return {"quantity": value}
    if isinstance(value, dict) and set(value) == {"growth"}:
        return value
    if is_earned(value):
        return value
    if isinstance(value, Measure):
        return value
    raise ValueError("a volume or metric is wanted here, growth: of one, or earned: with a list of bonuses")


MeasureField = Annotated[
    Measure,
    BeforeValidator(_read),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                EARNED_SCHEMA,
                {
                    "type": "object",
                    "properties": {"growth": {"type": "string"}},
                    "required": ["growth"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
