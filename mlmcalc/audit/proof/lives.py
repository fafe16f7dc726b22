"""What documents say of one period after another: committed once, paid once, reopened newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mlmcalc.audit.corrected_state import corrected_state
from mlmcalc.audit.proof.documents import Document
from mlmcalc.audit.proof.report import Check, broken
from mlmcalc.errors import Finding
from mlmcalc.tables.inputs import frame_digest
from mlmcalc.tables.stored import StoredTables

STATE = "state"
_NAMED = ("digest", "manifest_sha256")


@dataclass(slots=True)
class _Program:
    """The standing commits of a program, oldest first, and which of their periods are paid."""

    commits: list[Document] = field(default_factory=list)
    paid: set[str] = field(default_factory=set)


def life_checks(
    documents: Sequence[Document], manifests: Mapping[str, Mapping[str, Any]], runs: Path
) -> Iterator[Check]:
    """Yield whether the documents are a possible story, and every period begins with what the one before left.

    Parameters
    ----------
    documents : sequence of Document
        The chain.
    manifests : mapping
        Of the runs that are verified, by id.
    runs : Path
        Where their folders are.
    """
    programs: dict[str, _Program] = {}
    told: list[Finding] = []
    follow: list[Finding] = []
    approved: list[Finding] = []
    links = commits = 0
    for document in documents:
        program = programs.setdefault(document.program, _Program())
        told += _story(document, program)
        if document.kind != "commit":
            continue
        commits += 1
        approved += _approval(document)
        before = program.commits[-2] if len(program.commits) > 1 else None
        manifest = manifests.get(document.body["run"]["id"])
        earlier = manifests.get(before.body["run"]["id"]) if before else None
        if manifest is not None and earlier is not None:
            links += 1
            follow += _follows(document, manifest, earlier)
            follow += _begins(document, manifest, earlier, manifests, runs)
    yield Check("archive", "documents tell a possible story: nothing is committed or paid twice", len(documents), told)
    yield Check("archive", "commits name who approved them", commits, approved)
    yield Check("archive", "periods follow the one before, and begin with the state it left", links, follow)


def _story(document: Document, program: _Program) -> Iterator[Finding]:
    standing = program.commits[-1] if program.commits else None
    label, called = document.period, document.called
    if document.kind == "commit":
        if any(one.period == label for one in program.commits):
            yield broken("twice", f"{called} commits {label}, which is committed.", document.file)
        program.commits.append(document)
        return
    own = next((one for one in program.commits if one.period == label), None)
    if own is None:
        yield broken("story", f"{called} is about {label}, which is not committed.", document.file)
        return
    if label in program.paid:
        yield broken("twice", f"{called} is about {label}, which is paid.", document.file)
    if own.body["run"] != document.body["run"]:
        yield broken("story", f"{called} names another run than the commit of {label}.", document.file)
    if own.body["tables"]["payments"] != document.body["tables"]["payments"]:
        yield broken("story", f"{called} has other payments than the commit of {label}.", document.file)
    if document.kind == "payment":
        program.paid.add(label)
        return
    if own is not standing:
        yield broken("story", f"{called} reopens {label}, and a later period stands on it.", document.file)
    program.commits.remove(own)


def _approval(document: Document) -> Iterator[Finding]:
    if not document.body["approved_by"].strip():
        yield broken("approval", f"{document.called} was approved by nobody.", document.file)


def _follows(document: Document, manifest: Mapping[str, Any], earlier: Mapping[str, Any]) -> Iterator[Finding]:
    first, last = manifest["period"]["first"], earlier["period"]["last"]
    if not _next_day(last, first):
        message = f"{document.called} is of a period from {first}, the one before ends on {last}."
        yield broken("gap", message, document.file)


def _begins(
    document: Document,
    manifest: Mapping[str, Any],
    earlier: Mapping[str, Any],
    manifests: Mapping[str, Mapping[str, Any]],
    runs: Path,
) -> Iterator[Finding]:
    """Yield whether a period begins with what the one before left: then, or since it was trued up."""
    left = next((sealed["sha256"] for name, sealed in earlier["files"].items() if name.split(".")[0] == STATE), "")
    taken = next((seal["sha256"] for seal in manifest["inputs"] if seal["name"] == STATE), "")
    named = document.body.get("corrected")
    if named is not None:
        reason = _fault_of_corrected(document, taken, earlier, manifests.get(named["id"]), runs)
        if reason:
            yield broken("state", f"{document.called} begins with what a true-up left, {reason}", document.file)
    elif taken != left:
        found = taken[:16] or "none"
        message = f"{document.called} begins with the state {found}, {earlier['run']} left {left[:16]}."
        yield broken("state", message, document.file)


def _fault_of_corrected(
    document: Document, taken: str, earlier: Mapping[str, Any], now: Mapping[str, Any] | None, runs: Path
) -> str:
    named, table = document.body["corrected"], document.body["tables"].get("opening")
    if now is None or any(now[key] != named[key] for key in _NAMED):
        return f"and its run {named['id']} does not hold."
    if any(now[part] != earlier[part] for part in ("period", "plan")):
        return f"and its run {named['id']} is not of the period before, under the plan it was committed with."
    if table is None or table["sha256"] != taken:
        return "and that is not the table its run read."
    states = [StoredTables(runs / one["run"], one).frame(STATE) for one in (earlier, now)]
    if frame_digest(corrected_state(*states)) != table["digest"]:
        return "and that is not what the two runs of that period come to."
    return ""


def _next_day(last: str, first: str) -> bool:
    try:
        return date.fromisoformat(last) + timedelta(days=1) == date.fromisoformat(first)
    except (ValueError, OverflowError):
        return False
