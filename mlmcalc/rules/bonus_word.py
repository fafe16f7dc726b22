"""What every bonus says: its base, who earns it, who causes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Text
from mlmcalc.money import RATE_ONE_PPM
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

    def check_by(self, by: str | None, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.by`` where the base has no single orders whose column could choose a rate."""
        if by is None:
            return []
        remedy = "Pay on a volume of whole orders, or leave out by."
        if self.base.volume is None:
            message = "What other bonuses paid has no order column."
            return [Finding("bonuses.by", message, remedy, path=("by",))]
        shared = _with_share(self.base.volume.partition("@")[0], vocabulary)
        if not shared:
            return []
        message = f"The share of {shared} is rounded once per member, so its orders cannot be told apart."
        return [Finding("bonuses.by", message, remedy, path=("by",))]

    def check_tier(self, tier: str | None, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.tier`` where what chooses the tier has a value only inside a rung."""
        if tier not in vocabulary.required_metrics:
            return []
        message = f"{tier} depends on what a rung requires and means nothing here."
        return [Finding("bonuses.tier", message, "Use it in the requires of a ladder.", path=("tier",))]

    def allowed_sources(self, values: Values) -> NDArray[np.bool_]:
        """Return whose volume may pay this bonus, ``(n,)`` bool by position."""
        return values.is_source if self.sources is None else values.is_source & self.sources.holds(values)


def _with_share(volume: str, vocabulary: Vocabulary, seen: frozenset[str] = frozenset()) -> str:
    # The name of the volume, among this one and those it adds, of which a share counts; empty if there is none.
    word = vocabulary.definitions.get(Node("volume", volume))
    if getattr(word, "share", RATE_ONE_PPM) != RATE_ONE_PPM:
        return volume
    parts = [part for part in getattr(word, "add", ()) if part not in seen]
    return next(filter(None, (_with_share(part, vocabulary, seen | {volume}) for part in parts)), "")
