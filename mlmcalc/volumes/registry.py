"""The volume words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.volumes.add import Added
from mlmcalc.volumes.count_of_orders import CountOfOrders
from mlmcalc.volumes.sum_of_orders import SumOfOrders

VOLUME_WORDS: dict[str, type[SumOfOrders] | type[CountOfOrders] | type[Added]] = {
    "sum": SumOfOrders,
    "count": CountOfOrders,
    "add": Added,
}
