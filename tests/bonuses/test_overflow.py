"""Amounts at the end of 64 bits are refused before anything is added up, never wrapped."""

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused

PLAN = """
mlmcalc: 1
plan: small
version: "1"
effective: 2026-01-01
currency: EUR
rounding: {place: PLACE, mode: up, unit: UNIT}
decimals: DECIMALS
order_columns: {country: text}
volumes: {pv: {sum: pv}}
trees: {sponsor: {parent: sponsor_id}}
bonuses:
"""
MEMBERS = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1]})


def run(bonuses, amounts, place="line", unit="0.05", decimals="2"):
    plan = PLAN.replace("PLACE", place).replace("UNIT", unit).replace("DECIMALS", decimals) + bonuses
    orders = {"order_id": [1, 2], "member_id": [2, 2], "date": ["2026-10-01"] * 2, "pv": [*amounts, "0"][:2]}
    frame = pl.DataFrame(orders | {"country": ["IT", "FR"]})
    return mlmcalc.run(plan, members=MEMBERS, orders=frame, period="2026-10")


def refused(*arguments, **keys):
    with pytest.raises(InputRefused) as found:
        run(*arguments, **keys)
    return [finding.code for finding in found.value.findings]


@pytest.mark.parametrize("place", ["bonus", "payout"])
def test_rounding_up_at_the_end_of_64_bits(place):
    bonus = "  b: {levels: [100%], base: pv}\n"
    assert str(run(bonus, ["92233720368.45"], place).statements["amount"][0]) == "92233720368.45000000"
    assert refused(bonus, ["92233720368.54"], place) == ["bonuses.overflow"]


def test_parts_of_a_table_that_fit_only_apart():
    bonus = "  b: {levels: {IT: [100%], FR: [100%]}, base: pv, by: country}\n"
    amounts = ["50000000000.00", "50000000000.00"]
    assert refused(bonus, amounts, "bonus") == ["bonuses.overflow"]


def test_earnings_of_several_bonuses_that_fit_only_apart():
    bonuses = (
        "  b: {levels: [100%], base: pv}\n  c: {levels: [100%], base: pv}\n"
        "  m: {personal: 1%, base: {earned: [b, c]}}\n"
    )
    assert refused(bonuses, ["9223372036854"], unit="0.000001", decimals="0") == ["bonuses.overflow"]
