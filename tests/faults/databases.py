"""Copies of a database beside the copies of a workspace: nothing to do for SQLite, whose file is in the workspace."""

from __future__ import annotations

import os
import secrets

from sqlalchemy import NullPool, create_engine, make_url, text

URL = "MLMCALC_STORE_URL"


class Databases:
    """Databases called ``base``, ``after`` and ``tried`` on a server;
    the one that was last made is used.

    Parameters
    ----------
    server : str or None
        URL of a PostgreSQL database from which others may be made; None for SQLite.
    """

    def __init__(self, server: str | None) -> None:
        self.server = server
        self._mark = f"kill_{secrets.token_hex(4)}"
        self._made: set[str] = set()
        os.environ.pop(URL, None)

    def __enter__(self) -> Databases:
        if self.server:
            self._admin(f"CREATE DATABASE {self._name('base')}")
            self._made.add("base")
        return self

    def __exit__(self, *fault: object) -> None:
        os.environ.pop(URL, None)
        for name in self._made:
            self._admin(f"DROP DATABASE {self._name(name)} WITH (FORCE)")

    def copy(self, source: str, target: str) -> None:
        """Make one of another, in the place of what it was, and let commands use it."""
        if self.server is None:
            return
        if target in self._made:
            self._admin(f"DROP DATABASE {self._name(target)} WITH (FORCE)")
        # A killed client's connection may linger for a moment.
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name(source)}'"
        self._admin(ended)
        self._admin(f"CREATE DATABASE {self._name(target)} TEMPLATE {self._name(source)}")
        self._made.add(target)
        self.use(target)

    def use(self, name: str) -> None:
        """Let commands use one of them."""
        if self.server is not None:
            url = make_url(self.server).set(database=self._name(name))
            os.environ[URL] = url.render_as_string(hide_password=False)

    def _name(self, name: str) -> str:
        return f"{self._mark}_{name}"

    def _admin(self, statement: str) -> None:
        engine = create_engine(str(self.server), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
