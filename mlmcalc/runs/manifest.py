"""The manifest of a run: what went in, by which rules, what came out, and the digests that prove it."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlmcalc._version import __version__
from mlmcalc.kernels.compiled import sources_digest
from mlmcalc.ledger.equation import Equation
from mlmcalc.money import text_from_units
from mlmcalc.runs.seal import MANIFEST_FILE, UNDIGESTED, WHOLE, seal_manifest, seal_whole
from mlmcalc.runs.versions import ARITHMETIC_VERSION, MANIFEST_SCHEMA, PLAN_LANGUAGE, TABLE_SCHEMAS

__all__ = [
    "MANIFEST_FILE",
    "UNDIGESTED",
    "Identity",
    "InputSeal",
    "build_manifest",
    "content_digest",
    "manifest_text",
    "seal_manifest",
]

_EVIDENCE = ("numpy", "numba", "polars", "pydantic", "pyyaml", "fastexcel")


@dataclass(frozen=True, slots=True)
class InputSeal:
    """One input of a run.

    Attributes
    ----------
    name : str
        ``members``, ``orders``, ``volumes``, ``overrides``, ``state``, ``adjustments``, ``closed`` or
        ``rates``.
    path : str
        As the user named it; ``<frame>`` for a frame.
    sha256 : str
        Of the bytes of a file, or of the content of a frame.
    rows : int
    totals : mapping of str to str
        Control totals of its number columns, as decimal text.
    """

    name: str
    path: str
    sha256: str
    rows: int
    totals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a run this run: the plan, the period and the inputs.

    Attributes
    ----------
    plan, plan_version, plan_digest : str
    period, first, last : str
        Label and days of the period.
    inputs : sequence of InputSeal
    plugins : mapping of str to (str, str, str)
        Package, version and SHA-256 of the sources of every bonus word of another package.
    trial : str
        What a trial calculates; empty for a whole run.
    """

    plan: str
    plan_version: str
    plan_digest: str
    period: str
    first: str
    last: str
    inputs: Sequence[InputSeal]
    plugins: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    trial: str = ""

    @property
    def run_id(self) -> str:
        """``<plan>-<version>.<period>.<12 digits>``; the digits stand for plan, inputs and arithmetic.

        Before the digits of a trial stands ``trial-``.
        """
        return self.id_by(ARITHMETIC_VERSION)

    def id_by(self, arithmetic: int) -> str:
        """Return the id of a run that some version of the arithmetic makes of this."""
        parts = [self.plan_digest, self.period, str(arithmetic)]
        parts += [f"{seal.name}:{seal.sha256}" for seal in sorted(self.inputs, key=lambda seal: seal.name)]
        parts += [f"{word}:{sha256}" for word, (_, _, sha256) in sorted(self.plugins.items())]
        parts += [f"trial:{self.trial}"] if self.trial else []
        digits = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
        mark = "trial-" if self.trial else ""
        # The id names folders: a version may hold any text, a folder may not.
        return re.sub(r"[^A-Za-z0-9._-]+", "-", f"{self.plan}-{self.plan_version}.{self.period}.{mark}{digits}")


def build_manifest(
    identity: Identity,
    digests: Mapping[str, str],
    balance: Iterable[Equation],
    totals_out: Mapping[str, Any],
    warnings: Mapping[str, int],
) -> dict[str, Any]:
    """Return the manifest of a run that has not been written yet.

    Parameters
    ----------
    identity : Identity
    digests : mapping of str to str
        Content digest of every output table.
    balance : iterable of Equation
        One for each bonus.
    totals_out : mapping
        Control totals of what came out; amounts as decimal text.
    warnings : mapping of str to int
        How often each code was found.
    """
    return {
        "run": identity.run_id,
        "digest": content_digest(digests),
        "versions": {
            "mlmcalc": __version__,
            "manifest": MANIFEST_SCHEMA,
            "plan_language": PLAN_LANGUAGE,
            "arithmetic": ARITHMETIC_VERSION,
            "tables": {name: schema for name, schema in TABLE_SCHEMAS.items() if name in digests},
        },
        "plan": {"name": identity.plan, "version": identity.plan_version, "digest": identity.plan_digest},
        "plugins": {
            word: {"package": package, "version": number, "sha256": sha256}
            for word, (package, number, sha256) in sorted(identity.plugins.items())
        },
        "period": {"label": identity.period, "first": identity.first, "last": identity.last},
        "inputs": [
            {
                "name": seal.name,
                "path": seal.path,
                "sha256": seal.sha256,
                "rows": seal.rows,
                "totals": dict(seal.totals),
            }
            for seal in identity.inputs
        ],
        "totals": dict(totals_out),
        "balance": [_balance_row(equation) for equation in balance],
        "digests": dict(digests),
        "warnings": {"count": sum(warnings.values()), "codes": dict(sorted(warnings.items()))},
        "evidence": {"kernels": sources_digest(), "python": platform.python_version(), "packages": _packages()},
        "files": {},
        "timings": {},
    }


def content_digest(digests: Mapping[str, str]) -> str:
    """Return one digest for the content of a whole run.

    Findings are left out: they name rows of files, and the same content in another order of rows is the same run.
    """
    content = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()) if name != "findings")
    return hashlib.sha256(content.encode()).hexdigest()


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Return a manifest as it is written: indented JSON, sealed."""
    sealed = {**manifest, "manifest_sha256": seal_manifest(manifest)}
    sealed[WHOLE] = seal_whole(sealed)
    return json.dumps(sealed, indent=2, ensure_ascii=False) + "\n"


def _balance_row(equation: Equation) -> dict[str, str]:
    terms = ("offered", "paid", "breakage", "cut", "rounding")
    return {"bonus": equation.bonus} | {
        term: text_from_units(getattr(equation, term), equation.decimals) for term in terms
    }


def _packages() -> dict[str, str]:
    found = {}
    for name in _EVIDENCE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found
