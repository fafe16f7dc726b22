"""Text that a command writes: to standard output, or into a file."""

from __future__ import annotations

from pathlib import Path

import click


def put_text(text: str, output: Path | None) -> None:
    """Write a text to standard output, or into a file and say so on standard error.

    Raises
    ------
    EnvironmentRefused
        ``cli.output_refused``.
    """
    if output is None:
        click.echo(text, nl=False)
        return
    from mlmcalc.errors import EnvironmentRefused, Finding

    try:
        output.write_text(text, encoding="utf-8")
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise EnvironmentRefused(
            Finding("cli.output_refused", f"{reason}.", "Name another file.", file=str(output))
        ) from fault
    click.echo(f"written to {output}", err=True)
