"""Stores for tests, on SQLite and on PostgreSQL, each in a place of its own.

A folder of tests takes what it needs by ``from tests.store_fixture import backend, place, store``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from mlmcalc.store.store import Store, open_store

POSTGRESQL = "MLMCALC_TEST_POSTGRESQL"


@dataclass(frozen=True)
class Place:
    """Where a store is, or can be made.

    `url` is None for SQLite.
    """

    folder: Path
    url: str | None

    def open(self, **options) -> Store:
        """Open it, making it where `create` is given."""
        return open_store(self.folder, self.url, **options)


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql" and not os.environ.get(POSTGRESQL):
        pytest.skip(f"{POSTGRESQL} is not set; tests/postgresql.sh starts a database")
    return request.param


@pytest.fixture
def place(backend: str, tmp_path: Path) -> Iterator[Place]:
    """An empty place for a store."""
    with EmptyPlace(backend, tmp_path / "store") as found:
        yield found


class EmptyPlace:
    """A place for a store; a schema of its own in PostgreSQL, dropped when the block ends."""

    def __init__(self, backend: str, folder: Path) -> None:
        self.schema = f"test_{secrets.token_hex(8)}" if backend == "postgresql" else ""
        self.place = Place(folder, None)
        if self.schema:
            self._admin(f"CREATE SCHEMA {self.schema}")
            url = make_url(os.environ[POSTGRESQL])
            mine = url.update_query_dict({"options": f"-csearch_path={self.schema}"})
            self.place = Place(folder, mine.render_as_string(hide_password=False))

    def __enter__(self) -> Place:
        return self.place

    def __exit__(self, *fault: object) -> None:
        if self.schema:
            self._admin(f"DROP SCHEMA {self.schema} CASCADE")

    @staticmethod
    def _admin(statement: str) -> None:
        engine = create_engine(os.environ[POSTGRESQL], poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text(statement))


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """An open store, empty."""
    with place.open(create=True, company="Alpine") as opened:
        yield opened
