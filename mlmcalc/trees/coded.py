"""``coded``: the tree in which everybody hangs below the nearest upline who holds a code high enough."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Name
from mlmcalc.genealogy.joining import tree_of
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.joining import nearest_reaching
from mlmcalc.rules.values import Values, Vocabulary
from mlmcalc.rules.words import nearest
from mlmcalc.trees.hung import Hung, check_recorded


class Coded(Hung):
    """The code owner of every member: the nearest above who holds at least what the member needs."""

    coded: Name = Field(description="the recorded tree in which the code owner is looked for, from the enroller on")
    holds: Name = Field(description="the number column with the code that a member holds")
    needs: Name = Field(description="the number column with the code that a member's own package asks for")

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``trees.unknown``, ``trees.recorded``, ``trees.column`` and ``trees.decimals``."""
        findings = check_recorded("coded", self.coded, vocabulary)
        numbers = {name: decimals for name, (kind, decimals) in vocabulary.member_columns.items() if kind == "number"}
        for key, column in (("holds", self.holds), ("needs", self.needs)):
            if column not in numbers:
                message = f"{column} is not a number column of members."
                remedy = nearest(column, numbers) or f"Declare it: member_columns: {{{column}: {{decimals: 0}}}}."
                findings.append(Finding("trees.column", message, remedy, path=(key,)))
        if numbers.get(self.holds, 0) != numbers.get(self.needs, numbers.get(self.holds, 0)):
            message = f"{self.holds} and {self.needs} have different decimals."
            findings.append(Finding("trees.decimals", message, "Declare the same for both.", path=("needs",)))
        return findings

    def whole(self, values: Values, name: str) -> Tree:
        """Return the tree with everybody in it, whatever their status."""
        recorded = values.network.trees[self.coded]
        holds, needs = (
            np.ascontiguousarray(recorded.enter(values.network.columns[column].values))
            for column in (self.holds, self.needs)
        )
        found = nearest_reaching(recorded.parent, holds, needs)
        order = recorded.order
        owner = found if order is None else np.where(found >= 0, order[found], -1).astype(np.int32)
        return tree_of(name, np.ascontiguousarray(recorded.leave(owner)))
