"""Machine code called straight does what numba's own dispatcher does, and refuses what that would refuse."""

from __future__ import annotations

import numpy as np
import pytest

from mlmcalc.kernels.cache import stored_code
from mlmcalc.kernels.compiled import every_kernel, is_compiled, kernel

pytestmark = pytest.mark.skipif(not is_compiled(), reason="kernels run as plain Python")


@kernel("int64(Array(int32, 2, 'C', readonly=True), int64[::1], boolean, int64)")
def _added(table, sums, negate, start):
    total = start
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            sums[row] += table[row, column]
            total += -table[row, column] if negate else table[row, column]
    return total


@kernel("boolean(int64)")
def _is_even(number):
    return number % 2 == 0


def _table() -> np.ndarray:
    table = np.arange(6, dtype=np.int32).reshape(2, 3)
    table.flags.writeable = False
    return table


def _refused(*arguments: object) -> str:
    with pytest.raises(TypeError) as refusal:
        _added(*arguments)
    return str(refusal.value)


def test_values_go_in_and_come_out():
    sums = np.zeros(2, np.int64)
    assert _added(_table(), sums, False, 1) == 16
    assert sums.tolist() == [3, 12]
    assert _added(_table(), sums, np.True_, np.int32(-1)) == -16
    assert _added(np.zeros((0, 3), np.int32), sums, True, 2**63 - 1) == 2**63 - 1
    assert (_is_even(4), _is_even(-3)) == (True, False)
    assert isinstance(_is_even(4), bool)


def test_an_array_of_one_row_has_strides_of_its_shape():
    # numpy calls a row contiguous whatever its stride.
    row = np.zeros((4, 3), np.int32)[::2][:1]
    row[0] = 1, 2, 3
    assert _added(row, np.zeros(1, np.int64), False, 0) == 6


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (np.zeros((2, 3), np.int64), "int64"),
        (np.zeros((2, 3), np.uint32), "uint32"),
        (np.zeros((2, 3), np.int32).astype(">i4"), ">i4"),
        (np.zeros(6, np.int32), "1 axis"),
        (np.zeros((3, 2), np.int32).T, "not contiguous"),
        (np.zeros((2, 6), np.int32)[:, ::2], "not contiguous"),
        (np.frombuffer(bytearray(25), np.uint8)[1:].view(np.int32).reshape(2, 3), "not aligned"),
        ([[1, 2, 3], [4, 5, 6]], "list"),
        (np.ma.masked_array(np.zeros((2, 3), np.int32), mask=True), "MaskedArray"),
        (None, "NoneType"),
    ],
)
def test_a_wrong_array_is_refused_and_touches_nothing(table: object, fault: str):
    sums = np.zeros(2, np.int64)
    message = _refused(table, sums, False, 0)
    assert "argument 1" in message
    assert fault in message
    assert not sums.any()


def test_what_is_written_must_be_writeable():
    sums = np.zeros(2, np.int64)
    sums.flags.writeable = False
    assert "argument 2" in _refused(_table(), sums, False, 0)
    assert not sums.any()


def test_wrong_scalars_are_refused():
    sums = np.zeros(2, np.int64)
    assert "argument 4" in _refused(_table(), sums, False, 1.0)
    assert "argument 3" in _refused(_table(), sums, 1, 0)
    assert "takes 4 arguments" in _refused(_table(), sums, False)
    with pytest.raises(OverflowError, match="64 bits"):
        _added(_table(), sums, False, 2**63)
    assert not sums.any()


def test_every_kernel_of_the_house_is_kept_as_plain_code():
    kernels = every_kernel()
    assert len(kernels) > 60
    assert len({found.name for found in kernels}) == len(kernels)
    assert [found.name for found in kernels if found.keep() == "numba"] == []


def test_a_kernel_in_memory_is_the_one_that_was_kept():
    for found in every_kernel():
        found.keep()
        described, code = stored_code(found.name) or ({}, b"")
        assert described["kernel"] == found.name
        assert code
        assert callable(found.ready())
