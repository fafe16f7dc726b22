"""What ``mlmcalc period project`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlmcalc.cli.desk_options import put_json
from mlmcalc.cli.sheets import Column, Sheet
from mlmcalc.cli.summary import summary_lines, terminal_width
from mlmcalc.cli.text_output import put_text

if TYPE_CHECKING:
    from mlmcalc.closing.projecting import Projection


def show_projection(made: Projection, member: str | None, out: Path | None, form: str) -> None:
    """Print a projection, and write what every member lacks into a file where one is named.

    Raises
    ------
    EnvironmentRefused
        ``cli.output_refused``.
    """
    lacking = made.lacking(member) if member is not None or out is not None or form == "json" else None
    head = f"projection of {made.period.program} {made.period.label} as of {made.as_of}: no run, cannot be committed"
    if form == "json":
        put_json(
            {
                "projection": True,
                "program": made.period.program,
                "period": made.period.label,
                "as_of": made.as_of,
                "provisional": made.provisional,
                "totals": dict(made.result.totals),
                "lacking": [] if lacking is None else lacking.to_dicts(),
            }
        )
    else:
        click.echo(head)
        if member is None:
            click.echo("\n".join(summary_lines(made.result.manifest, terminal_width())))
        elif lacking is not None:
            sheet = Sheet()
            sheet.heading(
                f"What {member} lacks for the next rank"
                if lacking.height
                else f"{member} lacks nothing for a next rank"
            )
            names = [name for name in lacking.columns if name != "member_id"]
            columns = [Column(name, right=name in ("required", "actual", "short_by"), folds=True) for name in names]
            rows = [["" if cell is None else cell for cell in row] for row in lacking.select(names).rows()]
            sheet.table(columns, rows)
            sheet.show()
        if made.provisional:
            click.echo("provisional: the period before is not committed, so its state may still change", err=True)
    if out is not None and lacking is not None:
        put_text(lacking.write_csv(), out)
