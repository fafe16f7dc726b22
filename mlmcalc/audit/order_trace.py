"""Following one order through every bonus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mlmcalc.audit.counted import counted_for, sources_for
from mlmcalc.audit.explanation import Counted, PassedOver
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons
from mlmcalc.rules.bonus_word import SourceBonus

if TYPE_CHECKING:
    from mlmcalc.audit.trails import Trail
    from mlmcalc.runs.commission_run import CommissionRun


class OrderTrace:
    """One order of a finished run.

    Parameters
    ----------
    run : CommissionRun
    reasons : Reasons
    trail : callable
        From a bonus to its sources.
    row : int
        Row of the orders.

    Attributes
    ----------
    counted : list of Counted
        What the order adds to every volume.
    whole_source : list of str
        Bonuses whose lines are about more than this order.
    """

    def __init__(self, run: CommissionRun, reasons: Reasons, trail: Callable[[str], Trail], row: int) -> None:
        self._run = run
        self._reasons = reasons
        self._trail = trail
        self._row = row
        self._counted = counted_for(run, row)
        self.counted: list[Counted] = [counted for _, counted in self._counted.values()]
        self.whole_source: list[str] = []

    def follow(self, lines: list[PickedLine]) -> tuple[list[PickedLine], list[PassedOver], dict[str, str]]:
        """Return the lines about the order, who was passed over, and the bonuses nothing came of, with the reason.

        Parameters
        ----------
        lines : list of PickedLine
            Those that may be about it.
        """
        picked: list[PickedLine] = []
        passed_over: list[PassedOver] = []
        nothing: dict[str, str] = {}
        for name, word in self._run.plan.bonuses.items():
            if not isinstance(word, SourceBonus) or word.base_volume not in self._run.values.volumes:
                continue
            source, reason = self._source(word)
            if not reason:
                own, missed = self._of_bonus(name, source, [line for line in lines if line.bonus == name])
                picked += own
                passed_over += missed
                if not own and not missed:
                    reason = "what the source brings in the period adds up to 0, or is offered to nobody"
            if reason:
                nothing[name] = reason
        return picked, passed_over, nothing

    def _source(self, word: SourceBonus) -> tuple[int, str]:
        """Return the source that the order is part of, and why there is none."""
        base = word.base_volume
        member, counted = self._counted[base.partition("@")[0]]
        if member < 0:
            return -1, f"it does not count for {counted.volume}: {counted.reason}"
        source = sources_for(self._run.values, base, member)
        if source < 0:
            return -1, f"nobody is there to keep it in {base.partition('@')[2]}"
        return source, self._reasons.not_a_source(word, source)

    def _of_bonus(self, name: str, source: int, lines: list[PickedLine]) -> tuple[list[PickedLine], list[PassedOver]]:
        about = [line for line in lines if line.order == self._row or (line.order < 0 and line.source == source)]
        about = [line for line in about if line.outcome != "rounding"]
        passed_over, about = self._trail(name).of_order(source, self._row, about)
        if any(line.order < 0 for line in about) or any(not step.order for step in passed_over):
            self.whole_source.append(name)
        return about, passed_over
