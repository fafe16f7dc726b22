"""The sample: the same lines whatever the parts and the order, every stratum, the money weighs."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import polars as pl
import pytest

from mlmcalc.audit.pack.sample import LineSample, draws, strata_total

BONUSES, OUTCOMES = ["uni", "pool"], ["paid", "cap_reached"]


def lines(count: int = 400) -> pl.DataFrame:
    numbers = range(count)
    return pl.DataFrame(
        {
            "run": ["r"] * count,
            "bonus": pl.Series([BONUSES[number % 7 == 0] for number in numbers], dtype=pl.Enum(BONUSES)),
            "earner": pl.Series([None if number % 50 == 0 else number % 40 for number in numbers], dtype=pl.Int64),
            "source": [number % 91 for number in numbers],
            "via": pl.Series([None] * count, dtype=pl.Int64),
            "order": list(numbers),
            "level": [number % 5 for number in numbers],
            "paid_level": [number % 5 for number in numbers],
            "base": [Decimal(number) for number in numbers],
            "rate_ppm": [50_000] * count,
            "amount": [Decimal((number * 37) % 1500) - (3 if number % 20 == 0 else 0) for number in numbers],
            "outcome": pl.Series([OUTCOMES[number % 33 == 0] for number in numbers], dtype=pl.Enum(OUTCOMES)),
        }
    )


def sampled(parts: list[pl.DataFrame], seed: int = 7, size: int = 30) -> LineSample:
    found = LineSample(seed, size)
    for part in parts:
        found.add(part)
    return found


def test_parts_and_order_do_not_matter():
    whole, table = sampled([lines()]), lines()
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=3)
    parted = sampled([shuffled.slice(0, 11), shuffled.slice(11, 0), shuffled.slice(11)])
    assert whole.lines().equals(parted.lines())
    assert whole.strata() == parted.strata()
    assert not whole.lines().equals(sampled([table], seed=8).lines())


def test_every_stratum_is_drawn_from_and_the_money_weighs():
    table = lines()
    strata = sampled([table]).strata()
    assert sum(stratum.lines for stratum in strata) == table.height
    assert sum(stratum.drawn for stratum in strata) == max(30, sum(min(2, stratum.lines) for stratum in strata))
    assert all(stratum.drawn >= min(2, stratum.lines) for stratum in strata)
    sums = dict(table.group_by(pl.col("bonus").cast(pl.String)).agg(pl.col("amount").sum()).iter_rows())
    assert strata_total(strata) == sums
    largest = max(strata, key=lambda stratum: stratum.amount)
    assert largest.drawn == max(stratum.drawn for stratum in strata)


def test_lines_drawn_are_lines_of_their_strata():
    table, found = lines(), sampled([lines()])
    drawn = found.lines()
    known = table.with_columns(pl.col("bonus", "outcome").cast(pl.String)).drop("run")
    assert drawn.drop("size").join(known, on=known.columns, how="semi", nulls_equal=True).height == drawn.height
    strata = drawn.group_by("bonus", "size", "outcome").len()
    counted = {(bonus, size, outcome): count for bonus, size, outcome, count in strata.iter_rows()}
    wanted = {(one.bonus, one.size, one.outcome): one.drawn for one in found.strata() if one.drawn}
    assert counted == wanted


@pytest.mark.parametrize("size", [1, 400, 1000])
def test_a_sample_has_no_more_lines_than_there_are(size):
    found = sampled([lines()], size=size)
    least = sum(min(2, stratum.lines) for stratum in found.strata())
    assert found.lines().height == min(max(size, least), 400)
    assert found.lines().height == found.lines().unique().height


def test_a_run_without_lines_gives_no_sample():
    found = sampled([lines().head(0)])
    assert found.strata() == []
    assert found.lines().is_empty()


def test_a_draw_is_the_sha256_of_seed_and_cells():
    row = pl.DataFrame(
        {"bonus": ["uni"], "earner": [None], "base": [Decimal("1.50")]}, schema_overrides={"earner": pl.Int64}
    )
    wanted = hashlib.sha256(b"7|uni||1.50").hexdigest()[:16]
    assert f"{int(draws(row, 7)[0]):016x}" == wanted
