"""Conditions: mappings of words to what they need; a list of mappings means any one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import GetJsonSchemaHandler, TypeAdapter, model_validator
from pydantic_core import CoreSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import WHEN_READ, Root
from mlmcalc.rules.need_faults import need_faults
from mlmcalc.rules.needs import NEED_SCHEMA, Goal, Need, NeedField, satisfied
from mlmcalc.rules.requirements import Requirement, requirement_of
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import Operand, Place, known_words, meaning, member_operand, nearest, order_operand

Alternative = Mapping[str, Need]
_ONE: TypeAdapter[dict[str, Need]] = TypeAdapter(dict[str, NeedField], config=WHEN_READ)
_SEVERAL: TypeAdapter[list[dict[str, Need]]] = TypeAdapter(list[dict[str, NeedField]], config=WHEN_READ)


class Condition(Root[tuple[Alternative, ...]]):
    """Any one of some alternatives, of each of which every word must hold."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return (_ONE.validate_python(value),)
        if isinstance(value, list):
            if not value:
                raise ValueError("the list of conditions is empty; {} holds always")
            return tuple(_SEVERAL.validate_python(value))
        if isinstance(value, tuple):
            return value
        raise ValueError("a condition is a mapping such as {pv: 100}, or a list of them")

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of what is written, not of what is kept."""
        one = {"type": "object", "additionalProperties": NEED_SCHEMA}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The mappings, in the order of the document."""
        return self.root

    def words(self) -> set[str]:
        """Return the words of all alternatives."""
        return {word for alternative in self.root for word in alternative}

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values that a condition on members is judged by."""
        meanings = [meaning(word, vocabulary, "member") for word in self.words()]
        return {found.node for found in meanings if found is not None and found.node is not None}

    def check(self, vocabulary: Vocabulary, place: Place = "member") -> list[Finding]:
        """Return what is wrong, with paths relative to the condition.

        Codes are ``rules.unknown_word``, ``rules.required`` and those of `mlmcalc.rules.need_faults.need_faults`.

        Parameters
        ----------
        vocabulary : Vocabulary
        place : {"member", "rung", "order"}
            ``rung`` allows metrics that depend on what a rung requires.
        """
        findings: list[Finding] = []
        for number, alternative in enumerate(self.root):
            prefix: tuple[int, ...] = (number,) if len(self.root) > 1 else ()
            for word, need in alternative.items():
                findings += [_below(finding, prefix) for finding in check_word(word, need, vocabulary, place)]
        return findings

    def holds(self, values: Values) -> NDArray[np.bool_]:
        """Return which members meet the condition.

        Returns
        -------
        (n,) bool
            By position.
        """
        return self._any(values.size, lambda word: member_operand(word, values))

    def holds_orders(self, values: Values) -> NDArray[np.bool_]:
        """Return which orders meet the condition.

        Returns
        -------
        (m,) bool
            By row of the orders.
        """
        return self._any(values.orders.size, lambda word: order_operand(word, values))

    def _any(self, size: int, operand: Callable[[str], Operand]) -> NDArray[np.bool_]:
        met = None
        for alternative in self.root:
            every = None
            for word, need in alternative.items():
                one = satisfied(need, operand(word), _goal(need, operand))
                every = one if every is None else every & one
            every = np.ones(size, dtype=np.bool_) if every is None else every
            met = every if met is None else met | every
        return np.zeros(size, dtype=np.bool_) if met is None else met

    def needs_active(self, values: Values, holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which members fail because they are not active.

        These meet no alternative, and every alternative asks for ``active: true``.

        Parameters
        ----------
        values : Values
        holds : (n,) bool
            What `holds` returns.

        Returns
        -------
        (n,) bool
            By position.
        """
        if not all("active" in alternative and alternative["active"].value == "true" for alternative in self.root):
            return np.zeros(values.size, dtype=np.bool_)
        assert values.active is not None, "active is read before it is judged"
        return ~(values.active | holds)

    def requirements(self, values: Values, position: int) -> list[list[Requirement]]:
        """Return for each alternative what it requires of one member, with what the member has."""

        def operand(word: str) -> Operand:
            return member_operand(word, values)

        return [
            [
                requirement_of(word, need, operand(word), position, _goal(need, operand))
                for word, need in alternative.items()
            ]
            for alternative in self.root
        ]


def check_word(word: str, need: Need, vocabulary: Vocabulary, place: Place) -> list[Finding]:
    """Return what is wrong with one word of a condition, with paths relative to the condition."""
    found = meaning(word, vocabulary, place)
    if found is None:
        remedy = nearest(word, known_words(vocabulary, place))
        return [Finding("rules.unknown_word", f"{word} is no word of a condition here.", remedy, path=(word,))]
    if word in vocabulary.required_metrics and place != "rung":
        remedy = "Use the metric in the requires of a ladder, or state the most that counts as an amount."
        message = f"{word} depends on what a rung requires and means nothing here."
        return [Finding("rules.required", message, remedy, path=(word,))]
    return need_faults(word, need, found, vocabulary, place)


def _below(finding: Finding, prefix: tuple[int, ...]) -> Finding:
    return replace(finding, path=(*prefix, *finding.path))


def _goal(need: Need, operand: Callable[[str], Operand]) -> Operand | None:
    return operand(need.min.column) if isinstance(need.min, Goal) else None
