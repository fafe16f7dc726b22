"""The slow reference on the worked examples of `fixtures/cases`: lines, statements, ranks, metrics."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.oracle.commission import Line, Result, run
from tests.oracle.snapshot import Company, Row

CASES = Path(__file__).resolve().parents[1] / "fixtures" / "cases"


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def table(given: Any, members: list[Row]) -> list[Row] | None:
    if given is None or isinstance(given, list):
        return given
    if isinstance(given, dict) and "every" in given:
        return [{"member_id": row["member_id"], **given["every"]} for row in members]
    if isinstance(given, dict):
        return perfect_tree(given)
    names, *rows = (line.split() for line in given.splitlines() if line.strip())
    return [{name: "" if cell == "-" else cell for name, cell in zip(names, row, strict=True)} for row in rows]


def perfect_tree(given: dict[str, Any]) -> list[Row]:
    found, level = [("1", "")], ["1"]
    for width in given["widths"]:
        below = []
        for parent in level:
            for _child in range(int(width)):
                below.append(str(len(found) + 1))
                found.append((below[-1], parent))
        level = below
    columns = given.get("columns", {})
    return [{"member_id": name, given.get("parent", "sponsor_id"): parent, **columns} for name, parent in found]


def calculated(path: Path) -> tuple[dict[str, Any], Result]:
    case = read(path)
    if isinstance(case.get("plan"), dict):
        plan = case["plan"]
    else:
        near = (
            [path.parent / case["plan"]]
            if "plan" in case
            else [path.parent / "plan.yaml", path.parents[1] / "plan.yaml"]
        )
        plan = read(next(one for one in near if one.exists()))
    members = table(case["members"], []) or []
    if len(members) > 1000:
        pytest.skip("more members than a slow reference takes in a second")
    company = Company(
        members=members,
        first=date(2026, 10, 1),
        last=date(2026, 10, 31),
        orders=table(case.get("orders"), members),
        volumes=table(case.get("volumes"), members),
        overrides=table(case.get("overrides"), members) or [],
        integer_ids=all(row["member_id"].isdigit() for row in members),
    )
    return case["expected"], run(plan, company)


def agrees(row: dict[str, str], line: Line) -> bool:
    """Return whether a line has what a row states."""
    for name, text in row.items():
        value = getattr(line, name)
        if isinstance(value, Fraction):
            wanted: Any = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
        else:
            wanted = int(text) if isinstance(value, int) else text
        if (value or "") != (wanted or ""):
            return False
    return True


# Cases of several periods are compared in `test_cases.py`.
ONE_PERIOD = [path for path in CASES.glob("**/case.yaml") if "expected" in read(path)]
PATHS = sorted(path for path in ONE_PERIOD if "finding" not in read(path)["expected"])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_the_reference_reaches_what_the_source_states(path: Path):
    if "expected_failure" in read(path):
        pytest.skip("the source states what no plan can say yet")
    expected, result = calculated(path)
    for row in rows(expected, "statements", "bonus"):
        assert result.statements.get((row["member"], row["bonus"]), 0) == Fraction(row["amount"]), row
    lines = list(result.lines)
    for row in rows(expected, "lines", ""):
        found = next((line for line in lines if agrees({"outcome": "paid", **row}, line)), None)
        assert found is not None, row
        lines.remove(found)
    if expected.get("only") == "true" and "lines" in expected:
        assert not lines
    for row in rows(expected, "sums", ""):
        wanted = {name: row[name] for name in ("amount", "base", "count") if name in row}
        chosen = [line for line in result.lines if agrees({k: v for k, v in row.items() if k not in wanted}, line)]
        for name, text in wanted.items():
            total = len(chosen) if name == "count" else sum((getattr(line, name) for line in chosen), Fraction(0))
            assert total == Fraction(text), row
    for row in rows(expected, "ranks", "rank"):
        assert (result.ranks[row.get("ladder", "rank")][row["member"]] or "none") == row["rank"], row
    both = {**result.volumes, **result.metrics}
    for row in rows(expected, "metrics", "metric"):
        assert both[row["metric"]][row["member"]] == Fraction(row["value"]), row


def rows(expected: dict[str, Any], section: str, short: str) -> list[Row]:
    """Return a section of what is expected as rows, whichever way it is written."""
    given = expected.get(section, [])
    if not isinstance(given, dict):
        return table(given, []) or []
    if section == "ranks":
        return [{"member": member, "rank": rank} for member, rank in given.items()]
    value = "amount" if section == "statements" else "value"
    return [{short: name, "member": member, value: text} for name, of in given.items() for member, text in of.items()]
