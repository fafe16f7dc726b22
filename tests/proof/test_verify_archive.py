"""An exported archive: the chain, what was paid and booked, and one period after another."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.audit.proof.archive import ArchiveProof
from mlmcalc.cli.main import run_command
from mlmcalc.errors import Finding
from mlmcalc.runs.manifest import content_digest
from mlmcalc.store.canonical import canonical_json
from mlmcalc.tables.inputs import frame_digest
from mlmcalc.tables.stored import StoredTables
from mlmcalc.tables.stored_digest import stored_digest
from tests.forging import forge, read, reseal, set_cell
from tests.proof.exported import bodies, chain_again, change_run, contents, exported, list_again

COMMITS, PAYMENTS, REOPENING = (0, 2, 4, 6), (1, 5), 3


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    archive = exported(folder, inputs=True)
    # Whoever verifies has nothing else.
    (folder / "store").rename(folder / "away")
    return archive


@pytest.fixture
def archive(made, tmp_path) -> Path:
    return shutil.copytree(made, tmp_path / "archive")


def first_finding(archive: Path) -> Finding | None:
    """Return the first bad link, and look no further."""
    return next((finding for check in ArchiveProof(archive).checks() for finding in check.findings), None)


def codes(archive: Path) -> set[str]:
    return {finding.code for finding in mlmcalc.verify(archive).findings}


def test_an_archive_holds(made):
    found = mlmcalc.verify(made)
    assert found.findings == []
    assert found.kind == "archive"
    assert found.last == contents(made)["documents"][-1]["sha256"]
    counts: dict[str, int] = {}
    for check in found.checks:
        counts[check.text] = counts.get(check.text, 0) + check.count
    assert counts["documents in one chain, each naming the digest of the one before"] == 7
    assert counts["periods follow the one before, and begin with the state it left"] == 3
    assert counts["payments are what the payout, or the statements, come to, one for each member"] >= 4
    assert counts["balances are what the state of the run leaves"] >= 4
    assert counts["inputs have the content they are named by"] == 3
    assert counts["payments are exchanged to the last digit: plan_amount x rate = amount + left"] > 0
    assert counts["payments in another currency are exchanged in the journal"] > 0
    assert mlmcalc.verify(made, found.last).holds


def test_its_runs_can_be_replayed_with_nothing_else(made, capsys):
    assert run_command(["replay", "--all", str(made)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 runs, 3 same, 0 different, 0 refused"


def test_a_chain_that_was_cut_is_found_by_whoever_kept_its_end(archive, capsys):
    last = mlmcalc.verify(archive).last
    chain_again(archive, bodies(archive)[:-1])
    kept = {body["run"]["id"] for body in bodies(archive)}
    gone = [run["id"] for run in contents(archive)["runs"] if run["id"] not in kept]
    for run in gone:
        shutil.rmtree(archive / "runs" / run)
    tables = sorted({table["sha256"] for body in bodies(archive) for table in body["tables"].values()})
    for sha256 in set(contents(archive)["tables"]) - set(tables):
        (archive / "tables" / f"{sha256}.parquet").unlink()
    runs = [run for run in contents(archive)["runs"] if run["id"] in kept]
    list_again(archive, lambda found: found.update(tables=tables, runs=runs))
    assert mlmcalc.verify(archive).holds
    assert [finding.code for finding in mlmcalc.verify(archive, last).findings] == ["verify.last"]
    assert run_command(["verify", str(archive), "--last", last]) == 5
    assert "the first bad link: verify.last" in capsys.readouterr().out


def each_value(body: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    return [
        found
        for key, part in body.items()
        for found in (each_value(part, (*path, key)) if isinstance(part, dict) and part else [(*path, key)])
    ]


@pytest.mark.parametrize("place", range(7))
def test_no_field_of_a_document_can_be_changed(archive, place):
    file = archive / contents(archive)["documents"][place]["file"]
    text = file.read_text()
    for path in each_value(json.loads(text)):
        body = json.loads(text)
        holder = body
        for key in path[:-1]:
            holder = holder[key]
        old = holder[path[-1]]
        holder[path[-1]] = old + 1 if isinstance(old, int) else f"{old}x" if isinstance(old, str) else {"x": "1"}
        file.write_text(canonical_json(body))
        found = first_finding(archive)
        assert found is not None, path
        assert (found.code, found.file) == ("verify.chain", str(file)), path
    file.write_text(text)
    assert mlmcalc.verify(archive).holds


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.parametrize("fault", ["flip", "truncate", "remove", "blank", "link", "twice"])
def test_a_document_is_what_it_was(archive, tmp_path, place, fault):
    file = archive / contents(archive)["documents"][place]["file"]
    text = file.read_text()
    if fault in ("remove", "link"):
        file.rename(tmp_path / "away")
    if fault == "link":
        file.symlink_to(tmp_path / "away")
    wrong = {"flip": text.replace('"at"', '"au"'), "truncate": text[:-1], "blank": text + " "}
    wrong["twice"] = text.replace("{", '{"at":"x",', 1)
    if fault in wrong:
        file.write_text(wrong[fault])
    found = mlmcalc.verify(archive).findings[0]
    assert (found.code, found.file) == ("verify.chain", str(file))


@pytest.mark.parametrize("key", ["archive", "company", "documents", "tables", "runs", "inputs"])
def test_the_list_of_contents_says_what_is_there(archive, key):
    found = contents(archive)
    old = found[key]
    found[key] = old + 1 if isinstance(old, int) else f"{old}x" if isinstance(old, str) else old[1:]
    (archive / "archive.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    assert not mlmcalc.verify(archive).holds
    del found[key]
    (archive / "archive.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    assert codes(archive) == {"verify.archive"}


@pytest.mark.parametrize("name", ["../x.json", "documents/../../x.json", "/etc/passwd", "documents/a\0.json"])
def test_a_list_reaches_no_other_folder(archive, name):
    list_again(archive, lambda found: found["documents"][0].update(file=name))
    assert "verify.chain" in codes(archive)


@pytest.mark.parametrize("name", ["../run", "..", "a/b", "a\\b"])
def test_a_run_lies_in_the_archive(archive, name):
    list_again(archive, lambda found: found["runs"][0].update(id=name))
    assert "verify.list" in codes(archive)


@pytest.mark.parametrize("name", ["documents/0008-commit-alpine-2027-01.json", "tables/x", "runs/x/y", "x", "inputs/x"])
def test_a_file_more_is_named(archive, name):
    (archive / name).parent.mkdir(exist_ok=True)
    (archive / name).write_text("x")
    (finding,) = mlmcalc.verify(archive).findings
    assert (finding.code, finding.file) == ("verify.foreign", str(archive / name))


@pytest.mark.parametrize("folder", ["tables", "inputs"])
@pytest.mark.parametrize("fault", ["flip", "remove", "swap"])
def test_every_table_is_what_it_was(archive, folder, fault):
    first, second = sorted((archive / folder).iterdir())[:2]
    content = first.read_bytes()
    if fault == "remove":
        first.unlink()
    elif fault == "flip":
        first.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    else:
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)
    found = mlmcalc.verify(archive).findings
    assert {finding.code for finding in found} == {"verify.table" if folder == "tables" else "verify.input"}


def put_table(archive: Path, place: int, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a table of a document as a forger does: object, rows, digest, list and chain fit afterwards."""
    import hashlib

    documents = bodies(archive)
    old = archive / "tables" / f"{documents[place]['tables'][name]['sha256']}.parquet"
    frame = change(pl.read_parquet(old))
    frame.write_parquet(archive / "tables" / "new.parquet")
    sha256 = hashlib.sha256((archive / "tables" / "new.parquet").read_bytes()).hexdigest()
    (archive / "tables" / "new.parquet").rename(archive / "tables" / f"{sha256}.parquet")
    documents[place]["tables"][name] = {"sha256": sha256, "rows": frame.height, "digest": frame_digest(frame)}
    named = sorted({table["sha256"] for body in documents for table in body["tables"].values()})
    if old.stem not in named:
        old.unlink()
    chain_again(archive, documents)
    list_again(archive, lambda found: found.update(tables=named))


def test_the_forger_of_these_tests_leaves_no_trace(archive):
    put_table(archive, 0, "journal", lambda journal: journal)
    put_table(archive, 6, "payments", lambda payments: payments)
    change_run(archive, 0, reseal)
    assert mlmcalc.verify(archive).findings == []


def more(column: str, row: int = 0) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a change that adds a unit to an amount."""
    return lambda rows: set_cell(row, column, rows[column][row] + Decimal("1.00"))(rows)


MONEY = [
    (0, "payments", more("plan_amount"), "verify.money"),
    (0, "payments", more("amount"), "verify.money"),
    (0, "payments", set_cell(0, "currency", "USD"), "verify.money"),
    (0, "payments", set_cell(0, "rate", Decimal("1")), "verify.money"),
    (0, "payments", lambda rows: rows.slice(1), "verify.money"),
    (0, "payments", lambda rows: pl.concat([rows, rows.head(1)]), "verify.twice"),
    (0, "payments", set_cell(0, "member_id", 6), "verify.money"),
    (0, "payments", lambda rows: rows.drop("rate"), "verify.table"),
    (0, "journal", more("debit"), "verify.journal"),
    (0, "journal", lambda rows: rows.slice(1), "verify.journal"),
    (0, "journal", set_cell(-1, "member_id", 1), "verify.money"),
    (0, "journal", lambda rows: rows.with_columns(debit=-pl.col("credit"), credit=-pl.col("debit")), "verify.journal"),
    (0, "journal", lambda rows: rows.filter(pl.col("name") != rows["name"][0]), "verify.money"),
    (0, "balances", more("amount"), "verify.money"),
    (0, "balances", set_cell(0, "kind", "lost"), "verify.money"),
    (1, "journal", lambda rows: rows.head(0), "verify.money"),
    (1, "journal", set_cell(0, "account", "petty cash"), "verify.money"),
    (1, "payments", lambda rows: rows.slice(1), "verify.story"),
    (3, "journal", lambda rows: rows.filter(pl.col("entry") == "earned"), "verify.money"),
]


@pytest.mark.parametrize(("place", "table", "change", "code"), MONEY)
def test_a_forger_of_tables_is_found_by_the_sums(archive, place, table, change, code):
    put_table(archive, place, table, change)
    assert code in codes(archive)


def forge_run(table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Path], None]:
    def forged(folder: Path) -> None:
        forge(folder, table, change)
        digest = stored_digest(StoredTables(folder, read(folder)), table)

        def agree(manifest: dict[str, Any]) -> None:
            manifest["digests"][table] = digest
            manifest["digest"] = content_digest(manifest["digests"])

        reseal(folder, agree)

    return forged


def test_a_state_that_the_period_before_did_not_leave(archive):
    change_run(archive, 0, forge_run("state", lambda state: state.reverse()))
    # The rows are the same, and so are all digests of content: but the next run read other bytes.
    assert codes(archive) == {"verify.state"}


def test_a_run_sealed_anew_is_not_the_one_that_was_committed(archive):
    folder = archive / "runs" / contents(archive)["runs"][0]["id"]
    reseal(folder, lambda manifest: manifest["evidence"].update(python="2.7"))
    found = mlmcalc.verify(archive)
    assert "verify.list" in {finding.code for finding in found.findings}
    assert any("names the run" in finding.message for finding in found.findings)
    seal = read(folder)["manifest_sha256"]
    list_again(archive, lambda listed: listed["runs"][0].update(manifest_sha256=seal))
    assert codes(archive) == {"verify.run"}


STORIES = [
    ("committed twice", lambda told: [told[0], told[0], *told[1:]], "verify.twice"),
    ("paid twice", lambda told: [*told[:2], told[1], *told[2:]], "verify.twice"),
    ("paid, not committed", lambda told: told[1:], "verify.story"),
    ("reopened when paid", lambda told: [*told[:2], {**told[3], **_as(told[0])}, *told[2:]], "verify.twice"),
    ("reopened, not newest", lambda told: [told[0], told[4], told[3] | _as(told[0]) | {"at": "9"}], "verify.story"),
    ("another run is paid", lambda told: [told[0], {**told[1], "run": told[2]["run"]}, *told[2:]], "verify.story"),
    ("a month left out", lambda told: [*told[:2], told[6]], "verify.gap"),
    ("a month left out, its state", lambda told: [*told[:2], told[6]], "verify.state"),
    ("approved by nobody", lambda told: [{**told[0], "approved_by": " "}, *told[1:]], "verify.approval"),
    ("older than the one before", lambda told: [told[0], {**told[1], "at": "2000-01-01"}, *told[2:]], "verify.chain"),
    ("of another company", lambda told: [{**told[0], "company": "Other"}, *told[1:]], "verify.chain"),
    ("of no kind", lambda told: [{**told[0], "kind": "gift"}, *told[1:]], "verify.chain"),
    ("without its journal", lambda told: [{**told[0], "tables": {}}, *told[1:]], "verify.chain"),
    ("of another period", lambda told: [{**told[0], "period": "2026-09"}, *told[1:]], "verify.run"),
    ("of another program", lambda told: [*told[:6], {**told[6], "program": "beta"}], "verify.run"),
    ("with a total of its own", lambda told: [_total(told[0], "members", 99), *told[1:]], "verify.totals"),
    ("with a total of what it paid", lambda told: [_total(told[0], "payments", {}), *told[1:]], "verify.totals"),
    ("with a total nobody knows", lambda told: [_total(told[0], "gifts", {}), *told[1:]], "verify.totals"),
    ("adjusted by nothing", lambda told: [_adjusted(told[0]), *told[1:]], "verify.table"),
]  # fmt: skip


def _as(commit: dict[str, Any]) -> dict[str, Any]:
    tables = {name: commit["tables"][name] for name in ("payments", "journal")}
    return {"period": commit["period"], "run": commit["run"], "tables": tables}


def _total(body: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    return {**body, "totals": {**body["totals"], name: value}}


def _adjusted(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "tables": {**body["tables"], "adjustments": body["tables"]["journal"]}}


@pytest.mark.parametrize(("what", "tell", "code"), STORIES, ids=[what for what, _, _ in STORIES])
def test_documents_tell_a_possible_story(archive, what, tell, code):
    chain_again(archive, tell(bodies(archive)))
    assert code in codes(archive)


def test_random_damage_is_always_seen(archive):
    """A hundred single bits and cuts, anywhere in any file of an archive."""
    chance = random.Random(5)
    files = sorted(path for path in archive.rglob("*") if path.is_file())
    for number in range(100):
        path = chance.choice(files)
        content = path.read_bytes()
        at = chance.randrange(len(content))
        flipped = content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
        path.write_bytes(flipped if number % 4 else content[:at])
        assert first_finding(archive) is not None, (path, at)
        path.write_bytes(content)
    assert mlmcalc.verify(archive).holds


def test_the_command_says_it_of_all_runs_together_or_of_each(made, capsys):
    assert run_command(["verify", str(made)]) == 0
    together = capsys.readouterr().out.splitlines()
    assert any("files have the size and the SHA-256 that the manifest names (3 runs)" in line for line in together)
    assert together[-2] == f"last document: {contents(made)['documents'][-1]['sha256']}"
    assert run_command(["verify", str(made), "--all"]) == 0
    each = capsys.readouterr().out.splitlines()
    assert len(each) == len(mlmcalc.verify(made).checks) + 2 > len(together)


EXCHANGED = [
    ("amount", Decimal("1.00"), "verify.exchange"),
    ("rate", Decimal("2"), "verify.exchange"),
    ("left", Decimal("0.001"), "verify.exchange"),
    ("plan_amount", Decimal("1.00"), "verify.payments"),
    ("currency", "KWD", "verify.totals"),
]


@pytest.mark.parametrize(("column", "value", "code"), EXCHANGED)
def test_payments_in_other_currencies_are_counted_again(archive, column, value, code):
    folder = archive / "runs" / contents(archive)["runs"][0]["id"]
    forge_run("payments", set_cell(0, column, value))(folder)
    assert code in {finding.code for finding in mlmcalc.verify(folder).findings}
