"""What explains each bonus word: adding one is a file and a line here."""

from __future__ import annotations

from typing import Any, Protocol

from mlmcalc.audit.award_trail import AwardTrail
from mlmcalc.audit.binary_legs import BinaryLegs
from mlmcalc.audit.differential_legs import differential_trail
from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.level_sources import LevelSources
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.own_volume import OwnVolume
from mlmcalc.audit.plugged_trail import PluggedTrail
from mlmcalc.audit.pool_trail import PoolTrail
from mlmcalc.audit.reasons import Reasons
from mlmcalc.bonuses.award import Award
from mlmcalc.bonuses.binary import Binary
from mlmcalc.bonuses.differential import Differential
from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.personal import Personal
from mlmcalc.bonuses.pool import Pool
from mlmcalc.rules.plugged import PluggedBonus
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


TRAILS: dict[type, Any] = {
    Levels: LevelSources,
    Personal: OwnVolume,
    Differential: differential_trail,
    Binary: BinaryLegs,
    Pool: PoolTrail,
    Award: AwardTrail,
}
"""Bonus word to what is called with run, name of the bonus, word and reasons, and returns a `Trail`."""


def trail_of(run: CommissionRun, bonus: str, reasons: Reasons) -> Trail:
    """Return what explains a bonus of a finished run."""
    word = run.plan.bonuses[bonus]
    made = PluggedTrail if isinstance(word, PluggedBonus) else TRAILS[type(word)]
    return made(run, bonus, word, reasons)
