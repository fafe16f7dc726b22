"""Machine code of kernels, called without numba.

Importing numba and letting it read its own cache takes longer than all of a small run. What it compiles for a kernel
is a plain function, though: arrays as pointers and lengths, integers as they are. Such a function needs nothing of
numba once it is in memory.
"""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from mlmcalc.kernels.flat import in_memory

_NO_REFERENCE = None
# Of numpy's flags: C-contiguous, aligned; and for arrays that are written, writeable.
_READABLE, _WRITEABLE = 0x0101, 0x0400
# What a function of numba returns if all is well: with a value, without one.
_WELL = (0, -2)


class NotPlainError(Exception):
    """A kernel needs something besides its own machine code: numba must call it."""


class NativeKernel:
    """A compiled loop, called straight.

    Parameters
    ----------
    name : str
        For messages.
    called : dict
        ``entry`` and ``addresses``, places in a flat piece, or ``symbol`` of an object file; ``arguments``: for each
        ``integer``, ``boolean``, or dtype, number of axes and whether it is written; ``result``: ``none``, ``integer``
        or ``boolean``.
    code : bytes
        A flat piece of machine code, or an object file that defines the symbol and needs no other.

    Raises
    ------
    NotPlainError
        The code cannot be brought into memory.
    """

    def __init__(self, name: str, called: dict[str, Any], code: bytes) -> None:
        self._name = name
        self._takers = [_taker(argument) for argument in called["arguments"]]
        kinds = [kind for argument in called["arguments"] for kind in _kinds(argument)]
        address = _flat_address(called, code) if "entry" in called else _address(called["symbol"], code)
        # A call through ctypes gives the lock of the interpreter away, as numba does under nogil.
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)
        self._function = prototype(address)
        self._result = called["result"]

    def __call__(self, *arguments: Any) -> Any:
        """Run the loop.

        Raises
        ------
        TypeError
            An argument is not what the signature says: another dtype, other axes, not contiguous, read-only.
        OverflowError
            An integer beyond 64 bits.
        """
        if len(arguments) != len(self._takers):
            raise TypeError(f"{self._name} takes {len(self._takers)} arguments, not {len(arguments)}")
        flat: list[Any] = []
        for number, (take, argument) in enumerate(zip(self._takers, arguments, strict=True), start=1):
            if not take(argument, flat):
                raise TypeError(f"{self._name}: argument {number} cannot be {_described(argument)}")
        result, failure = ctypes.c_int64(0), ctypes.c_void_p()
        # `arguments` keeps the arrays alive until the loop is done.
        status = self._function(ctypes.addressof(result), ctypes.addressof(failure), *flat)
        if status not in _WELL:
            raise SystemError(f"{self._name} failed with status {status}")
        if self._result == "none":
            return None
        return bool(result.value & 1) if self._result == "boolean" else result.value


def _described(argument: Any) -> str:
    if type(argument) not in (np.ndarray, np.memmap):
        return f"a {type(argument).__name__}"
    flags, axes = argument.flags, "1 axis" if argument.ndim == 1 else f"{argument.ndim} axes"
    held = {"not contiguous": flags.c_contiguous, "not aligned": flags.aligned, "read-only": flags.writeable}
    faults = [fault for fault, is_well in held.items() if not is_well]
    return ", ".join([f"an array of {argument.dtype} with {axes}", *faults])


def _taker(argument: Any) -> Callable[[Any, list[Any]], bool]:
    """Return what puts one argument into the flat list, if it is what it should be."""
    if argument == "integer":
        return _take_integer
    if argument == "boolean":
        return _take_boolean
    text, axes, written = argument
    dtype, needed = np.dtype(text), _READABLE | (_WRITEABLE if written else 0)
    itemsize = dtype.itemsize

    def take(array: Any, flat: list[Any]) -> bool:
        # No other kind of array: a masked one, for instance, would lose its mask.
        if type(array) not in (np.ndarray, np.memmap) or array.dtype != dtype or array.ndim != axes:
            return False
        if array.flags.num & needed != needed:
            return False
        shape = array.shape
        # Strides by the shape: numpy leaves any stride to an axis of one.
        strides, step = [], itemsize
        for length in reversed(shape):
            strides.append(step)
            step *= length
        pointer = array.__array_interface__["data"][0]
        flat += (_NO_REFERENCE, _NO_REFERENCE, array.size, itemsize, pointer, *shape, *reversed(strides))
        return True

    return take


def _take_integer(value: Any, flat: list[Any]) -> bool:
    try:
        number = operator.index(value)
    except TypeError:
        return False
    if not -(2**63) <= number < 2**63:
        raise OverflowError(f"{number} does not fit into 64 bits")
    flat.append(number)
    return True


def _take_boolean(value: Any, flat: list[Any]) -> bool:
    flat.append(1 if value else 0)
    return isinstance(value, (bool, np.bool_))


def _kinds(argument: Any) -> Sequence[Any]:
    if argument == "integer":
        return (ctypes.c_int64,)
    if argument == "boolean":
        return (ctypes.c_uint8,)
    pointer, length = ctypes.c_void_p, ctypes.c_ssize_t
    return (pointer, pointer, length, length, pointer, *[length] * (2 * argument[1]))


def _flat_address(called: dict[str, Any], code: bytes) -> int:
    try:
        return in_memory(code, called["addresses"]) + called["entry"]
    except OSError as fault:
        raise NotPlainError(str(fault)) from None


@cache
def _engine() -> Any:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple().create_target_machine()
    return binding.create_mcjit_compiler(binding.parse_assembly(""), target)


def _address(symbol: str, code: bytes) -> int:
    from llvmlite import binding

    try:
        _engine().add_object_file(binding.ObjectFileRef.from_data(code))
    except RuntimeError as fault:
        raise NotPlainError(str(fault)) from None
    _engine().finalize_object()
    address = _engine().get_function_address(symbol)
    if not address:
        raise NotPlainError(f"no symbol {symbol}")
    return address
