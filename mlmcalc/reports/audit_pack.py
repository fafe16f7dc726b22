"""An auditor's pack as a folder that appears whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os

from mlmcalc._version import __version__
from mlmcalc.audit.pack.model import Listing, Pack
from mlmcalc.reports.cells import written
from mlmcalc.reports.pack_page import pack_html
from mlmcalc.reports.worksheet import worksheet
from mlmcalc.tables.folder import StagedFolder, WrittenFile, environment_refused

PAGE, SHEET, INDEX, LISTS = "index.html", "worksheet.xlsx", "pack.json", "lists"
PACK_SCHEMA = 1


def write_pack(pack: Pack, folder: str | os.PathLike[str], safe: bool = True) -> dict[str, WrittenFile]:
    """Write a pack into a new folder, and return its files by name.

    The same pack gives the same bytes.

    Parameters
    ----------
    pack : Pack
    folder : path
        Must not exist.
    safe : bool
        Whether texts in CSV files that a spreadsheet might calculate get a ``'`` in front.

    Raises
    ------
    ConflictError
        ``tables.output_exists``.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    with StagedFolder(folder) as staged:
        with environment_refused(staged.target):
            (staged.path / LISTS).mkdir()
        named = {listing.name: f"{LISTS}/{listing.name}.csv" for listing in _listings(pack)}
        files = [staged.write_text(named[listing.name], csv_text(listing, safe)) for listing in _listings(pack)]
        if pack.work is not None:
            path = staged.path / SHEET
            with environment_refused(staged.target):
                path.write_bytes(worksheet(pack.work))
            files.append(staged.written(path))
        files.append(staged.write_text(PAGE, pack_html(pack, named)))
        staged.write_text(INDEX, _index(pack, named, files, safe))
        staged.commit()
    return {file.name: file for file in files}


def csv_text(listing: Listing, safe: bool) -> str:
    """Return a list as CSV.

    Parameters
    ----------
    listing : Listing
    safe : bool
        As `write_pack`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in listing.columns)
    for row in listing.rows:
        writer.writerow(written(cell, column, safe) for cell, column in zip(row, listing.columns, strict=True))
    return text.getvalue()


def _listings(pack: Pack) -> list[Listing]:
    return [listing for section in pack.sections for listing in section.listings]


def _index(pack: Pack, named: dict[str, str], files: list[WrittenFile], safe: bool) -> str:
    index = {
        "pack": PACK_SCHEMA,
        "mlmcalc": __version__,
        "company": pack.company,
        "seed": pack.seed,
        "facts": dict(pack.facts),
        "differences": [section.key for section in pack.differences],
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "result": section.mark,
                "conclusion": section.conclusion,
                "lists": [named[listing.name] for listing in section.listings],
            }
            for section in pack.sections
        ],
        "csv": "texts that a spreadsheet might calculate begin with '" if safe else "texts as they are",
        "files": {file.name: {"bytes": file.size, "sha256": file.sha256} for file in files},
    }
    return json.dumps(index, indent=2, ensure_ascii=False) + "\n"
