"""``sum``: a volume from a column of orders."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Factor, Model, Name, Rate
from mlmcalc.kernels.sums import sum_by_owner
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.local import Spread
from mlmcalc.rules.shares import digits_of, fits, scaled
from mlmcalc.rules.values import Entries, Node, Quantity, Values, Vocabulary, Volume
from mlmcalc.rules.whole_orders import rounded_part
from mlmcalc.rules.words import nearest
from mlmcalc.volumes.order_volume import OrderVolume, Rows, Units, in_decimals, refuse_overflow, servers


class After(Model):
    """What an order counts with once a bonus has been paid on it."""

    bonus: Name = Field(description="the bonus that was paid on the order")
    counts: Rate = Field(description="the part of such an order that still counts")


class SumOfOrders(OrderVolume):
    """A column of the orders that meet a condition, summed per member (plan model, section 2)."""

    sum: Name = Field(description="the order column")
    share: Rate | None = Field(default=None, description="part that counts, rounded once per member")
    times: Factor | None = Field(default=None, description="what the sum is multiplied by, rounded once per member")
    after: After | None = Field(default=None, description="less of the orders on which a bonus was paid")
    stated_decimals: Count | None = Field(default=None, alias="decimals", description="the plan's decimals")

    @property
    def factor_ppm(self) -> int:
        """What the sum, or with `after` the part of it that is reduced, is multiplied by."""
        stated = (self.share, self.times, None if self.after is None else self.after.counts)
        return next((factor for factor in stated if factor is not None), RATE_ONE_PPM)

    def rounds_members(self, vocabulary: Vocabulary) -> bool:
        """Return whether the volume is rounded once per member, so that its orders cannot be told apart."""
        if self.factor_ppm % RATE_ONE_PPM == 0:
            return False
        if self.share is not None:
            return True
        _, read = vocabulary.order_columns.get(self.sum, ("number", self.decimals(vocabulary)))
        return read + digits_of(self.factor_ppm) > self.decimals(vocabulary)

    @property
    def needs_orders(self) -> bool:
        """Whether it looks at single orders, which a table of volumes per member does not have."""
        return self.after is not None or super().needs_orders

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: the orders that count for it, unless it matters what was paid on them."""
        return super().spread if self.after is None else "everybody"

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the bonus that reduces it: orders and recorded trees are there from the start."""
        return set() if self.after is None else {Node("bonus", self.after.bonus)}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``volumes.share``, ``volumes.after``, ``volumes.decimals`` and the findings of the condition."""
        findings = self.check_where(vocabulary)
        stated = [key for key in ("share", "times", "after") if getattr(self, key) is not None]
        if len(stated) > 1:
            message = f"{' and '.join(stated)} each say how much of the sum counts."
            findings.append(Finding("volumes.share", message, "Keep one of them.", path=(stated[1],)))
        path = ("after", "counts") if self.after is not None else tuple(stated[:1])
        if self.times is None and self.factor_ppm > RATE_ONE_PPM:
            findings.append(
                Finding("volumes.share", "The share is more than the whole.", "A share is 100% at most.", path=path)
            )
        if vocabulary.grain == "order" and self.rounds_members(vocabulary):
            message = "What counts is rounded per member, so lines cannot be kept per order."
            remedy = "Use grain: source, state the share as a rate of the bonus, or decimals that hold every product."
            findings.append(Finding("volumes.share", message, remedy, path=path))
        if self.after is not None:
            findings += _after_faults(self.after.bonus, vocabulary)
        if self.decimals(vocabulary) > 6:
            message = "A volume has at most 6 decimals."
            findings.append(Finding("volumes.decimals", message, "State fewer.", path=("decimals",)))
        return findings

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the volume."""
        return vocabulary.decimals if self.stated_decimals is None else self.stated_decimals

    def evaluate(self, values: Values, name: str) -> Volume:
        """Return the volume per member, with its entries where the run keeps them.

        Raises
        ------
        InputRefused
            ``volumes.table``: the condition needs orders and there is a table of volumes;
            ``volumes.decimals``: a cell has more digits than the volume;
            ``volumes.overflow``: a sum could leave 64 bits.
        """
        orders = values.orders
        if (whole := self._whole(values, name)) is not None:
            return whole
        column = orders.columns[self.sum]
        decimals = column.decimals if values.vocabulary is None else values.vocabulary.volumes[name]
        member, rows = self.credited(values, self.rows_of(values, name))
        amounts = in_decimals(column.values[rows], column.decimals, decimals, name)
        refuse_overflow(values, amounts, member, name)
        total, amounts = self._counted(values, amounts, member, rows, name)
        per_order = values.keep_entries and amounts is not None and not orders.is_table
        quantity = Quantity(total, decimals)
        return Volume(quantity, quantity, Entries(member, rows, amounts) if per_order and amounts is not None else None)

    def _whole(self, values: Values, name: str) -> Volume | None:
        # Of every order in full nothing but the sum is wanted, which needs neither their order nor their ids.
        orders = values.orders
        if self.where is not None or self.factor_ppm != RATE_ONE_PPM:
            return None
        if values.keep_entries and not orders.is_table:
            return None
        owner, column = orders.amounts(self.sum)
        if values.vocabulary is not None and values.vocabulary.volumes[name] != column.decimals:
            return None
        amounts = column.values
        if amounts.size and max(-int(amounts.min()), int(amounts.max())) * amounts.size > INT64_MAX:
            return None
        if self.credit == "server":
            # Nobody is served by nobody, -1.
            owner = np.append(servers(values), np.int32(-1))[owner]
        quantity = Quantity(sum_by_owner(owner, amounts, values.size), column.decimals)
        return Volume(quantity, quantity, None)

    def _counted(
        self, values: Values, amounts: Units, member: Rows, rows: Rows, name: str
    ) -> tuple[Units, Units | None]:
        # What counts per member, and per order unless it is rounded per member.
        factor = self.factor_ppm
        if factor == RATE_ONE_PPM:
            return sum_by_owner(member, amounts, values.size), amounts
        reduced = None if self.after is None else values.paid_orders[self.after.bonus][rows]
        full = np.zeros(amounts.size, np.int64) if reduced is None else np.where(reduced, 0, amounts)
        part = amounts - full
        refuse_overflow(values, amounts, member, name, fits(part, factor, total_magnitude(full)))
        mode = values.rounding.mode
        if values.vocabulary is not None and not self.rounds_members(values.vocabulary):
            counted = scaled(part, factor, mode, full)
            return sum_by_owner(member, counted, values.size), counted
        added = None if reduced is None else sum_by_owner(member, full, values.size)
        return scaled(sum_by_owner(member, part, values.size), factor, mode, added), None


def _after_faults(bonus: str, vocabulary: Vocabulary) -> list[Finding]:
    path = ("after", "bonus")
    if bonus not in vocabulary.bonuses:
        message = f"{bonus} is not a bonus of this plan."
        return [Finding("volumes.after", message, nearest(bonus, vocabulary.bonuses), path=path)]
    word = vocabulary.definitions.get(Node("bonus", bonus))
    if word is None:
        return []
    volume = word.base_volume.partition("@")[0]
    whole = not isinstance(word, SourceBonus) or volume not in vocabulary.volumes or not word.tells_orders
    if not whole and not rounded_part(volume, vocabulary):
        return []
    message = f"{bonus} is not paid on single orders."
    return [Finding("volumes.after", message, "Name a bonus whose base is a volume of whole orders.", path=path)]
