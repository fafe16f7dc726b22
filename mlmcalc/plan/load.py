"""Reading a plan: every finding at once, each with its line, or a plan that is fit to run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from mlmcalc.bonuses.registry import BONUS_WORDS
from mlmcalc.documents.document import Document
from mlmcalc.documents.known_keys import nearest
from mlmcalc.documents.validation import validated
from mlmcalc.documents.yaml_reader import read_document, read_file
from mlmcalc.errors import Finding, InputRefused, errors_of, refuse_errors
from mlmcalc.plan.digest import plan_digest
from mlmcalc.plan.graph import circles, evaluation_order, everything_read
from mlmcalc.plan.head import Head, column_type
from mlmcalc.plan.model import Plan
from mlmcalc.plan.names import build_vocabulary, has_rank_names, name_findings, vocabulary_of
from mlmcalc.plan.plugged import Plugged, load_plugged
from mlmcalc.plan.words import (
    LADDER_SECTIONS,
    OTHER_SECTIONS,
    SECTIONS,
    Entry,
    keys_of_bonuses,
    read_entries,
)
from mlmcalc.rules.state import Leaver
from mlmcalc.rules.values import ACTIVE, PAYOUT, Node, NodeKind, Vocabulary
from mlmcalc.trees.registry import TREE_WORDS

__all__ = ["Plan", "bind_plan", "load_plan"]

_NAMED = (*SECTIONS, *LADDER_SECTIONS)
_SECTIONS = (*_NAMED, *OTHER_SECTIONS)
_DERIVED = frozenset(TREE_WORDS) - {"parent"}
# What stands for a head that could not be read, so that the rest can be checked all the same.
_STAND_IN = {
    "mlmcalc": "1",
    "plan": "plan",
    "version": "1",
    "effective": "2000-01-01",
    "currency": "XXX",
    "rounding": {"place": "line", "grain": "source", "mode": "half_up", "unit": "0.01"},
}
# Where one of these could not be read, words that use it would be found wrong for nothing.
_MEANING = ("member_columns", "order_columns", "schemes", "decimals")


def load_plan(source: str | Path, file: str = "plan") -> Plan:
    """Return a plan, checked as a whole.

    Parameters
    ----------
    source : str or Path
        A path, or the text of a plan: what holds a line break is text.
    file : str
        Name of a plan given as text, for findings.

    Raises
    ------
    InputRefused
        ``documents.*``, ``plan.*`` and those of the words' rooms: every finding, with line and column.
    EnvironmentRefused
        ``documents.unreadable``.
    """
    is_text = isinstance(source, str) and "\n" in source
    return bind_plan(read_document(str(source), file) if is_text else read_file(source))


def bind_plan(document: Document) -> Plan:
    """Return the plan that a document states.

    Raises
    ------
    InputRefused
        As `load_plan`.
    """
    head, findings, is_clear = _head(document)
    plugged, wrong = _plugged(document)
    findings += wrong
    entries, wrong = read_entries(document, {word: found.model for word, found in plugged.items()})
    findings += wrong
    findings += [document.located(finding) for finding in _sections_missing(document, entries)]
    vocabulary = build_vocabulary(head, entries)
    findings += [document.located(finding, key=True) for finding in name_findings(head, entries, vocabulary)]
    if is_clear and not _unknown_names(document, entries):
        findings += [document.located(finding) for finding in _word_findings(head, entries, vocabulary)]
    order: tuple[Node, ...] = ()
    if not errors_of(findings):
        graph = _graph(head, entries, vocabulary)
        # What is paid out reads values as any other, but is no stage of a bonus: it comes when all statements are made.
        order = tuple(node for node in evaluation_order(graph) if node != PAYOUT)
        findings += [
            document.located(finding, key=True) for finding in _circle_findings(graph, (*order, PAYOUT), entries)
        ]
    refuse_errors(_in_reading_order(findings))
    return _plan(document, head, entries, vocabulary, order, findings, plugged)


def _plugged(document: Document) -> tuple[dict[str, Plugged], list[Finding]]:
    try:
        return load_plugged(keys_of_bonuses(document) - set(BONUS_WORDS)), []
    except InputRefused as refusal:
        return {}, list(refusal.findings)


def _head(document: Document) -> tuple[Head, list[Finding], bool]:
    """Return the head, or what can be read of it, its findings, and whether all that words refer to is clear."""
    written = {key: value for key, value in document.value.items() if key not in _SECTIONS}
    head, findings = validated(Head, written, document, (), "plan")
    findings = [_with_sections(finding, document) for finding in findings]
    if head is not None:
        return head, findings, True
    faulty = {finding.path[0] for finding in findings if finding.path}
    kept = {key: value for key, value in written.items() if key not in faulty and key in Head.model_fields}
    return Head.model_validate(_STAND_IN | kept), findings, not faulty.intersection(_MEANING)


def _with_sections(finding: Finding, document: Document) -> Finding:
    # A key of the plan itself may be a section misspelt as well as a key of the head.
    if finding.code == "plan.unknown_key" and len(finding.path) == 1:
        name, keys = str(finding.path[0]), (*_SECTIONS, *Head.model_fields)
        remedy = nearest(name, keys)
        if not remedy.startswith("Did you"):
            remedy = nearest(name, [key for key in keys if key not in document.value])
        return dataclasses.replace(finding, remedy=remedy)
    return finding


def _sections_missing(document: Document, entries: Sequence[Entry]) -> Iterator[Finding]:
    for section in ("volumes", "trees"):
        if document.value.get(section, "") in ("", {}):
            yield Finding("plan.missing", f"The plan has no {section}.", "A plan has at least one.", path=(section,))
    first = next((entry for entry in entries if entry.node.kind == "tree"), None)
    if first is not None and isinstance(first.written, dict) and _DERIVED.intersection(first.written):
        message = f"The first tree, {first.node.name}, is derived from another."
        remedy = "Begin with a recorded tree: its order is the order of every output."
        yield Finding("plan.first_tree", message, remedy, path=first.path)


def _unknown_names(document: Document, entries: Sequence[Entry]) -> bool:
    """Return whether names may be missing only because their section could not be read."""
    if any(not isinstance(document.value.get(section, {}), (dict, str)) for section in _NAMED if section != "ranks"):
        return True
    if any(document.value.get(section, "") == "" for section in ("volumes", "trees")):
        return True
    return any(
        entry.word is None and not has_rank_names(entry.written) for entry in entries if entry.node.kind == "ladder"
    )


def _word_findings(head: Head, entries: Sequence[Entry], vocabulary: Vocabulary) -> Iterator[Finding]:
    if head.active is not None:
        for finding in head.active.check(vocabulary):
            yield dataclasses.replace(finding, path=("active", *finding.path))
    pays_out = any(entry.node == PAYOUT for entry in entries)
    for finding in head.corrections.check(vocabulary, pays_out):
        yield dataclasses.replace(finding, path=("corrections", *finding.path))
    for entry in entries:
        if entry.word is not None:
            for finding in entry.word.check(vocabulary_of(entry, vocabulary)):
                yield dataclasses.replace(finding, path=entry.place(finding.path))


def _graph(head: Head, entries: Sequence[Entry], vocabulary: Vocabulary) -> dict[Node, set[Node]]:
    reads = {entry.node: entry.word.reads(vocabulary) for entry in entries}
    reads[ACTIVE] = set() if head.active is None else head.active.reads(vocabulary)
    besides: set[Node] = set()
    for entry in entries:
        if isinstance(entry.word, Leaver):
            besides |= entry.word.leaves(vocabulary)
    return everything_read(reads, besides)


def _circle_findings(
    graph: dict[Node, set[Node]], order: Sequence[Node], entries: Sequence[Entry]
) -> Iterator[Finding]:
    places = {entry.node: entry.path for entry in entries} | {ACTIVE: ("active",)}
    for circle in circles(graph, order):
        way = " → ".join(node.name for node in (*circle, circle[0]))
        start = next(node for node in circle if node in places)
        message = f"A circle: {way}; each reads the next."
        yield Finding("plan.circle", message, "Let one of them read something else.", path=places[start])


def _in_reading_order(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.position or 0))


def _plan(
    document: Document,
    head: Head,
    entries: Sequence[Entry],
    vocabulary: Vocabulary,
    order: tuple[Node, ...],
    findings: Sequence[Finding],
    plugged: Mapping[str, Plugged],
) -> Plan:
    words: dict[str, dict[str, Any]] = {kind: {} for kind in get_args(NodeKind)}
    for entry in entries:
        words[entry.node.kind][entry.node.name] = entry.word
    return Plan(
        head=head,
        rounding=head.rounding.bound(),
        volumes=words["volume"],
        trees=words["tree"],
        metrics=words["metric"],
        points=words["points"],
        ladders=words["ladder"],
        bonuses=words["bonus"],
        choices=words["choice"],
        limits=words["limit"],
        payout=words["payout"].get(PAYOUT.name),
        member_columns={name: column_type(column) for name, column in head.member_columns.items()},
        order_columns={name: column_type(column) for name, column in head.order_columns.items()},
        vocabulary=vocabulary,
        order=order,
        plugged=plugged,
        digest=plan_digest(document.value),
        warnings=tuple(_in_reading_order(findings)),
        document=document,
    )
