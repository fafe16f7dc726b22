"""The password of a database is in nothing that a company keeps, shows or sends on."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.faults.company import STEPS
from tests.faults.month import COMMIT, INIT, PAY, Company, Month
from tests.store_fixture import POSTGRESQL

SECRET = "pl4nted/p@ss wörd'"


def spoken(text: str) -> bool:
    """Return whether a text holds the password, however it is written."""
    return any(form in text for form in (SECRET, quote(SECRET, safe=""), quote(SECRET), repr(SECRET)[1:-1]))


def everything_kept(folder: Path) -> list[Path]:
    """Return the files that hold it."""
    forms = [form.encode() for form in (SECRET, quote(SECRET, safe=""), quote(SECRET))]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(form in path.read_bytes() for form in forms)]


@pytest.mark.parametrize("debug", [(), ("--debug",)])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ann:{}@127.0.0.1:1/nothing",
        "postgresql://ann:{}@/nothing?host=/nowhere",
        "nonsense://ann:{}@host/name",
    ],
)
def test_a_database_that_cannot_be_reached(month: Month, tmp_path: Path, url: str, debug: tuple[str, ...]):
    company = Company(
        month.before(COMMIT, tmp_path / "company").folder, month.typist, url.format(quote(SECRET, safe=""))
    )
    for words in (
        ("period", "commit", "2025-01"),
        ("import", "--period", "2025-01"),
        ("store", "doctor"),
        ("export", "o"),
    ):
        answer = company.type(*words, *debug)
        assert answer.status in ((1,) if debug else (3, 6))
        assert ("Traceback" in answer.err) == bool(debug)
        assert not spoken(answer.out + answer.err), answer.err
    assert everything_kept(company.folder) == []


def test_a_month_under_a_planted_password(month: Month, tmp_path: Path):
    if not os.environ.get(POSTGRESQL):
        pytest.skip(f"{POSTGRESQL} is not set; tests/postgresql.sh starts a database")
    server = make_url(os.environ[POSTGRESQL])
    role = f"planted_{os.getpid()}"
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    doubled = SECRET.replace("'", "''")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{doubled}'"))
        connection.execute(text(f"CREATE SCHEMA {role} AUTHORIZATION {role}"))
    try:
        mine = server.set(username=role, password=SECRET).update_query_dict({"options": f"-csearch_path={role}"})
        folder = month.before(INIT, tmp_path / "company").folder
        company = Company(folder, month.typist, mine.render_as_string(hide_password=False))
        said = ""
        for number, step in enumerate(STEPS[: PAY + 1]):
            month.typist.prepare(folder, number)
            answer = company.type(*step.words, "--debug")
            assert answer.status == 0, answer.err
            said += answer.out + answer.err
        refused = ("period", "approve", "2025-01", "--by", "Olga", "--debug")
        copies = (("export", "out", "--inputs"), ("backup", "all"))
        for words in (("store", "status"), ("log",), ("store", "doctor"), ("replay", "--all"), *copies, refused):
            answer = company.type(*words)
            said += answer.out + answer.err
        assert "Traceback" in said
        assert not spoken(said)
        assert everything_kept(tmp_path) == []
        with engine.connect() as connection:
            tables = connection.execute(
                text(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{role}'")
            )
            rows = [str(connection.execute(text(f'SELECT * FROM {role}."{name}"')).all()) for (name,) in tables.all()]
        assert len(rows) > 10
        assert not spoken("".join(rows))
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {role} CASCADE"))
            connection.execute(text(f"DROP ROLE {role}"))
        engine.dispose()


def test_the_search_would_find_it(tmp_path: Path):
    for number, form in enumerate((SECRET, quote(SECRET, safe=""), quote(SECRET))):
        (tmp_path / str(number)).write_text(f"url: postgresql://ann:{form}@host")
        assert spoken((tmp_path / str(number)).read_text())
    assert len(everything_kept(tmp_path)) == 3
