"""A plan as a kept run has it: bound, and its words restored when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlmcalc.audit.kept_words import restored_word
from mlmcalc.rules.values import ACTIVE, Node, NodeKind, Values, Vocabulary

_KINDS: dict[NodeKind, str] = {
    "ladder": "ladders",
    "bonus": "bonuses",
    "tree": "trees",
    "metric": "metrics",
    "points": "points",
    "volume": "volumes",
    "choice": "choices",
    "limit": "limits",
}


class KeptPlan:
    """What explanations read of a plan.

    Parameters
    ----------
    kept : mapping
        As it was kept.
    """

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.name: str = kept["name"]
        self.version: str = kept["version"]
        self.currency: str = kept["currency"]
        self.rounding = restored_word(kept["rounding"])
        self.active = restored_word(kept["active"])
        self._sources: Mapping[str, str] = kept["sources"]
        words: dict[NodeKind, _Words] = {kind: _Words(kept["words"][section]) for kind, section in _KINDS.items()}
        self.ladders, self.bonuses, self.trees = words["ladder"], words["bonus"], words["tree"]
        self.volumes, self.metrics = words["volume"], words["metric"]
        self.choices = words["choice"]
        self.limits = {name: _limit(words["limit"], name, kept["notes"]) for name in words["limit"]}
        self.payout = restored_word(kept["payout"])
        self.vocabulary: Vocabulary = replace(
            restored_word(kept["vocabulary"]), definitions=_Definitions(words, self.active)
        )

    def path_of(self, node: Node) -> Node:
        """Return the node itself: a kept plan has no document."""
        return node

    def source_of(self, node: Node) -> str:
        """Return where the company's own document speaks of a ladder."""
        return self._sources[node.name]


@dataclass(frozen=True, slots=True)
class NotedLimit:
    """A limit whose phrase is the same for everybody, and needs the whole company."""

    text: str
    source: str

    def note(self, values: Values, position: int) -> str:
        """Return the rule as a phrase."""
        return self.text


def _limit(words: Mapping[str, Any], name: str, notes: Mapping[str, str]) -> Any:
    return NotedLimit(notes[name], words[name].source) if name in notes else words[name]


class _Words(Mapping[str, Any]):
    """Words by name, each restored once, when it is asked for."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._kept = kept
        self._words: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._words:
            self._words[name] = restored_word(self._kept[name])
        return self._words[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class _Definitions(Mapping[Node, Any]):
    """The word behind each node. Ladders come first: they look for their own name here."""

    def __init__(self, words: Mapping[NodeKind, _Words], active: Any) -> None:
        self._words = words
        self._active = {} if active is None else {ACTIVE: active}

    def __getitem__(self, node: Node) -> Any:
        if node in self._active:
            return self._active[node]
        if node.kind not in self._words:
            raise KeyError(node)
        return self._words[node.kind][node.name]

    def __iter__(self) -> Iterator[Node]:
        yield from (Node(kind, name) for kind, words in self._words.items() for name in words)
        yield from self._active

    def __len__(self) -> int:
        return sum(map(len, self._words.values())) + len(self._active)
