"""Running cases, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mlmcalc.cases.case import Case, find_cases, read_case
from mlmcalc.cases.compare import Difference, compare
from mlmcalc.cases.observed import Observed
from mlmcalc.errors import Finding, InputRefused, errors_of

_STATE_COLUMNS = ("section", "name", "member_id", "key", "since", "value")

Outcome = Literal["passed", "failed", "expected failure"]
Calculate = Callable[[Case], Observed]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case.

    Attributes
    ----------
    case : str
        Its path.
    outcome : {"passed", "failed", "expected failure"}
    compared : int
        Number of rows that were stated.
    differences : tuple of Difference
    missing : str
        What is missing, of an expected failure.
    """

    case: str
    outcome: Outcome
    compared: int
    differences: tuple[Difference, ...] = ()
    missing: str = ""


def judge_all(paths: Iterable[Path], calculate: Calculate) -> list[CaseResult]:
    """Return a result for each case at or below the paths, in their order.

    Raises
    ------
    InputRefused
        ``cases.none``: a path does not exist, or holds no case.
    """
    found: dict[Path, None] = {}
    for path in paths:
        below = find_cases(path) if path.exists() else []
        if not below:
            fault = f"{path} holds no case." if path.exists() else f"There is no {path}."
            raise InputRefused(
                Finding("cases.none", fault, "A case is a YAML file with expected:, or a folder with expected.csv.")
            )
        found.update(dict.fromkeys(below))
    return [judge(path, calculate) for path in found]


def judge(path: Path, calculate: Calculate) -> CaseResult:
    """Return the result of one case. A case that cannot be read has failed; it does not stop the others.

    Parameters
    ----------
    path : Path
        A folder or a YAML file.
    calculate : callable
        Runs the plan of a case; raises `InputRefused` where the plan or the data are refused.
    """
    try:
        case = read_case(path)
    except InputRefused as refusal:
        return CaseResult(str(path), "failed", 0, tuple(_refusals(refusal)))
    compared, differences = compared_with(case, calculate)
    if not case.expected_failure:
        return CaseResult(case.name, "failed" if differences else "passed", compared, tuple(differences))
    if differences:
        return CaseResult(case.name, "expected failure", compared, tuple(differences), case.expected_failure)
    surprise = Difference("expected_failure", case.expected_failure, "the case passes: remove the word")
    return CaseResult(case.name, "failed", compared, (surprise,))


def compared_with(case: Case, calculate: Calculate) -> tuple[int, list[Difference]]:
    """Return how many things of a case were compared, and the differences, over all its periods.

    Each period after the first begins with what the one before left; after one that was refused there is none.
    """
    compared, differences, observed = _differences(case, calculate)
    closed = case.period
    if case.following:
        differences = _in_period(closed, differences)
    for later in case.following:
        if observed is None:
            break
        left = [{**row, "member_id": str(row["member"]), "value": format(row["value"], "f")} for row in observed.state]
        state = [{"period": closed} | {name: str(row[name]) for name in _STATE_COLUMNS} for row in left]
        following = replace(later, tables=later.tables | {"state": state})
        closed = later.period
        count, found, observed = _differences(following, calculate)
        compared += count
        differences += _in_period(closed, found)
    return compared, differences


def _in_period(period: str, found: list[Difference]) -> list[Difference]:
    return [replace(one, what=f"{period} {one.what}") for one in found]


def _differences(case: Case, calculate: Calculate) -> tuple[int, list[Difference], Observed | None]:
    wanted = case.expected.finding
    try:
        observed = calculate(case)
    except InputRefused as refusal:
        if wanted is None:
            return 0, _refusals(refusal), None
        codes = sorted({finding.code for finding in errors_of(refusal.findings)})
        same = codes == sorted(set(wanted))
        found = [] if same else [Difference("finding", ", ".join(sorted(set(wanted))), ", ".join(codes))]
        return len(wanted), found, None
    if wanted is not None:
        return len(wanted), [Difference("finding", ", ".join(wanted), "the case ran")], None
    return *compare(case.expected, observed), observed


def _refusals(refusal: InputRefused) -> list[Difference]:
    return [Difference(finding.code, "no finding", finding.text()) for finding in errors_of(refusal.findings)]
