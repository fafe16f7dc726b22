"""A ladder as a plan writes it, before it is judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from mlmcalc.fields import Count, Flag, Model, Name, Text
from mlmcalc.ranks.rungs import Rung, RungLists
from mlmcalc.rules.values import Vocabulary

DEFAULT_LADDER = "rank"


class TitleRule(Model):
    """How a title is lost, and what a forced rank does to it."""

    lose_after: Annotated[Count, Field(ge=1)] | None = Field(
        default=None, description="periods in a row paid below it, after which it falls"
    )
    forced: Flag = Field(default=False, description="whether a forced rank counts")


def _title(value: Any) -> Any:
    return {"true": {}, "false": None}.get(value, value) if isinstance(value, str) else value


TitleField = Annotated[
    TitleRule | None,
    BeforeValidator(_title),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "boolean"},
                {
                    "type": "object",
                    "properties": {
                        "lose_after": {"type": "integer", "minimum": 1},
                        "forced": {"type": "boolean"},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class WrittenLadder(Model):
    """The rungs a member may hold, and how they are judged."""

    ladder: RungLists = Field(description="the rungs, lowest first, or such a list for every scheme")
    cumulative: Flag = Field(default=False, description="whether a rung also wants all lower ones")
    title: TitleField = Field(default=None, description="whether titles are kept, and how one is lost")
    keep_by: Literal["paid_as", "title"] = Field(
        default="paid_as", description="who may keep a rank: who was paid as it the period before, or has the title"
    )
    tree: Name | None = Field(default=None, description="the tree of legs; the first tree")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def remembers(self) -> str:
        """Section of state by which ranks are kept; empty where no rung says how."""
        if not any(rung.keep for _, rung in self.rungs()):
            return ""
        return "rank" if self.keep_by == "paid_as" else "title"

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
