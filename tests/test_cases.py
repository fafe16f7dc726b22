"""The worked examples of published plans, as ``mlmcalc test fixtures/cases`` runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmcalc.cases.calculate import calculate
from mlmcalc.cases.case import find_cases, read_case
from mlmcalc.cases.verdict import compared_with, judge
from tests.cases.oracle_calculate import oracle_calculate

CASES = Path(__file__).resolve().parents[1] / "fixtures" / "cases"
FOUND = find_cases(CASES)
# Trees of thousands of members take the slow reference minutes.
SLOW_LINES = ("ph_unilevel5", "livegood", "plexus/three_wide_points")


def name(path: Path) -> str:
    return str(path.relative_to(CASES))


def test_there_are_cases():
    assert len(FOUND) >= 60


def marked(path: Path) -> object:
    # 65,535 members take plain Python minutes.
    slow = name(path) == "livegood/positions_2x15"
    return pytest.param(path, marks=pytest.mark.compiled, id=name(path)) if slow else pytest.param(path, id=name(path))


@pytest.mark.parametrize("path", [marked(path) for path in FOUND])
def test_case(path: Path):
    result = judge(path, calculate)
    if result.outcome != "expected failure":
        assert result.differences == ()
        assert result.compared > 0


@pytest.mark.parametrize("path", [path for path in FOUND if not name(path).startswith(SLOW_LINES)], ids=name)
def test_case_by_the_slow_reference(path: Path):
    case = read_case(path)
    stated = sum(len(rows) for part in (case, *case.following) for rows in part.expected.sections.values())
    assert compared_with(case, oracle_calculate) == (stated, [])


@pytest.mark.parametrize("path", FOUND, ids=name)
def test_case_names_its_source(path: Path):
    assert (path / "SOURCE.md").read_text(encoding="utf-8").startswith("# Source\n\n- ")
