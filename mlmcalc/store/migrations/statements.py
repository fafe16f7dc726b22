"""The statements of a migration: one file of SQL for each database, so that a reader sees what will be run."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def run_statements(migration: str, revision: str) -> None:
    """Run ``<revision>.<database>.sql`` beside a migration; its statements stand apart by an empty line."""
    file = Path(migration).with_name(f"{revision}.{op.get_bind().dialect.name}.sql")
    for statement in file.read_text(encoding="utf-8").split("\n\n"):
        # Without parameters: a percent sign is a percent sign.
        op.get_bind().exec_driver_sql(statement.strip(), execution_options={"no_parameters": True})
