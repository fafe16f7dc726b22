"""What the migrations make is what the code believes; an older database is brought there, a newer one refused."""

from __future__ import annotations

import re
import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine, inspect, text
from sqlalchemy.schema import CreateTable

from mlmcalc.errors import ConflictError, EnvironmentRefused
from mlmcalc.store import schema
from mlmcalc.store import store as store_module
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.store import upgrade_store
from mlmcalc.store.tables import METADATA
from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]


def test_the_newest_revision_is_the_one_the_code_names():
    script = ScriptDirectory(str(schema.MIGRATIONS))
    assert script.get_heads() == [schema.REVISION]
    for revision in script.walk_revisions():
        for database in ("sqlite", "postgresql"):
            assert (schema.MIGRATIONS / "versions" / f"{revision.revision}.{database}.sql").exists()


def test_migrations_make_what_the_code_believes(store):
    with store.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        found = [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]
        assert found == []


def test_every_word_of_the_tables_is_in_the_first_migration():
    """Checks, which no comparison of databases sees, stand in the statements as they stand in the code."""
    for database in ("sqlite", "postgresql"):
        engine = create_mock_engine(f"{database}://", lambda *given, **named: None)
        statements = (schema.MIGRATIONS / "versions" / f"0001.{database}.sql").read_text()
        known = {" ".join(statement.split()) for statement in statements.split("\n\n")}
        for table in METADATA.sorted_tables:
            assert " ".join(str(CreateTable(table).compile(engine)).split()) in known


def test_every_table_of_sqlite_is_strict(place):
    if place.url is not None:
        pytest.skip("PostgreSQL knows no other")
    with place.open(create=True) as opened, opened.read() as tx:
        tables = tx.connection.execute(text("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")).all()
        assert {name for name, strict in tables if not strict and not name.startswith("sqlite")} == {"alembic_version"}


def test_no_column_holds_a_float(store):
    with store.read() as tx:
        inspector = inspect(tx.connection)
        types = {str(column["type"]) for table in METADATA.tables for column in inspector.get_columns(table)}
    assert types <= {"TEXT", "INTEGER", "BIGINT", "SMALLINT"}


def test_an_older_store_is_refused_and_upgraded(place, tmp_path, monkeypatch):
    with place.open(create=True, company="Alpine"):
        pass
    newer = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    first = (newer / "versions" / "0001_first.py").read_text()
    second = first.replace('revision = "0001"', 'revision = "0002"').replace("= None", '= "0001"', 1)
    (newer / "versions" / "0002_second.py").write_text(second)
    for database in ("sqlite", "postgresql"):
        (newer / "versions" / f"0002.{database}.sql").write_text("CREATE TABLE more (one TEXT)\n")
    before = schema.REVISION
    for module in (schema, store_module):
        monkeypatch.setattr(module, "REVISION", "0002")
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    with pytest.raises(EnvironmentRefused) as refusal:
        place.open()
    assert refusal.value.findings[0].code == "store.older"
    assert re.search("backup.*upgrade", refusal.value.findings[0].remedy)
    assert upgrade_store(place.folder, place.url, "ann") == (before, "0002")
    assert upgrade_store(place.folder, place.url, "ann") == ("0002", "0002")
    with place.open() as opened, opened.read() as tx:
        assert tx.connection.execute(text("SELECT count(*) FROM more")).scalar() == 0
        assert [record.action for record in log_records(tx)] == ["store.init", "store.upgrade"]
        assert verify_log(tx) == []
    # And the version before does not know it.
    monkeypatch.undo()
    for act in (place.open, lambda: upgrade_store(place.folder, place.url, "ann")):
        with pytest.raises(EnvironmentRefused) as refusal:
            act()
        assert refusal.value.findings[0].code == "store.newer"


def test_a_migration_that_fails_changes_nothing(place, tmp_path, monkeypatch):
    place.open(create=True).close()
    newer = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    first = (newer / "versions" / "0001_first.py").read_text()
    second = first.replace('revision = "0001"', 'revision = "0002"').replace("= None", '= "0001"', 1)
    (newer / "versions" / "0002_second.py").write_text(second)
    for database in ("sqlite", "postgresql"):
        statements = "CREATE TABLE more (one TEXT)\n\nINSERT INTO log (seq) VALUES (NULL)\n"
        (newer / "versions" / f"0002.{database}.sql").write_text(statements)
    with monkeypatch.context() as changed:
        for module in (schema, store_module):
            changed.setattr(module, "REVISION", "0002")
        changed.setattr(schema, "MIGRATIONS", newer)
        with pytest.raises(ConflictError, match=r"(?i)null"):
            upgrade_store(place.folder, place.url, "ann")
    with place.open() as opened, opened.read() as tx:
        assert "more" not in inspect(tx.connection).get_table_names()
        assert [record.action for record in log_records(tx)] == ["store.init"]
