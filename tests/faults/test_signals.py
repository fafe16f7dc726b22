"""Ctrl-C and SIGTERM in the middle of each command: it ends soon, the store is whole, nothing stays locked."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.company import STEPS
from tests.faults.month import COMMIT, END, IMPORT, NEXT_CALCULATE, PAY, RECORD, REOPEN, TRUEUP, Company, Month, Placed
from tests.faults.test_disk import partial
from tests.store_fixture import backend

__all__ = ["backend"]

ENDED = {signal.SIGINT: 130, signal.SIGTERM: 143}
TRIED = 3
"""Operations of each command at which it gets a signal, evenly spread."""


@pytest.mark.parametrize("step", [IMPORT, NEXT_CALCULATE, COMMIT, REOPEN, PAY, RECORD, TRUEUP])
def test_a_step_of_the_month(month: Month, tmp_path: Path, step: int):
    count = len(month.operations[step])
    after = month.seen(step + 1)
    for number, at in enumerate(range(1, count, max(1, count // TRIED))):
        sent = (signal.SIGINT, signal.SIGTERM)[number % 2]
        company = month.before(step, tmp_path / str(at))
        stopped = company.type(*STEPS[step].words, at=at, stop=sent)
        assert stopped.status in (ENDED[sent], 0), (at, stopped)
        assert "Traceback" not in stopped.err
        # It cannot know what the database had accepted, so it must not say that nothing was.
        assert "nothing was written" not in stopped.err
        assert partial(company.folder) == []
        company.seen()
        again = company.type(*STEPS[step].words)
        assert again.status == 0, (at, again.err)
        assert company.seen() == after


@pytest.fixture
def company(month: Month, tmp_path: Path, backend: str) -> Iterator[Company]:
    with Placed(month, COMMIT, tmp_path / "company", backend) as placed:
        yield placed


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_lock_of_one_that_was_stopped_is_free(company: Company, sent: int):
    """Stopped between the first statement and the commit of its transaction, which holds the lock."""
    names = company.type("period", "calculate", "2025-01", "--by", "Olga").names
    at = max(number for number, name in enumerate(names, 1) if name == "before do_commit")
    stopped = company.type("period", "calculate", "2025-01", "--by", "Olga", at=at, stop=sent)
    assert stopped.status in (-sent, ENDED.get(signal.Signals(sent)))
    answer = company.type("adjust", "100002", "--type", "goodwill", "--amount", "1", "--reason", "x", "--by", "Ben")
    assert answer.status == 0, answer.err
    company.seen()


@pytest.mark.parametrize("words", [("export", "out"), ("backup", "out")])
def test_a_copy_that_was_stopped_leaves_nothing(month: Month, tmp_path: Path, words: tuple[str, ...]):
    company = month.before(END, tmp_path / "company")
    names = company.type(words[0], "whole").names
    named = max(number for number, name in enumerate(names, 1) if name in ("before rename", "before replace"))
    for number, at in enumerate(range(1, named, max(1, named // TRIED))):
        sent = (signal.SIGINT, signal.SIGTERM)[number % 2]
        stopped = company.type(*words, at=at, stop=sent)
        assert stopped.status == ENDED[sent], (at, stopped)
        assert partial(company.folder) == []
        assert not (company.folder / "out").exists()
    assert company.type(*words).status == 0
