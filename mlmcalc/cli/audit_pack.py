"""``mlmcalc audit-pack``: what an auditor needs of a run, as a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mlmcalc.api.pack.gather import Beside
    from mlmcalc.audit.pack.model import Pack
    from mlmcalc.workspace.load import Workspace

WORKSPACE_FILE = "company.yaml"


@click.command("audit-pack")
@click.argument("run")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New folder for the pack.")
@click.option(
    "--before",
    type=click.Path(path_type=Path, file_okay=False),
    help="Run of the period before.  [default: the one this run's state comes from]",
)
@click.option("--seed", type=click.IntRange(0), help="Of the samples.  [default: from the run's digest]")
@click.option("--lines", type=click.IntRange(1, 5000), default=60, show_default=True, help="How many lines to draw.")
@click.option(
    "--days", type=click.IntRange(0, 31), default=3, show_default=True, help="Cut-off: days around the period's ends."
)
@click.option(
    "--csv",
    "csv_form",
    type=click.Choice(["safe", "raw"]),
    default="safe",
    show_default=True,
    help="safe puts ' before a text that a spreadsheet might calculate.",
)
@click.option("--workspace", type=click.Path(path_type=Path), metavar="FILE", help="A file like company.yaml.")
@click.option("--program", help="Where several programs of the store have such a period: the name of the plan.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def audit_pack(
    run: str,
    out: Path,
    before: Path | None,
    seed: int | None,
    lines: int,
    days: int,
    csv_form: str,
    workspace: Path | None,
    program: str | None,
    form: str,
) -> int:
    """Put together what an auditor needs of RUN: completeness, cut-off, tie-out, a sample with a work sheet, and more.

    RUN is the folder of a run, or in a workspace the label of its period, or with a store the id of a run; then the
    pack has payments, journal, approvals and the log too. The pack is a folder with a page
    (index.html), lists as CSV, a work sheet that recalculates the sample with formulas, and pack.json with the digest
    of every file. The same run and seed give the same pack. Exit status 1 if anything that was compared differs.
    """
    from mlmcalc.tables.folder import refuse_existing

    refuse_existing(out)
    folder, beside = _sources(run, before, workspace, program)
    from mlmcalc.api.pack.gather import gather_pack
    from mlmcalc.reports.audit_pack import write_pack

    pack = gather_pack(folder, beside, seed, lines, days)
    files = write_pack(pack, out, safe=csv_form == "safe")
    if form == "json":
        click.echo(json.dumps(_summary(pack, out), indent=2, ensure_ascii=False))
    else:
        _show(pack, out, len(files))
    return 1 if pack.differences else 0


def _sources(run: str, before: Path | None, file: Path | None, program: str | None) -> tuple[Path, Beside]:
    from mlmcalc.api.pack.gather import Beside

    is_folder = Path(run).is_dir()
    place = file or (Path(WORKSPACE_FILE) if Path(WORKSPACE_FILE).exists() else None)
    if is_folder and (archived := _of_archive(Path(run))) is not None:
        return Path(run), replace(archived, before=before)
    if place is None:
        return Path(run), Beside(before=before)
    from mlmcalc.workspace.load import load_workspace

    workspace = load_workspace(place)
    stored = _of_store(run, workspace, program)
    if stored is not None:
        folder, beside = stored
        return folder, replace(beside, company=beside.company or workspace.company, before=before)
    folder = Path(run) if is_folder else workspace.for_period(run).out
    # What is expected of one period says nothing of another.
    expect = Beside().expect if is_folder and file is None else workspace.expect
    return folder, Beside(company=workspace.company, expect=expect, before=before)


def _of_archive(folder: Path) -> Beside | None:
    from mlmcalc.api.places import archive_of

    if archive_of(folder) is None:
        return None
    from mlmcalc.closing.evidence import archive_evidence

    return archive_evidence(folder)


def _of_store(run: str, workspace: Workspace, program: str | None) -> tuple[Path, Beside] | None:
    """Return a run of the store and what the store knows of it; None for a run that is elsewhere."""
    from mlmcalc.cli.store_options import has_store, store_of

    folder = Path(run)
    if not has_store(workspace) or (
        folder.is_dir() and folder.resolve().parent != (workspace.store.folder / "runs").resolve()
    ):
        return None
    from mlmcalc.closing.evidence import evidence_of, stored_run

    with store_of(workspace) as store:
        found = stored_run(store, folder.name if folder.is_dir() else run, program)
        return store.run_folder(found.id), evidence_of(store, found)


def _summary(pack: Pack, out: Path) -> dict:
    return {
        "out": str(out),
        "run": pack.facts["run"],
        "seed": pack.seed,
        "differences": [section.key for section in pack.differences],
        "sections": {
            section.key: {"result": section.mark, "conclusion": section.conclusion} for section in pack.sections
        },
    }


def _show(pack: Pack, out: Path, files: int) -> None:
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    sheet.title(f"audit pack of {pack.facts['run']}", f"{pack.facts['period']}, seed {pack.seed}")
    sheet.heading("Sections")
    columns = [Column("section", folds=True), Column("result"), Column("conclusion", folds=True)]
    sheet.table(columns, [(section.title, section.mark, section.conclusion) for section in pack.sections])
    sheet.facts({"written to": f"{out}, {files + 1} files", "begin with": str(out / "index.html")})
    sheet.show()
