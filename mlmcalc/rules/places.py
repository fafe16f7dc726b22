"""Who comes first: the places that members take by a measure, and what decides between equals."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Text
from mlmcalc.ledger.id_ties import id_order
from mlmcalc.rules.measure import MeasureField
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import known_words, meaning, member_operand, nearest

_PLACES = re.compile(r"([1-9][0-9]{0,8})(?:\s*-\s*([1-9][0-9]{0,8}))?")
_INT64 = np.iinfo(np.int64)


class Tie(Model):
    """What decides between members of equal score; then the lowest id."""

    rule: Literal["lowest_id", "share", "most", "least"]
    word: Text = ""


def _read_tie(value: Any) -> Any:
    if value in ("lowest_id", "share"):
        return {"rule": value}
    if isinstance(value, dict) and len(value) == 1 and set(value) <= {"most", "least"}:
        ((rule, word),) = value.items()
        return {"rule": rule, "word": word}
    if isinstance(value, Tie):
        return value
    raise ValueError("lowest_id, share, {most: WORD} or {least: WORD} is wanted here")


TieField = Annotated[
    Tie,
    BeforeValidator(_read_tie),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["lowest_id", "share"]},
                *(
                    {
                        "type": "object",
                        "properties": {rule: {"type": "string"}},
                        "required": [rule],
                        "additionalProperties": False,
                    }
                    for rule in ("most", "least")
                ),
            ]
        }
    ),
]


def _read_places(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    found = _PLACES.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a number of places is wanted here, or from which to which: 10, or 13-24")
    first, last = (1, int(found[1])) if found[2] is None else (int(found[1]), int(found[2]))
    if last < first:
        raise ValueError(f"place {last} comes before place {first}")
    return first, last


Places = Annotated[
    tuple[int, int],
    BeforeValidator(_read_places),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}),
]


class Top(Model):
    """The members who come first."""

    places: Places
    by: MeasureField
    ties: TieField = Tie(rule="lowest_id")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        found = meaning(self.ties.word, vocabulary, "member") if self.ties.word else None
        return self.by.reads(vocabulary) | ({found.node} if found is not None and found.node is not None else set())

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong, with paths relative to ``top``."""
        findings = self.by.check("by", vocabulary)
        word = self.ties.word
        if not word:
            return findings
        found = meaning(word, vocabulary, "member")
        if found is None or found.type in ("text", "flag") or word in vocabulary.required_metrics:
            message = f"{word} is no number, day or rank of members."
            remedy = nearest(word, known_words(vocabulary, "member"))
            findings.append(Finding("bonuses.ties", message, remedy, path=("ties",)))
        return findings

    def winners(
        self, values: Values, allowed: NDArray[np.bool_], score: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the positions of those who take one of the places, best first, and their places.

        Nobody takes a place with a score of 0 or less. Where equals share, they all take the first of their places.

        Parameters
        ----------
        values : Values
        allowed : (n,) bool
        score : (n,) int64
        """
        first, last = self.places
        running = np.flatnonzero(allowed & (score > 0))
        if running.size > last:
            least = np.partition(score[running], running.size - last)[running.size - last]
            running = running[score[running] >= least]
        by_id = np.empty(running.size, np.int64)
        by_id[id_order(running, values.network.ids)] = np.arange(running.size)
        running = running[np.lexsort((by_id, self._tie(values, running), -score[running]))]
        place = np.arange(1, running.size + 1)
        if self.ties.rule == "share":
            own = score[running]
            starts = np.r_[True, own[1:] != own[:-1]] if own.size else np.zeros(0, np.bool_)
            place = np.maximum.accumulate(np.where(starts, place, 0))
        wins = (place >= first) & (place <= last)
        return running[wins], place[wins]

    def _tie(self, values: Values, running: NDArray[np.int64]) -> NDArray[np.int64]:
        # Lower is better; who has no value comes last.
        if not self.ties.word:
            return np.zeros(running.size, np.int64)
        operand = member_operand(self.ties.word, values)
        value = operand.values[running].astype(np.int64)
        value = ~value if self.ties.rule == "most" else value
        return value if operand.known is None else np.where(operand.known[running], value, _INT64.max)
