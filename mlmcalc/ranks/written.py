"""A ladder as a plan writes it, before it is judged."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from mlmcalc.fields import Flag, Model, Name, Text
from mlmcalc.ranks.rungs import Rung, RungLists
from mlmcalc.rules.values import Vocabulary

DEFAULT_LADDER = "rank"


class WrittenLadder(Model):
    """The rungs a member may hold, and how they are judged."""

    ladder: RungLists = Field(description="the rungs, lowest first, or such a list for every scheme")
    cumulative: Flag = Field(default=False, description="whether a rung also wants all lower ones")
    tree: Name | None = Field(default=None, description="the tree of legs; the first tree")
    source: Text = Field(default="", description="where the company's document says so")

    def lists(self) -> dict[str, tuple[Rung, ...]]:
        """Return the rungs of every scheme; those of a ladder for all under the empty name."""
        return self.ladder.root

    def rungs(self) -> Iterator[tuple[tuple[str | int, ...], Rung]]:
        """Yield every rung with its path relative to the ladder."""
        for scheme, rungs in self.lists().items():
            for place, rung in enumerate(rungs):
                yield (("ladder", scheme, place) if scheme else ("ladder", place)), rung

    def rungs_of(self, scheme: str) -> tuple[Rung, ...]:
        """Return the rungs for the members of a scheme, lowest first."""
        lists = self.lists()
        return lists.get("", ()) if "" in lists else lists.get(scheme, ())

    def name_in(self, vocabulary: Vocabulary | None) -> str:
        """Return the name the plan gives this ladder."""
        for node, word in (vocabulary.definitions if vocabulary is not None else {}).items():
            if word is self:
                return node.name
        return DEFAULT_LADDER
