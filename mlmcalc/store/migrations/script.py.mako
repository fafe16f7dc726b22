"""${message}."""

from __future__ import annotations

from mlmcalc.store.migrations.statements import run_statements

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements of this revision for the database at hand."""
    run_statements(__file__, revision)
