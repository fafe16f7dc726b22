"""Fixed-point numbers: text to integers and back, rates in parts per million, and the four roundings.

Money and volumes are integers in units of ``10**-decimals``; a rate is an integer number of parts per million. An
*exact* amount is volume x rate, with ``decimals + 6`` decimals. No float takes part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

RATE_DECIMALS = 6
RATE_ONE_PPM = 1_000_000
INT64_MAX = 2**63 - 1
_DIGITS = len(str(INT64_MAX))

Mode = Literal["half_up", "half_even", "down", "up"]
MODES: tuple[Mode, ...] = ("half_up", "half_even", "down", "up")
MODE_CODE: dict[Mode, int] = {mode: code for code, mode in enumerate(MODES)}

_DECIMAL = re.compile(r"[+-]?\d+(?:\.\d+)?")


class NotExact(ValueError):
    """The text is no plain decimal, or has more decimals than allowed, or does not fit."""


def units_from_text(text: str, decimals: int) -> int:
    """Return a decimal text as an integer in units of ``10**-decimals``.

    Raises
    ------
    NotExact
        If the text is no plain decimal, has more decimals than `decimals` (trailing zeros aside), or leaves int64.
    """
    if not _DECIMAL.fullmatch(text) or not text.isascii():
        raise NotExact(f"{text!r} is not a plain decimal number")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        raise NotExact(f"{text} has more than {decimals} decimals")
    digits = (whole.lstrip("+-") + fraction.ljust(decimals, "0")).lstrip("0")
    # Thousands of digits are more than Python itself makes an integer of.
    magnitude = int(digits or "0") if len(digits) <= _DIGITS else INT64_MAX + 1
    if magnitude > INT64_MAX:
        raise NotExact(f"{text if len(text) <= 40 else text[:40] + '...'} is too large")
    return -magnitude if whole.startswith("-") else magnitude


def text_from_units(units: int, decimals: int) -> str:
    """Return an integer in units of ``10**-decimals`` as decimal text, without exponent."""
    digits = str(abs(units)).rjust(decimals + 1, "0")
    sign = "-" if units < 0 else ""
    return sign + digits if decimals == 0 else f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def decimal_from_units(units: int, decimals: int) -> Decimal:
    """Return an integer in units of ``10**-decimals`` as a `Decimal`, exactly."""
    return Decimal(units).scaleb(-decimals)


def rate_text(rate_ppm: int) -> str:
    """Return a rate in parts per million as percent text: ``50000`` is ``5%``."""
    text = text_from_units(rate_ppm, 4)
    return text.rstrip("0").rstrip(".") + "%"


def per_unit_text(rate_ppm: int) -> str:
    """Return a rate in parts per million as an amount for each unit of the base: ``20000000`` is ``20.00``."""
    whole, _, fraction = text_from_units(rate_ppm, RATE_DECIMALS).partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def round_div(numerator: int, divisor: int, mode: Mode) -> int:
    """Return ``numerator / divisor`` rounded to an integer, acting on the magnitude.

    Parameters
    ----------
    numerator, divisor : int
        Of any size; the divisor is positive.
    mode : {"half_up", "half_even", "down", "up"}
        ``down`` is towards zero, ``up`` away from it.
    """
    quotient, rest = divmod(abs(numerator), divisor)
    twice = 2 * rest
    if mode == "up":
        quotient += rest > 0
    elif mode == "half_up":
        quotient += twice >= divisor
    elif mode == "half_even":
        quotient += twice > divisor or (twice == divisor and quotient % 2 == 1)
    return -quotient if numerator < 0 else quotient


def minor_digits(currency: str) -> int | None:
    """Return the decimals of the smallest unit of a currency by ISO 4217; None for a code of none.

    Parameters
    ----------
    currency : str
        Three capital letters.
    """
    # Its table is read only where amounts are paid in other currencies.
    from iso4217 import Currency

    try:
        return Currency(currency).exponent
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where, how and to what a plan rounds.

    Attributes
    ----------
    place : {"line", "bonus", "payout"}
    grain : {"source", "order", "keeper"}
    mode : {"half_up", "half_even", "down", "up"}
    unit : int
        The smallest payable amount, in units of ``10**-money_decimals``: 1 for ``0.01``, 5 for ``0.05``.
    money_decimals : int
    """

    place: Literal["line", "bonus", "payout"]
    grain: Literal["source", "order", "keeper"]
    mode: Mode
    unit: int
    money_decimals: int

    def divisor(self, decimals: int) -> int:
        """Return what an exact amount of so many decimals is divided by to count payable units."""
        return self.unit * 10 ** (decimals - self.money_decimals)

    def to_unit(self, amount: int, decimals: int) -> int:
        """Return an exact amount of so many decimals as rounded money, in units of ``10**-money_decimals``."""
        return round_div(amount, self.divisor(decimals), self.mode) * self.unit
