"""The folder of a run: whatever is changed in it, an outsider sees it."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.audit.proof.known_columns import odd_column
from mlmcalc.audit.proof.run_files import misshapen
from mlmcalc.cli.main import run_command
from mlmcalc.tables.stored import StoredTables
from mlmcalc.tables.stored_digest import stored_digest
from tests.api.small_company import MEMBERS, ORDERS, OVERRIDES, plan_text
from tests.forging import forge, read, reseal, set_cell

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "fixtures/releases/1"
RUNS = sorted(path.parent for path in (ROOT / "fixtures/releases").glob("*/*/*/manifest.json"))
# What a run says of itself besides what is in its tables: it is sealed, and nothing else stands for it.
SAID = {"cut", "currency", "money_decimals", "volume"}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "run"
    mlmcalc.run(plan_text("payout"), MEMBERS, ORDERS, overrides=OVERRIDES, period="2026-10").write(folder)
    return folder


@pytest.fixture
def run(made, tmp_path) -> Path:
    return shutil.copytree(made, tmp_path / "run")


@pytest.fixture
def hybrid(tmp_path) -> Path:
    return shutil.copytree(GOLDEN / "hybrid" / "2026-11", tmp_path / "hybrid")


def codes(folder: Path) -> set[str]:
    return {finding.code for finding in mlmcalc.verify(folder).findings}


@pytest.mark.parametrize("folder", RUNS, ids=lambda run: "-".join(run.parts[-2:]))
def test_a_run_holds(folder):
    found = mlmcalc.verify(folder)
    assert found.findings == []
    assert (found.kind, found.holds) == ("run", True)
    assert len(found.checks) == (18 if read(folder)["detail"] == "all" else 16) - (0 if _pays(folder) else 1)


def _pays(folder: Path) -> bool:
    return bool(mlmcalc.load_run(folder).payout.height)


@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_run_holds_however_it_rounds_and_is_written(tmp_path, place, format):
    mlmcalc.run(plan_text(place), MEMBERS, ORDERS, overrides=OVERRIDES, period="2026-10").write(
        tmp_path / "run", format
    )
    found = mlmcalc.verify(tmp_path / "run")
    assert found.findings == []
    counts = {check.text: check.count for check in found.checks}
    assert counts["transfers lead from the volume of members to that in the tree"] > 0
    assert counts["lines sum to the statements, by earner and bonus"] > 5


def test_names_of_a_plan_that_are_those_of_columns_do_no_harm(tmp_path):
    plan = plan_text(**{"cv: {sum: cv}": "cv: {sum: cv}\n  paid: {sum: qv}"})
    run = mlmcalc.run(plan, MEMBERS, ORDERS, period="2026-10")
    assert run.members.columns[-1] == "paid_"
    run.write(tmp_path / "run")
    assert mlmcalc.verify(tmp_path / "run").findings == []


def test_no_folder_of_a_run_is_refused(tmp_path):
    with pytest.raises(mlmcalc.InputRefused, match=r"verify\.nothing"):
        mlmcalc.verify(tmp_path)


def every_value(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Yield the path of every single value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not parts:
        yield path
    for key, part in parts:
        yield from every_value(part, (*path, key))


def with_other(manifest: dict[str, Any], path: tuple) -> dict[str, Any]:
    """Return the manifest with another value at a path, of the same type."""
    changed = copy.deepcopy(manifest)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    old = holder[path[-1]]
    if isinstance(old, bool) or old is None:
        holder[path[-1]] = not old
    elif isinstance(old, int | float):
        holder[path[-1]] = old + 1
    elif isinstance(old, str):
        holder[path[-1]] = "1" + old[1:] if old[:1] not in ("", "1") else "2" + old[1:]
    else:
        holder[path[-1]] = [*old, "x"] if isinstance(old, list) else {**old, "x": "x"}
    return changed


def test_no_field_of_the_manifest_can_be_changed(run):
    manifest = read(run)
    paths = list(every_value(manifest))
    assert len(paths) > 200
    for path in paths:
        (run / "manifest.json").write_text(json.dumps(with_other(manifest, path), indent=2, ensure_ascii=False) + "\n")
        found = mlmcalc.verify(run)
        assert [finding.code for finding in found.findings] == ["verify.manifest"], path


@pytest.mark.parametrize("key", ["digest", "run", "files", "timings", "locations", "whole_sha256", "manifest_sha256"])
def test_no_field_of_the_manifest_can_be_taken_away(run, key):
    manifest = read(run)
    del manifest[key]
    (run / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    assert codes(run) == {"verify.manifest"}


@pytest.mark.parametrize("change", [("{\n", "{\n\n"), ('"run"', '"run":"x", "run"'), ("\n}\n", "\n}"), ("{", "[")])
def test_the_manifest_is_written_in_one_way(run, change):
    text = (run / "manifest.json").read_text()
    (run / "manifest.json").write_text(text.replace(*change, 1))
    assert codes(run) == {"verify.manifest"}


def test_a_sealed_lie_is_found_wherever_tables_can_tell(hybrid):
    """A forger who changes one value and seals it anew: all that is counted somewhere is counted again."""
    manifest = read(hybrid)
    told = ("digest", "run", "digests", "balance", "totals", "columns", "files", "warnings", "inputs", "plan", "period")
    tried = 0
    for path in every_value({key: manifest[key] for key in told}):
        if (path[0] == "totals" and path[1] in SAID) or (path[0] == "inputs" and path[2] in ("path", "rows", "totals")):
            continue
        # The digests of files are put right by whoever seals, so they are changed by other means below.
        if path[0] == "files":
            continue
        changed = with_other(manifest, path)
        reseal(hybrid, lambda sealed, changed=changed: (sealed.clear(), sealed.update(changed)))
        found = mlmcalc.verify(hybrid)
        assert not found.holds, path
        tried += 1
    assert tried > 180


@pytest.mark.parametrize("file", sorted(read(RUNS[-1])["files"]))
@pytest.mark.parametrize("fault", ["flip", "truncate", "remove", "empty", "longer", "link"])
def test_every_file_is_what_it_was(tmp_path, file, fault):
    folder = shutil.copytree(RUNS[-1], tmp_path / "run")
    path = folder / file
    content = path.read_bytes()
    if fault == "remove":
        path.unlink()
    elif fault == "link":
        path.rename(tmp_path / "away")
        path.symlink_to(tmp_path / "away")
    else:
        flipped = bytes([content[0] ^ 1, *content[1:]])
        wrong = {"flip": flipped, "truncate": content[:-1], "empty": b"", "longer": content + b"\0"}
        path.write_bytes(wrong[fault])
    found = mlmcalc.verify(folder)
    wanted = {"remove": "tables.missing", "link": "verify.link"}.get(fault, "tables.digest")
    assert (found.findings[0].code, found.findings[0].file) == (wanted, str(path))


def test_two_files_that_change_places(run):
    (run / "state.parquet").rename(run / "x")
    (run / "payout.parquet").rename(run / "state.parquet")
    (run / "x").rename(run / "payout.parquet")
    assert codes(run) == {"tables.digest"}


def test_an_old_file_under_a_new_manifest(run, made, tmp_path):
    later = ORDERS.with_columns(cv=pl.lit("1.00"))
    mlmcalc.run(plan_text("payout"), MEMBERS, later, period="2026-10").write(tmp_path / "later")
    shutil.copy(made / "statements.parquet", tmp_path / "later")
    assert codes(tmp_path / "later") == {"tables.digest"}
    shutil.copy(made / "manifest.json", tmp_path / "later")
    assert not mlmcalc.verify(tmp_path / "later").holds


@pytest.mark.parametrize("name", ["more.parquet", "lines/part-00001.parquet", "kept/.hidden", "new/file"])
def test_a_file_more_is_named(run, name):
    path = run / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    (finding,) = mlmcalc.verify(run).findings
    assert (finding.code, finding.file) == ("verify.foreign", str(path))


@pytest.mark.parametrize("name", ["../manifest.json", "/etc/passwd", "a\0b"])
def test_a_manifest_reaches_no_other_folder(run, name):
    reseal(run)
    manifest = read(run)
    manifest["files"][name] = {"bytes": 1, "sha256": "0" * 64}
    from mlmcalc.runs.manifest import manifest_text

    (run / "manifest.json").write_text(manifest_text(manifest))
    assert codes(run) <= {"tables.path", "verify.file", "tables.missing"}
    assert not mlmcalc.verify(run).holds


FORGED = [
    ("lines", set_cell(0, "amount", Decimal("99.00")), "verify.statements"),
    ("lines", set_cell(0, "earner", 100_999), "verify.statements"),
    ("lines", set_cell(0, "source", 1), "verify.unknown"),
    ("lines", lambda lines: lines.slice(1), "verify.statements"),
    ("statements", set_cell(0, "amount", Decimal("99.00")), "verify.statements"),
    ("statements", set_cell(0, "lines", 9), "verify.statements"),
    ("statements", lambda statements: statements.tail(-1), "verify.members"),
    ("members", set_cell(5, "paid", Decimal("77.00")), "verify.members"),
    ("balance", set_cell(0, "offered", Decimal("77.00")), "verify.equation"),
    ("balance", set_cell(1, "paid", Decimal("77.00")), "verify.balance"),
    ("balance", set_cell(0, "breakage", Decimal("77.00")), "verify.breakage"),
    ("breakage", set_cell(0, "amount", Decimal("77.00")), "verify.breakage"),
    ("payout", set_cell(0, "amount", Decimal("77.00")), "verify.payout"),
    ("payout", lambda payout: payout.filter(pl.col("member") != payout["member"][0]), "verify.earned"),
    ("state", set_cell(0, "member_id", 1), "verify.state"),
    ("findings", lambda findings: findings.clear(), "verify.totals"),
    ("members", set_cell(0, "rank", None), "verify.totals"),
    ("members", set_cell(0, "active", None), "verify.totals"),
    ("members", set_cell(7, "pv", Decimal("1.11")), "verify.totals"),
]


@pytest.mark.parametrize(("table", "change", "code"), FORGED, ids=lambda part: part if isinstance(part, str) else "")
def test_a_forger_who_puts_every_digest_right_is_found_by_the_sums(hybrid, table, change, code):
    forge(hybrid, table, change)
    assert codes(hybrid) == {"verify.content"}
    forged = stored_digest(StoredTables(hybrid, read(hybrid)), table)

    def agree(manifest):
        from mlmcalc.runs.manifest import content_digest

        manifest["digests"][table] = forged
        manifest["digest"] = content_digest(manifest["digests"])

    reseal(hybrid, agree)
    assert code in codes(hybrid)


def test_a_transfer_that_is_not_in_the_volumes(run):
    assert mlmcalc.load_run(run).transfers.height
    forge(run, "transfers", set_cell(0, "amount", Decimal("1.00")))
    forged = stored_digest(StoredTables(run, read(run)), "transfers")

    def agree(manifest):
        from mlmcalc.runs.manifest import content_digest

        manifest["digests"]["transfers"] = forged
        manifest["digest"] = content_digest(manifest["digests"])

    reseal(run, agree)
    assert codes(run) == {"verify.transfers"}


def test_of_many_rows_the_first_are_named(hybrid):
    forge(hybrid, "statements", lambda rows: rows.with_columns(pl.col("lines") + 1))
    forged = stored_digest(StoredTables(hybrid, read(hybrid)), "statements")
    reseal(hybrid, lambda manifest: manifest["digests"].update(statements=forged))
    from mlmcalc.runs.manifest import content_digest

    reseal(hybrid, lambda manifest: manifest.update(digest=content_digest(manifest["digests"])))
    found = [finding for finding in mlmcalc.verify(hybrid).findings if finding.code == "verify.statements"]
    assert len(found) == 6
    assert found[-1].message == "so do not 33 rows more."


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("statements", {"earner": "int64", "bonus": "category[]", "amount": "decimal(2)"}),
        ("statements", {"earner": "flag", "bonus": "category[]", "lines": "int64", "amount": "decimal(2)"}),
        ("statements", {"earner": "int64", "bonus": "category[1]", "lines": "int64", "amount": "decimal(2)"}),
        ("statements", {"earner": "int64", "bonus": 'category["a", "a"]', "lines": "int64", "amount": "decimal(2)"}),
        ("statements", {"earner": "int64", "bonus": "category[", "lines": "int64", "amount": "decimal(2)"}),
        ("statements", {"earner": "int64", "bonus": "category[]", "lines": "int64", "amount": "decimal(39)"}),
        ("members", {}),
        ("members", {"member_id": "int64", "paid": "decimal(2)"}),
        ("members", {"member_id": "int64", "status": "text", "kind": "text", "active": "flag", "paid": "decimal(2)"}),
    ],
)  # fmt: skip
def test_columns_that_no_run_has_are_said(table, columns):
    assert odd_column(table, columns)


@pytest.mark.parametrize(
    ("value", "wanted", "where"),
    [
        ({"a": [{"b": 1}]}, {"a": [{"b": int}]}, ""),
        ({"a": [{"b": True}]}, {"a": [{"b": int}]}, "a[0].b"),
        ({"a": 1}, {"a": {"b": int}}, "a"),
        ({}, {"a": str}, "a"),
        ({"a": {"x": 1}}, {"a": {str: str}}, "a.x"),
        ([], {"a": str}, "the whole"),
    ],
)
def test_the_first_odd_value_is_named(value, wanted, where):
    assert misshapen(value, wanted) == where


def test_random_damage_is_always_seen(hybrid):
    """Two hundred single bits, and fifty cuts, anywhere in any file."""
    chance = random.Random(20261126)
    files = sorted(path for path in hybrid.rglob("*") if path.is_file())
    for number in range(250):
        path = chance.choice(files)
        content = path.read_bytes()
        at = chance.randrange(len(content))
        flipped = content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
        path.write_bytes(flipped if number % 5 else content[:at])
        found = mlmcalc.verify(hybrid)
        assert not found.holds, (path, at)
        assert any(str(path) in finding.file for finding in found.findings), (path, at)
        path.write_bytes(content)
    assert mlmcalc.verify(hybrid).holds


def test_the_command_says_what_it_saw(hybrid, capsys):
    assert run_command(["verify", str(hybrid)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-1] == f"{hybrid}: everything holds, 18 checks"
    assert "lines sum to the statements, by earner and bonus" in out
    assert run_command(["verify", str(hybrid), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["holds"], answer["kind"], len(answer["checks"])) == (True, "run", 18)


def test_the_command_names_the_first_bad_link(hybrid, capsys):
    (hybrid / "plan.yaml").write_text("x")
    (hybrid / "more").write_text("x")
    assert run_command(["verify", str(hybrid)]) == 5
    out, err = capsys.readouterr()
    assert "2 findings; the first bad link: tables.digest" in out
    assert "verify.foreign" in err
    assert run_command(["verify", str(hybrid), "--format", "json"]) == 5
    assert [row["holds"] for row in [json.loads(capsys.readouterr().out)]] == [False]
    assert run_command(["verify", str(hybrid / "kept")]) == 3
