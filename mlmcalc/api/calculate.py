"""From plan and tables to a run, in memory or into a folder."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from mlmcalc.api.folders import finish_folder, write_tables
from mlmcalc.api.inputs import Inputs, Prepared, prepare
from mlmcalc.api.keeping import Detail, keep_run
from mlmcalc.api.outputs import names_of_tables, output_tables
from mlmcalc.api.recalculate import PLAN_FILE, stored_locations, stored_maps, whole_locations
from mlmcalc.api.run import Run
from mlmcalc.api.seen import seen_files
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.ledger.lines import LineBlock
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun, run_commissions
from mlmcalc.runs.line_decimals import line_decimals
from mlmcalc.runs.manifest import build_manifest
from mlmcalc.runs.totals import control_totals
from mlmcalc.tables.folder import StagedFolder, refuse_existing
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.line_digest import LineDigest
from mlmcalc.tables.line_frames import LineBuffer, LineChunk, LineFrames
from mlmcalc.tables.lines_digested import DigestedLines
from mlmcalc.tables.lines_out import LineWriter
from mlmcalc.tables.stored import StoredTables, schema_text
from mlmcalc.tables.tables_out import OutTable

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, its number and how many there are (0: not known), before it begins."""


def run_in_memory(inputs: Inputs, progress: Progress, detail: Detail = "all") -> Run:
    """Calculate a period; no file is written."""
    started = time.perf_counter()
    seen = seen_files(inputs.tables)
    prepared = prepare(inputs, progress)
    frames = line_frames(prepared)
    digest, chunks = line_digest(frames), list[LineChunk]()

    def keep(chunk: LineChunk) -> None:
        digest.add(chunk)
        if detail == "all":
            chunks.append(chunk)

    buffer = LineBuffer(keep)
    calculated = _calculate(prepared, buffer.post, progress)
    buffer.flush()
    tables = output_tables(calculated, prepared.findings)
    digests = {"lines": digest.hex()} | content_digests(tables, frames.members)
    manifest = _manifest(prepared, calculated, digests, control_totals(calculated)) | {"detail": detail}
    manifest["timings"] = {"seconds": round(time.perf_counter() - started, 3)}
    manifest["maps"] = stored_maps(inputs.maps)
    manifest |= _clocks(inputs)
    manifest["locations"], manifest["seen"] = whole_locations(inputs), seen

    def table(name: str) -> pl.DataFrame:
        if name == "lines" and detail == "none":
            return lines_of(prepared, digests["lines"])
        if name == "lines":
            return _framed(frames, chunks)
        return tables[name].frame(frames.members)

    return Run(manifest, table, calculated, inputs=inputs)


def run_into_folder(
    inputs: Inputs,
    place: str | os.PathLike[str] | Callable[[str], Path],
    format: Literal["parquet", "csv"],
    threads: int,
    progress: Progress,
    detail: Detail = "all",
) -> Run:
    """Calculate a period and write it while it is calculated; lines never all stay in memory.

    The folder may be called as the run's id says, which is known once the inputs are read: then `place` makes a
    path of it.
    """
    started = time.perf_counter()
    if not callable(place):
        refuse_existing(Path(place))
    seen = seen_files(inputs.tables)
    prepared = prepare(inputs, progress, threads)
    read = time.perf_counter()
    folder = place(prepared.identity.run_id) if callable(place) else place
    frames = line_frames(prepared)
    digest = line_digest(frames)
    with StagedFolder(folder) as staged:
        kept_lines = LineWriter(staged, frames, digest, format, threads) if detail == "all" else DigestedLines(digest)
        with kept_lines as writer:
            calculated = _calculate(prepared, writer.post, progress)
            done = time.perf_counter()
            progress("writing", 0, 0)
            # The last lines and the other tables are written while their digests are made.
            writer.flush()
            tables = output_tables(calculated, prepared.findings)
            names = names_of_tables(tables)
            with ThreadPoolExecutor(1, thread_name_prefix="mlmcalc-tables") as beside:
                pending = beside.submit(
                    write_tables, staged, lambda name: tables[name].in_pieces(frames.members), format, names
                )
                digests = content_digests(tables, frames.members)
                totals = control_totals(calculated)
                kept_files, kept = keep_run(staged, calculated, detail)
                files = writer.finish()
                others, columns = pending.result()
        manifest = _manifest(prepared, calculated, {"lines": digest.hex()} | digests, totals)
        manifest["timings"] = _timings(started, read, done)
        manifest["maps"] = stored_maps(inputs.maps)
        manifest |= _clocks(inputs)
        manifest["locations"], manifest["seen"] = stored_locations(inputs, folder), seen
        manifest["detail"], manifest["kept"] = detail, kept
        files += [staged.write_text(PLAN_FILE, prepared.plan.text), *others, *kept_files]
        lines = {"lines": schema_text(frames.schema)} if detail == "all" else {}
        manifest = finish_folder(staged, manifest, files, lines | columns)
    stored = StoredTables(Path(folder), manifest).frame

    def table(name: str) -> pl.DataFrame:
        again = name == "lines" and detail == "none"
        return lines_of(prepared, manifest["digests"]["lines"]) if again else stored(name)

    return Run(manifest, table, calculated, inputs=inputs)


def lines_of(prepared: Prepared, wanted: str, file: str = "") -> pl.DataFrame:
    """Return the lines of a run whose inputs are read, calculated again.

    Parameters
    ----------
    prepared : Prepared
    wanted : str
        The content digest of its lines.
    file : str
        Where the run lies, for the finding.

    Raises
    ------
    IntegrityError
        ``api.lines_differ``.
    """
    frames, chunks = line_frames(prepared), list[LineChunk]()
    digest, buffer = line_digest(frames), LineBuffer(chunks.append)
    _calculate(prepared, buffer.post, silent)
    buffer.flush()
    for chunk in chunks:
        digest.add(chunk)
    if digest.hex() != wanted:
        message = f"the lines, calculated again, have the digest {digest.hex()[:16]}, the manifest says {wanted[:16]}."
        raise IntegrityError(Finding("api.lines_differ", message, "Run again with --detail all.", file=file))
    return _framed(frames, chunks)


def digests_again(prepared: Prepared) -> dict[str, str]:
    """Return the content digest of every table of a run whose inputs are read, calculated again; nothing is written.

    Parameters
    ----------
    prepared : Prepared
    """
    frames = line_frames(prepared)
    digest = line_digest(frames)
    with DigestedLines(digest) as lines:
        calculated = _calculate(prepared, lines.post, silent)
        lines.finish()
    return {"lines": digest.hex()} | content_digests(output_tables(calculated, prepared.findings), frames.members)


def _framed(frames: LineFrames, chunks: Sequence[LineChunk]) -> pl.DataFrame:
    return pl.concat([frames.frame(chunk) for chunk in chunks]) if chunks else frames.empty()


def line_frames(prepared: Prepared) -> LineFrames:
    """Return what turns this run's lines into frames."""
    network, orders = prepared.network, prepared.orders
    base_decimals, amount_decimals = line_decimals(prepared.plan)
    return LineFrames(
        prepared.identity.run_id,
        [*prepared.plan.bonuses, *([PAYOUT] if prepared.plan.rounding.place == PAYOUT else [])],
        IdColumn(network.ids),
        IdColumn.of_orders(orders),
        base_decimals,
        amount_decimals,
    )


def line_digest(frames: LineFrames) -> LineDigest:
    """Return the digest that this run's lines are added to."""
    return LineDigest(frames.members, frames.orders, frames.base_decimals, frames.amount_decimals)


def content_digests(tables: Mapping[str, OutTable], members: IdColumn) -> dict[str, str]:
    """Return the content digest of every table but the lines."""
    return {name: table.content_digest(members) for name, table in tables.items()}


def calculated_of(prepared: Prepared) -> CommissionRun:
    """Return a run whose inputs are read, calculated without keeping lines."""
    return _calculate(prepared, lambda block: None, silent)


def _calculate(prepared: Prepared, post: Callable[[LineBlock], None], progress: Progress) -> CommissionRun:
    return run_commissions(
        prepared.plan,
        prepared.network,
        prepared.orders,
        prepared.overrides,
        post,
        progress,
        prepared.period.label,
        prepared.opening,
        prepared.besides,
    )


def _manifest(
    prepared: Prepared, calculated: CommissionRun, digests: Mapping[str, str], totals: Mapping[str, Any]
) -> dict[str, Any]:
    warnings = Counter(finding.code for finding in prepared.findings)
    manifest = build_manifest(prepared.identity, digests, calculated.equations, totals, warnings)
    rates = prepared.besides.rates
    # Currencies come and go: a run that is repeated has the smallest units that were in force.
    manifest |= {} if rates is None else {"currencies": rates.foreign_digits}
    trial = prepared.plan.trial
    if trial is not None:
        manifest["trial"] = {"only": list(trial.only), "until": trial.until, "left_out": list(trial.left_out)}
    return manifest


def _clocks(inputs: Inputs) -> dict[str, Any]:
    return {"clocks": dict(inputs.clocks)} if inputs.clocks else {}


def _timings(started: float, read: float, done: float) -> dict[str, Any]:
    now = time.perf_counter()
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "read": round(read - started, 3),
        "calculate": round(done - read, 3),
        "seconds": round(now - started, 3),
    }


def silent(step: str, number: int, count: int) -> None:
    """Show no progress."""
