"""``add``: a volume that is the sum of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Factor, Model, Name, Text
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM
from mlmcalc.rules.local import Spread
from mlmcalc.rules.shares import scaled
from mlmcalc.rules.values import Entries, Node, Quantity, Values, Vocabulary, Volume
from mlmcalc.rules.words import nearest


class Added(Model):
    """The sum of several volumes of equal decimals."""

    add: Annotated[tuple[Name, ...], Field(min_length=1, description="the volumes to add")]
    times: Factor = Field(default=RATE_ONE_PPM, description="what the sum is multiplied by, rounded once per member")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its own values."""
        return "own"

    def rounds_members(self, vocabulary: Vocabulary) -> bool:
        """Return whether the sum is rounded once per member, so that its orders cannot be told apart."""
        return self.times % RATE_ONE_PPM != 0

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the volumes it adds."""
        return {Node("volume", name) for name in self.add if name in vocabulary.volumes}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``volumes.unknown``, ``volumes.twice``, ``volumes.decimals`` and ``volumes.share``."""
        findings = []
        if vocabulary.grain == "order" and self.rounds_members(vocabulary):
            message = "What counts is rounded per member, so lines cannot be kept per order."
            remedy = "Use grain: source, or state times where the orders are summed, with decimals that hold it."
            findings.append(Finding("volumes.share", message, remedy, path=("times",)))
        for place, name in enumerate(self.add):
            path = ("add", place)
            if name not in vocabulary.volumes:
                remedy = nearest(name, vocabulary.volumes)
                findings.append(Finding("volumes.unknown", f"{name} is not a volume of this plan.", remedy, path=path))
            elif name in self.add[:place]:
                findings.append(Finding("volumes.twice", f"{name} is added twice.", "Keep it once.", path=path))
            elif vocabulary.grain == "order" and hasattr(vocabulary.definitions.get(Node("volume", name)), "closed"):
                message = f"{name} has no orders, and lines are kept per order."
                remedy = "Use grain: source, or pay on each of them by itself."
                findings.append(Finding("volumes.share", message, remedy, path=path))
            elif vocabulary.volumes[name] != self.decimals(vocabulary):
                message = (
                    f"{name} has {vocabulary.volumes[name]} decimals, {self.add[0]} has {self.decimals(vocabulary)}."
                )
                remedy = "Volumes that are added have equal decimals."
                findings.append(Finding("volumes.decimals", message, remedy, path=path))
        return findings

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the first volume, which all others share."""
        return vocabulary.volumes.get(self.add[0], vocabulary.decimals)

    def evaluate(self, values: Values, name: str) -> Volume:
        """Return the sum per member, with the entries of all parts.

        Raises
        ------
        InputRefused
            ``volumes.overflow``: a sum could leave 64 bits.
        """
        parts = [values.volumes[part] for part in self.add]
        magnitude = sum(total_magnitude(part.total.amounts) for part in parts)
        if max(magnitude, magnitude * self.times // RATE_ONE_PPM + values.size) > INT64_MAX:
            message = f"The sum of the volume {name} does not fit 64 bits."
            raise InputRefused(Finding("volumes.overflow", message, "State fewer decimals for the volumes."))
        total = np.stack([part.total.amounts for part in parts]).sum(axis=0, dtype=np.int64)
        mode = values.rounding.mode
        quantity = Quantity(scaled(total, self.times, mode), parts[0].total.decimals)
        entries = [part.entries for part in parts if part.entries is not None]
        if len(entries) < len(parts) or self.times % RATE_ONE_PPM:
            return Volume(quantity, quantity)
        merged = merged_entries(entries)
        return Volume(quantity, quantity, replace(merged, amounts=scaled(merged.amounts, self.times, mode)))


def merged_entries(parts: list[Entries]) -> Entries:
    """Return the entries of several volumes as one, an order that stands in several counted once with its sum."""
    member = np.concatenate([part.member for part in parts])
    order = np.concatenate([part.order for part in parts])
    amounts = np.concatenate([part.amounts for part in parts])
    sorting = np.lexsort((order, member))
    member, order, amounts = member[sorting], order[sorting], amounts[sorting]
    if member.size == 0:
        return Entries(member, order, amounts)
    first = np.concatenate([[True], (member[1:] != member[:-1]) | (order[1:] != order[:-1])])
    starts = np.flatnonzero(first)
    return Entries(member[starts], order[starts], np.add.reduceat(amounts, starts))
