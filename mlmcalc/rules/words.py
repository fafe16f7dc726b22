"""What a word of a condition means: its type while a plan is checked, its column while a plan runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES, Column
from mlmcalc.rules.calendar import months_completed, periods_since
from mlmcalc.rules.values import ACTIVE, TITLES, Node, Values, Vocabulary

Place = Literal["member", "rung", "order"]
WordType = Literal["number", "text", "day", "flag", "rank"]

_ORDER_KINDS = ("sale", "return")
_SINCE = ("days_since_joined", "months_since_joined", "periods_since_joined")
_MEMBER_WORDS = ("active", "status", "kind", "joined", *_SINCE)
_ORDER_WORDS = ("kind", "buyer", "first_order", *_SINCE, "member.status", "member.joined", "member.kind")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word is, as far as the plan alone tells.

    Attributes
    ----------
    type : {"number", "text", "day", "flag", "rank"}
    decimals : int
        Of a number.
    labels : sequence of str or None
        The texts it can be, or the ranks, lowest first; None where any text may occur.
    node : Node or None
        The value of the graph behind it, None for columns.
    """

    type: WordType
    decimals: int = 0
    labels: Sequence[str] | None = None
    node: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """The column of a word in a run.

    Attributes
    ----------
    type : {"number", "text", "day", "flag", "rank"}
    values : (k,) integer or bool
        By position or by row of the orders; text: codes into `labels`, -1 not given; rank: codes, 0 for none.
    decimals : int
    labels : sequence of str
    known : (k,) bool or None
        Where the value is known; every need but ``given: false`` fails elsewhere. None: everywhere.
    given : (k,) bool or None
        Where the cell was filled. None: everywhere.
    """

    type: WordType
    values: NDArray[Any]
    decimals: int = 0
    labels: Sequence[str] = ()
    known: NDArray[np.bool_] | None = None
    given: NDArray[np.bool_] | None = None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a remedy that names the nearest known name, or lists them all where none is near."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return f"Perhaps {close[0]} is meant."
    return f"Known are: {', '.join(names)}." if names else ""


def known_words(vocabulary: Vocabulary, place: Place) -> list[str]:
    """Return the words a condition may use at a place."""
    if place == "order":
        members = [f"member.{name}" for name in vocabulary.member_columns]
        return [*_ORDER_WORDS, *vocabulary.order_columns, *members]
    columns = [*vocabulary.member_columns, *([vocabulary.scheme_column] if vocabulary.scheme_column else [])]
    titles = ["title", "title_before"] if "rank" in vocabulary.ladders else []
    titles += [f"{ladder}.{word}" for ladder in vocabulary.ladders if ladder != "rank" for word in TITLES]
    return [*_MEMBER_WORDS, *vocabulary.ladders, *titles, *vocabulary.volumes, *vocabulary.metrics, *columns]


def meaning(word: str, vocabulary: Vocabulary, place: Place) -> Meaning | None:
    """Return what a word means in a condition on members or orders, None where it means nothing."""
    if word in _SINCE:
        return Meaning("number")
    if place == "order":
        return _order_meaning(word, vocabulary)
    if word == "active":
        return Meaning("flag", node=ACTIVE)
    ranking = vocabulary.ranking_of(word)
    if ranking is not None:
        ladder = ranking.name.rpartition(".")[0] if ranking.kind == "title" else word
        return Meaning("rank", labels=tuple(vocabulary.ladders[ladder]), node=ranking)
    node = vocabulary.node_of(word)
    decimals = vocabulary.quantity_decimals(word)
    if node is not None and decimals is not None:
        return Meaning("number", decimals, node=node)
    return _member_column_meaning(word, vocabulary)


def _member_column_meaning(word: str, vocabulary: Vocabulary) -> Meaning | None:
    if word == "status":
        return Meaning("text", labels=STATUSES[:4])
    if word == "kind":
        return Meaning("text", labels=KINDS)
    if word == "joined":
        return Meaning("day")
    if word and word == vocabulary.scheme_column:
        return Meaning("text", labels=tuple(vocabulary.schemes))
    if word not in vocabulary.member_columns:
        return None
    column_type, decimals = vocabulary.member_columns[word]
    return Meaning(column_type, decimals)  # type: ignore[arg-type]


def _order_meaning(word: str, vocabulary: Vocabulary) -> Meaning | None:
    if word == "kind":
        return Meaning("text", labels=_ORDER_KINDS)
    if word == "buyer":
        return Meaning("text", labels=KINDS)
    if word == "first_order":
        return Meaning("flag")
    owner, _, column = word.partition(".")
    if owner == "member" and column:
        return _member_column_meaning(column, vocabulary)
    if word not in vocabulary.order_columns:
        return None
    column_type, decimals = vocabulary.order_columns[word]
    return Meaning(column_type, decimals)  # type: ignore[arg-type]


def _operand_of_column(column: Column) -> Operand:
    if column.type == "text":
        return Operand("text", column.values, labels=column.labels, given=column.values >= 0)
    if column.type == "day":
        known = column.values != NO_DAY
        return Operand("day", column.values, known=known, given=known)
    return Operand(column.type, column.values, column.decimals, given=column.given)


def _since_joined(word: str, values: Values, joined: NDArray[np.int32], day: NDArray[np.int32] | int) -> Operand:
    known = joined != NO_DAY
    start = np.where(known, joined, 0).astype(np.int64)
    to = np.broadcast_to(np.asarray(day, dtype=np.int64), start.shape)
    if word == "periods_since_joined":
        network = values.network
        number = periods_since(start, network.first_day, network.day, values.closing.period)
    else:
        number = to - start if word == "days_since_joined" else months_completed(start, to)
    return Operand("number", number, known=known, given=known)


def member_operand(word: str, values: Values) -> Operand:
    """Return the column of a word of a condition on members, by position.

    Raises
    ------
    KeyError
        The word names nothing in this run.
    """
    network = values.network
    if word in _SINCE:
        return _since_joined(word, values, network.joined, network.day)
    if word == "active":
        assert values.active is not None, "active is read before it is judged"
        return Operand("flag", values.active)
    ranking = values.ranking(word)
    if ranking is not None:
        return Operand("rank", ranking.code, labels=ranking.names)
    if word in values.metrics or word in values.volumes:
        quantity = values.quantity(word)
        return Operand("number", quantity.amounts, quantity.decimals)
    return _member_column(word, values)


def _member_column(word: str, values: Values) -> Operand:
    network = values.network
    if word == "status":
        return Operand("text", network.status, labels=STATUSES)
    if word == "kind":
        return Operand("text", network.kind, labels=KINDS)
    if word == "joined":
        known = network.joined != NO_DAY
        return Operand("day", network.joined, known=known, given=known)
    return _operand_of_column(network.columns[word])


def order_operand(word: str, values: Values) -> Operand:
    """Return the column of a word of a condition on orders, by row of the orders.

    Raises
    ------
    KeyError
        The word names nothing in this run.
    """
    orders, network = values.orders, values.network
    if word in _SINCE:
        return _since_joined(word, values, network.joined[orders.member], orders.day)
    if word == "kind":
        return Operand("text", orders.kind, labels=_ORDER_KINDS)
    if word == "buyer":
        return Operand("text", network.kind[orders.member], labels=KINDS)
    if word == "first_order":
        return Operand("flag", orders.first)
    owner, _, column = word.partition(".")
    if owner == "member" and column:
        return _rows_of(_member_column(column, values), orders.member)
    return _operand_of_column(orders.columns[word])


def _rows_of(operand: Operand, rows: NDArray[np.int32]) -> Operand:
    known = None if operand.known is None else operand.known[rows]
    given = None if operand.given is None else operand.given[rows]
    return Operand(operand.type, operand.values[rows], operand.decimals, operand.labels, known, given)
