"""What every volume that comes from single orders says: which orders count, and for whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Model, Text
from mlmcalc.genealogy.compress import compress, effective_compressed
from mlmcalc.genealogy.network import KINDS
from mlmcalc.kernels.grouping import order_by_group
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.local import Spread
from mlmcalc.rules.values import Values, Vocabulary

Rows = NDArray[np.int32]
Units = NDArray[np.int64]


class OrderVolume(Model):
    """The keys that volumes of orders share (plan model, section 2)."""

    where: Condition | None = Field(default=None, description="which orders count; every order")
    credit: Literal["buyer", "server"] = Field(
        default="buyer", description="server: a customer's orders count for the nearest distributor above"
    )
    source: Text = Field(default="", description="where the company's document says so")

    def rounds_members(self, vocabulary: Vocabulary) -> bool:
        """Return whether the volume is rounded once per member, so that its orders cannot be told apart."""
        return False

    @property
    def needs_orders(self) -> bool:
        """Whether it looks at single orders, which a table of volumes per member does not have."""
        words = set() if self.where is None else self.where.words()
        return any(word != "buyer" and not word.startswith("member.") for word in words)

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its own orders, or all that count for it."""
        return "own" if self.credit == "buyer" else "served"

    def check_where(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return the findings of the condition."""
        findings = [] if self.where is None else self.where.check(vocabulary, "order")
        return [replace(finding, path=("where", *finding.path)) for finding in findings]

    def rows_of(self, values: Values, name: str) -> Rows:
        """Return the rows of the orders that count, ``(k,)`` int32, ascending.

        Raises
        ------
        InputRefused
            ``volumes.table``: the volume needs orders and there is a table of volumes.
        """
        orders = values.orders
        if orders.is_table and self.needs_orders:
            remedy = "Give the orders themselves, or take the condition out of the plan."
            raise InputRefused(
                Finding("volumes.table", f"The volume {name} looks at orders; a table of volumes has none.", remedy)
            )
        if self.where is None:
            return np.arange(orders.size, dtype=np.int32)
        return np.flatnonzero(self.where.holds_orders(values)).astype(np.int32)

    def credited(self, values: Values, rows: Rows) -> tuple[Rows, Rows]:
        """Return for whom the orders count, and their rows, by member and row; those that count for nobody left out.

        Returns
        -------
        member, rows : (k,) int32
        """
        member = values.orders.member[rows]
        if self.credit == "buyer":
            return member, rows
        member = servers(values)[member]
        someone = np.flatnonzero(member >= 0)
        # The rows ascend, and stay so within a member.
        order = someone[order_by_group(member[someone], values.size)]
        return member[order], rows[order]


def servers(values: Values) -> Rows:
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


def in_decimals(amounts: Units, given: int, wanted: int, name: str) -> Units:
    """Return the amounts of a column in the decimals of a volume.

    Raises
    ------
    InputRefused
        ``volumes.decimals``: a cell has more digits than the volume; ``volumes.overflow``.
    """
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


def refuse_overflow(values: Values, amounts: Units, member: Rows, name: str, fit: bool | None = None) -> None:
    """Refuse amounts whose sum could leave int64, naming the member of the largest.

    Parameters
    ----------
    values : Values
    amounts : (k,) int64
    member : (k,) int32
    name : str
        Of the volume.
    fit : bool, optional
        Whether they fit, where more than their own sum decides that.

    Raises
    ------
    InputRefused
        ``volumes.overflow``.
    """
    if total_magnitude(amounts) <= INT64_MAX if fit is None else fit:
        return
    largest = int(member[int(np.argmax(np.abs(amounts)))])
    message = f"The sum of the volume {name} does not fit 64 bits; the largest amount is this member's."
    remedy = "State fewer decimals for the volume, or correct the amount."
    raise InputRefused(Finding("volumes.overflow", message, remedy, member=str(values.network.ids[largest])))
