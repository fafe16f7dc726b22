"""``exclusive``: of several bonuses an earner keeps one (plan model, section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Name, Text
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.limits.limit_word import changed, picked, unknown_bonus
from mlmcalc.rules.values import Node, Vocabulary

Several = Annotated[tuple[Name, ...], Field(min_length=2)]


class Exclusive(Model):
    """Of several bonuses each earner keeps the largest, or the first that pays anything."""

    greater_of: Several | None = Field(default=None, description="each earner keeps the largest; ties: the first named")
    first_of: Several | None = Field(default=None, description="each earner keeps the first that pays it anything")
    per: Literal["earner"] = "earner"
    source: Text = Field(default="", description="where the company's document says so")

    @model_validator(mode="after")
    def _one_rule(self) -> Exclusive:
        if (self.greater_of is None) == (self.first_of is None):
            raise ValueError("exclusive bonuses are stated as greater_of or as first_of")
        return self

    @property
    def bonuses(self) -> tuple[str, ...]:
        """The bonuses that exclude one another, as they are named."""
        return self.greater_of or self.first_of or ()

    @property
    def rule(self) -> str:
        """The key: ``greater_of`` or ``first_of``."""
        return "greater_of" if self.greater_of else "first_of"

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        return {Node("bonus", name) for name in self.bonuses}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``limits.unknown`` and ``limits.twice``, paths relative to the choice."""
        known = vocabulary.bonuses
        findings = [unknown_bonus(name, known, (self.rule,)) for name in self.bonuses if name not in known]
        for name in dict.fromkeys(self.bonuses):
            if self.bonuses.count(name) > 1:
                message = f"{name} is named twice."
                findings.append(Finding("limits.twice", message, "Name it once.", path=(self.rule,)))
        return findings

    def kept(self, have: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which bonus each of some members keeps.

        Parameters
        ----------
        have : (k, m) int64
            What some members have of each bonus, in the order in which they are named.

        Returns
        -------
        (m,) int64
            Row of `have`. A bonus of which a member has nothing is not chosen while it has something of another.
        """
        has = have != 0
        if self.first_of is not None:
            return has.argmax(axis=0)
        return np.where(has, have, np.iinfo(np.int64).min).argmax(axis=0)

    def changes(self, have: Mapping[str, NDArray[np.int64]]) -> dict[str, MemberAmounts]:
        """Return what is taken from each bonus, as a change of its amounts.

        Parameters
        ----------
        have : mapping of str to (n,) int64
            What every member has of every bonus, by position.
        """
        # Whoever has one of them at most loses nothing.
        first = have[self.bonuses[0]] != 0
        several = np.zeros_like(first)
        for name in self.bonuses[1:]:
            another = have[name] != 0
            several |= first & another
            first |= another
        members = np.flatnonzero(several)
        some = picked(self.bonuses, have, members)
        rows = np.arange(len(some))[:, None]
        return changed(self.bonuses, members, np.where(rows == self.kept(some), 0, -some))
