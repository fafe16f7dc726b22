"""The keys of ``pool``, what they read and what can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.bonuses.pool_division import VALUE_DECIMALS, Portion
from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Model, Reference
from mlmcalc.money import RATE_DECIMALS, RATE_ONE_PPM, NotExact, rate_text, text_from_units, units_from_text
from mlmcalc.rules.bonus_word import BonusWord, check_condition
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.measure import GROWTH, Measure, MeasureField, check_quantity
from mlmcalc.rules.most import Most
from mlmcalc.rules.number_table import (
    NumberTable,
    check_money,
    check_numbers,
    check_payable,
    check_table,
    decimals_of,
    is_mixed,
)
from mlmcalc.rules.places import Top
from mlmcalc.rules.rate_layers import PerUnit
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.sources import BaseField
from mlmcalc.rules.state import Keeps
from mlmcalc.rules.values import Node, Vocabulary

POOL = "pool"
"""The section of state in which a fund is carried."""
_PART = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})")
_FORMS = ("shares", "by", "amounts", "positions")


def _portion(value: Any) -> Any:
    if isinstance(value, Portion):
        return value
    number = RateTable.model_validate(value).root
    if not isinstance(number, int) or number < 0:
        raise ValueError("one rate or amount is wanted here, as 1% or 5000.00")
    return Portion(int(number), not isinstance(number, PerUnit))


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    found = _PART.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not 0 < int(found[1]) <= int(found[2]):
        raise ValueError("a part of the fund is written 30/45, above 0 and at most the whole")
    return int(found[1]), int(found[2])


_NUMBER_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "number", "minimum": 0}]}
PortionField = Annotated[Portion, BeforeValidator(_portion), WithJsonSchema(_NUMBER_SCHEMA)]
Part = Annotated[tuple[int, int], BeforeValidator(_part), WithJsonSchema({"type": "string"})]
Leftover = Literal["others", "company", "lose", "carry"]


class PointValue(Model):
    """What one point or share may be worth."""

    at_most: Amount | None = None
    round_down: Amount | None = None


class PoolKeys(BonusWord):
    """A fund, who shares in it and how."""

    pool: PortionField
    of: BaseField | None = None
    sources: Condition | None = None
    part: Part = (1, 1)
    shares: NumberTable | None = None
    by: MeasureField | None = None
    amounts: NumberTable | None = None
    positions: tuple[PortionField, ...] = ()
    each: Reference | None = None
    tier: Reference | None = None
    top: Top | None = None
    out_of: Amount | None = None
    maximum: NumberTable | None = None
    point_value: PointValue | None = None
    rest: Leftover | None = None
    empty: Literal["company", "lose", "carry"] = "lose"

    @property
    def earned_from(self) -> tuple[str, ...]:
        """The bonuses whose earnings fund it."""
        return () if self.of is None else self.of.earned

    @property
    def measured_by(self) -> str:
        """The volume, metric or column that the fund is a share of."""
        return "" if self.of is None else self.of.volume or ""

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the fund."""
        part, whole = self.part
        size = -(-self.pool.millionths * part // whole)
        later = ", and what was carried" if "carry" in (self.empty, self.rest) else ""
        if self.of is not None:
            return Most(size, f"the fund{later}")
        return Most(None, f"a fund of {text_from_units(size, RATE_DECIMALS).rstrip('0').rstrip('.')}{later}")

    @property
    def leftover(self) -> Leftover:
        """Where what the shares leave of the fund goes."""
        leaves = self.amounts or self.positions or self.out_of or self.point_value
        return self.rest or ("others" if self.maximum is not None and not leaves else "lose")

    @property
    def score(self) -> Measure | None:
        """What the base of a line counts beside shares: points, or the score of those who come first."""
        return self.top.by if self.positions and self.top is not None else self.by

    @property
    def growing(self) -> list[Measure]:
        """The measures of growth, each once: the period leaves what they are of."""
        measures = (self.by, None if self.top is None else self.top.by)
        return list({one.growth: one for one in measures if one is not None and one.growth is not None}.values())

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it keeps from period to period under its name."""
        carries = "carry" in (self.empty, self.rest)
        grown = tuple(measure.growth or "" for measure in self.growing)
        kept = (Keeps(POOL, name, ("",)),) if carries else ()
        return (*kept, Keeps(GROWTH, name, grown)) if grown else kept

    def base_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of points, shares or amounts, which are the bases of lines."""
        if self.amounts is not None:
            return vocabulary.paid_decimals
        decimals = decimals_of(self.shares) if self.shares is not None else 0
        if self.score is not None:
            decimals = self.score.decimals(vocabulary)
        return decimals if self.each is None else decimals + (vocabulary.quantity_decimals(self.each) or 0)

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = self.reads_shared(vocabulary)
        for part in (self.of, self.sources, self.by, self.top):
            nodes |= set() if part is None else part.reads(vocabulary)
        for table in (self.shares, self.amounts, self.maximum):
            nodes |= set() if table is None else table.reads(vocabulary, tier=self.tier)
        each = vocabulary.node_of(self.each) if self.each else None
        return nodes | ({each} if each else set())

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the pool, paths relative to it."""
        findings = self.check_shared(vocabulary) + check_condition("sources", self.sources, vocabulary)
        if self.of is not None:
            findings += [replace(found, path=("of",)) for found in self.of.check(vocabulary)]
        if self.by is not None:
            findings += self.by.check("by", vocabulary)
        findings += check_quantity("each", self.each, vocabulary) + check_quantity("tier", self.tier, vocabulary)
        if self.top is not None:
            findings += [replace(found, path=("top", *found.path)) for found in self.top.check(vocabulary)]
        if self.shares is not None:
            findings += check_numbers("shares", self.shares, vocabulary, self.tier)
        if self.amounts is not None:
            findings += check_money("amounts", self.amounts, vocabulary, self.tier)
        if self.maximum is not None:
            findings += check_table("maximum", self.maximum, vocabulary, self.tier)
            findings += check_payable("maximum", self.maximum, vocabulary)
        return findings + [
            Finding(f"bonuses.{key}", message, remedy, path=(key,)) for key, message, remedy in self._faults(vocabulary)
        ]

    def _faults(self, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
        """Yield the key, what is wrong with it beside the others, and what to do."""
        if self.pool.is_rate and self.of is None:
            yield "pool", "A rate must be a rate of something.", "State of: a volume or metric of the company."
        if not self.pool.is_rate and self.of is not None and self.of.decimals(vocabulary):
            yield "pool", "An amount for each unit needs what is counted in whole units.", "Write a rate such as 1%."
        said = [key for key in _FORMS if getattr(self, key) not in (None, ())]
        if not said:
            yield "pool", "Nothing says how the fund is shared.", f"State one of {', '.join(_FORMS)}."
        elif len(said) > 1:
            yield said[1], f"The fund is shared by {' and by '.join(said)}.", "Keep one of them; each: multiplies."
        if self.sources is not None and self.of is None:
            yield "sources", "A fixed fund has no sources.", "Leave out sources."
        yield from self._position_faults()
        fixed = [key for key in ("amounts", "positions") if key in said]
        for key in ("out_of", "point_value"):
            if getattr(self, key) is not None and fixed:
                yield key, f"It says what shares or points are worth; {fixed[0]} are not divided.", "Leave it out."
        prizes = bool(self.positions) and not self.positions[0].is_rate
        if self.rest == "others" and (self.amounts or self.out_of or self.point_value or prizes):
            yield "rest", "What is left so is nobody's share.", "Write company, lose or carry."
        if self.maximum is not None and is_mixed(self.maximum):
            yield "maximum", "Some maximums are rates and some amounts.", "Write all of one kind."
        yield from self._number_faults(vocabulary)

    def _position_faults(self) -> Iterator[tuple[str, str, str]]:
        if not self.positions:
            return
        if self.top is None:
            yield "positions", "Nothing says who comes first.", "State top: {places: 10, by: METRIC}."
        elif len(self.positions) != self.top.places[1] - self.top.places[0] + 1:
            count = self.top.places[1] - self.top.places[0] + 1
            yield (
                "positions",
                f"There are {len(self.positions)} of them for {count} places.",
                "State one for each place.",
            )
        rates = [prize.millionths for prize in self.positions if prize.is_rate]
        if 0 < len(rates) < len(self.positions):
            yield "positions", "Some are rates and some amounts.", "Write all of one kind."
        elif sum(rates) > RATE_ONE_PPM:
            yield "positions", f"They are {rate_text(sum(rates))} of the fund together.", "Share out 100% at most."
        if self.each is not None:
            yield "each", "What a place is worth is not multiplied.", "Leave it out."

    def _number_faults(self, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
        try:
            if self.out_of is not None and units_from_text(self.out_of, self.base_decimals(vocabulary)) <= 0:
                yield "out_of", f"{self.out_of} is not above 0.", "State how many shares there are."
        except NotExact as wrong:
            yield "out_of", f"{wrong}.", "Shares and points have no more decimals."
        if self.point_value is None:
            return
        if self.point_value.at_most is None and self.point_value.round_down is None:
            yield "point_value", "It says nothing.", "State at_most, round_down or both."
        for text in filter(None, (self.point_value.at_most, self.point_value.round_down)):
            try:
                if units_from_text(text, VALUE_DECIMALS) <= 0:
                    yield "point_value", f"{text} is not above 0.", "State an amount of money."
            except NotExact as wrong:
                yield "point_value", f"{wrong}.", f"It has at most {VALUE_DECIMALS} decimals."
