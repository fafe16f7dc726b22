"""Where machine code is kept: a folder named by all kernel sources, one file for each kernel and kind of machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

# Settings of numba that change what it compiles.
_SETTINGS = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT", "NUMBA_LOOP_VECTORIZE", "NUMBA_SLP_VECTORIZE")
_SETTINGS += ("NUMBA_BOUNDSCHECK", "NUMBA_DEBUGINFO", "NUMBA_ENABLE_AVX")


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of all sources of a folder, names included, as hexadecimal text."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def sources_digest() -> str:
    """Return the SHA-256 of all kernel sources, names included, as hexadecimal text."""
    return digest_of(Path(__file__).parent)


def cache_folder() -> Path:
    """Return the folder of this user for machine code compiled from just these sources; it need not be there."""
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


def _is_trusted(folder: Path) -> bool:
    # Whoever can write here can run code as this user. What the administrator put there, in an image for instance,
    # nobody else could have.
    if os.name == "nt":
        return folder.is_dir()
    found = folder.stat()
    return found.st_uid in (os.getuid(), 0) and not found.st_mode & 0o022


@cache
def trusted_folder() -> Path | None:
    """Return `cache_folder` if it is there, or can be made, and nobody else can write to it; None otherwise."""
    folder = cache_folder()
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        return folder if _is_trusted(folder) else None
    except OSError:
        return None


@cache
def machine() -> str:
    """Return what machine code depends on besides the sources: versions, processor and settings of the compiler."""
    from importlib.metadata import version

    parts = [sys.platform, platform.machine(), sys.implementation.cache_tag or "", str(sys.maxsize)]
    # Neither says its version before it is imported.
    parts += [f"{name} {version(name)}" for name in ("numba", "llvmlite")]
    parts += [] if os.environ.get("NUMBA_CPU_NAME") else [_processor()]
    parts += [f"{name}={os.environ[name]}" for name in _SETTINGS if name in os.environ]
    return "; ".join(parts)


def _processor() -> str:
    try:
        # The first processor; the file is as long as there are many.
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            first = file.read(8192).partition("\n\n")[0]
    except OSError:
        from llvmlite import binding

        return f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"
    told = ("vendor_id", "cpu family", "model", "stepping", "flags", "CPU ", "Features")
    return ", ".join(" ".join(line.split()) for line in first.splitlines() if line.startswith(told))


def stored_code(kernel: str) -> tuple[dict[str, Any], bytes] | None:
    """Return what is kept of a kernel: how it is called, and its machine code; None if there is nothing whole.

    Parameters
    ----------
    kernel : str
        ``<file>.<function>``.
    """
    folder = trusted_folder()
    if folder is None:
        return None
    try:
        content = (folder / _file_name(kernel)).read_bytes()
    except OSError:
        return None
    digest, _, rest = content.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        return None
    called, _, code = rest.partition(b"\n")
    described = json.loads(called)
    return (described, code) if described["kernel"] == kernel and described["machine"] == machine() else None


def store_code(kernel: str, called: dict[str, Any], code: bytes) -> None:
    """Keep the machine code of a kernel for the next process, whole or not at all.

    Parameters
    ----------
    kernel : str
        ``<file>.<function>``.
    called : dict
        How it is called; what JSON can hold.
    code : bytes
        An object file.

    Raises
    ------
    OSError
        The folder cannot be written to, or is not only ours.
    """
    folder = trusted_folder()
    if folder is None:
        raise PermissionError(f"{cache_folder()} cannot be made, or others can write to it")
    rest = json.dumps({**called, "kernel": kernel, "machine": machine()}).encode() + b"\n" + code
    # Another process may write the same kernel just now: each its own file, and the last rename wins.
    handle, partial = tempfile.mkstemp(dir=folder, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
        # Others may read: an image is often made by one user and run by another.
        os.chmod(partial, 0o644)
        os.replace(partial, folder / _file_name(kernel))
    finally:
        Path(partial).unlink(missing_ok=True)


def _file_name(kernel: str) -> str:
    return f"{kernel}.{hashlib.sha256(machine().encode()).hexdigest()[:12]}.code"
