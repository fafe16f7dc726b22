"""The documents of an archive: every one is what it was, and names the one before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmcalc.audit.proof.report import Check, broken
from mlmcalc.audit.proof.run_files import misshapen, once
from mlmcalc.errors import Finding

ARCHIVE_FILE = "archive.json"
ARCHIVE, DOCUMENT = 1, 1
"""The layouts that this version knows."""
FIRST = "0" * 64
"""What the first document names as the digest of the one before."""
TABLES = {
    "commit": ({"payments", "journal", "balances"}, {"adjustments", "opening"}),
    "payment": ({"payments", "journal"}, set()),
    "reopening": ({"payments", "journal"}, set()),
}
"""Kinds of documents, with the tables that each has, and those it may have besides."""
_RUN = {"id": str, "digest": str, "manifest_sha256": str}
_ARCHIVE: dict[str, Any] = {
    "archive": int,
    "company": str,
    "documents": [{"number": int, "file": str, "sha256": str}],
    "tables": [str],
    "runs": [_RUN],
    "inputs": [str],
}
_DOCUMENT: dict[str, Any] = {
    "document": int,
    "number": int,
    "kind": str,
    "company": str,
    "program": str,
    "period": str,
    "previous": str,
    "run": _RUN,
    "totals": dict,
    "tables": {str: {"sha256": str, "rows": int, "digest": str}},
    "made_by": str,
    "approved_by": str,
    "at": str,
    "reason": str,
}
_CORRECTED = {"corrected": _RUN}
"""What a commit says besides where it begins with what the period before leaves since it was trued up."""
_NAME = re.compile(r"documents/[^/\\]+\.json")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the chain, verified to be what the archive lists.

    Attributes
    ----------
    file : Path
    digest : str
        SHA-256 of its bytes.
    body : mapping
        Of the shape that every document has.
    """

    file: Path
    digest: str
    body: Mapping[str, Any]

    @property
    def number(self) -> int:
        """Place in the chain, from 1."""
        return self.body["number"]

    @property
    def kind(self) -> str:
        """``commit``, ``payment`` or ``reopening``."""
        return self.body["kind"]

    @property
    def program(self) -> str:
        """Name of the plan."""
        return self.body["program"]

    @property
    def period(self) -> str:
        """Label of the period."""
        return self.body["period"]

    @property
    def called(self) -> str:
        """As findings name it."""
        return f"document {self.number}"


def archive_contents(folder: Path) -> tuple[dict[str, Any], Check]:
    """Return what an archive lists, empty where that cannot be read, and the check of it."""
    path = folder / ARCHIVE_FILE
    contents, reason = _json_of(path, _ARCHIVE, lambda value: json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    if not reason and contents["archive"] != ARCHIVE:
        reason = f"its layout {contents['archive']} is not known to this version of mlmcalc."
    findings = [broken("archive", reason, path)] if reason else []
    return {} if reason else contents, Check("archive", "the list of contents can be read", 1, findings)


def read_documents(folder: Path, contents: Mapping[str, Any]) -> tuple[list[Document], Check]:
    """Return the documents of an archive up to the first that is not what it should be, and the check of all.

    Numbers run from 1, each is written in canonical JSON under its own name, and names the digest of the one before.
    """
    found: list[Document] = []
    findings: list[Finding] = []
    for place, listed in enumerate(contents["documents"], start=1):
        previous = found[-1].digest if found else FIRST
        document, reason = _document(folder, listed, place, previous, contents["company"])
        if document is None or (found and document.body["at"] < found[-1].body["at"]):
            findings.append(broken("chain", reason or "it is older than the one before.", folder / listed["file"]))
            break
        found.append(document)
    text = "documents in one chain, each naming the digest of the one before"
    return found, Check("archive", text, len(found), findings)


def _document(
    folder: Path, listed: Mapping[str, Any], number: int, previous: str, company: str
) -> tuple[Document | None, str]:
    if not _NAME.fullmatch(listed["file"]):
        return None, "this is no name of a document."
    path = folder / listed["file"]
    body, reason = _json_of(path, _DOCUMENT, _canonical, _CORRECTED)
    if reason:
        return None, reason
    digest = hashlib.sha256(_canonical(body).encode()).hexdigest()
    name = f"documents/{number:04d}-{body['kind']}-{body['program']}-{body['period']}.json"
    stated = {
        "digest": (digest, listed["sha256"]),
        "number": (body["number"], number),
        "number in the list": (listed["number"], number),
        "name": (listed["file"], name),
        "previous": (body["previous"], previous),
        "company": (body["company"], company),
        "layout": (body["document"], DOCUMENT),
    }
    wrong = [f"its {what} is {got}, not {wanted}" for what, (got, wanted) in stated.items() if got != wanted]
    needed, more = TABLES.get(body["kind"], (set(), set()))
    if not needed:
        wrong.append(f"{body['kind']!r} is no kind of document")
    elif not needed <= set(body["tables"]) <= needed | more:
        wrong.append(f"it names the tables {', '.join(body['tables']) or 'of nothing'}")
    if wrong:
        return None, f"document {number}: {'; '.join(wrong)}."
    return Document(path, digest, body), ""


def _json_of(
    path: Path, wanted: Any, written: Any, besides: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], str]:
    """Return the value of a file, and why it is not what it should be; empty where it is."""
    if path.is_symlink():
        return {}, "a link stands where a file was."
    try:
        content = path.read_bytes()
        value = json.loads(content, object_pairs_hook=once)
    except OSError as fault:
        return {}, f"it cannot be read: {fault.strerror}."
    except (ValueError, RecursionError) as fault:
        return {}, f"it cannot be read: {fault}."
    if isinstance(value, dict):
        wanted = wanted | {name: shape for name, shape in (besides or {}).items() if name in value}
    wrong = misshapen(value, wanted)
    if wrong or set(value) - set(wanted):
        return {}, f"{wrong or ', '.join(sorted(set(value) - set(wanted)))} does not belong there."
    return (value, "") if written(value).encode() == content else ({}, "its bytes are not those that are written.")


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def listed_checks(folder: Path, contents: Mapping[str, Any], documents: list[Document]) -> Iterator[Check]:
    """Yield whether the list names just the tables and runs of the documents, and the folder holds nothing else."""
    tables = sorted({table["sha256"] for document in documents for table in document.body["tables"].values()})
    findings = []
    if contents["tables"] != tables:
        odd = sorted(set(contents["tables"]) ^ set(tables)) or contents["tables"]
        findings.append(broken("list", f"documents and list differ in tables: {', '.join(odd)[:200]}.", folder))
    runs = [run["id"] for run in contents["runs"]]
    named_runs = {
        document.body[name]["id"] for document in documents for name in ("run", "corrected") if name in document.body
    }
    missing = named_runs - set(runs)
    if missing or runs != sorted(set(runs)):
        findings.append(broken("list", f"runs are missing or twice: {', '.join(sorted(missing)) or 'listed'}.", folder))
    yield Check("archive", "tables and runs of the documents are listed", len(tables) + len(runs), findings)
    named = {ARCHIVE_FILE, *(f"tables/{sha256}.parquet" for sha256 in tables), *contents["inputs"]}
    named |= {listed["file"] for listed in contents["documents"]}
    there = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    kept = tuple(f"runs/{run}/" for run in runs)
    foreign = [name for name in sorted(there) if name not in named and not name.startswith(kept)]
    findings = [broken("foreign", "the archive does not list this file.", folder / name) for name in foreign]
    yield Check("archive", "files are there, and each is listed", len(there), findings)


def input_check(folder: Path, inputs: list[str]) -> Check:
    """Return whether every input that lies in the archive has the content it is named by."""
    findings = []
    for name in inputs:
        path = folder / name
        found = re.fullmatch(r"inputs/([0-9a-f]{64})(\.[A-Za-z0-9]+)?", name)
        if found is None:
            findings.append(broken("input", "this is no name of an input.", path))
            continue
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as fault:
            findings.append(broken("input", f"{fault.strerror}.", path))
            continue
        if digest != found[1]:
            findings.append(broken("input", f"its bytes have the digest {digest[:16]}.", path))
    return Check("archive", "inputs have the content they are named by", len(inputs), findings)
