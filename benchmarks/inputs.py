"""Companies on disk, made once per size."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from mlmcalc import synthetic
from mlmcalc.synthetic.company import generate_company

SEED = 7


def data_folder() -> Path:
    """Return where inputs are kept: ``MLMCALC_BENCH_DIR``, or a folder under the system's temporary one."""
    folder = Path(os.environ.get("MLMCALC_BENCH_DIR", Path(tempfile.gettempdir()) / "mlmcalc-benchmarks"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _generator_digest() -> str:
    # What an older generator made is another company.
    digest = hashlib.sha256()
    for path in sorted(Path(synthetic.__path__[0]).rglob("*.*")):
        if path.suffix in (".py", ".yaml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def company_folder(size: int, shape: str = "bush", ids: str = "integer", file_format: str = "parquet") -> Path:
    """Return the folder of a company, generating it when it is not there yet."""
    folder = data_folder() / f"{size}-{shape}-{ids}-{file_format}-{SEED}-{_generator_digest()}"
    if not folder.exists():
        company = generate_company(size, SEED, shape=shape, ids=ids)  # type: ignore[arg-type]
        company.write(folder, file_format)  # type: ignore[arg-type]
    return folder
