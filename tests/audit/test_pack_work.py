"""Products as a work sheet recalculates them: whole numbers, every rounding, what a spreadsheet holds."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.audit.pack.work import Part, Product, Statement, Trace, product_of
from mlmcalc.money import MODES, Mode, Rounding

DECIMAL = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}
BASES = st.integers(-(10**11), 10**11)


def rounding(mode: Mode = "half_up", unit: int = 1, place: Literal["line", "bonus"] = "line") -> Rounding:
    return Rounding(place=place, grain="source", mode=mode, unit=unit, money_decimals=2)


def product(units: tuple[int, int, int], decimals: tuple[int, int], rule: Rounding) -> Product:
    found = product_of("paid", units, decimals, rule)
    assert found is not None
    return found


@given(BASES, st.integers(1, 2_000_000), st.sampled_from(MODES), st.sampled_from([1, 5, 100]))
def test_a_product_rounds_as_decimals_do(base, rate, mode, unit):
    exact = Decimal(base) / 100 * Decimal(rate) / 1_000_000
    step = Decimal(unit) / 100
    wanted = int((exact / step).quantize(Decimal(1), DECIMAL[mode]) * unit)
    found = product((base, rate, wanted), (2, 2), rounding(mode, unit))
    assert found.agrees
    assert not product((base, rate, wanted + 1), (2, 2), rounding(mode, unit)).agrees


@given(BASES, st.integers(1, 1_000_000), st.integers(0, 3))
def test_a_line_that_is_not_rounded_keeps_every_digit(base, rate, spare):
    # Amounts may have more decimals than this bonus needs: another one is finer.
    amount = base * rate * 10**spare
    found = product((base, rate, amount), (2, 8 + spare), rounding(place="bonus"))
    assert found.agrees
    assert found.amount * 10**6 + found.rest == base * rate
    assert not product((base, rate, amount + 10**spare), (2, 8 + spare), rounding(place="bonus")).agrees
    if spare:
        assert not product((base, rate, amount + 1), (2, 8 + spare), rounding(place="bonus")).agrees


@pytest.mark.parametrize(("outcome", "rate"), [("paid", 0), ("cap_reached", 50_000), ("rounding", 0), ("excluded", 0)])
def test_what_a_rule_makes_is_no_product(outcome, rate):
    assert product_of(outcome, (10_000, rate, 500), (2, 2), rounding()) is None


def test_more_than_fifteen_digits_do_not_fit():
    assert product((10**14, 10**6, 10**14), (2, 2), rounding()).fits
    assert not product((10**15, 10**6, 10**15), (2, 2), rounding()).fits
    # A base of four decimals: the rest of the division by 10^8 times the rate.
    assert product((10**12, 10**6, 10**10), (4, 2), rounding()).fits
    assert not product((10**12, 10**8, 10**12), (4, 2), rounding()).fits


def test_a_share_rounds_once_for_the_whole():
    parts = [Part("order 1", "", "", "sale", "cv", 101, 500_000), Part("order 2", "", "", "sale", "cv", 102, 500_000)]
    trace = Trace(1, "half of cv", parts, 102, 2, "half_up")
    assert trace.recalculated == 102
    assert trace.agrees
    assert not Trace(1, "", parts, 101, 2, "half_up").agrees
    assert Trace(1, "", parts, 101, 2, "down").agrees
    assert not Trace(1, "nothing to add up", (), 0, 2, "half_up").agrees


def test_a_statement_is_the_sum_of_its_lines():
    rows = [("paid", "7", 1050, 1), ("cap reached", "7", -50, 1)]
    assert Statement(1, "", rows, 1000, 2).agrees
    assert not Statement(1, "", rows, 1001, 2).agrees
