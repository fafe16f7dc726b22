"""The ladder: which rank each member holds (plan model, section 5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.kernels import ladder as kernel
from mlmcalc.ranks.checks import ladder_findings
from mlmcalc.ranks.settled import named_by, settled_by
from mlmcalc.ranks.standing import RungStanding, standing_of
from mlmcalc.ranks.table import LadderTable, table_of
from mlmcalc.ranks.titles import TITLE, leave_ranks
from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.state import Keeps
from mlmcalc.rules.tree_columns import entered
from mlmcalc.rules.values import Node, Ranking, Values, Vocabulary

RANK = "rank"
"""Section of state: the ranks held, as paid."""


class Ladder(WrittenLadder):
    """The rungs a member may hold, and how they are judged."""

    def named(self, vocabulary: Vocabulary) -> set[Node]:
        """Return every value the rungs name, those too that are settled with the ladder."""
        return named_by(self, vocabulary)

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before; of metrics settled with the ladder, what these are computed from."""
        return settled_by(self, vocabulary).reads

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong, with paths relative to the ladder.

        Codes are ``ranks.name``, ``ranks.order``, ``ranks.scheme``, ``ranks.legs``, ``ranks.required``,
        ``ranks.circle`` and those of conditions.
        """
        return ladder_findings(self, vocabulary)

    def evaluate(self, values: Values, name: str) -> Ranking:
        """Return the rank of every member, judged from the leaves up.

        Raises
        ------
        InputRefused
            ``metrics.overflow``: a sum could leave 64 bits.
        """
        assert values.vocabulary is not None, "a ladder is judged by the names of its plan"
        table = table_of(self, values, name)
        rungs = _settled(table)
        return Ranking(table.tree.leave(rungs), tuple(values.vocabulary.ladders[name]), table.forced)

    def settled(self, values: Values, name: str) -> LadderTable:
        """Return the ladder's table with everything added up, from which `evaluate_some` can go on.

        Raises
        ------
        InputRefused
            ``metrics.overflow``.
        """
        table = table_of(self, values, name)
        _settled(table)
        return table

    def evaluate_some(
        self,
        values: Values,
        name: str,
        judged: NDArray[np.bool_],
        code: NDArray[np.int16],
        sums: NDArray[np.int64],
    ) -> NDArray[np.int16]:
        """Return the ranks of some members, given those of everybody else in their frontlines.

        Parameters
        ----------
        values : Values
            Of a part of the company: who is judged, and their frontlines in every tree the ladder looks at.
        name : str
        judged : (n,) bool
            By position. Whoever is above one who is judged, and in the part, is judged too.
        code : (n,) int16
            By position: the ranks of those who are not judged.
        sums : (rows, n) int64
            In tree order: what those who are not judged have added up (`settled`).

        Returns
        -------
        (n,) int16
            By position.
        """
        table = table_of(self, values, name)
        chosen = entered(table.tree, judged)
        members = table.members.copy()
        members[1] = np.where(chosen, members[1], entered(table.tree, code))
        started = np.where(chosen, table.sums, sums)
        # Who is not judged has all its sums already, and nothing is added to them.
        above = np.append(chosen, False)[table.parents]
        parents = np.where(above, table.parents, -1).astype(np.int32)
        return table.tree.leave(_settled(replace(table, parents=parents, sums=started, members=members)))

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return the ranks held, if by them somebody may keep a rank."""
        return (Keeps(RANK, name, tuple(vocabulary.ladders[name])),) if self.remembers == RANK else ()

    def leaves(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the title, if the ladder keeps it whether or not anything reads it."""
        wanted = self.title is not None or self.remembers == TITLE
        return {Node("title", f"{self.name_in(vocabulary)}.{TITLE}")} if wanted else set()

    def leave(self, values: Values, name: str) -> None:
        """Leave the ranks held, if by them somebody may keep a rank."""
        if self.remembers == RANK:
            code = values.rankings[name].code
            leave_ranks(values, RANK, name, code, (code > 0).astype(np.int64))

    def standing(self, values: Values, position: int) -> list[RungStanding]:
        """Return what every rung of one member's scheme requires of it, with what it has.

        Parameters
        ----------
        values : Values
            Of a finished run.
        position : int
        """
        return standing_of(self, values, position, self.name_in(values.vocabulary))


def _settled(table: LadderTable) -> NDArray[np.int16]:
    rungs = np.zeros(table.forced.size, dtype=np.int16)
    kernel.settle(
        table.parents,
        table.flags,
        table.sums,
        table.feeds,
        table.alternatives,
        table.tests,
        table.members,
        rungs,
    )
    return rungs
