"""``sum``: a volume from a column of orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Count, Model, Name, Rate, Text
from mlmcalc.genealogy.compress import compress, effective_compressed
from mlmcalc.genealogy.network import KINDS
from mlmcalc.kernels.sums import sum_by_owner
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.shares import share_of
from mlmcalc.rules.values import Entries, Node, Quantity, Values, Vocabulary, Volume


class SumOfOrders(Model):
    """A column of the orders that meet a condition, summed per member (plan model, section 2)."""

    sum: Name = Field(description="the order column")
    where: Condition | None = Field(default=None, description="which orders count; every order")
    credit: Literal["buyer", "server"] = Field(
        default="buyer", description="server: a customer's orders count for the nearest distributor above"
    )
    share: Rate = Field(default=RATE_ONE_PPM, description="part that counts, rounded once per member")
    stated_decimals: Count | None = Field(default=None, alias="decimals", description="the plan's decimals")
    source: Text = Field(default="", description="where the company's document says so")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return nothing: orders and recorded trees are there from the start."""
        return set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``volumes.share``, ``volumes.decimals`` and the findings of the condition."""
        findings = [] if self.where is None else self.where.check(vocabulary, "order")
        findings = [_below("where", finding) for finding in findings]
        if self.share > RATE_ONE_PPM:
            remedy = "A share is 100% at most."
            findings.append(Finding("volumes.share", "The share is more than the whole.", remedy, path=("share",)))
        if self.share != RATE_ONE_PPM and vocabulary.grain == "order":
            message = "A share of a volume is rounded per member, so lines cannot be kept per order."
            remedy = "Use grain: source, or state the share as a rate of the bonus."
            findings.append(Finding("volumes.share", message, remedy, path=("share",)))
        if self.decimals(vocabulary) > 6:
            message = "A volume has at most 6 decimals."
            findings.append(Finding("volumes.decimals", message, "State fewer.", path=("decimals",)))
        return findings

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the volume."""
        return vocabulary.decimals if self.stated_decimals is None else self.stated_decimals

    @property
    def needs_orders(self) -> bool:
        """Whether the condition looks at single orders, which a table of volumes per member does not have."""
        words = set() if self.where is None else self.where.words()
        return any(word != "buyer" and not word.startswith("member.") for word in words)

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
        if orders.is_table and self.needs_orders:
            remedy = "Give the orders themselves, or take the condition out of the plan."
            raise InputRefused(
                Finding("volumes.table", f"The volume {name} looks at orders; a table of volumes has none.", remedy)
            )
        column = orders.columns[self.sum]
        decimals = column.decimals if values.vocabulary is None else values.vocabulary.volumes[name]
        rows = np.arange(orders.size, dtype=np.int32)
        if self.where is not None:
            rows = np.flatnonzero(self.where.holds_orders(values)).astype(np.int32)
        amounts = _in_decimals(column.values[rows], column.decimals, decimals, name)
        member = orders.member[rows]
        if self.credit == "server":
            member = servers(values)[member]
            amounts, member, rows = _credited(amounts, member, rows)
        _refuse_overflow(values, amounts, member, name)
        total = share_of(sum_by_owner(member, amounts, values.size), self.share, values.rounding.mode)
        per_order = values.keep_entries and self.share == RATE_ONE_PPM and not orders.is_table
        quantity = Quantity(total, decimals)
        return Volume(quantity, quantity, Entries(member, rows, amounts) if per_order else None)


def servers(values: Values) -> NDArray[np.int32]:
    """Return for whom each member's orders count under ``credit: server``.

    Returns
    -------
    (n,) int32
        Position: of a distributor itself, of others the nearest distributor above in the first tree, -1 for nobody.
    """
    network = values.network
    tree = network.first_tree
    if values.walk_compressed is not None:
        tree = effective_compressed(tree, values.walk_compressed)
    distributor = network.kind == KINDS.index("distributor")
    above = compress(tree, distributor, "stay", tree.name).keeper
    assert above is not None, "a derived tree knows every keeper"
    return np.where(distributor, np.arange(values.size, dtype=np.int32), above).astype(np.int32)


def _below(key: str, finding: Finding) -> Finding:
    return replace(finding, path=(key, *finding.path))


def _in_decimals(amounts: NDArray[np.int64], given: int, wanted: int, name: str) -> NDArray[np.int64]:
    if given == wanted:
        return amounts
    if given < wanted:
        factor = 10 ** (wanted - given)
        if amounts.size and int(np.abs(amounts).max()) > INT64_MAX // factor:
            raise InputRefused(
                Finding("volumes.overflow", f"An amount of {name} does not fit 64 bits.", "State fewer decimals.")
            )
        return amounts * factor
    quotient, rest = np.divmod(amounts, 10 ** (given - wanted))
    if rest.any():
        message = (
            f"{int(np.count_nonzero(rest))} amounts have more decimals than the volume {name}, which has {wanted}."
        )
        raise InputRefused(Finding("volumes.decimals", message, "State more decimals for the volume."))
    return quotient


def _credited(
    amounts: NDArray[np.int64], member: NDArray[np.int32], rows: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    # Nobody's volume is dropped; the rest is put in the order of whom it counts for, rows ascending.
    someone = np.flatnonzero(member >= 0)
    order = someone[np.lexsort((rows[someone], member[someone]))]
    return amounts[order], member[order], rows[order]


def _refuse_overflow(values: Values, amounts: NDArray[np.int64], member: NDArray[np.int32], name: str) -> None:
    if total_magnitude(amounts) <= INT64_MAX:
        return
    largest = int(member[int(np.argmax(np.abs(amounts)))])
    message = f"The sum of the volume {name} does not fit 64 bits; the largest amount is this member's."
    remedy = "State fewer decimals for the volume, or correct the amount."
    raise InputRefused(Finding("volumes.overflow", message, remedy, member=str(values.network.ids[largest])))
