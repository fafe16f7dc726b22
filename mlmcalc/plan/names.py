"""The names of a plan: what each means to the words that use it, and which may not be used."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from mlmcalc.errors import Finding
from mlmcalc.plan.graph import evaluation_order, everything_read
from mlmcalc.plan.head import Head, column_type
from mlmcalc.plan.words import Entry
from mlmcalc.rules.rank_order import merged_ranks
from mlmcalc.rules.values import ACTIVE, Node, NodeKind, Vocabulary

_SINCE_JOINED = ("days_since_joined", "months_since_joined", "periods_since_joined")
_MEMBER_WORDS = ("active", "status", "kind", "joined", *_SINCE_JOINED, "rank", "legs")
_MEMBER_COLUMNS = ("member_id", "status_from")
_ORDER_WORDS = ("order_id", "member_id", "date", "kind", "buyer", "first_order", *_SINCE_JOINED)
_SHARED = ("member", "none", "other")
RESERVED: dict[str, tuple[str, ...]] = {
    "volume": (*_MEMBER_WORDS, *_MEMBER_COLUMNS, *_SHARED),
    "metric": (*_MEMBER_WORDS, *_MEMBER_COLUMNS, *_SHARED),
    "points": (*_MEMBER_WORDS, *_MEMBER_COLUMNS, *_SHARED),
    "ladder": (*_MEMBER_WORDS, *_MEMBER_COLUMNS, *_SHARED),
    "member column": (*_MEMBER_WORDS, *_MEMBER_COLUMNS, *_SHARED),
    "order column": (*_ORDER_WORDS, "member"),
    "bonus": ("payout", "company"),
    "choice": (),
    "limit": (),
    "payout": (),
    "tree": (),
}


def build_vocabulary(head: Head, entries: Sequence[Entry]) -> Vocabulary:
    """Return what every name of a plan means.

    Names whose words could not be read are known too, so that those who use them are not found wrong for it.

    Parameters
    ----------
    head : Head
    entries : sequence of Entry
        In the order of the document.
    """
    rounding = head.rounding.bound()
    volumes = {entry.node.name: _written_decimals(entry, head.decimals) for entry in _of(entries, "volume")}
    order_columns = {name: column_type(words) for name, words in head.order_columns.items()}
    for entry in _of(entries, "volume"):
        column = _key(entry, "sum")
        if isinstance(column, str) and column and column not in head.order_columns:
            # Read as precisely as the most precise volume wants it.
            _, decimals = order_columns.get(column, ("number", 0))
            order_columns[column] = ("number", max(decimals, volumes[entry.node.name]))
    definitions: dict[Node, Any] = {entry.node: entry.word for entry in entries if entry.word is not None}
    if head.active is not None:
        definitions[ACTIVE] = head.active
    vocabulary = Vocabulary(
        volumes=volumes,
        metrics={entry.node.name: head.decimals for kind in ("metric", "points") for entry in _of(entries, kind)},
        points=frozenset(entry.node.name for entry in _of(entries, "points")),
        asked_on_orders=frozenset(filter(None, (_asked_bonus(entry) for entry in _of(entries, "volume")))),
        trees={entry.node.name: _policy(entry) for entry in _of(entries, "tree")},
        ladders={entry.node.name: rank_names(entry.written) for entry in _of(entries, "ladder")},
        member_columns={name: column_type(words) for name, words in head.member_columns.items()},
        order_columns=order_columns,
        bonuses=tuple(entry.node.name for entry in _of(entries, "bonus")),
        schemes=head.schemes.names if head.schemes else (),
        scheme_column=head.schemes.by if head.schemes else "",
        required_metrics=frozenset(entry.node.name for entry in _of(entries, "metric") if _is_required(entry)),
        first_tree=next((entry.node.name for entry in _of(entries, "tree")), ""),
        grain=rounding.grain,
        money_decimals=rounding.money_decimals,
        line_unit=rounding.unit if rounding.place == "line" else 1,
        decimals=head.decimals,
        paid_decimals=rounding.money_decimals,
        choices=_choices(entries),
        definitions=definitions,
    )
    return _with_decimals(vocabulary, entries)


def vocabulary_of(entry: Entry, vocabulary: Vocabulary) -> Vocabulary:
    """Return the names as an entry's word reads them: points are counted in the plan's decimals, not in money."""
    return vocabulary.of_points() if entry.node.kind == "points" else vocabulary


def _choices(entries: Sequence[Entry]) -> dict[str, Node]:
    # Of a bonus named in two choices the first counts here; it is refused for the second.
    found: dict[str, Node] = {}
    for entry in _of(entries, "choice"):
        for bonus in () if entry.word is None else entry.word.bonuses:
            found.setdefault(bonus, entry.node)
    return found


def _of(entries: Sequence[Entry], kind: NodeKind) -> Iterator[Entry]:
    return (entry for entry in entries if entry.node.kind == kind)


def _key(entry: Entry, key: str) -> Any:
    return entry.written.get(key) if isinstance(entry.written, dict) else None


def _written_decimals(entry: Entry, default: int) -> int:
    decimals = _key(entry, "decimals")
    return int(decimals) if isinstance(decimals, str) and decimals.isascii() and decimals.isdigit() else default


def _policy(entry: Entry) -> str:
    if _key(entry, "compress") is None:
        return ""
    policy = _key(entry, "volume")
    return policy if isinstance(policy, str) and policy else "stay"


def _asked_bonus(entry: Entry) -> str:
    after = _key(entry, "after")
    bonus = after.get("bonus") if isinstance(after, dict) else None
    return bonus.strip() if isinstance(bonus, str) else ""


def _is_required(entry: Entry) -> bool:
    take = _key(entry, "take")
    return isinstance(take, dict) and take.get("of") == "required"


def rank_names(written: Any) -> tuple[str, ...]:
    """Return the names of a ladder's ranks as written, lowest first; the lists of schemes merged."""
    return merged_ranks([[name for name in names if name] for names in _lists_of_names(written)])


def has_rank_names(written: Any) -> bool:
    """Return whether every rung of a ladder, as written, says its rank."""
    lists = _lists_of_names(written)
    return bool(lists) and all(all(names) for names in lists)


def _lists_of_names(written: Any) -> list[list[str]]:
    if isinstance(written, dict) and "ladder" in written:
        written = written["ladder"]
    lists = list(written.values()) if isinstance(written, dict) else [written]
    return [[_rank_of(rung) for rung in rungs] for rungs in lists if isinstance(rungs, list)]


def _rank_of(rung: Any) -> str:
    name = rung.get("rank") if isinstance(rung, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _with_decimals(vocabulary: Vocabulary, entries: Sequence[Entry]) -> Vocabulary:
    """Return the vocabulary with the decimals of volumes and metrics that follow from what they read.

    Those on a circle keep the plan's decimals: they are refused for the circle, not for their digits.
    """
    words = {entry.node: entry.word for entry in entries if entry.node.kind in ("volume", "metric") and entry.word}
    volumes, metrics = dict(vocabulary.volumes), dict(vocabulary.metrics)
    settled = dataclasses.replace(vocabulary, volumes=volumes, metrics=metrics)
    reads = {node: word.reads(vocabulary) for node, word in words.items()}
    for node in evaluation_order(everything_read(reads)):
        if node in words:
            (volumes if node.kind == "volume" else metrics)[node.name] = words[node].decimals(settled)
    return settled


def name_findings(head: Head, entries: Sequence[Entry], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield what is wrong with the names themselves, with paths of the document.

    Codes are ``plan.reserved``, ``plan.same_name``, ``plan.scheme_column`` and ``plan.summed_column``.
    """
    named: list[tuple[str, str, tuple[str | int, ...]]] = [
        (entry.node.kind, entry.node.name, entry.path) for entry in entries if entry.path != ("ranks",)
    ]
    named += [("member column", name, ("member_columns", name)) for name in head.member_columns]
    named += [("order column", name, ("order_columns", name)) for name in head.order_columns]
    for kind, name, path in named:
        if name in RESERVED[kind]:
            yield Finding(
                "plan.reserved", f"{name} has a meaning of its own.", f"Give the {kind} another name.", path=path
            )
    yield from _same_names(named)
    yield from _excluded_twice(entries)
    by = vocabulary.scheme_column
    if vocabulary.member_columns.get(by, ("text", 0))[0] != "text":
        message = f"The column {by} chooses the scheme, so it is text."
        yield Finding("plan.scheme_column", message, f"Declare it as {by}: text.", path=("member_columns", by))
    yield from _schemes_like_ranks(vocabulary)
    yield from _summed_columns(entries, vocabulary)


def _same_names(named: Sequence[tuple[str, str, tuple[str | int, ...]]]) -> Iterator[Finding]:
    # Some stand side by side in conditions, some in what a period leaves, where only the name tells them apart.
    for together in (("volume", "metric", "points", "ladder", "member column"), ("points", "bonus")):
        first: dict[str, str] = {}
        for kind, name, path in named:
            if kind not in together:
                continue
            if name in first:
                message = f"{name} is a {first[name]} and a {kind}."
                yield Finding("plan.same_name", message, "Give one of the two another name.", path=path)
            first.setdefault(name, kind)


def _excluded_twice(entries: Sequence[Entry]) -> Iterator[Finding]:
    first: dict[str, Entry] = {}
    for entry in _of(entries, "choice"):
        for bonus in () if entry.word is None else entry.word.bonuses:
            other = first.setdefault(bonus, entry)
            if other is not entry:
                message = f"{bonus} is one of {other.node.name}, and of this."
                remedy = "Name all that exclude one another in one choice."
                yield Finding("limits.twice", message, remedy, path=entry.path)


def _schemes_like_ranks(vocabulary: Vocabulary) -> Iterator[Finding]:
    ranks = {rank.removesuffix("+") for rank in vocabulary.ladders.get("rank", ())}
    for name in vocabulary.schemes:
        if name.removesuffix("+") in ranks:
            message = f"{name} is a scheme and a rank; a rate table could mean either."
            yield Finding("plan.same_name", message, "Give one of the two another name.", path=("schemes", "names"))


def _summed_columns(entries: Sequence[Entry], vocabulary: Vocabulary) -> Iterator[Finding]:
    for entry in _of(entries, "volume"):
        column = _key(entry, "sum")
        kind, _ = vocabulary.order_columns.get(column, ("number", 0)) if isinstance(column, str) else ("number", 0)
        if column in RESERVED["order column"]:
            message = f"The column {column} has a meaning of its own and is no volume."
            yield Finding("plan.summed_column", message, "Sum a column of volumes.", path=(*entry.path, "sum"))
        if kind != "number":
            message = f"The column {column} is declared as {kind} and cannot be summed."
            yield Finding("plan.summed_column", message, "Sum a number column.", path=(*entry.path, "sum"))
