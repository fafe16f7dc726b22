"""What a run is given besides a company's members, orders and overrides, and besides what the period before left."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlmcalc.ledger.adjustments import Adjustments, no_adjustments


@dataclass(frozen=True, slots=True, eq=False)
class Besides:
    """Everything else that a run is given.

    Attributes
    ----------
    adjustments : Adjustments
        Amounts that enter the payout of the period.
    """

    adjustments: Adjustments = field(default_factory=no_adjustments)
