"""The words inside a binary bonus: what a match pays, what caps it, what is carried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Count, Model, Name, Reference
from mlmcalc.money import NotExact, units_from_text
from mlmcalc.rules.amount_table import AmountTable, AmountTableField
from mlmcalc.rules.bonus_word import BonusWord
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.most import Most
from mlmcalc.rules.rate_layers import NO_RATE, PerUnit, RateTree
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Vocabulary

MOST_LEGS = 50
_RATIO = re.compile(r"([1-9][0-9]{0,5}) ?: ?([1-9][0-9]{0,5})")
_LEG = re.compile(r"[1-9][0-9]?")


class Cycle(Model):
    """Steps of volume: so much of the strong leg with so much of the weak side pays an amount."""

    strong: Amount
    weak: Amount
    pays: RateTable
    decided: Literal["every_cycle", "once"] = "every_cycle"


class First(Model):
    """The first cycle a member ever has, where it is another one."""

    strong: Amount
    weak: Amount
    pays: RateTable


class Pays(Model):
    """What a match pays: a percentage of its volume, an amount for each cycle, or that of the highest step reached."""

    percent: RateTable | None = None
    cycle: Cycle | None = None
    steps: RateTable | None = None

    @property
    def table(self) -> RateTable:
        """The rates or amounts."""
        if self.cycle is not None:
            return self.cycle.pays
        found = self.percent or self.steps
        assert found is not None, "one of the three is given"
        return found

    @property
    def path(self) -> tuple[str, ...]:
        """Where the table stands below the word."""
        return ("cycle", "pays") if self.cycle is not None else () if self.percent is not None else ("steps",)


def _pays(value: Any) -> Any:
    if isinstance(value, Pays) or (isinstance(value, dict) and set(value) in ({"cycle"}, {"steps"})):
        return value
    if isinstance(value, dict) and {"strong", "weak", "pays"}.issuperset(value):
        raise ValueError(
            "what makes a cycle stands under cycle; write binary: {cycle: {strong: 200, weak: 100, pays: 14.00}}"
        )
    return {"percent": value}


PaysField = Annotated[
    Pays,
    BeforeValidator(_pays),
    WithJsonSchema({"anyOf": [{"type": ["string", "number"]}, {"type": "object", "minProperties": 1}]}),
]


class MatchCap(Model):
    """The most that is paid for in a period, and what becomes of what matched above it."""

    volume: AmountTableField | None = None
    cycles: AmountTableField | None = None
    money: AmountTableField | None = None
    points: AmountTableField | None = None
    then: Literal["keep", "flush_above", "flush_all"]
    owner: Name | None = Field(default=None, description="the member column that names the owner of several positions")

    @model_validator(mode="after")
    def _one(self) -> MatchCap:
        if len(self.limits) != 1:
            raise ValueError("a cap has one of volume, cycles, money and points")
        return self

    @property
    def limits(self) -> dict[str, AmountTable]:
        """The limit by its key."""
        named = {"volume": self.volume, "cycles": self.cycles, "money": self.money, "points": self.points}
        return {key: table for key, table in named.items() if table is not None}

    @property
    def kind(self) -> Literal["volume", "cycles", "money"]:
        """What is counted; points are the money of a bonus that counts."""
        return "volume" if self.volume is not None else "cycles" if self.cycles is not None else "money"

    @property
    def table(self) -> AmountTable:
        """The limit."""
        return next(iter(self.limits.values()))


class Expires(Model):
    """After how many periods carried volume is lost."""

    after: Annotated[Count, Field(ge=1, le=1000)]


WhenNot = Literal["keep", "lose", "lose_all"]


class Carry(Model):
    """What is left after a match and goes into the next period."""

    legs: Literal["both", "stronger", "none"] = "both"
    limit: AmountTableField | None = None
    expires: Expires | None = None
    when_inactive: WhenNot = "keep"
    when_not_eligible: WhenNot = "keep"

    @property
    def is_tested(self) -> bool:
        """Whether somebody may lose volume for not being active or eligible."""
        return self.when_inactive != "keep" or self.when_not_eligible != "keep"


def _carry(value: Any) -> Any:
    return {"legs": value} if isinstance(value, str) else value


class _OrLegs:
    """The schema of the short form beside the long one."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"enum": ["both", "stronger", "none"]}, handler(schema)]}


CarryField = Annotated[Carry, BeforeValidator(_carry), _OrLegs()]


def _leg(value: Any) -> str:
    if isinstance(value, str) and (value in ("lesser", "lesser_with_carry") or _LEG.fullmatch(value)):
        return value
    raise ValueError("lesser, lesser_with_carry or the number of a leg is wanted")


class OwnVolume(Model):
    """Own volume above a floor that flows over into a leg."""

    above: Amount
    into: Annotated[str, BeforeValidator(_leg), WithJsonSchema({"type": ["string", "number"]})] = "lesser"
    volume: Reference | None = None


class EachSide(Model):
    """At least so many enrolled by the member itself on each leg."""

    count: Annotated[Count, Field(ge=1)]
    where: Condition | None = None
    tree: Name = ""
    legs: Annotated[Count, Field(ge=1)] | None = None


def _ratio(value: Any) -> tuple[int, int]:
    if isinstance(value, tuple):
        return value
    found = _RATIO.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a ratio of the strong leg to the weak side is wanted, as 1:1 or 2:1")
    return int(found[1]), int(found[2])


Ratio = Annotated[
    tuple[int, int],
    BeforeValidator(_ratio),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]* ?: ?[1-9][0-9]*$"}),
]


class BinaryKeys(BonusWord):
    """The keys of a binary bonus."""

    binary: PaysField
    volume: Reference
    tree: Name = ""
    tier: Reference | None = None
    ratio: Ratio = (1, 1)
    legs: Annotated[Count, Field(ge=2, le=MOST_LEGS)] | None = None
    weaker: Literal["all", "second"] = "all"
    pay_leg: Literal["after_carry", "before_carry"] = "after_carry"
    match_minimum: Amount | None = Field(default=None, description="matched volume below it pays nothing")
    unit: Amount | None = None
    match_cap: MatchCap | None = Field(default=None, description="the most that is matched and paid in a period")
    carry: CarryField = Carry()
    own: OwnVolume | None = None
    first: First | None = None
    each_side: EachSide | None = None

    @property
    def measured_by(self) -> str:
        """The volume that is matched."""
        return self.volume

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return that nothing bounds it."""
        return Most(None, "no bound, everybody above matches the same volume again")


def size_faults(sizes: Mapping[tuple[str, ...], str | None], decimals: int, least: int) -> Iterator[Finding]:
    """Yield ``bonuses.size`` for each amount of volume that has too many decimals or is too small.

    Parameters
    ----------
    sizes : mapping of path to text or None
    decimals : int
        Of the volume.
    least : int
        The smallest size allowed, in units of the volume.
    """
    for path, text in sizes.items():
        if text is None:
            continue
        try:
            fault = "" if units_from_text(text, decimals) >= least else f"{text} is too small"
        except NotExact as wrong:
            fault = str(wrong)
        if fault:
            yield Finding("bonuses.size", f"{fault}.", f"The volume has {decimals} decimals.", path=path)


def amount_faults(part: RateTree, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Yield ``bonuses.cycle_pays`` for every percentage where amounts are wanted."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            yield from amount_faults(inner, (*path, key))
    elif not isinstance(part, PerUnit | tuple) and part != NO_RATE:
        message = "A percentage of a cycle or a step says nothing of what it is a percentage of."
        remedy = "Write the amount, as 14.00; or pay a percentage of the matched volume: binary: 10%, with unit."
        yield Finding("bonuses.cycle_pays", message, remedy, path=path)
