"""What is kept with a run explains its members as the whole run does, at once, and is verified."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings

import mlmcalc
from mlmcalc.api import kept_runs
from mlmcalc.api.explanations import Repeatable, explain_member
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.audit.kept_run import _SECTIONS
from mlmcalc.audit.kept_words import NotKept, kept_word, restored_word
from mlmcalc.cli.main import run_command
from mlmcalc.tables.kept import KeptColumns
from tests.audit import zoo
from tests.engine import run_engine
from tests.oracle.plans import Case, cases

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLANS = [*sorted((FIXTURES / "plans").glob("*.yaml")), FIXTURES / "sample/plan.yaml"]


def told(run: mlmcalc.Run, folder: Path, members: list, limit: int) -> int:
    """Compare explanations by what was kept with those of the whole run; return how many were compared."""
    manifest = sealed_manifest(folder)
    if "not" in manifest["kept"]:
        return 0
    assert run.calculated is not None
    again = Repeatable.of_run(run.calculated, run.id, manifest["period"]["label"])
    for member in members:
        found = kept_runs.explain_kept(folder, manifest, member, limit)
        assert found is not None, member
        assert asdict(found) == asdict(explain_member(again, member, limit)), member
    return len(members)


@settings(max_examples=40)
@given(cases())
def test_drawn_companies(tmp_path_factory, case: Case):
    run = run_engine(case)
    folder = tmp_path_factory.mktemp("drawn") / "run"
    run.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        # Frames are nowhere to be looked at again.
        patch.setattr(kept_runs, "as_seen", lambda *about: True)
        assert run.calculated is not None
        told(run, folder, list(run.calculated.values.network.ids), 3)
    shutil.rmtree(folder.parent)


@pytest.mark.parametrize("arrangement", ["as it is", "per source", "statements rounded"])
def test_a_company_of_every_reason(tmp_path, monkeypatch, arrangement):
    plan = zoo.PLAN
    if arrangement == "per source":
        plan = plan.replace("grain: order", "grain: source")
    elif arrangement == "statements rounded":
        plan = plan.replace("place: bonus", "place: payout")
    arguments = zoo.write(tmp_path)
    (tmp_path / "plan.yaml").write_text(plan)
    assert run_command([*arguments, "--summary", "none"]) == 0
    tables = {name: tmp_path / f"{name}.csv" for name in ("members", "orders", "overrides")}
    run = mlmcalc.run(tmp_path / "plan.yaml", **tables, period="2026-10")
    assert told(run, tmp_path / "out", ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal"], 5) == 8


def test_the_sample_company(tmp_path, monkeypatch):
    folder = Path(shutil.copytree(FIXTURES / "sample", tmp_path / "sample", ignore=shutil.ignore_patterns("runs")))
    monkeypatch.chdir(folder)
    assert run_command(["run", "--period", "2026-10", "--summary", "none"]) == 0
    run = mlmcalc.load_run("runs/2026-10")
    again = Repeatable.of_folder("runs/2026-10")
    manifest = sealed_manifest(Path("runs/2026-10"))
    for member in run.members["member_id"].to_list()[::25]:
        found = kept_runs.explain_kept(Path("runs/2026-10"), manifest, member, 10)
        assert found is not None
        assert asdict(found) == asdict(explain_member(again, member, 10))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_words_are_restored_as_they_were_read(path: Path):
    try:
        plan = mlmcalc.load_plan(path)
    except mlmcalc.InputRefused:
        pytest.skip("rules of placement")
    for section in (*_SECTIONS, "payout", "rounding"):
        words = getattr(plan, section)
        for word in words.values() if hasattr(words, "values") else [words]:
            assert restored_word(json.loads(json.dumps(kept_word(word)))) == word


@pytest.mark.parametrize(
    "kept",
    [
        {"word": "pathlib:Path", "has": {}},
        {"record": "mlmcalc.tables.folder:StagedFolder", "has": {"target": "made"}},
        {"word": "mlmcalc.tables.folder:StagedFolder", "has": {}},
        {"named": "mlmcalc.tables.folder:StagedFolder", "tuple": ["made"]},
        {"record": "mlmcalc.cli.explain:Path", "has": {}},
    ],
)
def test_a_folder_cannot_make_what_is_no_word(kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotKept):
        restored_word(kept)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    assert run_command([*zoo.write(folder), "--summary", "none"]) == 0
    return folder


@pytest.fixture
def copy(company: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(company, tmp_path / "copy"))


@pytest.fixture
def calculations(monkeypatch) -> Counter:
    """How often a run was calculated again."""
    counted: Counter = Counter()
    of_folder = Repeatable.of_folder

    def counting(folder):
        counted["again"] += 1
        return of_folder(folder)

    monkeypatch.setattr(Repeatable, "of_folder", staticmethod(counting))
    return counted


def test_nothing_is_calculated_again(copy, calculations, capsys):
    assert run_command(["explain", "bob", "--run", str(copy / "out")]) == 0
    assert not calculations
    assert run_command(["explain", "company", "--run", str(copy / "out")]) == 0
    assert run_command(["explain", "--order", "5", "--run", str(copy / "out")]) == 0
    assert calculations["again"] == 2


@pytest.mark.parametrize("name", ["kept/values.bin", "kept/chunks.bin", "kept/index.json"])
@pytest.mark.parametrize("how", ["altered", "cut", "gone"])
def test_a_tampered_part_is_named(copy, capsys, name, how):
    path = copy / "out" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content if how == "altered" else content[:-1])
    assert run_command(["explain", "bob", "--run", str(copy / "out")]) == 5
    assert name in capsys.readouterr().err.replace("\n", "")


def test_only_what_is_touched_is_read(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("mlmcalc.tables.kept.CHUNK", 512)
    monkeypatch.chdir(tmp_path)
    assert run_command(["generate", "--members", "2000", "--seed", "3", "--out", "company"]) == 0
    assert run_command(["run", "--workspace", "company/company.yaml", "--period", "2026-10", "--out", "out"]) == 0
    capsys.readouterr()
    member = str(mlmcalc.load_run("out").members["member_id"][1500])
    read: list[KeptColumns] = []
    opened = KeptColumns.__init__
    monkeypatch.setattr(KeptColumns, "__init__", lambda self, *about: read.append(self) or opened(self, *about))

    def explained() -> int:
        return run_command(["explain", member, "--run", "out", "--format", "json"])

    assert explained() == 0
    said = capsys.readouterr().out
    touched = sorted(read[0]._chunks)
    path = Path("out/kept/values.bin")
    content = path.read_bytes()
    chunks = range(-(-len(content) // 512))
    assert 10 < len(touched) < len(chunks) // 2
    altered = bytearray(content)
    for chunk in set(chunks) - set(touched):
        altered[chunk * 512] ^= 1
    path.write_bytes(altered)
    assert explained() == 0
    assert capsys.readouterr().out == said
    for chunk in touched[::10]:
        altered = bytearray(content)
        altered[chunk * 512 + 7] ^= 1
        path.write_bytes(altered)
        assert explained() == 5
        assert "kept/values.bin" in capsys.readouterr().err.replace("\n", "")


def test_an_index_of_another_run(copy, company, capsys):
    other = copy / "other"
    (copy / "orders.csv").write_text(zoo.ORDERS.replace("177.77", "188.88"))
    arguments = [str(word).replace(str(company), str(copy)) for word in zoo.write(copy)]
    (copy / "orders.csv").write_text(zoo.ORDERS.replace("177.77", "188.88"))
    arguments[arguments.index("--out") + 1] = str(other)
    assert run_command([*arguments, "--summary", "none"]) == 0
    shutil.rmtree(copy / "out/kept")
    shutil.copytree(other / "kept", copy / "out/kept")
    (copy / "orders.csv").write_text(zoo.ORDERS)
    assert run_command(["explain", "bob", "--run", str(copy / "out")]) == 5


def test_inputs_that_were_only_touched_are_read_and_found_the_same(copy, calculations, capsys):
    os.utime(copy / "orders.csv")
    assert run_command(["explain", "bob", "--run", str(copy / "out")]) == 0
    assert not calculations


@pytest.mark.parametrize("name", ["orders.csv", "members.csv", "overrides.csv"])
def test_inputs_that_changed_are_refused(copy, name, capsys):
    path = copy / name
    path.write_text(path.read_text().replace("2025-01-01", "2025-01-02").replace("IT", "FR").replace("first", "third"))
    assert run_command(["explain", "bob", "--run", str(copy / "out")]) == 5
    assert "no longer what this run was made of" in capsys.readouterr().err


def test_a_process_of_its_own_imports_no_reader_and_no_compiler(copy, capsys):
    script = (
        "import sys\n"
        "from mlmcalc.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    for member in ("ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal"):
        arguments = ["explain", member, "--run", str(copy / "out")]
        alone = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, cwd=FIXTURES.parent
        )
        imported = alone.stderr.split()
        assert "numpy" in imported
        # What pydantic itself imports shows that nothing but its name is there.
        assert not {"numba", "polars", "annotated_types", "typing_inspection"} & set(imported)
        assert run_command(arguments) == 0
        assert alone.stdout == capsys.readouterr().out
    # What the kept values do not tell is calculated by the same process.
    arguments = ["explain", "company", "--run", str(copy / "out")]
    alone = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    assert run_command(arguments) == 0
    assert alone.stdout == capsys.readouterr().out


def test_words_that_say_other_things_by_now_are_not_restored():
    kept = kept_word(mlmcalc.load_plan(PLANS[-1]).bonuses["rebate"])
    del kept["has"]["marginal"]
    with pytest.raises(NotKept, match="Personal"):
        restored_word(kept)


@pytest.mark.parametrize("version", ["schema", "package"])
def test_what_another_version_kept_is_calculated_again(copy, calculations, monkeypatch, version, capsys):
    if version == "schema":
        monkeypatch.setattr(kept_runs, "KEPT_SCHEMA", 99)
    else:
        monkeypatch.setattr(kept_runs, "__version__", "99")
    assert run_command(["explain", "bob", "--run", str(copy / "out")]) == 0
    assert calculations["again"] == 1
