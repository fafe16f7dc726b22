"""The table of faults in README.md names tests that exist, and leaves out no fault."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_HERE = Path(__file__).parent
_FAULTS = [*(f"F{number}" for number in range(1, 15)), "F25", "F29", "F30"]
_NAMED = re.compile(r"`((?:\.\./)*[\w/]+\.py)(?:::(\w+)| \((all)\))`")


def names_in(path: Path) -> set[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def rows() -> dict[str, list[tuple[str, str, str]]]:
    """Return what each row of the table names: file, test, or that all are meant."""
    lines = [line.split("|") for line in (_HERE / "README.md").read_text().splitlines() if line.startswith("| F")]
    return {cells[1].split()[0]: _NAMED.findall(cells[3]) for cells in lines}


def test_every_fault_has_its_tests():
    found = rows()
    assert list(found) == _FAULTS
    assert all(found.values())


def test_every_test_that_is_named_is_there():
    named = [one for row in rows().values() for one in row]
    missing = []
    for file, test, every in named:
        path = _HERE / file
        there = names_in(path) if path.exists() else set()
        if not there or (not every and test not in there):
            missing.append(f"{file}::{test or every}")
    assert missing == []
    # Whatever is in backticks in the last column is a test that was understood.
    assert len(named) == sum(line.split("|")[3].count("`") // 2 for line in _table())


def test_every_file_of_tests_here_is_in_the_table():
    named = {file for row in rows().values() for file, _, _ in row}
    assert {path.name for path in _HERE.glob("test_*.py")} - named == {"test_table.py"}


def _table() -> list[str]:
    return [line for line in (_HERE / "README.md").read_text().splitlines() if line.startswith("| F")]
