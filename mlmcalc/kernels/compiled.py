"""The decorator of every kernel: a loop in Python that runs as machine code."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator
from functools import update_wrapper
from threading import RLock
from types import FunctionType
from typing import Any, Literal, TypeVar, cast

from mlmcalc.kernels.cache import cache_folder, sources_digest, store_code, stored_code, trusted_folder

__all__ = ["Kernel", "every_kernel", "is_compiled", "kernel", "sources_digest", "told_of_compiling"]

_F = TypeVar("_F", bound=Callable[..., Any])
_CACHE_SETTING = "CACHE_DIR"
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def is_compiled() -> bool:
    """Return whether kernels run compiled (False under ``NUMBA_DISABLE_JIT=1``)."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


class Kernel:
    """A loop that is compiled, or read from the cache, when it is first called.

    Importing a kernel costs nothing, not even numba: most commands use few of them, some none. numba is imported only
    to compile; what it compiled is kept, and called without it.

    Parameters
    ----------
    function : callable
    signature : str

    Attributes
    ----------
    name : str
        ``<file>.<function>``.
    """

    def __init__(self, function: Callable[..., Any], signature: str) -> None:
        update_wrapper(self, function)
        self._function = function
        self._signature = signature
        room, _, file = function.__module__.rpartition(".")
        self.name = f"{file}.{function.__qualname__}"
        # The cache is named by the sources of this room: of another file it would not see a change.
        self._is_kept = room == __package__
        self._call: Callable[..., Any] | None = None
        self._for_callers: Any = None

    def __call__(self, *arguments: Any) -> Any:
        """Run the loop."""
        return (self._call or self.ready())(*arguments)

    def ready(self) -> Callable[..., Any]:
        """Return the loop as machine code, from the cache or compiled now."""
        with _ONE_AT_A_TIME:
            if self._call is None:
                self._call = self._stored() or self._compile()
        return self._call

    def keep(self) -> Literal["found", "compiled", "numba"]:
        """Make sure that the cache has the loop.

        Returns
        -------
        {"found", "compiled", "numba"}
            It was there; it was compiled now; numba must call it, and keeps it itself.

        Raises
        ------
        OSError
            The cache cannot be written to.
        """
        with _ONE_AT_A_TIME:
            if stored_code(self.name) is not None:
                return "found"
            kept = self._plain()
            if kept is None:
                if trusted_folder() is None:
                    raise PermissionError(f"{cache_folder()} cannot be made, or others can write to it")
                self._call = self._by_numba()
                return "numba"
            store_code(self.name, *kept)
            return "compiled"

    def _stored(self) -> Callable[..., Any] | None:
        stored = stored_code(self.name) if self._is_kept else None
        if stored is None:
            return None
        from mlmcalc.kernels.native import NativeKernel, NotPlainError

        try:
            return NativeKernel(self.name, *stored)
        except NotPlainError:
            return None

    def _compile(self) -> Callable[..., Any]:
        kept = self._plain()
        if kept is None:
            return self._by_numba()
        from mlmcalc.kernels.native import NativeKernel, NotPlainError

        # A read-only home, a full disk, a folder others may write to: compiled for this process alone.
        with contextlib.suppress(OSError):
            if self._is_kept:
                store_code(self.name, *kept)
        try:
            return NativeKernel(self.name, *kept)
        except NotPlainError:
            return self._by_numba()

    def _plain(self) -> tuple[dict[str, Any], bytes] | None:
        """Return how the machine code is called, and the code; None if numba must call it."""
        _tell(self.name)
        from mlmcalc.kernels.compiling import plain_code
        from mlmcalc.kernels.native import NotPlainError

        try:
            self._for_callers, called, code = plain_code(self._with_callees(), self._signature, _OPTIONS)
        except NotPlainError:
            return None
        return called, code

    def _dispatcher(self) -> Any:
        """Return what numba needs of this loop to compile another that calls it."""
        if self._for_callers is None and self._plain() is None:
            self._for_callers = self._by_numba()
        return self._for_callers

    def _with_callees(self) -> Callable[..., Any]:
        # A kernel that another calls must be a dispatcher when the caller is compiled, in the caller's eyes only.
        function = self._function
        names = dict(function.__globals__)
        for name in function.__code__.co_names:
            if isinstance(names.get(name), Kernel):
                names[name] = names[name]._dispatcher()
        return update_wrapper(FunctionType(function.__code__, names, function.__name__), function)

    def _by_numba(self) -> Callable[..., Any]:
        import numba
        from numba.core import config

        folder, before = trusted_folder(), getattr(config, _CACHE_SETTING)
        # Other code of this process that uses numba keeps its own cache.
        setattr(config, _CACHE_SETTING, str(folder or before))
        try:
            return numba.njit(self._signature, cache=folder is not None, **_OPTIONS)(self._with_callees())
        finally:
            setattr(config, _CACHE_SETTING, before)


_ONE_AT_A_TIME = RLock()
_LISTENERS: list[Callable[[str], None]] = []


@contextlib.contextmanager
def told_of_compiling(listener: Callable[[str], None]) -> Iterator[None]:
    """Let a listener know the name of every kernel just before it is compiled, which takes a moment."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def _tell(name: str) -> None:
    for listener in _LISTENERS:
        listener(name)


def kernel(signature: str) -> Callable[[_F], _F]:
    """Return a decorator that compiles a loop for one explicit signature, cached and without the GIL."""

    def decorate(function: _F) -> _F:
        return cast("_F", Kernel(function, signature)) if is_compiled() else function

    return decorate


def every_kernel() -> list[Kernel]:
    """Return all kernels of this room, by file and in the order they are written in; none where nothing is compiled."""
    names = sorted(found.name for found in pkgutil.iter_modules([os.path.dirname(__file__)]))
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names]
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, Kernel) and found.__module__ == module.__name__
    ]
