"""The engine against the slow reference: whole companies and whole plans drawn at random, line for line."""

from __future__ import annotations

from hypothesis import given, settings

from tests.engine import Stated, of_engine, of_oracle, run_engine
from tests.oracle.commission import run
from tests.oracle.plans import Case, cases


def compare(engine: Stated, oracle: Stated) -> None:
    """Fail where the two differ, the earliest stage first: what is wrong there explains the rest."""
    assert engine.members == oracle.members
    assert engine.transfers == oracle.transfers
    assert engine.breakage == oracle.breakage
    assert not engine.lines - oracle.lines, "only the engine"
    assert not oracle.lines - engine.lines, "only the reference"
    assert engine.statements == oracle.statements
    assert engine.equations == oracle.equations
    assert engine.payout == oracle.payout
    assert engine.payments == oracle.payments
    assert engine.state == oracle.state


@settings(max_examples=200)
@given(cases())
def test_engine_and_reference_agree(case: Case):
    expected = of_oracle(run(case.plan, case.company))
    names = list(next(iter(expected.members.values())))
    compare(of_engine(run_engine(case), names), expected)
