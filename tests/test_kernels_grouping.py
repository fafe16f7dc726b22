"""The counting sort against a plain sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.kernels.grouping import order_by_group
from tests.oracle import grouping_twin
from tests.tree_shapes import LARGE


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(13, 20))
def test_rows_are_grouped_as_by_sorting(group: list[int], count: int):
    got = order_by_group(np.array(group, np.int32), count)
    assert got.dtype == np.int32
    assert got.tolist() == grouping_twin.order_by_group(group)


@pytest.mark.compiled
@pytest.mark.parametrize("groups", [1, 7, LARGE])
def test_a_million_rows(groups: int):
    group = np.random.default_rng(groups).integers(0, groups, LARGE).astype(np.int32)
    assert np.array_equal(order_by_group(group, groups), np.argsort(group, kind="stable"))


def test_a_column_nobody_may_write_to_is_read():
    group = np.array([2, 0, 2, 1], np.int32)
    group.flags.writeable = False
    assert order_by_group(group, 3).tolist() == [1, 3, 0, 2]
