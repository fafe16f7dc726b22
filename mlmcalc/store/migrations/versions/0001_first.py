"""The first layout."""

from __future__ import annotations

from mlmcalc.store.migrations.statements import run_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, and the triggers that keep what is settled from being changed."""
    run_statements(__file__, revision)
