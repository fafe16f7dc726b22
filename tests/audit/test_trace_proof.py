"""The trace that explains is a proof: over all sources it gives every line, the offer and the breakage of the run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given

from mlmcalc.audit.level_trace import Step, Tracer
from mlmcalc.bonuses.levels import Levels, Prepared
from mlmcalc.ledger.lines import OUTCOME_CODE
from mlmcalc.rules.values import Values
from tests.engine import run_engine
from tests.oracle.plans import Case, cases

Line = tuple[Any, ...]


class Traced:
    """What the traces of all sources of a bonus add up to."""

    def __init__(self, word: Levels, values: Values) -> None:
        self.values = values
        self.lines: Counter[Line] = Counter()
        self.lost: dict[tuple[int, str], tuple[int, int]] = {}
        self.offered = 0
        for prepared in word.prepare(values):
            tree = prepared.walk.tree
            total = None if word.total is None else int(word.total.root)
            tracer = Tracer(prepared, values.trees[tree.root_tree or tree.name], total)
            for row in range(prepared.part.sources.base.size):
                steps = tracer.steps(row)
                self._levels_once(steps, prepared)
                for step in steps:
                    self._add(prepared, row, step)

    def _levels_once(self, steps: list[Step], prepared: Prepared) -> None:
        settled = [step.paid_level for step in steps if step.settles]
        assert len(settled) == len(set(settled)) == prepared.part.rates.shape[1]

    def _add(self, prepared: Prepared, row: int, step: Step) -> None:
        base = int(prepared.part.sources.base[row])
        if not step.settles:
            assert step.rate_ppm == 0
            return
        self.offered += base * step.top_ppm
        rate = step.rate_ppm
        if step.outcome == "to_company":
            self._line(prepared, row, self.values.size, step.paid_level, step.paid_level, step.top_ppm)
        elif rate > 0:
            self._line(prepared, row, step.position, step.level, step.paid_level, rate)
        self._lose(step, "nothing_left", base, step.cut_ppm)
        why = "no_rate" if step.outcome in ("paid", "nothing_left") else step.outcome
        self._lose(step, why, base, step.top_ppm - rate - step.cut_ppm)

    def _lose(self, step: Step, outcome: str, base: int, rate: int) -> None:
        if rate > 0:
            key = (step.paid_level or 0, outcome)
            bases, amounts = self.lost.get(key, (0, 0))
            self.lost[key] = bases + base, amounts + base * rate

    def _line(self, prepared: Prepared, row: int, earner: int, level: int | None, paid: int | None, rate: int) -> None:
        sources = prepared.part.sources
        about = (int(column[row]) for column in (sources.member, sources.via, sources.order, sources.base))
        self.lines[(earner, level, paid, rate, *about)] += 1


def lines_of(blocks: list, bonus: str) -> Counter[Line]:
    found: Counter[Line] = Counter()
    for block in blocks:
        if block.bonus != bonus:
            continue
        columns = (block.earner, block.level, block.paid_level, block.rate_ppm)
        columns += (block.source, block.via, block.order, block.base)
        for outcome, *line in zip(block.outcome, *columns, strict=True):
            if outcome in (0, 9):
                found[tuple(int(value) for value in line)] += 1
    return found


def multiplied(block: Any, bonus: str) -> Any:
    return (block.outcome == OUTCOME_CODE["multiplier"]) & (block.bonus == bonus)


@given(cases())
def test_traces_add_up_to_the_run(case: Case):
    from mlmcalc.runs.commission_run import run_commissions

    calculated = run_engine(case).calculated
    assert calculated is not None
    values = calculated.values
    blocks: list = []
    again = run_commissions(
        calculated.plan,
        values.network,
        values.orders,
        values.overrides,
        blocks.append,
        period=values.closing.period,
        opening=values.opening,
        besides=values.besides,
    )
    for name, word in calculated.plan.bonuses.items():
        if not isinstance(word, Levels):
            continue
        traced, result = Traced(word, values), again.bonuses[name]
        assert traced.lines == lines_of(blocks, name)
        equation = result.equation
        scale = 10 ** (equation.decimals - word.base.decimals(calculated.plan.vocabulary) - 6)
        # A multiplier adds to what is offered; what it, a minimum or a choice does comes after the walks.
        added = sum(int(amount) for block in blocks for amount in block.amount[multiplied(block, name)] if amount > 0)
        places = equation.decimals - calculated.amount_decimals
        assert traced.offered * scale == equation.offered - added * 10**places
        after = ("below_minimum", "excluded")
        rows = {(row.level, row.outcome): (row.base, row.amount) for row in result.breakage if row.outcome not in after}
        lost = {key: sums for key, sums in traced.lost.items() if sums[0]}
        assert lost == rows
