"""The file of payments for the bank: the same payments give the same bytes."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from mlmcalc.errors import ConflictError, Finding
from mlmcalc.tables.folder import environment_refused

HEADINGS = ("number", "member_id", "currency", "amount", "reference")


def bank_text(payments: Iterable[tuple[str, str, str]], reference: str) -> str:
    """Return the file's text: CSV with a comma and a decimal point, one row for each payment, in the order given.

    Parameters
    ----------
    payments : iterable of (str, str, str)
        Member, currency, amount with the currency's digits.
    reference : str
        What the member's bank statement will show; the number of the payment is added.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows((number, *payment, f"{reference} {number}") for number, payment in enumerate(payments, 1))
    return text.getvalue()


class StagedFile:
    """A file that is written in full before anybody can see it, and gets its name by one rename.

    Use it in a ``with`` statement; what leaves the block without `publish` leaves nothing behind.

    Parameters
    ----------
    target : Path
        Its folder is made if it is missing. A file of the same content may be there already.
    content : bytes

    Raises
    ------
    ConflictError
        ``closing.file_exists``: a file of other content is there.
    EnvironmentRefused
        ``tables.output_refused``.
    """

    def __init__(self, target: Path, content: bytes) -> None:
        self.target = Path(os.path.abspath(target))
        self._staged: Path | None = None
        with environment_refused(self.target):
            if self.target.exists():
                self._refuse_other(content)
                return
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._staged = self.target.with_name(f".{self.target.name}.partial-{secrets.token_hex(6)}")
            try:
                _write(self._staged, content)
            except OSError:
                self._staged.unlink(missing_ok=True)
                raise

    def __enter__(self) -> StagedFile:
        return self

    def __exit__(self, *fault: object) -> None:
        if self._staged is not None:
            self._staged.unlink(missing_ok=True)

    def publish(self) -> None:
        """Give the file its name.

        Raises
        ------
        EnvironmentRefused
            ``tables.output_refused``.
        """
        if self._staged is None:
            return
        with environment_refused(self.target):
            self._staged.replace(self.target)
            self._staged = None
            _sync_folder(self.target.parent)

    def _refuse_other(self, content: bytes) -> None:
        if self.target.read_bytes() != content:
            message = "this file exists and holds something else."
            remedy = "Name another file, or move this one away."
            raise ConflictError(Finding("closing.file_exists", message, remedy, file=str(self.target)))


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
