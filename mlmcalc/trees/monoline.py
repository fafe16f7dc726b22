"""``monoline``: one line of everybody, in the order of joining."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.genealogy.joining import order_of_joining, tree_of
from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.values import Values, Vocabulary
from mlmcalc.trees.hung import Hung


class Monoline(Hung):
    """Each member hangs below the one who joined before it."""

    monoline: Literal["joined"] = Field(description="what orders the line: the day of joining")

    @property
    def needs_joined(self) -> bool:
        """Whether it cannot do without the members' day of joining: always."""
        return True

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return nothing: it depends on no name."""
        return []

    def whole(self, values: Values, name: str) -> Tree:
        """Return the line with everybody in it, whatever their status."""
        sequence = order_of_joining(values.network, values.network.first_tree)
        parent = np.full(sequence.size, -1, np.int32)
        parent[sequence[1:]] = sequence[:-1]
        return tree_of(name, parent)
