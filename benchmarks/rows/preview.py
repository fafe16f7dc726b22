"""An incremental preview after a few changed orders, against a full run."""

from __future__ import annotations

from benchmarks.figures import CannotMeasureError, Found, Row, Settings


def preview(settings: Settings) -> Found:
    """Measure it where it is there."""
    raise CannotMeasureError("there is no incremental preview yet.")


ROWS = [
    Row(
        "preview",
        "Incremental preview",
        "preview after a few changed orders, 1,000,000 members",
        "a full run, same digest",
        "0.1",
        preview,
    )
]
