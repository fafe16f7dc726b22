"""The page of an auditor's pack: one file without scripts, that loads nothing from anywhere and prints on A4."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from mlmcalc.audit.pack.model import Cell, Listing, Pack
from mlmcalc.reports.cells import INSTANT, MARKS, decimals_of, is_right, shown


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of the page."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class ShownList:
    """A list as the page shows it.

    Attributes
    ----------
    title, note, file : str
    heads : sequence of ShownCell
    rows : sequence of sequences of ShownCell
    last : sequence of ShownCell
    left : str
        How many rows are only in the file; empty if none.
    """

    title: str
    note: str
    file: str
    heads: Sequence[ShownCell]
    rows: Sequence[Sequence[ShownCell]]
    last: Sequence[ShownCell]
    left: str


def pack_html(pack: Pack, files_named: dict[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    pack : Pack
    files_named : dict of str to str
        From the name of a list to the file it is in.
    """
    folder = files("mlmcalc.reports").joinpath("templates")
    style = folder.joinpath("pack.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(folder.joinpath("pack.html.j2").read_text(encoding="utf-8"))
    lists = {
        section.key: [_shown(listing, files_named[listing.name]) for listing in section.listings]
        for section in pack.sections
    }
    return template.render(pack=pack, lists=lists, marks=MARKS, style=style, digest=digest, work=pack.work is not None)


def _shown(listing: Listing, file: str) -> ShownList:
    rows = listing.rows[: listing.shown]
    left = len(listing.rows) - len(rows)
    every = [*rows, *([listing.last] if listing.last else [])]
    decimals = [decimals_of(row[place] for row in every if place < len(row)) for place in range(len(listing.columns))]
    heads = [ShownCell(column.name, "n" if column.kind in ("count", "amount") else "") for column in listing.columns]
    return ShownList(
        listing.title,
        listing.note,
        file,
        heads,
        [_cells(listing, row, decimals) for row in rows],
        _cells(listing, listing.last, decimals),
        f"{left:,} more rows in {file}" if left else "",
    )


def _cells(listing: Listing, row: Sequence[Cell], decimals: Sequence[int]) -> list[ShownCell]:
    return [
        ShownCell(shown(cell, column, places), _style(cell, column.kind, is_right(cell, column)))
        for cell, column, places in zip(row, listing.columns, decimals, strict=False)
    ]


def _style(cell: Cell, kind: str, right: bool) -> str:
    if kind == "mark":
        return f"mark {cell}" if cell in MARKS else ""
    # Digests and ids without a blank may be broken anywhere.
    if right or not isinstance(cell, str):
        return "n" if right else ""
    if INSTANT.fullmatch(cell):
        return "at"
    return "id" if len(cell) > 40 and " " not in cell else ("long" if len(cell) > 50 else "")
