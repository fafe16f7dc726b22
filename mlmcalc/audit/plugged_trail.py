"""A bonus of another package, explained: by its lines, and by what it says of its own arithmetic."""

from __future__ import annotations

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons
from mlmcalc.rules.company import Company
from mlmcalc.rules.plugged import PluggedBonus
from mlmcalc.runs.commission_run import CommissionRun


class PluggedTrail:
    """One bonus of another package.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : PluggedBonus
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: PluggedBonus, reasons: Reasons) -> None:
        self._bonus = bonus
        self._word = word
        self._company = Company(run.values, bonus)

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return nothing: what it did not pay, only the package knows, and `workings` is where it says so."""
        return [], 0

    def workings(self, position: int) -> list[Working]:
        """Return what the package says of a member."""
        return [Working(self._bonus, step, value) for step, value in self._word.workings(self._company, position)]

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return the lines of the order's source."""
        return [], lines
