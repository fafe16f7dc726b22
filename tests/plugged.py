"""The example plug-in, installed as its user would: from a wheel, into a folder of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

PLUGIN = Path(__file__).resolve().parents[1] / "fixtures" / "plugins" / "relinked_override"


@cache
def installed(package: Path = PLUGIN) -> Path:
    """Return the folder a package is installed in; it is built once per process."""
    folder = Path(mkdtemp(prefix="plugged-"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--disable-pip-version-check", "--target", str(folder), str(package)], check=True)
    return folder


@contextmanager
def on_path(package: Path = PLUGIN) -> Iterator[Path]:
    """Let this process find the package, as if it were installed beside mlmcalc."""
    folder = installed(package)
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
