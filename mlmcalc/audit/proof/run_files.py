"""The folder of a run: its manifest, and every file of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from mlmcalc._version import __version__
from mlmcalc.audit.proof.known_columns import odd_column
from mlmcalc.audit.proof.report import Check, broken
from mlmcalc.errors import Finding, InputRefused, IntegrityError, MlmcalcError
from mlmcalc.periods import Calendar, parse_period
from mlmcalc.plan.digest import digest_of_file
from mlmcalc.runs.manifest import Identity, InputSeal, content_digest
from mlmcalc.runs.seal import MANIFEST_FILE, WHOLE, seal_manifest, seal_whole
from mlmcalc.runs.versions import MANIFEST_SCHEMA, TABLE_SCHEMAS
from mlmcalc.tables.stored import StoredTables

PLAN_FILE = "plan.yaml"
NOT_IN_EVERY_RUN = {"payments"}
"""Tables that a run has only if it was given what they are made of."""
_SEALED_WHOLE = 2
"""The schema of manifests from which on they have a seal over all of them."""
_WANTED: dict[str, Any] = {
    "run": str,
    "digest": str,
    "versions": {"mlmcalc": str, "manifest": int, "arithmetic": int, "tables": {str: int}},
    "plan": {"name": str, "version": str, "digest": str},
    "plugins": {str: {"package": str, "version": str, "sha256": str}},
    "period": {"label": str, "first": str, "last": str},
    "inputs": [{"name": str, "path": str, "sha256": str, "rows": int, "totals": dict}],
    "totals": dict,
    "balance": [{str: str}],
    "digests": {str: str},
    "warnings": {"count": int, "codes": {str: int}},
    "files": {str: {"bytes": int, "sha256": str}},
    "columns": {str: {str: str}},
    "locations": {str: str},
}


def verified_manifest(folder: Path, of: str) -> tuple[dict[str, Any], Check]:
    """Return the manifest of a run, empty where it cannot be trusted, and the check of it.

    Parameters
    ----------
    folder : Path
    of : str
        What the check is about.
    """
    path = folder / MANIFEST_FILE
    text = "the manifest is sealed, and written as a run writes it"
    try:
        content = path.read_bytes()
        manifest = json.loads(content, object_pairs_hook=once)
    except OSError as fault:
        return {}, Check(of, text, 1, [broken("manifest", f"the manifest cannot be read: {fault.strerror}.", path)])
    except (ValueError, RecursionError) as fault:
        return {}, Check(of, text, 1, [broken("manifest", f"the manifest cannot be read: {fault}.", path)])
    reason = _fault_of(manifest, content)
    return ({}, Check(of, text, 1, [broken("manifest", reason, path)])) if reason else (manifest, Check(of, text, 1))


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, in which no key stands twice.

    Raises
    ------
    ValueError
        One does: readers would not agree on its value.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _fault_of(manifest: Any, content: bytes) -> str:
    wrong = misshapen(manifest, _WANTED)
    if wrong:
        return f"{wrong} is not what every manifest has there."
    if seal_manifest(manifest) != manifest.get("manifest_sha256"):
        return "the manifest was changed after it was sealed."
    if manifest["versions"]["manifest"] > MANIFEST_SCHEMA:
        return f"its schema {manifest['versions']['manifest']} is younger than this version of mlmcalc."
    if manifest["versions"]["manifest"] >= _SEALED_WHOLE and seal_whole(manifest) != manifest.get(WHOLE):
        return "what the manifest says of when, where and how fast was changed after it was written."
    if (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode() != content:
        return "the bytes of the manifest are not those that a run writes."
    return ""


def misshapen(value: Any, wanted: Any, path: str = "") -> str:
    """Return the path of the first value that is not of the kind that is wanted; empty where all are.

    Parameters
    ----------
    value : Any
        Of JSON.
    wanted : Any
        A type; a list of one kind; a mapping of one kind (the key ``str``), or of known keys, all of them needed.
    path : str
        Of the value.
    """
    if isinstance(wanted, type):
        fits = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
        return "" if fits else path or "the whole"
    if not isinstance(value, type(wanted)):
        return path or "the whole"
    if isinstance(wanted, list):
        parts = [(f"{path}[{place}]", part, wanted[0]) for place, part in enumerate(value)]
    elif str in wanted:
        parts = [(f"{path}.{key}", part, wanted[str]) for key, part in value.items()]
    else:
        parts = [(f"{path}.{key}".removeprefix("."), value.get(key), kind) for key, kind in wanted.items()]
    return next((found for where, part, kind in parts if (found := misshapen(part, kind, where))), "")


def file_check(folder: Path, manifest: Mapping[str, Any], of: str) -> Check:
    """Return whether every file that the manifest names has its size and digest."""
    stored, findings = StoredTables(folder, manifest), []
    for name, sealed in manifest["files"].items():
        path = folder / name
        try:
            if path.is_symlink():
                findings.append(broken("link", "a link stands where a file was.", path))
                continue
            stored.verify_file(name)
            if path.stat().st_size != sealed["bytes"]:
                findings.append(broken("size", f"it has {path.stat().st_size:,} bytes, not {sealed['bytes']:,}.", path))
        except IntegrityError as fault:
            findings += fault.findings
        except ValueError as fault:
            findings.append(broken("file", f"{name!r} is no name of a file: {fault}.", folder))
    return Check(of, "files have the size and the SHA-256 that the manifest names", len(manifest["files"]), findings)


def foreign_check(folder: Path, manifest: Mapping[str, Any], of: str) -> Check:
    """Return whether nothing is in the folder that the manifest does not name."""
    named = {MANIFEST_FILE, *manifest["files"]}
    there = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    foreign = [name for name in sorted(there) if name not in named]
    findings = [broken("foreign", "the manifest does not name this file.", folder / name) for name in foreign]
    return Check(of, "files are there, and each is named", len(there), findings)


def identity_check(folder: Path, manifest: Mapping[str, Any], of: str) -> Check:
    """Return whether plan, period, inputs and arithmetic are those that the id of the run is made of."""
    findings: list[Finding] = []
    plan, period = manifest["plan"], manifest["period"]
    identity = Identity(
        plan["name"],
        plan["version"],
        plan["digest"],
        period["label"],
        period["first"],
        period["last"],
        [InputSeal(seal["name"], seal["path"], seal["sha256"], seal["rows"]) for seal in manifest["inputs"]],
        {word: (found["package"], found["version"], found["sha256"]) for word, found in manifest["plugins"].items()},
    )
    made = identity.id_by(manifest["versions"]["arithmetic"])
    if made != manifest["run"]:
        findings.append(broken("id", f"the id {manifest['run']} should be {made}.", folder))
    if _days_of(period["label"]) not in ((period["first"], period["last"]), None):
        message = f"{period['label']} is not from {period['first']} to {period['last']}."
        findings.append(broken("period", message, folder))
    if PLAN_FILE in manifest["files"]:
        try:
            digest = digest_of_file(folder / PLAN_FILE)
        except MlmcalcError as fault:
            digest = fault.findings[0].code
        if digest != plan["digest"]:
            message = f"the plan has the digest {digest[:16]}, the manifest says {plan['digest'][:16]}."
            findings.append(broken("plan", message, folder / PLAN_FILE))
    return Check(
        of, "inputs, with plan, period and arithmetic, are what the id says", len(manifest["inputs"]), findings
    )


def _days_of(label: str) -> tuple[str, str] | None:
    """Return first and last day of a period by its label; None where no calendar has such labels."""
    for calendar in get_args(Calendar):
        try:
            found = parse_period(label, calendar)
        except InputRefused:
            continue
        return found.first.isoformat(), found.last.isoformat()
    return None


def older_tables(manifest: Mapping[str, Any]) -> str:
    """Return which version's tables a run has, where they are not those of this one; empty where they are."""
    versions = manifest["versions"]
    here = versions["tables"].items() <= TABLE_SCHEMAS.items() or versions["mlmcalc"] == __version__
    return "" if here else f"mlmcalc {versions['mlmcalc']}"


def columns_check(manifest: Mapping[str, Any], of: str) -> Check:
    """Return whether the manifest names all tables of a run, and their columns."""
    odd = _odd_table(manifest)
    findings = [broken("columns", f"{odd}.")] if odd else []
    return Check(of, "tables have the columns that they should have", len(manifest["columns"]), findings)


def _odd_table(manifest: Mapping[str, Any]) -> str:
    tables, columns = manifest["versions"]["tables"], manifest["columns"]
    kept = set(tables) - ({"lines"} if manifest.get("detail") == "none" else set())
    every = TABLE_SCHEMAS.keys() - NOT_IN_EVERY_RUN
    known = every <= tables.keys() and tables.items() <= TABLE_SCHEMAS.items()
    if not known or set(manifest["digests"]) != set(tables) or set(columns) != kept:
        return "the tables are not those that a run has"
    return next((odd for table, named in columns.items() if (odd := odd_column(table, named))), "")


def digest_checks(stored: StoredTables, manifest: Mapping[str, Any], of: str) -> Iterator[Check]:
    """Yield whether the run's digest is that of its tables, and whether every table has the content it had."""
    from mlmcalc.tables.stored_digest import stored_digest

    findings: list[Finding] = []
    for table in manifest["columns"]:
        try:
            found = stored_digest(stored, table)
        except IntegrityError as fault:
            findings += fault.findings
            continue
        said = manifest["digests"][table]
        if found != said:
            message = f"the table of {table} has the content digest {found[:16]}, the manifest says {said[:16]}."
            findings.append(broken("content", message, stored.folder))
    yield Check(of, "tables have the content that the run wrote", len(manifest["columns"]), findings)
    made = content_digest(manifest["digests"])
    findings = [] if made == manifest["digest"] else [broken("digest", f"it should be {made}.", stored.folder)]
    yield Check(of, "digest of the run is that of its tables", 1, findings)
