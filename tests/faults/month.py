"""The month of `company.py`, played once; what it was before each step can be had again, in either database."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmcalc.store.batches import batches
from mlmcalc.store.closings import standing_closing
from mlmcalc.store.periods import periods
from mlmcalc.store.store import Store, open_store
from tests.faults.company import STEPS, make
from tests.faults.typist import Answer, Typist
from tests.faults.whole import seen
from tests.store_fixture import EmptyPlace

# Numbers of steps; `Month.before` one of them is the company whose operator types that next.
INIT, IMPORT, CALCULATE, ADJUST, APPROVE, COMMIT, REOPEN, PAY = 0, 1, 4, 3, 5, 6, 7, 11
LATE_IMPORT, RECORD, OPEN_NEXT, TRUEUP, NEXT_CALCULATE, NEXT_COMMIT, NEXT_PAY = 12, 13, 14, 15, 17, 19, 20
END = len(STEPS)


@dataclass(frozen=True)
class Company:
    """A workspace with a store, and the process that types in it.

    Attributes
    ----------
    folder : Path
    typist : Typist
    url : str or None
        Of PostgreSQL; None for SQLite.
    """

    folder: Path
    typist: Typist
    url: str | None = None

    def type(self, *words: str, **options: Any) -> Answer:
        """Type a command; options as `Typist.type`."""
        return self.typist.type(self.folder, *words, **self._options(options))

    def together(self, *commands: tuple[str, ...]) -> list[Answer]:
        """Type commands at the same moment."""
        return self.typist.together(self.folder, commands, [self._options({})] * len(commands))

    def seen(self) -> dict[str, list[Any]]:
        """Return what the store says, without times; all of it must be whole."""
        found, wrong = seen(self.folder / "store", self.url)
        assert wrong == []
        return found

    def committed_run(self, label: str) -> Path:
        """Return the folder of the run that a period was committed with."""
        with self.open() as store, store.read() as tx:
            closing = standing_closing(tx, "small", label)
            assert closing is not None
            return store.run_folder(closing.run)

    def last_run(self) -> Path:
        """Return the folder of the run that stands in the last period."""
        with self.open() as store, store.read() as tx:
            return store.run_folder(str(periods(tx)[-1].run))

    def events(self, kind: str) -> list[Path]:
        """Return the files of all events of a kind."""
        with self.open() as store, store.read() as tx:
            return [store.objects.path(part.object) for batch in batches(tx, kind) for part in batch.parts]

    def open(self) -> Store:
        """Open the store; close it before anything is typed."""
        return open_store(self.folder / "store", self.url)

    def _options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        given = {} if self.url is None else {"MLMCALC_STORE_URL": self.url}
        return {**options, "environment": {**given, **options.get("environment", {})}}


class Month:
    """The month, played once in a folder.

    Parameters
    ----------
    place : Path
    typist : Typist
    """

    def __init__(self, place: Path, typist: Typist) -> None:
        self.typist = typist
        self._place = place
        self.operations: list[list[str]] = []
        folder = place / "company"
        make(folder)
        for number, step in enumerate(STEPS):
            typist.prepare(folder, number)
            shutil.copytree(folder, place / str(number))
            answer = typist.type(folder, *step.words)
            assert answer.status == 0, answer.err
            self.operations.append(answer.names)
        folder.rename(place / str(END))

    def before(self, step: int, folder: Path) -> Company:
        """Copy the company as it is before a step into a new folder."""
        shutil.copytree(self._place / str(step), folder)
        return Company(folder, self.typist)

    def seen(self, step: int) -> dict[str, list[Any]]:
        """Return what the store says before a step."""
        return self.before_in_place(step).seen()

    def before_in_place(self, step: int) -> Company:
        """Return the company as it is before a step, only to be looked at."""
        return Company(self._place / str(step), self.typist)


class Placed:
    """The company before a step, in one of the two databases; use it in a ``with`` statement."""

    def __init__(self, month: Month, step: int, folder: Path, backend: str) -> None:
        self._company = month.before(step, folder)
        self._place = EmptyPlace(backend, folder / "store")
        self._backend = backend

    def __enter__(self) -> Company:
        url = self._place.__enter__().url
        company = self._company
        if url is None:
            return company
        backup = company.folder / f"moving-{secrets.token_hex(4)}"
        assert company.type("backup", str(backup)).status == 0
        shutil.rmtree(company.folder / "store")
        moved = Company(company.folder, company.typist, url)
        answer = moved.type("restore", str(backup))
        assert answer.status == 0, answer.err
        backup.unlink()
        return moved

    def __exit__(self, *fault: object) -> None:
        self._place.__exit__(*fault)
