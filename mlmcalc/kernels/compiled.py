"""The decorator of every kernel, the digest of their sources and the folder of their cache."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

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


def _prepare_cache() -> None:
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
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


_prepare_cache()

import numba  # noqa: E402  the cache folder must be in the environment first


def kernel(signature: str | list[str]) -> Callable[[_F], _F]:
    """Return a decorator that compiles a loop for one explicit signature, cached and without the GIL."""
    return numba.njit(signature, cache=True, nogil=True, error_model="numpy", boundscheck=False)


def is_compiled() -> bool:
    """Return whether kernels run compiled (False under ``NUMBA_DISABLE_JIT=1``)."""
    return not numba.config.DISABLE_JIT
