"""The benchmarks' own machinery: what adds up, what is compared before it is timed. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import loops, results
from benchmarks.digests import of_workspace
from benchmarks.figures import CannotMeasureError, Figure, Found, Row, Settings
from benchmarks.job import job_folder
from benchmarks.measure import Prepared, interleaved
from benchmarks.peers import engine, in_c
from benchmarks.profile import AtOnce
from benchmarks.rows import ROWS
from benchmarks.tables import write_section

PAGE = "before\n<!-- machine -->\n<!-- /machine -->\nmine\n<!-- aims -->\nold\n<!-- /aims -->\n<!-- details -->\n"
PAGE += "<!-- /details -->\nafter\n"


@pytest.fixture(autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs go where they are cleared away."""
    monkeypatch.setenv("MLMCALC_BENCH_DIR", str(tmp_path_factory.getbasetemp() / "benchmarks"))


def row(name: str, *figures: Figure) -> tuple[Row, Found]:
    found = Found(figures, [f"details of {name}"])
    return Row(name, name.title(), f"what {name} is", "against", "1.5", lambda settings: found), found


@pytest.mark.parametrize(
    ("measured", "aim", "at_least", "memory", "memory_aim", "met"),
    [
        (1.5, 1.5, False, None, None, True),
        (1.504, 1.5, False, None, None, True),
        (1.506, 1.5, False, None, None, False),
        (4.99, 5, True, None, None, False),
        (5.0, 5, True, None, None, True),
        (1.0, 1.5, False, 251, 250, False),
        (1.0, 1.5, False, 250, 250, True),
        (1.0, 1.5, False, None, 250, False),
        (1.0, None, False, 300, None, None),
    ],
)
def test_whether_an_aim_is_met(measured, aim, at_least, memory, memory_aim, met):
    figure = Figure("a", "b", aim, measured, at_least=at_least, memory=memory, memory_aim=memory_aim)
    assert figure.is_met is met


def test_results_add_up(tmp_path: Path):
    """What is measured later takes the place of its own row alone."""
    path = tmp_path / "results.json"
    one, first = row("one", Figure("short", "b", 1.5, 2.0, reference=0.5))
    two, second = row("two", Figure("long", "b", 5, 7.0, at_least=True, memory=202.4, memory_aim=250, note="so"))
    results.keep("one", first, "a machine.", path)
    results.keep("two", second, "a machine.", path)
    known = results.keep("one", Found([Figure("again", "b", 1.5, 1.0)]), "a machine.", path)
    assert known == results.load(path)
    table = results.aims_table([one, two], known)
    assert table[2:4] == [
        "| again | b | 1.5 | **1.00** |  | yes |  |",
        "| long | b | at least 5, 250 bytes per member | **7.00**, 202 bytes per member (so) |  | yes |  |",
    ]


def test_the_table_tells_occasions_apart_and_what_is_missing(tmp_path: Path):
    path = tmp_path / "results.json"
    (one, first), (two, second), (three, _) = (row(name, Figure(name, "b", 1, 2.0)) for name in ("one", "two", "three"))
    results.keep("one", first, "a machine.", path)
    known = results.keep("two", second, "another.", path)
    page = tmp_path / "README.md"
    page.write_text(PAGE)
    results.write_readme([one, two, three], known, page)
    text = page.read_text()
    assert "1. a machine." in text
    assert "2. another." in text
    assert "| one | b | 1 | **2.00** |  | no |  | 1 |" in text
    assert "| two | b | 1 | **2.00** |  | no |  | 2 |" in text
    assert "| what three is | against | 1.5 | not measured yet | | | | |" in text
    assert "### One\n\ndetails of one" in text
    assert "old" not in text
    assert all(kept in text for kept in ("before\n", "\nmine\n", "\nafter\n"))


def test_a_page_without_its_marks_is_refused(tmp_path: Path):
    page = tmp_path / "README.md"
    page.write_text("nothing here\n")
    with pytest.raises(ValueError, match="aims"):
        write_section(page, "aims", ["text"])
    assert page.read_text() == "nothing here\n"


def test_the_page_is_what_the_results_say(tmp_path: Path):
    page = tmp_path / "README.md"
    page.write_text(results.README.read_text(encoding="utf-8"), encoding="utf-8")
    results.write_readme(ROWS, results.load(), page)
    assert page.read_text(encoding="utf-8") == results.README.read_text(encoding="utf-8")


def test_rows_have_names_of_their_own():
    assert len({one.name for one in ROWS}) == len(ROWS)


@pytest.mark.parametrize("name", ["gate", "columns", "preview"])
def test_a_row_finds_its_figures(name: str):
    """On a thousand members; what it compares before it measures is compared here too."""
    (one,) = [one for one in ROWS if one.name == name]
    try:
        found = one.measure(Settings(repetitions=1, part=1_000_000))
    except CannotMeasureError as fault:
        pytest.skip(str(fault))
    assert found.figures
    assert all(figure.measured > -1 for figure in found.figures)
    assert Found.of_json(json.loads(json.dumps(found.as_json()))) == Found(list(found.figures), list(found.details))


def test_cases_run_in_turn_and_are_prepared_each_time():
    seen: list[str] = []
    cases = {"a": Prepared(lambda: seen.append("a"), lambda: seen.append("before")), "b": lambda: seen.append("b")}
    found = interleaved(cases, 3)
    assert seen == ["before", "a", "b"] * 3
    assert [len(found[name].seconds) for name in cases] == [3, 3]


@pytest.mark.parametrize("loop", [loop for group in loops.LOOPS.values() for loop in group], ids=lambda loop: loop.name)
def test_a_kernel_and_its_loop_in_c_answer_the_same(loop: loops.Loop):
    try:
        in_c.compiler()
    except CannotMeasureError as fault:
        pytest.skip(str(fault))
    own, twin = loops.beside(loop, columns())
    for case in (own, twin):
        # The second repetition finds what the first one found.
        case.before()
        first = case.run()
        case.before()
        assert case.run() == first


def test_a_kernel_that_answers_something_else_is_not_timed():
    try:
        in_c.compiler()
    except CannotMeasureError as fault:
        pytest.skip(str(fault))
    wrong = loops.Loop("wrong", lambda parent, sums: None, "roll_up", lambda c: (c.parent, c.volume))
    with pytest.raises(RuntimeError, match="wrong"):
        loops.beside(wrong, columns())


_COLUMNS: list[loops.Columns] = []


def columns() -> loops.Columns:
    if not _COLUMNS:
        _COLUMNS.append(loops.Columns(1_000))
    return _COLUMNS[0]


@pytest.mark.parametrize("shape", ["bush", "deep"])
@pytest.mark.parametrize(
    "module", ["polars_joins", "sqlite_sql", "dicts", "duckdb_sql", "networkx_walk", "scipy_solve"]
)
def test_peers_agree_to_the_cent(module: str, shape: str):
    folder = job_folder(1_000, shape)
    try:
        peer = import_module(f"benchmarks.peers.{module}")
        answer = peer.answer(peer.load(folder))
    except (CannotMeasureError, ModuleNotFoundError) as fault:
        pytest.skip(str(fault))
    assert answer.equals(engine.answer(engine.load(folder)))
    assert answer["paid"].sum() > 0


def test_what_is_measured_from_its_start_imports_no_more_than_it_needs():
    code = (
        "import sys, benchmarks.job, benchmarks.peers.recursive_sql as _; print({'polars', 'mlmcalc'} & {*sys.modules})"
    )
    root = results.README.parents[1]
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    assert told.stdout == "set()\n"


def test_an_executor_that_hides_nothing():
    with AtOnce(max_workers=3, thread_name_prefix="x") as threads:
        assert threads.submit(max, 2, 5).result() == 5
        assert list(threads.map(abs, [-1, 2])) == [1, 2]
        failed = threads.submit(int, "x")
    with pytest.raises(ValueError, match="invalid"):
        failed.result()


def test_the_digest_of_the_sample():
    ((what, run),) = of_workspace("sample", "2026-10")
    assert what == "sample 2026-10"
    assert run.digest.startswith("784775f1")
