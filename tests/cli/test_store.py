"""The store on the command line: init, status, upgrade, doctor, log, backup, restore."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command
from mlmcalc.store.store import open_store
from tests.api.small_company import MEMBERS, plan_text
from tests.store_fixture import backend, place

__all__ = ["backend", "place"]


@pytest.fixture
def company(place, monkeypatch) -> Path:
    """A folder with a workspace whose store is not made yet."""
    folder = place.folder.parent
    (folder / "plan.yaml").write_text(plan_text())
    MEMBERS.write_csv(folder / "members.csv")
    words = "company: Alpine\nplan: plan.yaml\nmembers: members.csv\n"
    (folder / "company.yaml").write_text(words)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MLMCALC_BY", "ann")
    if place.url:
        monkeypatch.setenv("MLMCALC_STORE_URL", place.url)
    return folder


def ran(capsys, *words: str, status: int = 0) -> str:
    capsys.readouterr()
    assert run_command(list(words)) == status, capsys.readouterr().err
    said = capsys.readouterr()
    return said.out if status == 0 else said.err


def test_a_store_from_the_first_command_to_the_last(company, place, capsys, monkeypatch):
    assert "store.missing" in ran(capsys, "store", "status", status=6)
    assert str(place.folder) in ran(capsys, "store", "init")
    ran(capsys, "store", "init", "--by", "bob")
    found = json.loads(ran(capsys, "store", "status", "--format", "json"))
    assert (found["company"], found["records"], found["programs"]) == ("Alpine", 1, {})
    assert found["last"].startswith("store.init store by ann at ")
    shown = ran(capsys, "store", "status")
    assert "Alpine" in shown
    assert "1 records" in shown
    assert "nothing to do" in ran(capsys, "store", "upgrade")
    assert "all is well" in ran(capsys, "store", "doctor")
    assert "1 records" in ran(capsys, "log", "--verify")
    assert ran(capsys, "backup", "all.tar").startswith("2 rows and 0 files up to record 1 of the log")
    assert "tables.output_exists" in ran(capsys, "backup", "all.tar", status=4)
    assert "tables.output_exists" in ran(capsys, "restore", "all.tar", status=4) if place.url is None else True
    # Elsewhere, and on SQLite whatever it came from.
    monkeypatch.delenv("MLMCALC_STORE_URL", raising=False)
    (company / "company.yaml").write_text((company / "company.yaml").read_text() + "store: second\n")
    ran(capsys, "restore", "all.tar", "--by", "carl")
    rows = json.loads(ran(capsys, "log", "--format", "json"))
    assert [(row["seq"], row["action"], row["by"]) for row in rows] == [
        (1, "store.init", "ann"),
        (2, "store.restore", "carl"),
    ]
    assert rows[1]["previous"] == rows[0]["digest"]
    assert (company / "second" / "mlmcalc.db").exists()


def test_the_log_in_every_form(company, place, capsys):
    ran(capsys, "store", "init")
    with open_store(place.folder, place.url) as store, store.write("Jürgen, =1+1") as tx:
        tx.log("test", 'a "subject"', {"amount": "1.50", "ids": ["1", "2"]})
        tx.log("test", "another")
    rows = list(csv.DictReader(io.StringIO(ran(capsys, "log", "--format", "csv"))))
    assert rows[1]["by"] == "Jürgen, =1+1"
    assert rows[1]["details"] == '{"amount":"1.50","ids":["1","2"]}'
    assert [row["subject"] for row in rows] == ["store", 'a "subject"', "another"]
    assert [row["seq"] for row in json.loads(ran(capsys, "log", "--format", "json", "--newest", "2"))] == [2, 3]
    assert len(json.loads(ran(capsys, "log", "--format", "json", "--subject", "a "))) == 1
    assert "amount 1.50, ids 1 2" in ran(capsys, "log")


def test_a_log_that_was_altered_is_found(company, place, capsys):
    ran(capsys, "store", "init")
    with open_store(place.folder, place.url) as store:
        for name in ("ann", "bob", "carl"):
            with store.write(name) as tx:
                tx.log("test", "x")
        # Whoever owns the database can take the guard away; the chain tells all the same.
        with store.write("eve") as tx:
            guard = "DROP TRIGGER log_fixed" + ("" if place.url is None else " ON log")
            tx.connection.exec_driver_sql(guard)
            tx.connection.exec_driver_sql("UPDATE log SET \"by\" = 'eve' WHERE seq = 3")
    said = ran(capsys, "log", "--verify", status=5)
    assert "store.log_chain" in said
    assert "record 3" in said
    assert "record 3" in ran(capsys, "store", "doctor", status=5)
    assert "store.log_chain" in ran(capsys, "store", "doctor", "--quick", status=5)


def test_what_is_no_backup(company, capsys):
    assert "store.no_backup" in ran(capsys, "restore", "nothing.tar", status=6)
    (company / "bad.tar").write_text("no tar")
    assert "store.backup_damaged" in ran(capsys, "restore", "bad.tar", status=5)
    assert not (company / "store").exists()


def test_nobody_acts_without_a_name(company, capsys):
    assert "store.by" in ran(capsys, "store", "init", "--by", " ", status=3)
    assert not (company / "store").exists()


def test_a_folder_without_a_workspace_is_no_place_for_a_store(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (["store", "init"], ["log"], ["backup", "x"], ["restore", "x"]):
        assert "company.yaml" in ran(capsys, *words, status=2)
    assert list(tmp_path.iterdir()) == []
