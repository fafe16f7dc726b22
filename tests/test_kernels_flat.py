"""Flat pieces of machine code: what can be one, and that those that cannot are loaded by LLVM."""

from __future__ import annotations

import ctypes
import mmap

import numpy as np
import pytest
from llvmlite import binding

from mlmcalc.kernels import compiling, flat, native
from mlmcalc.kernels.cache import stored_code
from mlmcalc.kernels.compiled import every_kernel, is_compiled, kernel

pytestmark = pytest.mark.skipif(not (is_compiled() and flat.runs_flat()), reason="Linux on x86-64, compiled")

# A table of 16 numbers reached by distance, and a second function that is called.
PLAIN = """
@table = internal constant [4 x i64] [i64 7, i64 11, i64 13, i64 17]
define i64 @pick(i64 %place) {
  %at = getelementptr [4 x i64], ptr @table, i64 0, i64 %place
  %found = load i64, ptr %at
  %more = call i64 @other(i64 %found)
  ret i64 %more
}
define internal i64 @other(i64 %number) noinline {
  %sum = add i64 %number, 1000
  ret i64 %sum
}
"""
WRITES = """
@count = internal global i64 5
define i64 @pick(i64 %place) {
  %found = load i64, ptr @count
  %sum = add i64 %found, %place
  store i64 %sum, ptr @count
  ret i64 %sum
}
"""
LATER = WRITES.replace("global i64 5", "global i64 0")
OUTSIDE = """
declare i64 @labs(i64)
define i64 @pick(i64 %place) {
  %found = call i64 @labs(i64 %place)
  ret i64 %found
}
"""
POINTS = """
@one = internal constant i64 5
@two = internal constant i64 6
@points = internal constant [2 x ptr] [ptr @two, ptr @one]
define i64 @pick(i64 %place) {
  %at = getelementptr [2 x ptr], ptr @points, i64 0, i64 %place
  %found = load ptr, ptr %at
  %number = load i64, ptr %found
  ret i64 %number
}
"""
POINTS_OUTSIDE = POINTS.replace("@two = internal constant i64 6", "@two = external constant i64")


def _object(text: str) -> bytes:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple().create_target_machine(opt=0, reloc="pic", codemodel="small")
    return target.emit_object(binding.parse_assembly(text))


def test_constants_and_calls_are_reached_wherever_the_piece_lies():
    found = flat.flattened(_object(PLAIN), "pick")
    assert found is not None
    piece, entry, addresses = found
    assert addresses == []
    for _ in range(2):
        pick = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(flat.in_memory(piece) + entry)
        assert [pick(place) for place in range(4)] == [1007, 1011, 1013, 1017]


def test_constants_may_be_addresses_of_others():
    piece, entry, addresses = flat.flattened(_object(POINTS), "pick") or (b"", 0, [])
    assert len(addresses) == 2
    for _ in range(2):
        pick = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(flat.in_memory(piece, addresses) + entry)
        assert [pick(place) for place in range(2)] == [6, 5]


@pytest.mark.parametrize("text", [WRITES, LATER, OUTSIDE, POINTS_OUTSIDE])
def test_what_needs_more_than_itself_is_not_flat(text: str):
    assert flat.flattened(_object(text), "pick") is None


@pytest.mark.parametrize(
    "code", [b"", b"MZ" + bytes(100), b"\x7fELF\x01\x01" + bytes(100), b"\x7fELF\x02\x01" + bytes(100)]
)
def test_other_formats_are_not_flat(code: bytes):
    assert flat.flattened(code, "pick") is None


def test_a_function_that_is_not_there():
    assert flat.flattened(_object(PLAIN), "pck") is None


def test_most_kernels_are_flat():
    kernels = every_kernel()
    for found in kernels:
        found.keep()
    stored = {found.name: (stored_code(found.name) or ({}, b""))[0] for found in kernels}
    assert sum("entry" in called for called in stored.values()) > 0.8 * len(kernels)


def _summed():
    @kernel("int64(Array(int64, 1, 'C', readonly=True))")
    def total(numbers):
        found = 0
        for number in numbers:
            found += number
        return found

    return total


def test_what_is_not_flat_is_loaded_by_llvm(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compiling, "flattened", lambda code, symbol: None)
    monkeypatch.setattr(native, "in_memory", None)
    assert _summed()(np.arange(100)) == 4950


def test_where_memory_cannot_be_made_runnable_numba_calls(monkeypatch: pytest.MonkeyPatch):
    def refused(piece: bytes, addresses: list[int]) -> int:
        raise OSError(13, "memory cannot be made runnable")

    monkeypatch.setattr(native, "in_memory", refused)
    assert _summed()(np.arange(100)) == 4950


def test_the_refusal_of_the_system_is_an_error(monkeypatch: pytest.MonkeyPatch):
    # A protection that does not exist.
    monkeypatch.setattr(mmap, "PROT_EXEC", 1 << 30)
    with pytest.raises(OSError, match="runnable"):
        flat.in_memory(b"\xc3")
