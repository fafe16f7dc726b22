"""What a program read of another one's closed periods, against what that one committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.audit.proof.documents import Document
from mlmcalc.audit.proof.report import Check, broken, first_of, unlike
from mlmcalc.errors import Finding
from mlmcalc.tables.stored import StoredTables

CLOSED = "closed"
_KEYS = ["plan", "bonus", "period", "member_id"]


def closed_check(folder: Path, documents: Sequence[Document], manifests: Mapping[str, Mapping[str, Any]]) -> Check:
    """Return whether closed results are the statements that stood committed when they were read.

    What a run read lies in an archive that was exported with its inputs; in one without them nothing is counted.

    Parameters
    ----------
    folder : Path
        Of the archive, its inputs verified.
    documents : sequence of Document
    manifests : mapping
        Of the runs that hold, by id.
    """
    standing: dict[tuple[str, str], str] = {}
    findings: list[Finding] = []
    count = 0
    for document in documents:
        place, run = (document.program, document.period), document.body["run"]["id"]
        if document.kind == "reopening":
            standing.pop(place, None)
        if document.kind != "commit":
            continue
        standing[place] = run
        path = _input_of(folder, manifests.get(run))
        if path is None:
            continue
        rows = pl.read_parquet(path)
        count += rows.height
        findings += _unlike(folder, document, rows, {name: manifests.get(of) for name, of in standing.items()})
    return Check("archive", "closed results that another program read are what was committed", count, findings)


def _input_of(folder: Path, manifest: Mapping[str, Any] | None) -> Path | None:
    """Return the file that holds the closed results a run read; None where it read none, or it is not there."""
    seals = [] if manifest is None else [seal for seal in manifest["inputs"] if seal["name"] == CLOSED]
    path = folder / "inputs" / f"{seals[0]['sha256']}.parquet" if seals else folder / "inputs" / CLOSED
    return path if path.exists() else None


def _unlike(
    folder: Path,
    document: Document,
    rows: pl.DataFrame,
    standing: Mapping[tuple[str, str], Mapping[str, Any] | None],
) -> list[Finding]:
    if not {*_KEYS, "amount"} <= set(rows.columns):
        return [broken("closed", f"{document.called}: the closed results lack their columns.", document.file)]
    committed, findings = [], []
    for plan, period in rows.select("plan", "period").unique().sort("plan", "period").iter_rows():
        manifest = standing.get((plan, period))
        if manifest is None:
            message = f"{document.called} reads {plan} {period}, which was not committed then."
            findings.append(broken("closed", message, document.file))
            continue
        stored = StoredTables(folder / "runs" / manifest["run"], manifest)
        committed.append(
            stored.scan("statements")
            .filter(pl.col("earner").is_not_null())
            .select(
                pl.lit(plan).alias("plan"),
                pl.col("bonus").cast(pl.String),
                pl.lit(period).alias("period"),
                pl.col("earner").alias("member_id"),
                "amount",
            )
        )
    if findings or not committed:
        return findings
    texts = [pl.col(name).cast(pl.String) for name in ("plan", "bonus", "period")]
    read = rows.lazy().select(*texts, "member_id", "amount").select(*_KEYS, "amount")
    return first_of(
        "closed",
        unlike(read, pl.concat(committed, how="vertical_relaxed"), _KEYS, ["amount"]),
        lambda row: (
            f"{document.called}: {row['amount']} of {row['plan']} {row['bonus']} in {row['period']} was read for "
            f"{row['member_id']}, {row['amount_there']} was committed."
        ),
        document.file,
    )
