"""What somebody would use instead, each on the same job (see `benchmarks.job`).

SciPy and the driver of PostgreSQL stand apart from what mlmcalc is run with: numba starts slower where it finds SciPy.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

INSTALLED = Path(__file__).resolve().parents[2] / ".benchmarks" / "peers"
"""Where ``pip install --no-deps --target .benchmarks/peers -r benchmarks/peers/requirements.txt`` puts them."""


def reach_installed() -> None:
    """Let this process find them."""
    if str(INSTALLED) not in sys.path:
        sys.path.append(str(INSTALLED))


def version_of(package: str) -> str | None:
    """Return the version of a package that a peer uses, None where it is not installed."""
    reach_installed()
    try:
        return version(package)
    except PackageNotFoundError:
        return None
