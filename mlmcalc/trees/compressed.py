"""``compress``: a tree that keeps the members who meet a condition."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Name, Text
from mlmcalc.genealogy.compress import compress
from mlmcalc.genealogy.tree import Tree, VolumePolicy
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest


class Compressed(Model):
    """A derived tree (plan model, section 3)."""

    compress: Name = Field(description="the tree it is derived from")
    keep: Condition = Field(description="who stays; everybody else belongs to the nearest kept ancestor")
    volume: VolumePolicy = Field(default="stay", description="what happens to the volume of those left out")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def policy(self) -> str:
        """What happens to the volume of those left out."""
        return self.volume

    @property
    def base_tree(self) -> str:
        """Name of the tree it is derived from."""
        return self.compress

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the tree it is derived from and what the condition looks at."""
        return {Node("tree", self.compress)} | self.keep.reads(vocabulary)

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``trees.unknown`` and the findings of the condition."""
        findings = [replace(finding, path=("keep", *finding.path)) for finding in self.keep.check(vocabulary)]
        if self.compress not in vocabulary.trees:
            message = f"{self.compress} is not a tree of this plan."
            remedy = nearest(self.compress, vocabulary.trees)
            findings.append(Finding("trees.unknown", message, remedy, path=("compress",)))
        return findings

    def evaluate(self, values: Values, name: str) -> Tree:
        """Return the derived tree."""
        return compress(values.trees[self.compress], self.keep.holds(values), self.volume, name)
