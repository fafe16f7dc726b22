"""Progress of long steps: one line on a terminal, silence elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Progress = Callable[[str, int, int], None]


@contextlib.contextmanager
def progress_shown() -> Iterator[Progress]:
    """Yield a callable that shows the step it is told of on standard error, and takes it away at the end."""
    if not sys.stderr.isatty():
        yield lambda step, number, count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    if not _has_kernels():
        console.print("First start on this machine: kernels are compiled while they are needed, only this once.")
    columns = (SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: str, number: int, count: int) -> None:
            # Counted steps are the values of the plan.
            told = f"calculating {step}" if count else step
            bar.update(task, description=f"{told:<30.30}", total=count or None, completed=number)

        yield show


def _has_kernels() -> bool:
    from mlmcalc.kernels.compiled import cache_folder, is_compiled

    return not is_compiled() or any(cache_folder().rglob("*.nbc"))
