"""The layout of the database: which revision it is of, and how it is brought to ours."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

REVISION = "0001"
"""The newest revision in ``migrations/versions``; revisions are numbers, so that older and newer can be told apart."""


MIGRATIONS = Path(__file__).parent / "migrations"


def revision_of(connection: Connection) -> str:
    """Return the revision of a database; empty where nothing was made yet."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a revision, the newest if none is named, inside the caller's transaction."""
    # Only whoever makes or upgrades a store waits for these to be imported.
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A percent sign in the path would be read as a place to fill in.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
