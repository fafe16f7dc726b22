"""``parent``: a tree recorded in a column of members."""

from __future__ import annotations

from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Model, Name, Text
from mlmcalc.genealogy.compress import effective_compressed
from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.values import Node, Values, Vocabulary


class Recorded(Model):
    """A recorded tree (plan model, section 3)."""

    parent: Name = Field(description="the member column that names the parent")
    leg: Name | None = Field(default=None, description="the member column that names the leg under the parent")
    width: Count | None = Field(default=None, description="how many legs a member has at most")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def policy(self) -> str:
        """Return empty text: nobody is left out."""
        return ""

    @property
    def base_tree(self) -> str:
        """Return empty text: it is derived from none."""
        return ""

    @property
    def keep(self) -> None:
        """Return None: no condition shapes it."""
        return

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return nothing: it is there from the start."""
        return set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``trees.width`` where the number of legs is missing its column, or none."""
        if self.width == 0:
            return [Finding("trees.width", "A tree of no legs has no members.", "State 1 or more.", path=("width",))]
        if self.width is not None and self.leg is None:
            remedy = "Name it as leg: placement_leg, or leave out width."
            return [Finding("trees.width", "width counts legs, but no column names them.", remedy, path=("width",))]
        return []

    def evaluate(self, values: Values, name: str) -> Tree:
        """Return the tree, without those whose status takes them out of it."""
        tree = values.network.trees[name]
        if values.walk_compressed is None:
            return tree
        return effective_compressed(tree, values.walk_compressed)
