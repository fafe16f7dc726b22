"""Which orders were returned, and by which returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReturnedOrders:
    """Returns that name the order they return, of a whole table of orders; place by place.

    Attributes
    ----------
    returns : sequence of str
        Order ids of the returns, in table order.
    orders : sequence of str
        Order ids of what they return, whether or not the table has these orders.
    days : sequence of str
        Of the returns.
    """

    returns: Sequence[str] = ()
    orders: Sequence[str] = ()
    days: Sequence[str] = ()

    def of(self, order: str) -> str:
        """Return the order that a return returns, empty where it names none."""
        return next((named for one, named in zip(self.returns, self.orders, strict=True) if one == order), "")

    def by(self, order: str) -> list[tuple[str, str]]:
        """Return the returns of an order, each with its day."""
        rows = zip(self.returns, self.orders, self.days, strict=True)
        return [(one, day) for one, named, day in rows if named == order]
