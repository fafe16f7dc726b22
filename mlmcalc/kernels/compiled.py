"""The decorator of every kernel, the digest of their sources and the folder of their cache."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache, update_wrapper
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])


def sources_digest() -> str:
    """Return the SHA-256 of all kernel sources, names included, as hexadecimal text."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the folder of this user that holds the kernels compiled from just these sources."""
    base = os.environ.get("MLMCALC_CACHE_DIR")
    if base:
        root = Path(base)
    elif sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "mlmcalc"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches" / "mlmcalc"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "mlmcalc"
    return root / "kernels" / sources_digest()[:16]


def _is_private(folder: Path) -> bool:
    # Whoever can write a pickle here can run code as this user.
    if os.name == "nt":
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022 and os.access(folder, os.W_OK)


@cache
def usable_folder() -> Path:
    """Return the folder that compiled kernels are kept in: `cache_folder`, or one for this process alone."""
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = _is_private(folder)
    except OSError:
        usable = False
    if not usable:
        # A read-only home, or a folder others may write to: compile for this process alone.
        folder = Path(tempfile.mkdtemp(prefix="mlmcalc-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_compiled() -> bool:
    """Return whether kernels run compiled (False under ``NUMBA_DISABLE_JIT=1``)."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


class Kernel:
    """A loop that is compiled, or read from the cache, when it is first called.

    Importing a kernel costs nothing, not even numba: most commands use few of them, some none.

    Parameters
    ----------
    function : callable
    signature : str
    """

    def __init__(self, function: Callable[..., Any], signature: str) -> None:
        update_wrapper(self, function)
        self._function = function
        self._signature = signature
        self._dispatcher: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run the loop."""
        return (self._dispatcher or self.compiled())(*arguments)

    def compiled(self) -> Callable[..., Any]:
        """Return numba's dispatcher, compiled for the one signature."""
        with _ONE_AT_A_TIME:
            if self._dispatcher is None:
                self._dispatcher = self._compile()
        return self._dispatcher

    def _compile(self) -> Callable[..., Any]:
        import numba
        from numba.core import config

        # A kernel that another calls must be a dispatcher before the caller is compiled.
        names = self._function.__globals__
        for name in self._function.__code__.co_names:
            if isinstance(names.get(name), Kernel):
                names[name] = names[name].compiled()
        before = getattr(config, _CACHE_SETTING)
        # Other code of this process that uses numba keeps its own cache.
        setattr(config, _CACHE_SETTING, str(usable_folder()))
        try:
            decorate = numba.njit(self._signature, cache=True, nogil=True, error_model="numpy", boundscheck=False)
            return decorate(self._function)
        finally:
            setattr(config, _CACHE_SETTING, before)


_ONE_AT_A_TIME = RLock()
_CACHE_SETTING = "CACHE_DIR"


def kernel(signature: str) -> Callable[[_F], _F]:
    """Return a decorator that compiles a loop for one explicit signature, cached and without the GIL."""

    def decorate(function: _F) -> _F:
        return cast("_F", Kernel(function, signature)) if is_compiled() else function

    return decorate
