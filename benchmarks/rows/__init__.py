"""The rows of the table, in its order."""

from __future__ import annotations

from benchmarks.figures import Row
from benchmarks.rows import columns, commands, explain, families, gate, kernels, peers, preview, whole

ROWS: list[Row] = [
    *whole.ROWS,
    *gate.ROWS,
    *kernels.ROWS,
    *columns.ROWS,
    *families.ROWS,
    whole.THREADS,
    whole.SHAPES,
    *commands.ROWS,
    *explain.ROWS,
    *preview.ROWS,
    *peers.ROWS,
]
