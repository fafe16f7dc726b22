"""What explains each bonus word: adding one is a file and a line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine

if TYPE_CHECKING:
    from mlmcalc.audit.reasons import Reasons
    from mlmcalc.runs.commission_run import CommissionRun


class Trail(Protocol):
    """One bonus of a finished run, ready to say why."""

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return what a member did not get from those near it, and how many sources were left out.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            The most sources to look at.
        """
        ...

    def workings(self, position: int) -> list[Working]:
        """Return the arithmetic behind what a member got, step by step; empty where its lines say it all."""
        ...

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return who was passed over for an order, or for the whole source it is part of, and the lines about it.

        Parameters
        ----------
        member : int
            Position of the source.
        row : int
            Row of the orders.
        lines : list of PickedLine
            Those of this bonus that may be about it.
        """
        ...


TRAILS = {
    "Levels": ("level_sources", "LevelSources"),
    "Personal": ("own_volume", "OwnVolume"),
    "Differential": ("differential_legs", "differential_trail"),
    "Binary": ("binary_legs", "BinaryLegs"),
    "Pool": ("pool_trail", "PoolTrail"),
    "Award": ("award_trail", "AwardTrail"),
}
"""Bonus word to the module here, imported when it is needed, and what in it is called with run, name of the bonus, word
and reasons, and returns a `Trail`; a word that is not named is of another package."""


def trail_of(run: CommissionRun, bonus: str, reasons: Reasons) -> Trail:
    """Return what explains a bonus of a finished run."""
    word = run.plan.bonuses[bonus]
    own = type(word).__module__.startswith("mlmcalc.bonuses.")
    module, name = TRAILS[type(word).__name__] if own else ("plugged_trail", "PluggedTrail")
    return getattr(import_module(f"mlmcalc.audit.{module}"), name)(run, bonus, word, reasons)
