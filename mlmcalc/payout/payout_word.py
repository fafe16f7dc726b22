"""``payout``: minimum, holds, forfeits, debts, withholding, fees, later payment (plan model, section 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Count, Model, Name, Rate, Text
from mlmcalc.payout.sections import BALANCE, DEFERRED
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.earner_amount import EarnerAmount, check_amount
from mlmcalc.rules.earner_rate import EarnerRate
from mlmcalc.rules.state import Keeps
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

OTHER = "other"
TOTAL = "total"


class Gate(Model):
    """Members who meet a condition, and what a statement says of it."""

    when: Condition
    reason: Text
    source: Text = ""


class ColumnRate(Model):
    """A rate by the text of a member column; ``other`` for the rest and for empty cells, else 0%."""

    column: Name
    rates: Annotated[dict[Text, Rate], Field(min_length=1)]

    def check(self, vocabulary: Vocabulary, key: str, room: str) -> list[Finding]:
        """Return ``<room>.column`` where the column holds no text."""
        texts = [name for name, (kind, _) in vocabulary.member_columns.items() if kind == "text"]
        texts += [vocabulary.scheme_column] if vocabulary.scheme_column else []
        if self.column in texts:
            return []
        remedy = nearest(self.column, texts) or f"Declare it: member_columns: {{{self.column}: text}}."
        message = f"{self.column} is no text column of members."
        return [Finding(f"{room}.column", message, remedy, path=(key, "column"))]

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return nothing: a column is always there."""
        return set()

    def rates_of(self, values: Values, otherwise: int, members: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Return the rate of every member, or of some, as `mlmcalc.rules.earner_rate.EarnerRate.rates_of`."""
        column = values.network.columns[self.column]
        rest = self.rates.get(OTHER, otherwise)
        # The last stands for an empty cell, whose code is -1.
        rates = [*(self.rates.get(label, rest) for label in column.labels), rest]
        return np.array(rates, np.int64)[column.values if members is None else column.values[members]]


def _rate(value: Any) -> Any:
    if isinstance(value, EarnerRate | ColumnRate):
        return value
    model = ColumnRate if isinstance(value, dict) and "column" in value else EarnerRate
    return model.model_validate(value)


AnyRate = Annotated[EarnerRate | ColumnRate, BeforeValidator(_rate)]


def _of(value: Any) -> Any:
    return () if value == TOTAL else value


Of = Annotated[tuple[Name, ...], BeforeValidator(_of)]


class Withheld(Model):
    """A percentage that is kept back."""

    name: Text
    rate: AnyRate
    when: Condition | None = None
    of: Of = Field(default=(), description="total, or the bonuses it is a percentage of")
    base: Literal["earned", "paid"] = Field(default="earned", description="when it is kept back")
    source: Text = ""

    @model_validator(mode="after")
    def _one_base(self) -> Withheld:
        if self.of and self.base == "paid":
            raise ValueError("what is paid is no longer told by bonus; leave out of, or write base: earned")
        return self


class Fee(Model):
    """What a payment costs: an amount, or a percentage of the payment."""

    name: Text
    amount: Amount | None = None
    rate: AnyRate | None = None
    when: Condition | None = None
    source: Text = ""

    @model_validator(mode="after")
    def _one_form(self) -> Fee:
        if (self.amount is None) == (self.rate is None):
            raise ValueError("a fee is an amount or a rate")
        return self


class Debt(Model):
    """How much of a negative balance is carried; what is beyond is forgiven."""

    carry: Amount


def _negative(value: Any) -> Any:
    if value in ("carry", "forgive") or isinstance(value, Debt):
        return value
    if isinstance(value, dict) and set(value) == {"carry"}:
        return Debt.model_validate(value)
    raise ValueError("carry, forgive or {carry: AMOUNT} is wanted here")


Negative = Annotated[Literal["carry", "forgive"] | Debt, BeforeValidator(_negative)]


class Payout(Model):
    """What becomes of what was earned, step by step in the order of `mlmcalc.payout.settlement`."""

    minimum: EarnerAmount | None = Field(default=None, description="less is carried to the next period")
    later: dict[Name, Annotated[Count, Field(ge=1, le=1000)]] = Field(
        default_factory=dict, description="bonus to the number of periods after which it is paid"
    )
    forfeit: tuple[Gate, ...] = Field(default=(), description="whose balance is lost, and why")
    hold: tuple[Gate, ...] = Field(default=(), description="whose balance is carried, and why")
    negative: Negative = Field(default="carry", description="what becomes of a debt")
    withhold: tuple[Withheld, ...] = Field(default=(), description="percentages kept back")
    fees: tuple[Fee, ...] = Field(default=(), description="what a payment costs")
    source: Text = Field(default="", description="where the company's document says so")

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it needs of the period before: balances, and what any bonus left to be paid later."""
        deferred = (Keeps(DEFERRED, bonus) for bonus in vocabulary.bonuses)
        return (Keeps(BALANCE, name, ("held", "carried")), *deferred)

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values it is judged by."""
        rules = (*self.withhold, *self.fees)
        said: list[Any] = [self.minimum, *(rule.rate for rule in rules), *(rule.when for rule in rules)]
        said += [gate.when for gate in (*self.forfeit, *self.hold)]
        return set().union(*(one.reads(vocabulary) for one in said if one is not None))

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong, paths relative to ``payout``."""
        findings = [] if self.minimum is None else self.minimum.check(vocabulary, "minimum")
        findings += [
            _unknown(name, vocabulary, ("later", name)) for name in self.later if name not in vocabulary.bonuses
        ]
        if isinstance(self.negative, Debt):
            findings += check_amount(self.negative.carry, vocabulary, ("negative", "carry"))
        for key in ("forfeit", "hold", "withhold", "fees"):
            for number, rule in enumerate(getattr(self, key)):
                for found in _check_rule(rule, vocabulary):
                    findings.append(replace(found, path=(key, number, *found.path)))
        return findings


def _check_rule(rule: Gate | Withheld | Fee, vocabulary: Vocabulary) -> list[Finding]:
    findings = []
    if rule.when is not None:
        findings += [replace(found, path=("when", *found.path)) for found in rule.when.check(vocabulary)]
    if isinstance(rule, Gate):
        return findings
    if rule.rate is not None:
        findings += rule.rate.check(vocabulary, "rate", "payout")
    if isinstance(rule, Fee):
        return findings + ([] if rule.amount is None else check_amount(rule.amount, vocabulary, ("amount",)))
    return findings + [_unknown(name, vocabulary, ("of",)) for name in rule.of if name not in vocabulary.bonuses]


def _unknown(name: str, vocabulary: Vocabulary, path: tuple[str, ...]) -> Finding:
    message = f"{name} is no bonus of this plan."
    return Finding("payout.unknown", message, nearest(name, vocabulary.bonuses), path=path)
