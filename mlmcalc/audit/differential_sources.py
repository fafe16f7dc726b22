"""The sources of a differential that walks: those near a member, and those an order belongs to."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlmcalc.audit.differential_trace import DifferenceStep, DifferenceTracer
from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.level_trace import rows_below
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.bonuses.differential_walk import DifferenceWalk
from mlmcalc.money import RATE_DECIMALS, rate_text, text_from_units
from mlmcalc.rules.parts import has_order
from mlmcalc.rules.tree_columns import index_of, whole_tree

if TYPE_CHECKING:
    from mlmcalc.bonuses.differential import Differential
    from mlmcalc.genealogy.tree import Tree
    from mlmcalc.rules.values import Values
    from mlmcalc.runs.commission_run import CommissionRun

PASSED_OVER_SHOWN = 50
"""Of an order, the members above whom it brought nothing, nearest first."""
WORKINGS_SHOWN, WORKINGS_SOUGHT = 25, 200
"""Of a member, the sources whose difference is worked out, and the nearest ones among which they are sought."""

Traced = tuple[DifferenceWalk, DifferenceTracer]


class DifferentialSources:
    """The walks of one differential bonus of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Differential
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Differential, reasons: Reasons) -> None:
        self._values: Values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons
        tree: Tree = self._values.trees[word.tree or self._values.network.first_tree.name]
        self._tree = tree
        self._recorded = whole_tree(self._values, tree.root_tree or tree.name)
        walks = [word.walk(self._values, standings) for standings in word.standings(self._values)]
        self._walks: list[Traced] = [(walk, DifferenceTracer(walk, self._recorded)) for walk in walks]

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return what a member did not get from the sources near it, and how many sources were left out.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            The most sources to look at.
        """
        paid = {(line.source, line.order, line.base) for line in own}
        found: list[PassedOver] = []
        not_shown = 0
        for walk, tracer in self._walks:
            near = self._unpaid(walk, self._near(walk, position), paid)
            not_shown += max(0, near.size - limit)
            for row in near[:limit]:
                step = self._step_of(walk, tracer, int(row), position)
                found.append(self._passed_over(walk, int(row), step))
        return found, not_shown

    def workings(self, position: int) -> list[Working]:
        """Return for the nearest sources that paid a member its rate, what was taken below, and what was left."""
        found: list[Working] = []
        for walk, tracer in self._walks:
            for row in self._near(walk, position)[:WORKINGS_SOUGHT]:
                step = self._step_of(walk, tracer, int(row), position)
                if step.outcome == "paid":
                    found.append(self._working(walk, int(row), step))
        return found[:WORKINGS_SHOWN]

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return who was passed over for an order, or for the whole source it is part of, and the lines about it."""
        passed_over: list[PassedOver] = []
        bases: set[int] = set()
        for walk, tracer in self._walks:
            sources = walk.standings.part.sources
            if not has_order(walk.standings.part, self._values, self._word.by, row):
                continue
            for source in np.flatnonzero((sources.order == row) | ((sources.order < 0) & (sources.member == member))):
                steps = self._unpaid_steps(tracer, int(source))
                passed_over += [self._passed_over(walk, int(source), step) for step in steps]
                bases.add(int(sources.base[source]))
        return passed_over, [line for line in lines if line.base in bases]

    def _unpaid_steps(self, tracer: DifferenceTracer, row: int) -> list[DifferenceStep]:
        # Everybody who got a share is there; of the others the nearest.
        unpaid = [step for step in tracer.steps(row) if step.outcome != "paid"]
        left_out = [_no_place(position) for position in islice(tracer.compressed(row), PASSED_OVER_SHOWN)]
        near = [step for step in unpaid if not step.share_ppm][:PASSED_OVER_SHOWN]
        return left_out + [step for step in unpaid if step.share_ppm or step in near]

    def _near(self, walk: DifferenceWalk, position: int) -> NDArray[np.int64]:
        """Return the sources at or below a member, nearest first."""
        index, places = index_of(self._tree, position), walk.standings.index
        below = rows_below(self._recorded, index, places)
        own = np.flatnonzero(places == index) if walk.starts[0, index] == index else np.empty(0, np.int64)
        rows = np.concatenate([own, below])
        distance = self._recorded.depth[places[rows]] - self._recorded.depth[index]
        return rows[np.argsort(distance, kind="stable")]

    def _unpaid(
        self, walk: DifferenceWalk, rows: NDArray[np.int64], paid: set[tuple[int, int, int]]
    ) -> NDArray[np.int64]:
        sources = walk.standings.part.sources
        if not paid:
            return rows
        # A source is known by member and order; only parts of a table chosen by order column have the same twice.
        orders = self._values.orders.size + 1
        keys = sources.member[rows].astype(np.int64) * orders + sources.order[rows]
        candidates = np.isin(keys, [member * orders + order for member, order, _ in paid])
        if self._word.by is not None:
            about = zip(sources.member[rows], sources.order[rows], sources.base[rows], strict=True)
            candidates &= np.array([tuple(int(part) for part in one) in paid for one in about], np.bool_)
        return rows[~candidates]

    def _step_of(self, walk: DifferenceWalk, tracer: DifferenceTracer, row: int, position: int) -> DifferenceStep:
        """Return the step of a member above a source, whether or not the walk came to it."""
        for step in tracer.steps(row):
            if step.position == position:
                return step
        if self._tree.kept is not None and not self._tree.kept[index_of(self._tree, position)]:
            return _no_place(position)
        place = int(walk.standings.index[row])
        distance = int(self._tree.depth[place]) - int(self._tree.depth[index_of(self._tree, position)])
        outcome = "blocked_by_rank" if distance > 0 else "no_rate"
        return DifferenceStep(position, distance, outcome, 0, 0, -1, 0, 0)

    def _passed_over(self, walk: DifferenceWalk, row: int, step: DifferenceStep) -> PassedOver:
        sources = walk.standings.part.sources
        base = int(sources.base[row])
        offered = self._values.rounding.to_unit(base * int(walk.offered[row]), sources.decimals + RATE_DECIMALS)
        ids, orders = self._values.network.ids, self._values.orders.ids
        return PassedOver(
            bonus=self._bonus,
            member="" if step.position < 0 else str(ids[step.position]),
            source=str(ids[int(sources.member[row])]),
            order="" if sources.order[row] < 0 or orders is None else str(orders[int(sources.order[row])]),
            level=step.level,
            paid_level=None if step.outcome == "compressed" else 0,
            outcome=step.outcome,
            cause=step.outcome,
            reason=self._reason(walk, row, step),
            base=text_from_units(base, sources.decimals),
            offered=text_from_units(offered, self._values.rounding.money_decimals),
            plan_source=self._word.source,
        )

    def _reason(self, walk: DifferenceWalk, row: int, step: DifferenceStep) -> str:
        if step.outcome == "compressed":
            return self._reasons.left_out(self._tree.name, step.position)
        if step.outcome in ("not_active", "not_eligible"):
            return self._failing(walk, step)
        if step.outcome == "no_rate":
            if 0 < step.level < self._word.first_level and step.rate_ppm:
                return self._too_near(step)
            if step.level == 0 and step.position != self._holder(walk, row):
                return f"the volume counts on its own level in {self._tree.name}"
            part = walk.standings.part
            return self._reasons.no_rate(part, int(part.row[step.position]), 0, None)
        if step.outcome == "blocked_by_rank":
            return f"the walk had ended{self._end(walk, row)}"
        if step.outcome == "no_upline":
            left = f"{rate_text(step.share_ppm)} of {rate_text(walk.standings.top)} is left; " if step.share_ppm else ""
            return f"{left}nobody above in {self._tree.name} holds more than {rate_text(step.taken_ppm)}"
        if step.left_ppm == 0 and step.share_ppm == 0 and step.taken_ppm < step.rate_ppm:
            return f"all of {rate_text(walk.standings.top)} was taken below{self._by(step)}"
        if step.outcome == "reserved" and step.level < self._word.first_level:
            return f"{self._too_near(step)}; its {rate_text(step.share_ppm)} counts as taken"
        if step.outcome == "reserved" and step.rate_ppm > step.taken_ppm:
            needs = sentences(self._reasons.not_eligible(self._word, step.position))
            return f"{needs}; {rate_text(step.share_ppm)} is reserved"
        text = f"{rate_text(step.rate_ppm)} is no more than the {rate_text(step.taken_ppm)} taken below{self._by(step)}"
        return f"{text}; {rate_text(step.share_ppm)} is reserved" if step.outcome == "reserved" else text

    def _holder(self, walk: DifferenceWalk, row: int) -> int:
        index = walk.start(row)[0]
        return index if index < 0 else int(walk.standings.position(np.array([index]))[0])

    def _too_near(self, step: DifferenceStep) -> str:
        return f"who is paid is on level {self._word.first_level} or higher; this is level {step.level}"

    def _failing(self, walk: DifferenceWalk, step: DifferenceStep) -> str:
        needs = sentences(self._reasons.not_eligible(self._word, step.position))
        if step.share_ppm:
            return f"{needs}; its {rate_text(step.share_ppm)} is lost"
        if step.rate_ppm <= step.taken_ppm:
            return needs
        return f"{needs}; its share goes to the next who qualifies" if step.left_ppm else f"{needs}; nothing was left"

    def _end(self, walk: DifferenceWalk, row: int) -> str:
        tracer = next(tracer for known, tracer in self._walks if known is walk)
        last = -1
        for step in tracer.steps(row):
            last = step.position if step.position >= 0 else last
        return "" if last < 0 else f"; {self._values.network.ids[last]} was the last it came to"

    def _by(self, step: DifferenceStep) -> str:
        return "" if step.taker < 0 else f" by {self._values.network.ids[step.taker]}"

    def _working(self, walk: DifferenceWalk, row: int, step: DifferenceStep) -> Working:
        sources = walk.standings.part.sources
        ids = self._values.network.ids
        base = text_from_units(int(sources.base[row]), sources.decimals)
        below = f"{rate_text(step.taken_ppm)} taken below{self._by(step)}"
        left = f"{rate_text(step.left_ppm)} of {rate_text(int(walk.offered[row]))} left"
        return Working(
            bonus=self._bonus,
            step=f"{base} of {ids[int(sources.member[row])]}, level {step.level}: own rate {rate_text(step.rate_ppm)}",
            value=rate_text(step.share_ppm),
            note=f"{below}; {left}",
        )


def _no_place(position: int) -> DifferenceStep:
    return DifferenceStep(position, 0, "compressed", 0, 0, -1, 0, 0)
