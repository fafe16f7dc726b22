"""For maintainers, in a checkout: ``python -m mlmcalc.released`` freezes the arithmetic of this package."""

from __future__ import annotations

import sys

from mlmcalc.errors import MlmcalcError
from mlmcalc.released.freeze import freeze_package


def main() -> int:
    """Freeze the package, say what was made, and return the exit status."""
    try:
        release = freeze_package()
    except MlmcalcError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return refusal.status
    sys.stdout.write(f"{release.folder}: arithmetic {release.arithmetic} of mlmcalc {release.mlmcalc}\n")
    sys.stdout.write(f"sha256 {release.sha256}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
