"""A case, read from a folder or from one YAML file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mlmcalc.cases.expected import Expected, read_expected, section_rows
from mlmcalc.cases.rows import Rows, read_csv_rows, read_rows, refused, volume_rows
from mlmcalc.documents.yaml_reader import read_file
from mlmcalc.periods import label_before

_TABLES = ("members", "volumes", "orders", "overrides", "adjustments", "closed", "rates", "state")
_PERIOD_TABLES = ("members", "volumes", "orders", "overrides", "adjustments", "closed", "rates")
_PERIOD_WORDS = ("period", *_PERIOD_TABLES, "expected")
_HEAD = ("plan", "period", "expected_failure", "source", "note")
WORDS = (*_HEAD, *_TABLES, "expected", "periods")
DEFAULT_PERIOD = "2026-10"


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes
    ----------
    name : str
        Its path as given, without the file name where it is a folder.
    plan : Path or str
        A file, or the text of a plan written inside the case.
    tables : dict of str to list of row
        ``members`` and what there is of ``volumes``, ``orders``, ``overrides``, ``adjustments``, ``closed``,
        ``rates``, ``state``.
    expected_failure : str
        What is missing, if the case is known to fail.
    following : tuple of Case
        The periods after this one, each with the closing state of the one before.
    """

    name: str
    plan: Path | str
    period: str
    tables: dict[str, Rows]
    expected: Expected
    expected_failure: str = ""
    following: tuple[Case, ...] = ()


def find_cases(path: Path) -> list[Path]:
    """Return the cases at or below a path, sorted.

    They are YAML files with ``expected:`` or ``periods:``, and folders with an expected file.

    Raises
    ------
    InputRefused
        ``cases.none``: there is no such path, or no case below it.
    """
    if path.is_file():
        return [path]
    found = [folder for folder in [path, *sorted(path.rglob("*"))] if folder.is_dir() and _is_case_folder(folder)]
    found += [
        file
        for file in sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        if file.parent not in found and _holds_expected(file)
    ]
    return sorted(found)


def read_case(path: Path) -> Case:
    """Return the case of a folder or a YAML file.

    Raises
    ------
    InputRefused
        ``cases.table`` and ``documents.*``: the case cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    main = folder / "case.yaml" if path.is_dir() else path
    words = _words(main) if main.is_file() else {}
    beside = path.is_dir()
    if beside and (folder / "expected.yaml").is_file():
        words = _merge_expected_file(words, folder / "expected.yaml")
    file = str(main)
    tables = _tables(words, folder if beside else None, file)
    plan, missing = _plan(words, folder, file), str(words.get("expected_failure", ""))
    if "periods" in words:
        first, *rest = _periods(words, tables, str(path), plan, file)
        return replace(first, expected_failure=missing, following=tuple(rest))
    _one_trade(tables, "volumes", file)
    expected = _expected(words, folder if beside else None, file)
    period = str(words.get("period", DEFAULT_PERIOD))
    return Case(str(path), plan, period, tables, expected, missing)


def _periods(
    words: Mapping[str, Any], tables: dict[str, Rows], name: str, plan: Path | str, file: str
) -> Iterator[Case]:
    listed = words["periods"]
    twice = next((word for word in ("period", "volumes", "orders", "expected") if word in words), "")
    if twice:
        raise refused(twice, file, f"with periods, each of them says its own {twice}")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, Mapping) for one in listed):
        raise refused("periods", file, "periods is a list of {period, volumes, expected}")
    for number, one in enumerate(listed):
        unknown = [word for word in one if word not in _PERIOD_WORDS]
        if unknown or "period" not in one:
            fault = f"{unknown[0]!r} is no word of a period" if unknown else "a period has no label"
            raise refused("periods", file, fault, f"Words: {', '.join(_PERIOD_WORDS)}.")
        own = {
            word: rows for word, rows in tables.items() if word not in ("state", "adjustments", "closed") or number == 0
        }
        own |= {word: _table(word, one[word], own, file) for word in _PERIOD_TABLES if word in one}
        _one_trade(own, "periods", file)
        expected = read_expected(one["expected"], file) if "expected" in one else Expected()
        yield Case(name, plan, str(one["period"]), own, expected)


def state_table(case: Case) -> Rows:
    """Return the state a case begins with, as a table of the period before its own."""
    rows = case.tables["state"]
    closed = "" if all(row.get("period") for row in rows) else label_before(case.period)
    return [{"period": closed} | row for row in rows]


def _is_case_folder(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("case.yaml", "expected.yaml", "expected.csv"))


def _holds_expected(file: Path) -> bool:
    return file.name != "expected.yaml" and any(
        line.startswith(("expected:", "periods:"))
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    )


def _words(file: Path) -> dict[str, Any]:
    words = read_file(file).value
    for word in words:
        if word not in WORDS:
            near = get_close_matches(word, WORDS, n=1)
            raise refused(word, str(file), f"{word!r} is no word of a case", f"Did you mean {near[0]}?" if near else "")
    return dict(words)


def _merge_expected_file(words: dict[str, Any], file: Path) -> dict[str, Any]:
    """expected.yaml holds the sections; it may also hold the few words that have no file of their own."""
    value = dict(read_file(file).value)
    head = {word: value.pop(word) for word in _HEAD if word in value}
    if "expected" in words and value:
        raise refused("expected", str(file), "the case states expected: twice, in case.yaml and in expected.yaml")
    return {**head, **({"expected": value} if value else {}), **words}


def _plan(words: Mapping[str, Any], folder: Path, file: str) -> Path | str:
    plan = words.get("plan", "plan.yaml")
    if isinstance(plan, Mapping):
        # JSON is YAML; a line break tells text from a path.
        return json.dumps(plan, ensure_ascii=False) + "\n"
    if "\n" in str(plan):
        raise refused(
            "plan", file, "plan is one long text", "Leave out the | after plan:, and write the plan below it."
        )
    path = folder / str(plan)
    if not path.is_file():
        raise refused("plan", file, f"there is no plan {plan}", "Write plan: with a path, or the plan itself.")
    return path


def _tables(words: Mapping[str, Any], folder: Path | None, file: str) -> dict[str, Rows]:
    tables: dict[str, Rows] = {}
    for name in _TABLES:
        if name in words:
            tables[name] = _table(name, words[name], tables, file)
        elif folder is not None and (folder / f"{name}.csv").is_file():
            tables[name] = read_csv_rows(folder / f"{name}.csv")
    if "members" not in tables:
        raise refused("members", file, "the case has no members", "Write members:, or put members.csv beside it.")
    return tables


def _table(name: str, value: Any, tables: Mapping[str, Rows], file: str) -> Rows:
    if name == "volumes" and tables:
        return volume_rows(value, tables["members"], name, file)
    return read_rows(value, name, file)


def _one_trade(tables: Mapping[str, Rows], place: str, file: str) -> None:
    if ("volumes" in tables) == ("orders" in tables):
        raise refused(place, file, "a case has either volumes or orders")


def _expected(words: Mapping[str, Any], folder: Path | None, file: str) -> Expected:
    expected = read_expected(words["expected"], file) if "expected" in words else Expected()
    if folder is not None and (folder / "expected.csv").is_file():
        rows = section_rows("statements", [dict(row) for row in read_csv_rows(folder / "expected.csv")], file)
        if "statements" in expected.sections:
            raise refused("expected", file, "the case states statements twice, in YAML and in expected.csv")
        expected.sections["statements"] = rows
    if not expected.sections and expected.finding is None:
        raise refused("expected", file, "the case expects nothing")
    return expected
