"""Trees in which everybody has a place that follows from a recorded tree and from the data of members."""

from __future__ import annotations

from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Text
from mlmcalc.genealogy.compress import effective_compressed
from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest
from mlmcalc.trees.recorded import Recorded


class Hung(Model):
    """What such trees have in common: like recorded ones they keep everybody, and others may be derived from them."""

    source: Text = Field(default="", description="where the company's document says so")

    @property
    def policy(self) -> str:
        """Return empty text: nobody is left out."""
        return ""

    @property
    def base_tree(self) -> str:
        """Return empty text: leaves up means its own leaves."""
        return ""

    @property
    def keep(self) -> None:
        """Return None: no condition shapes it."""
        return

    @property
    def needs_joined(self) -> bool:
        """Whether it cannot do without the members' day of joining."""
        return False

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return nothing: members and recorded trees are there from the start."""
        return set()

    def whole(self, values: Values, name: str) -> Tree:
        """Return the tree with everybody in it, whatever their status."""
        raise NotImplementedError

    def evaluate(self, values: Values, name: str) -> Tree:
        """Return the tree, without those whose status takes them out of it."""
        tree = self.whole(values, name)
        return tree if values.walk_compressed is None else effective_compressed(tree, values.walk_compressed)


def check_recorded(key: str, name: str, vocabulary: Vocabulary) -> list[Finding]:
    """Return ``trees.unknown`` or ``trees.recorded`` where a name is not a recorded tree of the plan."""
    if name not in vocabulary.trees:
        remedy = nearest(name, vocabulary.trees)
        return [Finding("trees.unknown", f"{name} is not a tree of this plan.", remedy, path=(key,))]
    words = {one: vocabulary.definitions.get(Node("tree", one)) for one in vocabulary.trees}
    if words[name] is None or isinstance(words[name], Recorded):
        return []
    recorded = [one for one, word in words.items() if isinstance(word, Recorded)]
    message = f"{name} is not a recorded tree."
    return [Finding("trees.recorded", message, f"Recorded are: {', '.join(recorded)}.", path=(key,))]
