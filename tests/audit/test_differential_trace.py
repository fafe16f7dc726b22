"""The trace of a differential is a proof: over all sources it gives every line, the offer and the breakage."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given

from mlmcalc.audit.differential_trace import DifferenceTracer
from mlmcalc.bonuses.differential import Differential
from mlmcalc.rules.values import Values
from mlmcalc.runs.commission_run import run_commissions
from tests.audit.test_trace_proof import lines_of, multiplied
from tests.engine import run_engine
from tests.oracle.plans import Case, cases


def traced(word: Differential, values: Values) -> tuple[Counter, dict[tuple[int, str], list[int]], int]:
    """Return the lines, the breakage and the offer that the traces of all sources add up to."""
    lines: Counter = Counter()
    lost: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    offered = 0
    for standings in word.standings(values):
        walk = word.walk(values, standings)
        tracer = DifferenceTracer(walk, values.trees[standings.tree.root_tree or standings.tree.name])
        sources = standings.part.sources
        for row in range(sources.base.size):
            base = int(sources.base[row])
            offered += base * int(walk.offered[row])
            for step in tracer.steps(row):
                if step.outcome == "paid":
                    about = (int(column[row]) for column in (sources.member, sources.via, sources.order, sources.base))
                    lines[(step.position, step.level, 0, step.share_ppm, *about)] += 1
                elif step.share_ppm:
                    lost[0, step.outcome][0] += base
                    lost[0, step.outcome][1] += base * step.share_ppm
    return lines, lost, offered


@given(cases())
def test_traces_add_up_to_the_run(case: Case):
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
        if not isinstance(word, Differential) or word.against == "immediate_leg":
            continue
        lines, lost, offered = traced(word, values)
        assert lines == lines_of(blocks, name)
        equation = again.bonuses[name].equation
        scale = 10 ** (equation.decimals - word.base.decimals(calculated.plan.vocabulary) - 6)
        # What a multiplier, a minimum or a choice does comes after the walks.
        added = sum(int(amount) for block in blocks for amount in block.amount[multiplied(block, name)] if amount > 0)
        assert offered * scale == equation.offered - added * 10 ** (equation.decimals - calculated.amount_decimals)
        after = ("below_minimum", "excluded")
        rows = [row for row in again.bonuses[name].breakage if row.outcome not in after]
        stated = {(row.level, row.outcome): [row.base, row.amount] for row in rows}
        assert {key: sums for key, sums in lost.items() if sums[0] or sums[1]} == stated
