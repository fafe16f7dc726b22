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

    from mlmcalc.kernels.compiled import told_of_compiling

    console = Console(stderr=True, highlight=False)
    columns = (SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar, told_of_compiling(_once(console.print)):
        task = bar.add_task("starting", total=None)

        def show(step: str, number: int, count: int) -> None:
            # Counted steps are the values of the plan.
            told = f"calculating {step}" if count else step
            bar.update(task, description=f"{told:<30.30}", total=count or None, completed=number)

        yield show


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    said = False

    def compiling(name: str) -> None:
        nonlocal said
        if not said:
            say("First use on this machine: kernels are compiled as they are needed, once; `mlmcalc warmup` does all.")
        said = True

    return compiling
