"""One member across periods, from the folders of runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.api.kept_runs import explain_kept
from mlmcalc.api.recalculate import PLAN_FILE
from mlmcalc.api.run import Run
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.api.stored_runs import load_run
from mlmcalc.audit.timeline.chain import legs_of, timeline_of
from mlmcalc.audit.timeline.model import ZERO, Seen, Step, Timeline, Why
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.payout.sections import BALANCE, DEFERRED
from mlmcalc.plan.load import Plan, load_plan
from mlmcalc.tables.stored import StoredTables
from mlmcalc.trees.recorded import Recorded

LONGEST_CHAIN = 240
"""Periods that are followed back from one."""
_CARRY = "carry"
_TITLE = ".title"


def timeline(runs: Iterable[str | os.PathLike[str] | Run], member: int | str, why: bool = False) -> Timeline:
    """Return one member across the periods of one or more programs.

    Parameters
    ----------
    runs : iterable of path or Run
        Folders of runs, in any order, one for each program and period; or runs that were read back from folders.
    member : int or str
        A member id.
    why : bool
        Whether to say why each rank and carry is what it is, which explains the member in every period, from the
        inputs, which must be unchanged.

    Raises
    ------
    InputRefused
        ``tables.no_run``; ``api.no_member``: it is a member of none of the runs; ``api.two_runs``: two are of one
        program and period; with `why` as `Run.explain`.
    IntegrityError
        ``tables.manifest``, ``tables.digest``, ``tables.missing``: a run is not as it was written; with `why` as
        `Run.explain`.
    """
    folders = [_folder(run) for run in runs]
    found = [_seen(folder, str(member).strip(), why) for folder in folders]
    _refuse_two_of_one_period(found)
    if not any(seen.there for seen in found):
        message = f"{str(member).strip()} is a member of none of these {len(found)} runs."
        raise InputRefused(Finding("api.no_member", message, "Look the id up in the table of members of a run."))
    programs: dict[str, list[Seen]] = {}
    for seen in sorted(found, key=lambda seen: (seen.program, seen.first)):
        programs.setdefault(seen.program, []).append(seen)
    return Timeline(str(member).strip(), [moment for of in programs.values() for moment in timeline_of(of)])


def run_chain(folder: str | os.PathLike[str], most: int = LONGEST_CHAIN) -> list[Path]:
    """Return a run and those it follows from, the oldest first: each began with the state of the one before.

    The chain ends where a state is no folder of a run, or is no longer where it was.

    Parameters
    ----------
    folder : path
    most : int
        The longest chain.

    Raises
    ------
    InputRefused
        ``tables.no_run``.
    IntegrityError
        ``tables.manifest``.
    """
    chain = [Path(folder)]
    while len(chain) < most:
        place = sealed_manifest(chain[-1]).get("locations", {}).get("state")
        before = None if place is None else Path(os.path.normpath(chain[-1] / place))
        if before is None or not before.is_dir() or before in chain:
            break
        chain.append(before)
    return chain[::-1]


def balance_chain(folder: str | os.PathLike[str], member: int | str) -> list[tuple[str, Decimal]]:
    """Return which periods the opening balance of a member comes from, oldest first; empty where there is none.

    Runs are followed back through the states they began with, as far as the balance reaches and they can be found.

    Raises
    ------
    InputRefused, IntegrityError
        As `timeline`.
    """
    wanted = str(member).strip()
    chain = run_chain(folder)
    last = _seen(chain[-1], wanted, why=False)
    seen = [last]
    for before in reversed(chain[:-1]):
        if not seen[-1].opening:
            break
        seen.append(_seen(before, wanted, why=False))
    if not last.opening:
        return []
    if len(seen) == 1:
        return [("before", last.opening)]
    return list(timeline_of(seen[:0:-1])[-1].balance_from)


def _folder(run: str | os.PathLike[str] | Run) -> Path:
    if not isinstance(run, Run):
        return Path(run)
    if run.folder is None:
        raise TypeError("a run in memory has no folder: write it, and load it")
    return run.folder


def _seen(folder: Path, member: str, why: bool) -> Seen:
    manifest = sealed_manifest(folder)
    plan = load_plan(folder / PLAN_FILE)
    tables = StoredTables(folder, manifest)
    period = manifest["period"]
    head = {
        "program": manifest["plan"]["name"],
        "version": manifest["plan"]["version"],
        "period": period["label"],
        "first": period["first"],
        "last": period["last"],
        "run": manifest["run"],
        "digest": manifest["digest"],
        "currency": manifest["totals"]["currency"],
        "opened_by": _opened_by(folder, manifest),
    }
    row = _row_of(tables, "members", "member_id", member)
    if not row.height:
        return Seen(**head)
    stands = _standing(row.row(0, named=True), plan)
    return Seen(
        **head,
        **stands,
        there=True,
        earned=_earned(tables, member),
        has_payout=plan.payout is not None,
        steps=_steps(tables, member),
        **_left(tables, member),
        why=_why(folder, manifest, member) if why else None,
    )


def _standing(row: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    trees = [name for name, word in plan.trees.items() if isinstance(word, Recorded)]
    titles = [name for name in row if name.endswith(_TITLE) and name.removesuffix(_TITLE) in plan.ladders]
    return {
        "status": row["status"],
        "kind": row["kind"],
        "active": row["active"],
        "parents": {tree: _text(row.get(f"{tree}_parent")) for tree in trees},
        "ranks": {ladder: row[ladder] or "none" for ladder in plan.ladders},
        "titles": {name: row[name] or "none" for name in titles},
        "ladders": {ladder: list(plan.vocabulary.ladders[ladder]) for ladder in plan.ladders},
        "forced": [ladder for ladder in plan.ladders if row[f"{ladder}_forced"]],
        "volumes": {name: Decimal(row[name]) for name in plan.volumes if name in row},
    }


def _earned(tables: StoredTables, member: str) -> dict[str, Decimal]:
    rows = _row_of(tables, "statements", "earner", member)
    return dict(rows.select(pl.col("bonus").cast(pl.String), "amount").iter_rows())


def _steps(tables: StoredTables, member: str) -> list[Step]:
    rows = _row_of(tables, "payout", "member", member)
    texts = rows.select(pl.col("step", "name").cast(pl.String).fill_null(""), "amount")
    return [Step(*row) for row in texts.iter_rows()]


def _left(tables: StoredTables, member: str) -> dict[str, Any]:
    rows = _row_of(tables, "state", "member_id", member)
    carry: dict[tuple[str, str], Decimal] = {}
    deferred: dict[str, Decimal] = {}
    balance = ZERO
    texts = rows.select(pl.col("section", "name", "key").cast(pl.String).fill_null(""), "value")
    for section, name, key, value in texts.iter_rows():
        if section == _CARRY:
            carry[name, key] = carry.get((name, key), ZERO) + value
        elif section == DEFERRED:
            deferred[name] = deferred.get(name, ZERO) + value
        elif section == BALANCE:
            balance += value
    return {"carry": carry, "deferred": deferred, "balance": balance}


def _why(folder: Path, manifest: Mapping[str, Any], member: str) -> Why:
    # What was kept says it at once; where it does not, the run is calculated again.
    found = explain_kept(folder, manifest, member, limit=0) or load_run(folder).explain(member, limit=0)
    return Why(found.ranks, legs_of(found.workings))


def _row_of(tables: StoredTables, name: str, column: str, member: str) -> pl.DataFrame:
    """Return the rows of a member in a table; ids are compared as they are written."""
    kept = []
    for piece in tables.pieces(name):
        ids = piece[column]
        if ids.dtype == pl.String:
            kept.append(piece.filter(ids == member))
        elif member.removeprefix("-").isdecimal() and member.isascii() and len(member) < 20:
            kept.append(piece.filter(ids == int(member)))
    return pl.concat(kept) if kept else pl.DataFrame(schema=tables.schema(name))


def _opened_by(folder: Path, manifest: Mapping[str, Any]) -> str:
    place = manifest.get("locations", {}).get("state")
    path = None if place is None else folder / place
    return sealed_manifest(path)["run"] if path is not None and path.is_dir() else ""


def _refuse_two_of_one_period(found: Sequence[Seen]) -> None:
    known: dict[tuple[str, str], Seen] = {}
    findings = []
    for seen in found:
        other = known.setdefault((seen.program, seen.period), seen)
        if other is not seen:
            message = f"{other.run} and {seen.run} are both of {seen.program} {seen.period}."
            findings.append(Finding("api.two_runs", message, "Name the one that was paid."))
    if findings:
        raise InputRefused(findings)


def _text(value: object) -> str:
    return "" if value is None else str(value)
