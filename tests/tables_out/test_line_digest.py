from dataclasses import replace

import numpy as np
import pytest

from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.line_digest import LineDigest
from mlmcalc.tables.line_frames import LineBuffer
from tests.tables_out.blocks import block

IDS = np.arange(100, 110)


def digest(blocks, ids: np.ndarray | list[str] = IDS, orders=None, capacity=1000, base_decimals=4) -> str:
    total = LineDigest(IdColumn(ids), IdColumn(orders), base_decimals, 2)
    buffer = LineBuffer(total.add, capacity)
    for one in blocks:
        buffer.post(one)
    buffer.flush()
    return total.hex()


def part(one, rows):
    columns = ("earner", "source", "via", "order", "level", "paid_level", "base", "rate_ppm", "amount", "outcome")
    return replace(one, **{name: getattr(one, name)[rows] for name in columns})


def test_parts_and_order_do_not_show():
    one, other = block("a", 20, seed=1), block("b", 10, seed=2, base_decimals=4)
    wanted = digest([one, other])
    assert wanted.endswith("-30")
    assert digest([other, one]) == wanted
    assert digest([one, other], capacity=3) == wanted
    assert digest([part(one, np.arange(20)[::-1]), other]) == wanted


def test_a_base_counts_by_its_value_not_its_decimals():
    one = block(lines=5)
    assert digest([one]) == digest([replace(one, base=one.base * 100, base_decimals=4)])


@pytest.mark.parametrize(
    "column", ["earner", "source", "via", "order", "level", "paid_level", "base", "rate_ppm", "amount", "outcome"]
)
def test_every_column_shows(column):
    one = block(lines=5, orders=3)
    changed = getattr(one, column).copy()
    changed[2] = 1 if changed[2] != 1 else 2
    orders = np.array([5, 6, 7])
    assert digest([replace(one, **{column: changed})], orders=orders) != digest([one], orders=orders)


def test_ids_show_and_positions_do_not():
    one = block(lines=5)
    assert digest([one], IDS) != digest([one], IDS + 1)
    assert digest([one], [f"M{k}" for k in range(10)]) != digest([one], IDS)
    moved = {name: np.where(getattr(one, name) < 0, -1, (getattr(one, name) + 1) % 10) for name in ("source", "via")}
    earner = np.where(one.earner == 10, 10, (one.earner + 1) % 10)
    assert digest([replace(one, earner=earner, **moved)], np.roll(IDS, 1)) == digest([one])
