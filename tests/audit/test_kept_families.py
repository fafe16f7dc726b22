"""A plan of every family on a generated company: what was kept explains members as the whole run does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import mlmcalc
from mlmcalc.api.explanations import Repeatable, explain_member
from mlmcalc.api.kept_runs import explain_kept
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.synthetic.company import generate_company

ROOT = Path(__file__).parents[2]
FAMILIES = ("unilevel", "stairstep", "binary", "matrix", "party", "hybrid")
MEMBERS, LIMIT = 400, 4
# A process that reads nothing: the words are restored without a reader, and loops run as they are written.
ALONE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from mlmcalc.cli.unread import without_reader
without_reader(loops_compiled=False)
from mlmcalc.api.kept_runs import explain_kept
from mlmcalc.api.sealed import sealed_manifest
folder = Path(sys.argv[1])
manifest = sealed_manifest(folder)
print(json.dumps([asdict(explain_kept(folder, manifest, member, int(sys.argv[2]))) for member in sys.argv[3:]]))
assert "annotated_types" not in sys.modules and "numba" not in sys.modules
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("families")
    generate_company(MEMBERS, 11).write(folder / "company", "parquet")
    return {name: folder / f"company/{name}.parquet" for name in ("members", "orders")}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(tables, tmp_path, family):
    plan = ROOT / "fixtures/plans" / f"{family}.yaml"
    mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "before", period="2026-09")
    run = mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "run", period="2026-10", state=tmp_path / "before")
    assert run.calculated is not None
    assert "not" not in run.manifest["kept"]
    again = Repeatable.of_run(run.calculated, run.id, "2026-10")
    members = [str(member) for member in run.members["member_id"].to_list()[::7]]
    wanted = [json.loads(json.dumps(asdict(explain_member(again, member, LIMIT)))) for member in members]
    arguments = [sys.executable, "-c", ALONE, str(tmp_path / "run"), str(LIMIT), *members]
    alone = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=ROOT)
    assert alone.returncode == 0, alone.stderr
    for member, found, expected in zip(members, json.loads(alone.stdout), wanted, strict=True):
        assert found == expected, member


@pytest.fixture
def months(tables, tmp_path) -> Path:
    """A run that begins with what the folder of another left."""
    plan = ROOT / "fixtures/plans/unilevel.yaml"
    mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "before", period="2026-09")
    mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "run", period="2026-10", state=tmp_path / "before")
    return tmp_path


def at_once(folder: Path) -> bool:
    member = str(mlmcalc.load_run(folder).members["member_id"][50])
    return explain_kept(folder, sealed_manifest(folder), member, LIMIT) is not None


def test_the_state_before_is_looked_at(months):
    assert at_once(months / "run")
    os.utime(months / "before/state.parquet")
    assert at_once(months / "run")
    state = (months / "before/state.parquet").read_bytes()
    (months / "before/state.parquet").write_bytes(state + b" ")
    assert not at_once(months / "run")
    (months / "before/state.parquet").write_bytes(state)
    assert at_once(months / "run")
    (months / "before/manifest.json").write_text((months / "before/manifest.json").read_text().replace("EUR", "USD"))
    with pytest.raises(mlmcalc.IntegrityError):
        at_once(months / "run")
    (months / "before/manifest.json").unlink()
    assert not at_once(months / "run")


def test_a_frame_is_nowhere_to_be_looked_at(tables, tmp_path):
    plan = ROOT / "fixtures/plans/unilevel.yaml"
    before = mlmcalc.run(plan, **tables, period="2026-09").state
    mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "run", period="2026-10", state=before)
    assert not at_once(tmp_path / "run")
