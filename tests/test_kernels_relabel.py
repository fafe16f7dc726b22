"""A column in another order, small by numpy and large by a kernel, against a list."""

from __future__ import annotations

import numpy as np
import pytest

from mlmcalc.kernels import relabel
from tests.oracle import relabel_twin as twin
from tests.tree_shapes import LARGE

TYPES = [np.int64, np.int32, np.int16, np.int8, np.bool_, np.uint64, np.float64]


@pytest.mark.parametrize("kind", TYPES)
def test_values_follow_the_order_whatever_their_type(kind: type, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relabel, "_FEW", 0)
    draw = np.random.default_rng(3)
    column = draw.integers(0, 100, 50).astype(kind)
    column.flags.writeable = False
    for order in (draw.permutation(50), draw.integers(0, 50, 7), np.array([49, 49, 0], np.int32)):
        found = relabel.taken(column, order)
        assert found.dtype == column.dtype
        assert found.tolist() == twin.taken(column.tolist(), order.tolist())
        assert found.flags.writeable


@pytest.mark.parametrize("row", [-1, 4])
def test_a_row_outside_the_column_is_a_fault_of_ours(row: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relabel, "_FEW", 0)
    with pytest.raises(AssertionError, match="outside"):
        relabel.taken(np.arange(4), np.array([0, row], np.int32))


@pytest.mark.compiled
def test_a_million_rows():
    order = np.random.default_rng(4).permutation(LARGE)
    for kind in (np.int64, np.int32, np.int8):
        column = np.arange(LARGE).astype(kind)
        assert np.array_equal(relabel.taken(column, order), column[order])
