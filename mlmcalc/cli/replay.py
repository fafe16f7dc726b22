"""``mlmcalc replay``: stored runs calculated again from their inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlmcalc.cli.sources import default_store
from mlmcalc.errors import IntegrityError, MlmcalcError

if TYPE_CHECKING:
    from mlmcalc.released.replay import Replay

MANIFEST_FILE = "manifest.json"
Answer = tuple[Path, "Replay | MlmcalcError"]


@click.command()
@click.argument("runs", metavar="[RUN]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every run of the store, or of a folder of runs that is named.")
@click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the store, for a RUN that is no folder.  [default: that of company.yaml here]",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def replay(runs: tuple[str, ...], every: bool, store: Path | None, form: str) -> int:
    """Calculate stored runs again from their inputs, by the arithmetic they were made with.

    RUN is the folder of a run; in a store also its id, or a period. Plan, inputs and files are verified first. A run
    whose every table has the same content is the same: exit status 0. Otherwise the first line that differs is named,
    with both values: exit status 5.
    """
    if not runs and not every:
        raise click.UsageError("Name a run, or --all.")
    # Whoever names a folder need not be where a store is.
    by_name = every or not all((Path(run) / MANIFEST_FILE).exists() for run in runs)
    place = store or (default_store() if by_name else None)
    if every and not runs and place is None:
        raise click.UsageError("There is no store here; name it with --store, or a folder of runs.")
    from mlmcalc.cli.progress import progress_shown

    with progress_shown() as progress:
        answers = []
        folders = list(_folders(runs, every, place))
        for number, folder in enumerate(folders):
            progress(f"{folder.name}", number, len(folders))
            answers.append((folder, _replayed(folder)))
    if form == "json":
        rows = [_row(answer) for answer in answers]
        click.echo(json.dumps(rows[0] if len(rows) == 1 and not every else rows, indent=2, ensure_ascii=False))
    else:
        _show(answers)
    return max((_status(found) for _, found in answers), default=0)


def _folders(runs: tuple[str, ...], every: bool, store: Path | None) -> Iterator[Path]:
    from mlmcalc.api.run_folders import every_run, run_folders

    if not every:
        for name in runs:
            yield from run_folders(name, store)
        return
    for place in [Path(name) for name in runs] or [store]:
        assert place is not None, "whoever asks has named a place"
        yield from every_run(place)


def _replayed(folder: Path) -> Replay | MlmcalcError:
    from mlmcalc.released.replay import replay as calculate_again

    try:
        return calculate_again(folder)
    except MlmcalcError as refusal:
        # One that cannot be replayed does not keep the others from it.
        return refusal


def _status(found: Replay | MlmcalcError) -> int:
    if isinstance(found, MlmcalcError):
        return found.status
    return 0 if found.same else IntegrityError.status


def _row(answer: Answer) -> dict[str, Any]:
    folder, found = answer
    if isinstance(found, MlmcalcError):
        findings = [asdict(finding) for finding in found.findings]
        return {"folder": str(folder), "same": False, "refused": found.headline, "findings": findings}
    return {"same": found.same, **asdict(found)}


def _show(answers: Iterable[Answer]) -> None:
    from mlmcalc.cli.colours import styled
    from mlmcalc.cli.findings import counted, print_findings

    counts = {"same": 0, "different": 0, "refused": 0}
    listed = list(answers)
    for folder, found in listed:
        refused = isinstance(found, MlmcalcError)
        verdict = "refused" if refused else "same" if found.same else "different"
        counts[verdict] += 1
        what = "" if refused else found.digest
        if not refused and found.calculated not in ("", found.digest):
            what += f", calculated again {found.calculated}"
        name = "" if len(listed) == 1 else f"  {folder.name}"
        click.echo(styled(f"{verdict}:", fg="green" if verdict == "same" else "red") + f" {what}{name}".rstrip())
        print_findings(found.findings)
    if len(listed) != 1:
        click.echo(", ".join([counted(len(listed), "run"), *(f"{count:,} {word}" for word, count in counts.items())]))
