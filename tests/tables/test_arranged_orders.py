"""Orders that are put in order late: the same as sorted at once, and sums need no order."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mlmcalc.periods import parse_period
from mlmcalc.tables import orders_read
from mlmcalc.tables.company import read_company
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.needs import Needs
from mlmcalc.volumes.orders import Orders
from tests.oracle import relabel_twin

NEEDS = Needs({"sponsor": ("sponsor_id", "", 0)}, {"qv": 2}, order_columns={"country": ("text", 0)})
MEMBERS = {"member_id": [3, 1, 2, 5], "sponsor_id": [1, None, 3, 1]}
BY_POSITION = [1, 3, 2, 5]


def _rows(seed: int, text: bool) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    ids = draw.sample(range(1, 100), 30)
    return [
        {
            "order_id": f"A{number}" if text else number,
            "member_id": draw.choice(BY_POSITION),
            "date": date(2026, 9, 20) + timedelta(draw.randrange(50)),
            "qv": draw.randrange(500),
            "country": draw.choice(["DE", "IT"]),
        }
        for number in ids
    ]


def _orders(rows: list[dict[str, Any]], folder: Path | None) -> Orders:
    """Return orders handed over in memory, or of a file in a folder, and then read again for what is wanted."""
    given: Any = pl.DataFrame(rows)
    if folder is not None:
        given.write_parquet(folder / "orders.parquet")
        given = folder / "orders.parquet"
    return read_company(NEEDS, pl.DataFrame(MEMBERS), parse_period("2026-10"), orders=given).orders


@pytest.fixture(params=["kept", "read again"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    """Return where orders are written, None where they stay in memory."""
    monkeypatch.setattr(orders_read, "MANY_ROWS", 0)
    return tmp_path if request.param == "read again" else None


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_every_column_is_in_the_order_of_buyer_and_id(seed: int, text: bool, folder: Path | None):
    rows = _rows(seed, text)
    orders = _orders(rows, folder)
    inside = [row for row in rows if row["date"].month == 10]
    inside.sort(key=lambda row: (BY_POSITION.index(row["member_id"]), row["order_id"]))
    assert orders.size == len(inside)
    assert orders.has_text_ids == text
    assert orders.ids is not None
    assert list(orders.ids) == [row["order_id"] for row in inside]
    assert orders.member.tolist() == [BY_POSITION.index(row["member_id"]) for row in inside]
    assert orders.day is not None
    assert orders.day.tolist() == [(row["date"] - date(1970, 1, 1)).days for row in inside]
    assert set(orders.columns) == {"qv", "country"}
    assert orders.columns["qv"].values.tolist() == [100 * row["qv"] for row in inside]
    country = orders.columns["country"]
    assert relabel_twin.taken(country.labels, country.values.tolist()) == [row["country"] for row in inside]


@pytest.mark.parametrize("seed", range(5))
def test_amounts_and_owners_sum_up_to_what_counts(seed: int, folder: Path | None):
    rows = _rows(seed, False)
    orders = _orders(rows, folder)
    for _ in range(2):
        owner, column = orders.amounts("qv")
        for position, member in enumerate(BY_POSITION):
            expected = sum(row["qv"] for row in rows if row["member_id"] == member and row["date"].month == 10)
            assert int(column.values[owner == position].sum()) == 100 * expected
        assert np.count_nonzero(owner >= 0) == orders.size


@pytest.mark.parametrize("seed", range(5))
def test_the_first_order_is_the_same_when_orders_are_read_again(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    needs = Needs(NEEDS.trees, NEEDS.volume_columns, first_order=True)
    path = tmp_path / "orders.parquet"
    pl.DataFrame(_rows(seed, True)).write_parquet(path)
    kept = read_company(needs, pl.DataFrame(MEMBERS), parse_period("2026-10"), orders=path).orders
    monkeypatch.setattr(orders_read, "MANY_ROWS", 0)
    again = read_company(needs, pl.DataFrame(MEMBERS), parse_period("2026-10"), orders=path).orders
    # What is read again is what was read and sealed, whatever becomes of the file.
    path.unlink()
    assert kept.first is not None
    assert again.first is not None
    assert again.first.tolist() == kept.first.tolist()
    assert again.ids == kept.ids
    assert again.amounts("qv").owner.tolist() == kept.amounts("qv").owner.tolist()


def test_two_orders_of_one_id_are_found_though_nobody_sorts():
    rows = [*_rows(1, True), *_rows(1, True)[:2]]
    company = read_company(NEEDS, pl.DataFrame(MEMBERS), parse_period("2026-10"), orders=pl.DataFrame(rows))
    assert company.left_out["orders given twice"] == 2


@pytest.mark.parametrize("step", [1, 2**31, 2**33, 2**57])
def test_ids_are_kept_whatever_their_range(step: int):
    numbers = np.array([7, -3, 0, 30], np.int64) * step
    none = np.zeros(4, np.bool_)
    kept = orders_read.KeptIds.of(Ids(numbers, None, none, None, none))
    assert kept.numbers is not None
    assert kept.numbers.dtype == (np.uint32 if 33 * step < 2**32 else np.int64)
    found = kept.all().numbers
    assert found is not None
    assert found.tolist() == numbers.tolist()
