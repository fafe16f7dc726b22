"""A plan's page in a terminal."""

from __future__ import annotations

from mlmcalc.cli.sheets import Column, Sheet
from mlmcalc.plan.grids import Grid
from mlmcalc.plan.page import Page


def plan_sheet(page: Page) -> Sheet:
    """Return the sheet of a plan's page."""
    sheet = Sheet()
    sheet.title(page.title, page.below)
    for block in page.blocks:
        sheet.heading(block.heading if block.inner else block.heading.upper())
        sheet.facts(block.facts)
        for grid in block.grids:
            _grid(sheet, grid)
    return sheet


def _grid(sheet: Sheet, grid: Grid) -> None:
    sheet.lines.append("")
    if grid.caption:
        sheet.line(grid.caption, 2)
    columns = [Column(name, folds=True) for name in grid.columns]
    sheet.table(columns, grid.rows)
