"""What every bonus says: its base, who earns it, who causes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Text
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.sources import BaseField
from mlmcalc.rules.values import Node, Values, Vocabulary


class BonusWord(Model):
    """The keys that all bonuses share."""

    base: BaseField
    eligible: Condition | None = None
    sources: Condition | None = None
    source: Text = Field(default="", description="where the company's own document says so")

    def reads_shared(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values the shared keys read."""
        nodes = self.base.reads(vocabulary)
        for condition in (self.eligible, self.sources):
            if condition is not None:
                nodes |= condition.reads(vocabulary)
        return nodes

    def check_shared(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the shared keys."""
        findings = self.base.check(vocabulary)
        for key, condition in (("eligible", self.eligible), ("sources", self.sources)):
            if condition is not None:
                findings += [
                    replace(found, path=(key, *found.path)) for found in condition.check(vocabulary, place="member")
                ]
        return findings

    def allowed_sources(self, values: Values) -> NDArray[np.bool_]:
        """Return whose volume may pay this bonus, ``(n,)`` bool by position."""
        return values.is_source if self.sources is None else values.is_source & self.sources.holds(values)
