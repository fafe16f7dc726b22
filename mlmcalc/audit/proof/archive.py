"""An exported archive, verified from the chain of its documents to the lines of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlmcalc.audit.proof.bulk import table_check
from mlmcalc.audit.proof.closed import closed_check
from mlmcalc.audit.proof.documents import Document, archive_contents, input_check, listed_checks, read_documents
from mlmcalc.audit.proof.lives import life_checks
from mlmcalc.audit.proof.money import CommitMoney, payment_checks, reopening_checks
from mlmcalc.audit.proof.report import Check, broken
from mlmcalc.audit.proof.run_files import verified_manifest
from mlmcalc.audit.proof.run_folder import run_checks
from mlmcalc.errors import Finding
from mlmcalc.tables.stored import StoredTables


class ArchiveProof:
    """The checks of an archive.

    Parameters
    ----------
    folder : Path
    last : str
        Digest of the last document, where the person knows it from elsewhere; empty where it is not known.
    """

    def __init__(self, folder: Path, last: str = "") -> None:
        self._folder = folder
        self._wanted = last
        self.last = ""

    def checks(self) -> Iterator[Check]:
        """Yield every check; where the list of contents cannot be read, only that."""
        contents, check = archive_contents(self._folder)
        yield check
        if not contents:
            return
        documents, check = read_documents(self._folder, contents)
        yield check
        self.last = documents[-1].digest if documents else ""
        if self._wanted:
            yield self._end(documents)
        yield from listed_checks(self._folder, contents, documents)
        inputs = input_check(self._folder, contents["inputs"])
        yield inputs
        manifests: dict[str, dict[str, Any]] = {}
        for run in contents["runs"]:
            yield from self._run(run, manifests)
        yield self._runs_of(documents, manifests)
        yield from life_checks(documents, manifests, self._folder / "runs")
        if inputs.holds:
            yield closed_check(self._folder, documents, manifests)
        good, check = table_check(self._folder, documents)
        yield check
        yield from self._money(documents, manifests, good)

    def _end(self, documents: Sequence[Document]) -> Check:
        findings = []
        if self.last != self._wanted:
            message = f"the last document has the digest {self.last or 'of none'}, {self._wanted} is wanted."
            findings.append(broken("last", message, documents[-1].file if documents else self._folder))
        return Check("archive", "the chain ends with the document that is wanted", 1, findings)

    def _run(self, listed: Mapping[str, str], manifests: dict[str, dict[str, Any]]) -> Iterator[Check]:
        """Yield the checks of a run, and keep its manifest if all of them hold."""
        folder, of = self._folder / "runs" / listed["id"], f"run {listed['id']}"
        if {"/", "\\", ".."} & {*listed["id"], listed["id"]}:
            yield Check(of, "the run has a name", 1, [broken("list", f"{listed['id']!r} is no id of a run.")])
            return
        holds = True
        for check in run_checks(folder, of):
            holds &= check.holds
            yield check
        if not holds:
            return
        manifest, _ = verified_manifest(folder, of)
        found = {"id": manifest["run"], "digest": manifest["digest"], "manifest_sha256": manifest["manifest_sha256"]}
        findings = [
            broken("list", f"its {name} is {found[name]}, {listed[name]} is listed.", folder)
            for name in found
            if found[name] != listed[name]
        ]
        yield Check(of, "the run is the one that is listed", 1, findings)
        if not findings:
            manifests[manifest["run"]] = manifest

    def _runs_of(self, documents: Sequence[Document], manifests: Mapping[str, Mapping[str, Any]]) -> Check:
        findings: list[Finding] = []
        for document in documents:
            named = document.body["run"]
            manifest = manifests.get(named["id"])
            if manifest is None:
                message = f"{document.called} names the run {named['id']}, which does not hold."
                findings.append(broken("run", message, document.file))
                continue
            period, plan = manifest["period"]["label"], manifest["plan"]["name"]
            stated = {
                "digest": (manifest["digest"], named["digest"]),
                "seal": (manifest["manifest_sha256"], named["manifest_sha256"]),
                "period": (period, document.period),
                "program": (plan, document.program),
            }
            findings += [
                broken("run", f"{document.called}: the {what} of its run is {got}, not {said}.", document.file)
                for what, (got, said) in stated.items()
                if got != said
            ]
        return Check("archive", "documents name the digest and the seal of their run", len(documents), findings)

    def _money(
        self, documents: Sequence[Document], manifests: Mapping[str, Mapping[str, Any]], good: set[str]
    ) -> Iterator[Check]:
        """Yield what is paid and booked, of documents whose run and tables hold."""
        commits: dict[tuple[str, str], Document] = {}
        for document in documents:
            manifest = manifests.get(document.body["run"]["id"])
            whole = all(table["sha256"] in good for table in document.body["tables"].values())
            commit = commits.get((document.program, document.period))
            if document.kind == "commit":
                commits[document.program, document.period] = document
            if not whole or manifest is None:
                continue
            if document.kind == "commit":
                stored = StoredTables(self._folder / "runs" / manifest["run"], manifest)
                yield from CommitMoney(self._folder, document, stored, manifest).checks()
            elif document.kind == "payment":
                yield from payment_checks(self._folder, document)
            elif commit is not None and commit.body["tables"]["journal"]["sha256"] in good:
                yield from reopening_checks(self._folder, document, commit)
