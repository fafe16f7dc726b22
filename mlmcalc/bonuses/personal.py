"""``personal``: own volume x rate, whole or marginally by tier (plan model, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.fields import Flag, Name, Reference
from mlmcalc.kernels.constant import nobody
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE, eligibility
from mlmcalc.rules.most import Most
from mlmcalc.rules.parts import Part, parts_of
from mlmcalc.rules.rates import RankBy, RateTable
from mlmcalc.rules.values import Node, Values, Vocabulary


class Personal(SourceBonus):
    """Own volume at the rate of the member's scheme, rank and tier."""

    personal: RateTable
    tier: Reference | None = None
    by: Name | None = None
    rank: RankBy = "paid_as"
    marginal: Flag = False

    @property
    def per_order(self) -> bool:
        """Whether the bonus must know single orders whatever the grain of lines."""
        return self.by is not None

    @property
    def tells_orders(self) -> bool:
        """Slices of a whole volume are of no single order."""
        return not self.marginal

    @property
    def tier_quantity(self) -> str | None:
        """What chooses the tier: the base where nothing else is stated."""
        return self.tier or self.base.volume

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        table = self.personal.reads(vocabulary, self.tier_quantity, self.by, self.rank)
        return self.reads_shared(vocabulary) | table

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the bonus, paths relative to it."""
        findings = self.check_shared(vocabulary) + self.check_by(self.by, vocabulary)
        findings += [
            replace(found, path=("personal", *found.path))
            for found in self.personal.check(
                vocabulary, self.by, self.tier_quantity, False, self.base_decimals(vocabulary)
            )
        ]
        findings += self.check_tier(self.tier, vocabulary)
        if self.tier and vocabulary.quantity_decimals(self.tier) is None:
            findings.append(
                Finding("bonuses.tier", f"{self.tier} is no volume or metric of this plan.", "", path=("tier",))
            )
        if self.marginal and (self.tier_quantity is None or self.tier_quantity != self.base.volume or self.by):
            findings.append(
                Finding(
                    "bonuses.marginal",
                    "slices of one volume cannot be paid by the tier of another.",
                    "Leave out tier and by, or marginal.",
                    path=("marginal",),
                )
            )
        return findings

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the highest rate."""
        return Most(max(self.personal.highest(), default=0), "the highest rate")

    def post(self, values: Values, account: BonusAccount) -> None:
        """Post what every member's own volume is paid.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        reason = eligibility(values, self.eligible)
        for part in parts_of(self, values, self.personal, self.tier_quantity, self.by, rank=self.rank):
            if part.sources.base.size == 0:
                continue
            largest = int(part.sources.member[np.abs(part.sources.base).argmax()])
            top = int(max(part.rates.max(), 0))
            account.refuse_overflow(total_magnitude(part.sources.base), top, str(values.network.ids[largest]))
            slices = self._slices(values, part) if self.marginal else _whole(part)
            for owed in slices:
                self._post(account, owed, reason)

    def products(self, values: Values) -> Iterator[tuple[Part, Owed]]:
        """Yield what every member's own volume makes, whether it may earn it or not, part by part of the rate table."""
        for part in parts_of(self, values, self.personal, self.tier_quantity, self.by, rank=self.rank):
            if part.sources.base.size:
                for owed in self._slices(values, part) if self.marginal else _whole(part):
                    yield part, owed

    def _slices(self, values: Values, part: Part) -> Iterator[Owed]:
        # One line per slice: the part of the base between two thresholds, at the rate of the lower.
        bound = part.bound
        first = bound.first_row(values)
        earner, base = _owners(part)
        total = np.zeros(values.size, np.int64)
        np.add.at(total, earner, base)
        earner = np.flatnonzero(total).astype(np.int32)
        base = total[earner]
        edges = [0, *(int(edge) for edge in bound.tiers)]
        table = part.rates[:, 0]
        owed = []
        for number, edge in enumerate(edges):
            end = edges[number + 1] if number + 1 < len(edges) else None
            rate = table[first[earner] + number]
            slice_ = np.maximum(base, 0) - edge if end is None else np.minimum(np.maximum(base, 0), end) - edge
            slice_ = np.maximum(slice_, 0)
            owed.append(_owed(earner, slice_, rate))
        below = base < 0
        at_zero = int(np.searchsorted(bound.tiers, 0, side="right"))
        owed.append(_owed(earner[below], base[below], table[first[earner[below]] + at_zero]))
        yield _in_order(owed)

    def _post(self, account: BonusAccount, owed: Owed, reason: NDArray[np.int8]) -> None:
        account.offer_all(owed.base, owed.rate_ppm)
        why = reason[owed.earner]
        for code, outcome in ((NOT_ACTIVE, "not_active"), (NOT_ACTIVE + 1, "not_eligible")):
            barred = np.flatnonzero(why == code)
            account.lose_all(0, outcome, owed.base[barred], owed.rate_ppm[barred])
        account.pay(owed.pick((why == ELIGIBLE) & (owed.rate_ppm > 0) & (owed.base != 0)))


def _owners(part: Part) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    # Whose own volume it is; what was rolled up to nobody is nobody's.
    has_owner = part.sources.place >= 0
    return part.sources.place[has_owner], part.sources.base[has_owner]


def _whole(part: Part) -> Iterator[Owed]:
    sources = part.sources.pick(part.sources.place >= 0)
    rate = np.maximum(part.rates[part.row[sources.place], 0], 0)
    zero = np.zeros(sources.member.size, np.int32)
    yield Owed(
        earner=sources.place,
        source=sources.member,
        via=sources.via,
        order=sources.order,
        level=zero,
        paid_level=zero.astype(np.int16),
        base=sources.base,
        rate_ppm=rate,
    )


def _owed(earner: NDArray[np.int32], base: NDArray[np.int64], rate: NDArray[np.int64]) -> Owed:
    nothing = nobody(earner.size)
    return Owed(
        earner=earner,
        source=earner,
        via=nothing,
        order=nothing,
        level=np.zeros(earner.size, np.int32),
        paid_level=np.zeros(earner.size, np.int16),
        base=base,
        rate_ppm=np.maximum(rate, 0),
    )


def _in_order(owed: list[Owed]) -> Owed:
    joined = Owed.joined(owed)
    return joined.pick(np.argsort(joined.earner, kind="stable"))
