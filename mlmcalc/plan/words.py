"""The words of a plan: each entry of a section is read by the model that its identifying key names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from mlmcalc.bonuses.registry import BONUS_WORDS
from mlmcalc.documents.document import Document
from mlmcalc.documents.known_keys import nearest
from mlmcalc.documents.validation import validated
from mlmcalc.errors import Finding
from mlmcalc.fields import NAME_FORM, is_name
from mlmcalc.limits.exclusive import Exclusive
from mlmcalc.limits.registry import LIMIT_WORDS
from mlmcalc.metrics.registry import METRIC_WORDS
from mlmcalc.ranks.registry import LADDER_WORD
from mlmcalc.rules.values import PAYOUT, Node, NodeKind, Vocabulary
from mlmcalc.trees.registry import TREE_WORDS
from mlmcalc.volumes.registry import VOLUME_WORDS


class Word(Protocol):
    """What every word of a plan can say about itself."""

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        ...

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with it, with paths relative to it."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One named value of a plan.

    Attributes
    ----------
    node : Node
    path : tuple
        Where it stands in the document.
    written : Any
        As it stands there.
    word : Word or None
        None if it could not be read; its findings are known then, its name still counts.
    is_short : bool
        Whether `word` was read from ``{ladder: written}``, so that its paths begin with a key the document lacks.
    """

    node: Node
    path: tuple[str | int, ...]
    written: Any
    word: Any
    is_short: bool = False

    def place(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """Return a path relative to the word as a path of the document."""
        return self.path + (path[1:] if self.is_short and path[:1] == ("ladder",) else path)


SECTIONS: dict[str, tuple[NodeKind, Mapping[str, type[BaseModel]]]] = {
    "volumes": ("volume", VOLUME_WORDS),
    "trees": ("tree", TREE_WORDS),
    "metrics": ("metric", METRIC_WORDS),
    "points": ("points", BONUS_WORDS),
    "bonuses": ("bonus", BONUS_WORDS),
    "limits": ("limit", LIMIT_WORDS),
}
LADDER_SECTIONS = ("ranks", "ladders")
OTHER_SECTIONS = ("exclusive", "payout")


BONUS_SECTIONS = ("points", "bonuses")


def keys_of_bonuses(document: Document) -> set[str]:
    """Return every key of every bonus as written: one of them is its word."""
    sections = [document.value.get(section, "") for section in BONUS_SECTIONS]
    written = [word for section in sections if isinstance(section, dict) for word in section.values()]
    return {key for word in written if isinstance(word, dict) for key in word}


def read_entries(
    document: Document, plugged: Mapping[str, type[BaseModel]] | None = None
) -> tuple[list[Entry], list[Finding]]:
    """Return every named value of a document, in its order by section, and what is wrong with their form.

    Bonus words of other packages are in `plugged`. Findings are ``plan.type``, ``plan.name``, ``plan.word`` and those
    of `mlmcalc.documents.validation.validated`.
    """
    entries: list[Entry] = []
    findings: list[Finding] = []
    for section, (kind, own) in SECTIONS.items():
        registry = {**plugged, **own} if plugged and section in BONUS_SECTIONS else own
        for name, written in _named(document, section, findings):
            path = (section, name)
            model = _model_of(written, registry, path, document, findings)
            word = _read(model, written, document, path, findings) if model else None
            entries.append(Entry(Node(kind, name), path, written, word))
    if document.value.get("ranks", "") != "":
        entries.append(_ladder("rank", document.value["ranks"], ("ranks",), document, findings))
    for name, written in _named(document, "ladders", findings):
        entries.append(_ladder(name, written, ("ladders", name), document, findings))
    entries += _choices(document, findings)
    if document.value.get("payout", "") != "":
        from mlmcalc.payout.payout_word import Payout

        word = _read(Payout, document.value["payout"], document, ("payout",), findings)
        entries.append(Entry(PAYOUT, ("payout",), document.value["payout"], word))
    return entries, findings


def _choices(document: Document, findings: list[Finding]) -> list[Entry]:
    written = document.value.get("exclusive", "")
    if written == "":
        return []
    if not isinstance(written, list):
        message, remedy = "exclusive is a list.", "Write - {greater_of: [BONUS, BONUS]} lines below it."
        findings.append(document.located(Finding("plan.type", message, remedy, path=("exclusive",))))
        return []
    entries = []
    for number, choice in enumerate(written):
        path = ("exclusive", number)
        word = _read(Exclusive, choice, document, path, findings)
        name = f"exclusive {number + 1}" if word is None else f"{word.rule} {', '.join(word.bonuses)}"
        entries.append(Entry(Node("choice", name), path, choice, word))
    return entries


def _named(document: Document, section: str, findings: list[Finding]) -> list[tuple[str, Any]]:
    written = document.value.get(section, "")
    if written == "":
        return []
    if not isinstance(written, dict):
        message = f"{section} maps names to what they mean."
        findings.append(
            document.located(Finding("plan.type", message, "Write `name: {...}` lines below it.", path=(section,)))
        )
        return []
    named = []
    for name, value in written.items():
        if name == "source" and isinstance(value, str):
            continue
        if not is_name(name):
            finding = Finding("plan.name", f"{name!r} is no name.", f"A name is {NAME_FORM}.", path=(section, name))
            findings.append(document.located(finding, key=True))
        named.append((name, value))
    return named


_USUAL_NAMES = {
    "bonuses": {
        "match": "Matching is levels with base: {earned: [BONUS]}.",
        "infinity": "An infinity is levels with and_below, a differential with own: false, or personal on a metric.",
        "generation": "Generations are levels with count_from: 1 on a tree that keeps the leaders.",
        "breakaway": "Generations are levels with count_from: 1 on a tree that keeps the leaders.",
        "fast_start": "A fast start is levels on a volume of new members' orders.",
        "unilevel": "That is levels: [5%, 3%].",
        "override": "That is levels: [5%, 3%], or a differential.",
        "matrix": "That is levels: [5%, 3%] on the tree of the matrix.",
        "stairstep": "That is a differential.",
        "retail": "That is personal: 25%.",
        "rebate": "That is personal: 25%.",
        "fixed": "A fixed amount for a rank or an event is an award.",
    },
    "metrics": {
        "min": "The smaller of an amount and a number is {add: [X], at_most: 100}.",
        "max": "The larger of an amount and a number is {add: [X], at_least: 100}.",
        "minus": "A difference is {add: [X], less: [Y]}.",
        "less": "A difference is {add: [X], less: [Y]}.",
        "plus": "A sum is {add: [X, Y]}, with a number {add: [X], plus: 1}.",
    },
}
"""What documents call it, and how it is written here."""


def _meant(section: str, key: str) -> list[str]:
    usual = _USUAL_NAMES.get("bonuses" if section == "points" else section, {})
    return [usual[name] for name in (key, key.removesuffix("s"), key.removesuffix("ing")) if name in usual][:1]


def _model_of(
    written: Any,
    registry: Mapping[str, type[BaseModel]],
    path: tuple[str, str],
    document: Document,
    findings: list[Finding],
) -> type[BaseModel] | None:
    if not isinstance(written, dict):
        message, remedy = f"{path[1]} is not described.", f"Write {path[1]}: {{{next(iter(registry))}: ...}}."
        findings.append(document.located(Finding("plan.type", message, remedy, path=path)))
        return None
    said = [key for key in registry if key in written]
    if len(said) == 1:
        return registry[said[0]]
    known = ", ".join(registry)
    if said:
        message, remedy = f"{path[1]} is both {' and '.join(said)}.", "Keep one of them."
    else:
        guesses = [guess for guess in (nearest(key, registry) for key in written) if guess.startswith("Did you")]
        meant = [said_as for key in written for said_as in _meant(path[0], key)]
        message, remedy = f"{path[1]} has none of the keys {known}.", [*meant, *guesses, "Add one of them."][0]
        if not guesses and not meant and path[0] in BONUS_SECTIONS:
            remedy += " The word of a plug-in is known where its package is installed."
    findings.append(document.located(Finding("plan.word", message, remedy, path=path), key=True))
    return None


def _read(
    model: type[BaseModel],
    written: Any,
    document: Document,
    path: tuple[str | int, ...],
    findings: list[Finding],
    short: bool = False,
) -> Any:
    # Every section may say where it comes from, whether or not its word has a use for that.
    value = written
    if isinstance(written, dict) and isinstance(written.get("source"), str) and "source" not in model.model_fields:
        value = {key: part for key, part in written.items() if key != "source"}
    word, wrong = validated(
        model, {"ladder": value} if short else value, document, path, "plan", ("ladder",) if short else ()
    )
    findings.extend(wrong)
    return word


def _ladder(name: str, written: Any, path: tuple[str, ...], document: Document, findings: list[Finding]) -> Entry:
    short = not (isinstance(written, dict) and "ladder" in written)
    word = _read(LADDER_WORD, written, document, path, findings, short)
    return Entry(Node("ladder", name), path, written, word, short)
