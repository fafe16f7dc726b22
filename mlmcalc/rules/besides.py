"""What a run is given besides a company's members, orders and overrides, and besides what the period before left."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ledger.adjustments import Adjustments, no_adjustments
from mlmcalc.ledger.closed import ClosedResults
from mlmcalc.ledger.exchange import ExchangeRates
from mlmcalc.ledger.returned import ReturnedOrders


@dataclass(frozen=True, slots=True, eq=False)
class Besides:
    """Everything else that a run is given.

    Attributes
    ----------
    adjustments : Adjustments
        Amounts that enter the payout of the period.
    closed : ClosedResults
        What other programs came to.
    rates : ExchangeRates or None
        None where everybody is paid in the plan's currency.
    returned : ReturnedOrders
        Returns that name their orders; no value follows from it.
    """

    adjustments: Adjustments = field(default_factory=no_adjustments)
    closed: ClosedResults = field(default_factory=ClosedResults)
    rates: ExchangeRates | None = None
    returned: ReturnedOrders = field(default_factory=ReturnedOrders)

    def of_part(self, places: NDArray[np.int32]) -> Besides:
        """Return what some members' values follow from; a part of the company pays nothing out.

        Parameters
        ----------
        places : (n,) int32
            The new position of every member, -1 for who is left out; ascending.
        """
        return Besides(closed=self.closed.moved(places))
