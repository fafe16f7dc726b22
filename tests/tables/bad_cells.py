"""Amounts and days that are none."""

from __future__ import annotations

import polars as pl

from tests.tables.bad import amount, framed, orders

AMOUNTS = [
    amount("decimal comma", "tables.not_a_number", '"6,50"'),
    amount("thousands with comma", "tables.not_a_number", '"1,234.50"'),
    amount("thousands with point", "tables.not_a_number", '"1.234,50"'),
    amount("thousands with space", "tables.not_a_number", "1 234.50"),
    amount("thousands with apostrophe", "tables.not_a_number", "1'234.50"),
    amount("currency sign", "tables.not_a_number", "€6.50"),
    amount("currency code", "tables.not_a_number", "6.50 EUR"),
    amount("percent", "tables.not_a_number", "5%"),
    amount("exponent", "tables.not_a_number", "1.2E3"),
    amount("1e400 as text", "tables.not_a_number", "1e400"),
    amount("NaN as text", "tables.not_a_number", "NaN"),
    amount("infinity as text", "tables.not_a_number", "-inf"),
    amount("hexadecimal", "tables.not_a_number", "0x10"),
    amount("underscore", "tables.not_a_number", "1_000"),
    amount("full-width digits", "tables.not_a_number", "１２"),
    amount("Arabic digits", "tables.not_a_number", "١٢"),
    amount("minus sign of typography", "tables.not_a_number", "−5"),
    amount("hidden direction mark", "tables.not_a_number", "\u202e5"),
    amount("no digit before the point", "tables.not_a_number", ".5"),
    amount("no digit after the point", "tables.not_a_number", "5."),
    amount("formula", "tables.not_a_number", "=1+1"),
    amount("a word", "tables.not_a_number", "none"),
    amount("blank amount", "tables.blank_amount", ""),
    amount("amount of spaces", "tables.blank_amount", "  "),
    amount("too many decimals", "tables.too_precise", "6.505"),
    amount("beyond int64", "tables.too_large", "92233720368547758.08"),
    amount("far beyond int64", "tables.too_large", "9" * 60),
    amount("negative beyond int64", "tables.too_large", "-92233720368547758.08"),
    amount("stray space", "~tables.stray_space", " 6.50 "),
    amount("negative sale", "orders.sign", "-5"),
    framed("NaN", "tables.not_a_number 3 cv", cv=[1.5, float("nan")]),
    framed("infinity", "tables.not_a_number 3 cv", cv=[1.5, float("inf")]),
    framed("null", "tables.blank_amount 3 cv", cv=[1.5, None]),
    framed("all null", "tables.blank_amount 2 cv;tables.blank_amount 3 cv", cv=[None, None]),
    framed("float that is not what it shows", "tables.too_precise 3 cv", cv=[0.1, 0.1 + 0.2]),
    framed("float beyond int64", "tables.too_large 3 cv", cv=[0.1, 1e300]),
    framed("integer beyond int64", "tables.too_large 3 cv", cv=[1, 2**62]),
    framed("unsigned beyond int64", "tables.too_large 3 cv", cv=pl.Series([1, 2**64 - 1], dtype=pl.UInt64)),
    framed("decimal too precise", "tables.too_precise 3 cv", cv=pl.Series(["1.500", "1.501"]).cast(pl.Decimal(20, 3))),
]

DAYS = [
    orders("no such day", "tables.bad_day 2 date", "10,1,2026-02-30,5"),
    orders("29 February of no leap year", "tables.bad_day 2 date", "10,1,2025-02-29,5"),
    orders("German day", "tables.bad_day 2 date", "10,1,31.10.2026,5"),
    orders("American day", "tables.bad_day 2 date", "10,1,10/31/2026,5"),
    orders("short day", "tables.bad_day 2 date", "10,1,2026-10-1,5"),
    orders("full-width day", "tables.bad_day 2 date", "10,1,２０２６-10-01,5"),
    orders("hour 24", "tables.bad_day 2 date", "10,1,2026-10-31T24:00:00,5"),
    orders("blank day", "tables.bad_day 2 date", "10,1,,5"),
    orders("year 0", "tables.bad_day 2 date", "10,1,0000-10-31,5"),
    orders(
        "outside the period",
        "~orders.outside_period 2 date",
        "10,1,2026-09-30,5 / 11,1,2026-11-01,5 / 12,1,2026-10-31,5",
    ),
    framed(
        "day past the calendar",
        "tables.bad_day 3 date",
        date=pl.Series([20727, 2**31 - 1]).cast(pl.Int32).cast(pl.Date),
    ),
    framed(
        "instant past the calendar",
        "tables.bad_day 2 date;tables.bad_day 3 date",
        date=pl.Series([-(2**63) + 1, 2**63 - 1]).cast(pl.Datetime("us", "UTC")),
    ),
    orders("instant of the next day", "~orders.outside_period 2 date", "10,1,2026-10-31T23:30:00-02:00,5"),
]
