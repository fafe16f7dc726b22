"""``pass_up``: the tree in which some recruits of every member go to the member's own upline (x-up, two-up)."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Flag, Name
from mlmcalc.genealogy.joining import order_of_joining, parents_by_position, tree_of
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.joining import passed_up
from mlmcalc.rules.values import Values, Vocabulary
from mlmcalc.trees.hung import Hung, check_recorded

MOST_RECRUITS = 1000
"""No published plan hands up more."""

Number = Annotated[Count, Field(ge=1, le=MOST_RECRUITS)]


class PassUp(Hung):
    """Recruits in the order of joining; those of some numbers belong to somebody above their recruiter."""

    pass_up: Name = Field(description="the recorded tree that says who recruited whom")
    first: Number | None = Field(default=None, description="how many recruits are passed up: the first ones")
    numbers: tuple[Number, ...] = Field(default=(), description="which recruits are passed up, by number")
    to: Literal["moved", "recorded"] = Field(
        default="moved", description="moved: to whom the recruiter belongs in this tree; recorded: to its recruiter"
    )
    received_count: Flag = Field(default=False, description="recruits received by pass-up have a number too")

    @property
    def needs_joined(self) -> bool:
        """Whether it cannot do without the members' day of joining: always."""
        return True

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``trees.unknown``, ``trees.recorded`` and ``trees.pass_up``."""
        findings = check_recorded("pass_up", self.pass_up, vocabulary)
        remedy = "Write first: 2, or numbers: [2, 4, 6, 8]."
        if (self.first is None) == (not self.numbers):
            message = "It is not said once which recruits are passed up."
            findings.append(Finding("trees.pass_up", message, remedy, path=("pass_up",)))
        if len(set(self.numbers)) < len(self.numbers):
            findings.append(Finding("trees.pass_up", "A number is listed twice.", "Keep it once.", path=("numbers",)))
        return findings

    def whole(self, values: Values, name: str) -> Tree:
        """Return the tree with everybody in it, whatever their status."""
        numbers = list(self.numbers) or list(range(1, (self.first or 0) + 1))
        passed = np.zeros(max(numbers) + 2, np.bool_)
        passed[numbers] = True
        recorded = values.network.trees[self.pass_up]
        recruiter = np.ascontiguousarray(parents_by_position(recorded))
        sequence = order_of_joining(values.network, recorded)
        return tree_of(name, passed_up(recruiter, sequence, passed, self.to == "moved", self.received_count))
