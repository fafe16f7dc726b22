"""``mlmcalc warmup``: everything that is compiled, compiled now."""

from __future__ import annotations

import sys
from collections import Counter

import click


@click.command()
def warmup() -> None:
    """Compile everything ahead, so that no later start has to.

    For images and build machines. The machine code goes to the cache folder of this user, or to MLMCALC_CACHE_DIR, and
    is used on processors of this kind; NUMBA_CPU_NAME=generic makes it fit all of this architecture.

    Exit status: 0 done, 6 the folder cannot be written to.
    """
    from mlmcalc.kernels.cache import cache_folder
    from mlmcalc.kernels.compiled import every_kernel, is_compiled

    if not is_compiled():
        click.echo("NUMBA_DISABLE_JIT is set: kernels run as plain Python, there is nothing to compile.")
        return
    kernels = every_kernel()
    found: Counter[str] = Counter()
    for number, kernel in enumerate(kernels, start=1):
        if sys.stderr.isatty():
            click.echo(f"\r{number} of {len(kernels)} kernels", nl=False, err=True)
        try:
            found[kernel.keep()] += 1
        except OSError as fault:
            raise _refused(fault) from fault
    if sys.stderr.isatty():
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)
    there = f", {found['found']} of them before" if found["found"] else ""
    click.echo(f"{len(kernels)} kernels are in {cache_folder()}{there}")


def _refused(fault: OSError) -> Exception:
    from mlmcalc.errors import EnvironmentRefused, Finding
    from mlmcalc.kernels.cache import cache_folder

    message = f"{fault.strerror or fault}: kernels cannot be kept there."
    remedy = "Give this user a folder that only he can write to, or name one in MLMCALC_CACHE_DIR."
    return EnvironmentRefused(Finding("kernels.cache_refused", message, remedy, file=str(cache_folder())))
