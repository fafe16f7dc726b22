"""The sources of a level bonus, traced: those near a member, and those an order belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.level_trace import Step, Tracer, rows_below
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.money import RATE_DECIMALS, rate_text, text_from_units
from mlmcalc.rules.classes import NO_RATE
from mlmcalc.rules.completion import on_level
from mlmcalc.rules.parts import has_order
from mlmcalc.rules.tree_columns import index_of, whole_tree

if TYPE_CHECKING:
    from mlmcalc.audit.guarantees import Guaranteed
    from mlmcalc.bonuses.levels import Levels, Prepared
    from mlmcalc.genealogy.tree import Tree
    from mlmcalc.rules.values import Values
    from mlmcalc.runs.commission_run import CommissionRun


class LevelSources:
    """The walks of one level bonus of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Levels
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Levels, reasons: Reasons) -> None:
        self._run = run
        self._values: Values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons
        tree: Tree = self._values.trees[word.tree or self._values.network.first_tree.name]
        self._tree = tree
        self._recorded = whole_tree(run.values, tree.root_tree or tree.name)
        walks = word.prepare(self._values)
        total = None if word.total is None else int(word.total.root)
        self._walks = [(prepared, Tracer(prepared, self._recorded, total)) for prepared in walks]

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
        paid = {(line.source, line.order) for line in own if line.rate_ppm > 0}
        found: list[PassedOver] = []
        not_shown = 0
        for prepared, tracer in self._walks:
            takers = prepared.ground.takers
            if takers is not None and not takers[position]:
                continue
            near = self._near(prepared, position, paid)
            not_shown += max(0, near.size - limit)
            for row in near[:limit]:
                found += self._missed_from(prepared, tracer, int(row), position)
        return found, not_shown

    def steps(self, prepared: Prepared, rows: NDArray[np.int64]) -> Iterator[tuple[int, list[Step]]]:
        """Yield the trace of some sources of a walk."""
        tracer = next(tracer for known, tracer in self._walks if known is prepared)
        for row in rows:
            yield int(row), tracer.steps(int(row))

    def workings(self, position: int) -> list[Working]:
        """Return who ends the member's generations, how full levels are that must be complete, what a guarantee moved.

        Where the plan has none of these the lines say it all.
        """
        moved = [] if self._guaranteed is None else self._guaranteed.workings(position)
        return self._own_boundary(position) + self._levels_filled(position) + moved

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return who was passed over for an order, or for the whole source it is part of, and the lines about it."""
        passed_over: list[PassedOver] = []
        paid: set[tuple[int, int, int]] = set()
        for prepared, rows in self.rows_of(member, row):
            for source, steps in self.steps(prepared, rows):
                base = int(prepared.part.sources.base[source])
                for step in steps:
                    if step.rate_ppm == 0 and not self._of_another_rank(prepared, step):
                        passed_over.append(self.passed_over(prepared, source, steps, step))
                    paid.add((base, step.paid_level or 0, step.rate_ppm or step.top_ppm))
        # A table chosen by an order column has several sources of one member; only this order's are meant.
        return passed_over, [line for line in lines if (line.base, line.paid_level, line.rate_ppm) in paid]

    def rows_of(self, member: int, order: int) -> Iterator[tuple[Prepared, NDArray[np.int64]]]:
        """Yield the walks and rows of the sources that an order is part of.

        Parameters
        ----------
        member : int
            Position of the source.
        order : int
            Row of the orders.
        """
        for prepared, _ in self._walks:
            if not has_order(prepared.part, self._values, self._word.by, order):
                continue
            sources = prepared.part.sources
            rows = np.flatnonzero((sources.order == order) | ((sources.order < 0) & (sources.member == member)))
            if rows.size:
                yield prepared, rows

    def passed_over(self, prepared: Prepared, row: int, steps: list[Step], step: Step) -> PassedOver:
        """Return a step that was not paid as an explanation says it."""
        sources = prepared.part.sources
        base = int(sources.base[row])
        offered = self._values.rounding.to_unit(base * step.top_ppm, sources.decimals + RATE_DECIMALS)
        ids, orders = self._values.network.ids, self._values.orders.ids
        return PassedOver(
            bonus=self._bonus,
            member="" if step.position < 0 else str(ids[step.position]),
            source=str(ids[int(sources.member[row])]),
            order="" if sources.order[row] < 0 or orders is None else str(orders[int(sources.order[row])]),
            level=step.level,
            paid_level=step.paid_level,
            outcome=step.outcome,
            cause=step.cause,
            reason=self._reason(prepared, row, steps, step),
            base=text_from_units(base, sources.decimals),
            offered=text_from_units(offered, self._values.rounding.money_decimals),
            plan_source=self._word.source,
        )

    def _of_another_rank(self, prepared: Prepared, step: Step) -> bool:
        # Who only ends generations here takes its own elsewhere.
        return prepared.ground.code >= 0 and step.cause == "no_upline"

    def _own_boundary(self, position: int) -> list[Working]:
        if self._word.generations is None:
            return []
        ladder = self._word.generations.mine_or_higher
        ranking = self._values.ranking(ladder)
        assert ranking is not None, "generations end by a ladder or a title"
        code = int(ranking.code[position])
        ends = f"{ranking.names[code - 1]} or higher" if code else "everybody"
        return [Working(self._bonus, "generations end at", ends, f"by {ladder}, the member's own or higher")]

    def _levels_filled(self, position: int) -> list[Working]:
        found = []
        for level, wanted in sorted(self._word.complete.items()):
            there = int(on_level(self._tree, level)[position])
            state = "complete" if there >= wanted else "not complete"
            found.append(Working(self._bonus, f"members on level {level}", str(there), f"{wanted} wanted: {state}"))
        return found

    @cached_property
    def _guaranteed(self) -> Guaranteed | None:
        guarantee = self._word.guarantee
        if guarantee is None:
            return None
        from mlmcalc.audit.guarantees import Guaranteed

        return Guaranteed(self._run, self._bonus, self._word, guarantee)

    def _missed_from(self, prepared: Prepared, tracer: Tracer, row: int, position: int) -> list[PassedOver]:
        steps = tracer.steps(row)
        own = [step for step in steps if step.position == position] or [self._beyond(prepared, row, position)]
        return [self.passed_over(prepared, row, steps, step) for step in own if step.rate_ppm == 0]

    def _beyond(self, prepared: Prepared, row: int, position: int) -> Step:
        """Return the step of one the walk never came to."""
        place = int(prepared.index[row])
        index = index_of(self._tree, position)
        blocked = bool(prepared.ground.starts.blocked[place]) and index < int(
            prepared.columns(slice(row, row + 1))[0, 1]
        )
        outcome = "blocked_by_rank" if blocked else "no_rate"
        level = int(prepared.level(np.array([row]), np.array([index], np.int32))[0])
        return Step(position, level, None, outcome, outcome, 0, 0, settles=False)

    def _near(self, prepared: Prepared, position: int, paid: set[tuple[int, int]]) -> NDArray[np.int64]:
        """Return the sources below a member that paid it nothing, nearest first, no further than the rates reach."""
        tree, ground = self._tree, prepared.ground
        index = index_of(tree, position)
        rows = rows_below(self._recorded, index, prepared.index)
        if tree.kept is not None and not tree.kept[index]:
            distance = self._recorded.depth[prepared.index[rows]] - self._recorded.depth[index]
        else:
            distance = prepared.level(rows, np.full(rows.size, index, np.int32))
        if ground.near >= 0:
            near = ground.starts.first[prepared.index[rows]] == index
        else:
            near = distance <= prepared.part.rates.shape[1] + ground.first_level - 1
        rows, distance = rows[near], distance[near]
        if paid and self._word.otherwise != "pass_to":
            sources = prepared.part.sources
            orders = np.int64(self._values.orders.size + 1)
            keys = sources.member[rows] * orders + sources.order[rows]
            fresh = ~np.isin(keys, [member * int(orders) + order for member, order in paid])
            rows, distance = rows[fresh], distance[fresh]
        return rows[np.argsort(distance, kind="stable")]

    def _reason(self, prepared: Prepared, row: int, steps: list[Step], step: Step) -> str:
        text = self._cause(prepared, row, step)
        if step.outcome == "to_company":
            return f"{text}; paid to the company"
        if step.settles or step.paid_level is None or step.position < 0:
            return text
        taker = next(other for other in steps if other.settles and other.paid_level == step.paid_level)
        if taker.position < 0 or taker.position == step.position:
            return f"{text}; nobody above took the level"
        return f"{text}; the level went to {self._values.network.ids[taker.position]}"

    def _cause(self, prepared: Prepared, row: int, step: Step) -> str:
        source = int(prepared.part.sources.member[row])
        if step.cause == "compressed":
            return self._reasons.left_out(self._tree.name, step.position)
        if step.cause in ("not_active", "not_eligible"):
            if step.pair_failed:
                return self._reasons.pairs(self._word, source, step.position)
            return sentences(self._reasons.not_eligible(self._word, step.position))
        if step.cause == "blocked_by_rank":
            return self._end_of_walk(prepared, row)
        if step.cause == "no_upline":
            return f"nobody is above in {self._tree.name}"
        if step.paid_level is None:
            return self._out_of_reach(prepared, step)
        if step.cause == "nothing_left":
            total = 0 if self._word.total is None else int(self._word.total.root)
            return f"those below took {rate_text(total)}, all that one source gives"
        return self._no_rate(prepared, step.row, step.paid_level, step.position)

    def _no_rate(self, prepared: Prepared, row: int, level: int, position: int) -> str:
        part = prepared.part
        column = level - prepared.ground.first_level
        whole = row % part.bound.row_of_scheme.size
        if part.rates[row, column] == NO_RATE != part.rates[whole, column]:
            there = int(on_level(self._tree, level)[position])
            return f"level {level} is not complete: {self._word.complete[level]} members wanted, {there} there"
        return self._reasons.no_rate(part, whole, column, level)

    def _out_of_reach(self, prepared: Prepared, step: Step) -> str:
        first = prepared.ground.first_level
        if step.level < first:
            return f"generations count from {first}; this is generation {step.level}"
        last = prepared.part.rates.shape[1] + first - 1
        return f"levels {first} to {last} were taken by those in between"

    def _end_of_walk(self, prepared: Prepared, row: int) -> str:
        limit = int(prepared.columns(slice(row, row + 1))[0, 1])
        paid = self._word.until is None or self._word.until.paid
        end = limit if paid else limit - 1
        position = end if self._tree.order is None else int(self._tree.order[end])
        ranking = self._values.rankings["rank"]
        rank = ranking.names[int(ranking.code[position]) - 1]
        return f"the walk ended at {self._values.network.ids[position]}, who holds {rank}"
