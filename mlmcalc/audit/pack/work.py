"""What a work sheet needs to recalculate sampled lines by hand, in whole numbers that a spreadsheet holds exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mlmcalc.money import RATE_DECIMALS, Mode, Rounding, per_unit_text, rate_text, round_div

EXACT_DIGITS = 10**15
"""Whole numbers below it are exact in every spreadsheet, and so are their sums and differences."""
_PRODUCTS = ("paid", "to_company")
_MILLION = 10**RATE_DECIMALS


@dataclass(frozen=True, slots=True)
class Product:
    """An amount that is base times rate, in whole numbers.

    The base, cut into `divisor` parts and a rest, is multiplied by the rate part by part, so that no number in between
    has more than 15 digits.

    Attributes
    ----------
    base : int
        In its smallest units.
    rate_ppm : int
    divisor : int
        How many products of a unit of the base and a millionth make one unit of the amount.
    mode : {"half_up", "half_even", "down", "up"} or None
        None: lines are not rounded, what is left of the division stands in `rest`.
    unit : int
        What the amount is a multiple of, in the smallest units of money; 1 where lines are not rounded.
    decimals : int
        Of one unit of the amount.
    amount, rest : int
        As the run has it.
    """

    base: int
    rate_ppm: int
    divisor: int
    mode: Mode | None
    unit: int
    decimals: int
    amount: int
    rest: int

    @property
    def recalculated(self) -> tuple[int, int]:
        """The amount and its rest, as whoever recalculates them must find them."""
        if self.mode is not None:
            return round_div(self.base * self.rate_ppm, self.divisor, self.mode) * self.unit, 0
        sign = -1 if self.base * self.rate_ppm < 0 else 1
        whole, rest = divmod(abs(self.base * self.rate_ppm), self.divisor)
        return sign * whole, sign * rest

    @property
    def agrees(self) -> bool:
        """Whether the run's amount is what comes out."""
        return self.recalculated == (self.amount, self.rest)

    @property
    def fits(self) -> bool:
        """Whether a spreadsheet calculates it exactly."""
        base, rate = abs(self.base), abs(self.rate_ppm)
        most = max(base, min(base, self.divisor) * rate, base * rate // self.divisor + 1, 2 * self.divisor)
        return max(most, abs(self.amount), most * self.unit) < EXACT_DIGITS


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A sampled line.

    Attributes
    ----------
    number : int
        In the sample, from 1.
    bonus, outcome, size, earner, source, via, order : str
        `size` is the class of amounts it was drawn from.
    level, paid_level : int
    base, amount : Decimal
    product : Product or None
        None where a rule made the amount that is no product.
    """

    number: int
    bonus: str
    outcome: str
    size: str
    earner: str
    source: str
    via: str
    order: str
    level: int
    paid_level: int
    base: Decimal
    rate_ppm: int
    amount: Decimal
    product: Product | None


@dataclass(frozen=True, slots=True)
class Part:
    """One row of what a base is made of.

    Attributes
    ----------
    what, where : str
        An order and its row in the input; a bonus and how it came.
    day, kind : str
    column : str
        The column of the input, or the table of the run.
    units : int
        In the smallest units of the base.
    factor_ppm : int
        How much of it counts.
    """

    what: str
    where: str
    day: str
    kind: str
    column: str
    units: int
    factor_ppm: int = _MILLION


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the base of a line comes from.

    Attributes
    ----------
    number : int
        Of the line in the sample.
    about : str
    parts : sequence of Part
        Empty where the base is not a sum of such parts; `about` says what it is.
    units : int
        The base.
    decimals : int
    mode : {"half_up", "half_even", "down", "up"}
        How a share is rounded, once for the whole.
    """

    number: int
    about: str
    parts: Sequence[Part]
    units: int
    decimals: int
    mode: Mode

    @property
    def recalculated(self) -> int:
        """What the parts come to."""
        return round_div(sum(part.units * part.factor_ppm for part in self.parts), _MILLION, self.mode)

    @property
    def agrees(self) -> bool:
        """Whether the parts come to the base."""
        return bool(self.parts) and self.recalculated == self.units

    @property
    def fits(self) -> bool:
        """Whether a spreadsheet adds it up exactly."""
        shared = any(part.factor_ppm != _MILLION for part in self.parts)
        return sum(abs(part.units * (part.factor_ppm if shared else 1)) for part in self.parts) < EXACT_DIGITS


@dataclass(frozen=True, slots=True)
class Statement:
    """All lines of one earner and bonus, for lines that are no products.

    Attributes
    ----------
    number : int
        Of the line in the sample.
    about : str
        How the rule came to it, as the run explains it.
    rows : sequence of (outcome, source, units, lines)
        The largest lines one by one, the others of an outcome together.
    units : int
        What the statement says.
    decimals : int
    """

    number: int
    about: str
    rows: Sequence[tuple[str, str, int, int]]
    units: int
    decimals: int

    @property
    def agrees(self) -> bool:
        """Whether the lines come to the statement."""
        return sum(row[2] for row in self.rows) == self.units

    @property
    def fits(self) -> bool:
        """Whether a spreadsheet adds it up exactly."""
        return sum(abs(row[2]) for row in self.rows) < EXACT_DIGITS


@dataclass(frozen=True, slots=True)
class Work:
    """The work sheet.

    Attributes
    ----------
    facts : sequence of (str, str)
        What stands at its head.
    lines : sequence of WorkLine
    traces : sequence of Trace
    statements : sequence of Statement
    """

    facts: Sequence[tuple[str, str]]
    lines: Sequence[WorkLine]
    traces: Sequence[Trace] = ()
    statements: Sequence[Statement] = ()


def product_of(
    outcome: str, units: tuple[int, int, int], decimals: tuple[int, int], rounding: Rounding
) -> Product | None:
    """Return a line as a product; None where its amount is none.

    Parameters
    ----------
    outcome : str
    units : (int, int, int)
        Base, rate in parts per million, amount.
    decimals : (int, int)
        Of the base and of the amount.
    rounding : Rounding
    """
    base, rate_ppm, amount = units
    if rate_ppm == 0 or outcome not in _PRODUCTS:
        return None
    of_base, of_amount = decimals
    excess = of_base + RATE_DECIMALS - rounding.money_decimals
    if rounding.place == "line" and excess >= 0:
        divisor = rounding.unit * 10**excess
        return Product(base, rate_ppm, divisor, rounding.mode, rounding.unit, rounding.money_decimals, amount, 0)
    # Not rounded: amounts have at least the decimals of the product, in units of which they are whole.
    spare = 10 ** max(of_amount - of_base - RATE_DECIMALS, 0)
    sign = -1 if amount < 0 else 1
    whole, rest = divmod(abs(amount), spare * _MILLION)
    if rest % spare:
        # No product has such digits: it cannot agree, and the whole of it is shown.
        return Product(base, rate_ppm, _MILLION, None, 1, of_base, amount, 0)
    return Product(base, rate_ppm, _MILLION, None, 1, of_base, sign * whole, sign * rest // spare)


def rate_said(rate_ppm: int) -> str:
    """Return a rate as a reader says it: a percentage, or so much for each; nothing for none."""
    if not rate_ppm:
        return ""
    return f"{per_unit_text(rate_ppm)} each" if rate_ppm > _MILLION else rate_text(rate_ppm)
