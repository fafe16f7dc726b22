"""Titles: the highest rank ever held on a ladder (plan model, sections 5 and 11.7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.needs import NO_RANK
from mlmcalc.rules.state import Keeps, Kept, StateRows
from mlmcalc.rules.values import Ranking, Values, Vocabulary

TITLE, BELOW = "title", "title_below"
"""Sections of state: the title; for how many periods in a row a member was paid below it, and as what at best."""


def held_before(values: Values, section: str, ladder: str) -> NDArray[np.int16]:
    """Return the rank that the period before left of each member, 0 for none.

    Parameters
    ----------
    values : Values
    section : str
        ``rank`` (as paid), ``title`` or ``title_below``; empty: nothing was kept.
    ladder : str

    Returns
    -------
    (n,) int16
        Codes of the ladder, by position.
    """
    assert values.vocabulary is not None, "a ladder is judged by the names of its plan"
    names = [NO_RANK, *values.vocabulary.ladders[ladder]]
    code = np.zeros(values.size, np.int16)
    rows = values.opening.rows(section, ladder)
    if rows.size:
        codes = np.array([names.index(key) if key in names else 0 for key in rows.keys], np.int16)
        np.maximum.at(code, rows.member, codes[rows.key])
    return code


def leave_ranks(values: Values, section: str, ladder: str, code: NDArray[np.int16], amounts: NDArray[np.int64]) -> None:
    """Leave one row, keyed by its rank, of each member whose amount is not 0."""
    assert values.vocabulary is not None, "a ladder is judged by the names of its plan"
    names = [NO_RANK, *values.vocabulary.ladders[ladder]]
    member = np.flatnonzero(amounts).astype(np.int32)
    since = np.zeros(member.size, np.int32)
    rows = StateRows(member, code[member].astype(np.int32), since, amounts[member], names, (values.closing.period,))
    values.closing.leave_rows(section, ladder, rows)


@dataclass(frozen=True, slots=True)
class TitleOf:
    """The title of a ladder, with this period (``rank.title``) or without (``rank.title_before``).

    Attributes
    ----------
    ladder : WrittenLadder
    name : str
    """

    ladder: WrittenLadder
    name: str

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it keeps."""
        ladder, _, which = self.name.rpartition(".")
        if which != TITLE:
            return ()
        names = tuple(vocabulary.ladders[ladder])
        below = (Keeps(BELOW, ladder, (NO_RANK, *names)),) if self._lose_after else ()
        return (Keeps(TITLE, ladder, names), *below)

    def evaluate(self, values: Values) -> Ranking:
        """Return the title of every member, and leave it to the next period."""
        ladder, _, which = self.name.rpartition(".")
        before = held_before(values, TITLE, ladder)
        names = tuple(values.vocabulary.ladders[ladder]) if values.vocabulary else ()
        if which != TITLE:
            return Ranking(before, names, np.zeros(values.size, np.bool_))
        paid = values.rankings[ladder]
        counts = np.ones(values.size, np.bool_)
        if self.ladder.title is None or not self.ladder.title.forced:
            counts = ~paid.forced
        title = np.where(counts, np.maximum(before, paid.code), before)
        if self._lose_after:
            title = self._fallen(values, ladder, before, title, paid.code, counts)
        leave_ranks(values, TITLE, ladder, title, (title > 0).astype(np.int64))
        return Ranking(title, names, paid.forced)

    @property
    def _lose_after(self) -> int:
        return (self.ladder.title.lose_after or 0) if self.ladder.title is not None else 0

    def _fallen(
        self,
        values: Values,
        ladder: str,
        before: NDArray[np.int16],
        title: NDArray[np.int16],
        paid: NDArray[np.int16],
        counts: NDArray[np.bool_],
    ) -> NDArray[np.int16]:
        """Return the titles after those are lowered who were paid below theirs for long enough; leave the counts."""
        below = counts & (paid < before)
        kept = ~counts
        count = values.opening.rows(BELOW, ladder).per_member(values.size, 0, Kept(BELOW, ladder))
        count = np.where(below, count + 1, np.where(kept, count, 0))
        highest = np.maximum(held_before(values, BELOW, ladder), np.where(below, paid, 0))
        falls = below & (count >= self._lose_after)
        title = np.where(falls, highest, title).astype(np.int16)
        leave_ranks(values, BELOW, ladder, highest.astype(np.int16), np.where(falls, 0, count))
        return title
