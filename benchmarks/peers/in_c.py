"""The loops of ``kernels_*.c``, compiled on this machine for this machine, as functions of numpy arrays."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.figures import CannotMeasureError
from benchmarks.inputs import data_folder

SOURCES = sorted(Path(__file__).parent.glob("kernels_*.c"))
FLAGS = ("-O3", "-march=native", "-std=c11", "-shared", "-fPIC")


def compiler() -> str:
    """Return the C compiler: ``CC``, or ``cc``.

    Raises
    ------
    CannotMeasureError
        There is none.
    """
    found = shutil.which(os.environ.get("CC", "cc"))
    if found is None:
        raise CannotMeasureError("there is no C compiler: install one, or name it in CC.")
    return found


def version_text() -> str:
    """Return what the compiler calls itself, nothing where there is none."""
    try:
        return compiler_version()
    except CannotMeasureError:
        return ""


@cache
def compiler_version() -> str:
    """Return what the compiler calls itself."""
    told = subprocess.run([compiler(), "--version"], check=True, stdout=subprocess.PIPE, text=True)
    return told.stdout.splitlines()[0]


@cache
def library() -> ctypes.CDLL:
    """Return the loops, compiled unless they have been before."""
    # Compiled for just this processor: a folder of inputs may be carried to another.
    digest = hashlib.sha256(" ".join((compiler_version(), platform.node(), *FLAGS)).encode())
    for source in SOURCES:
        digest.update(source.read_bytes())
    built = data_folder() / f"kernels-{digest.hexdigest()[:12]}.so"
    if not built.exists():
        partial = built.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler(), *FLAGS, "-o", str(partial), *map(str, SOURCES)], check=True)
        partial.replace(built)
    return ctypes.CDLL(str(built))


def bound(name: str, *arguments: object) -> Callable[[], int]:
    """Return one loop with its arguments, contiguous arrays and whole numbers, as its twin in mlmcalc takes them."""
    function = getattr(library(), name)
    function.restype = ctypes.c_int64
    given: list[object] = []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            assert argument.flags.c_contiguous, "C takes contiguous arrays"
            given += [ctypes.c_void_p(argument.ctypes.data), *map(ctypes.c_int64, argument.shape)]
        else:
            given.append(ctypes.c_int64(int(argument)))  # type: ignore[call-overload]

    def call() -> int:
        # The arrays live as long as what points into them.
        assert arguments is not None
        return function(*given)

    return call
