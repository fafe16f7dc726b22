"""Several operators at the same moment, through the commands: one does it, the others are told who was first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.company import STEPS
from tests.faults.month import COMMIT, IMPORT, LATE_IMPORT, NEXT_CALCULATE, PAY, RECORD, TRUEUP, Company, Month, Placed
from tests.store_fixture import backend

__all__ = ["backend"]

MANY = 4


@pytest.fixture
def at_step(month: Month, tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Company]:
    with Placed(month, request.param, tmp_path / "company", backend) as company:
        yield company


def by(words: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (*words[: words.index("--by") + 1], name)


@pytest.mark.parametrize("at_step", [IMPORT, NEXT_CALCULATE, COMMIT, PAY, LATE_IMPORT, RECORD, TRUEUP], indirect=True)
def test_the_same_command_of_one_person_is_done_once(at_step: Company, month: Month, request: pytest.FixtureRequest):
    step = request.node.callspec.params["at_step"]
    answers = at_step.together(*[STEPS[step].words] * MANY)
    assert {answer.status for answer in answers} <= {0, 4}, answers
    assert 0 in {answer.status for answer in answers}
    assert not any("Traceback" in answer.err for answer in answers)
    again = at_step.type(*STEPS[step].words)
    assert again.status == 0, again.err
    assert at_step.seen() == month.seen(step + 1)


@pytest.mark.parametrize(
    ("at_step", "code"),
    [(COMMIT, "closing.committed_before"), (PAY, "closing.paid_before")],
    indirect=["at_step"],
)
def test_of_many_people_one_wins_and_the_others_learn_who(
    at_step: Company, month: Month, code: str, request: pytest.FixtureRequest
):
    step = request.node.callspec.params["at_step"]
    names = [f"Person {number}" for number in range(MANY)]
    answers = at_step.together(*(by(STEPS[step].words, name) for name in names))
    won = [number for number, answer in enumerate(answers) if answer.status == 0]
    assert len(won) == 1, answers
    for number, answer in enumerate(answers):
        if number not in won:
            assert answer.status == 4
            assert f"by {names[won[0]]} at 20" in answer.err
            assert code in answer.err
    assert {name: len(rows) for name, rows in at_step.seen().items()} == {
        name: len(rows) for name, rows in month.seen(step + 1).items()
    }


@pytest.mark.parametrize("at_step", [NEXT_CALCULATE - 1], indirect=True)
def test_different_things_at_once_are_all_done(at_step: Company, month: Month):
    """An import, an amount, a rank and two copies, each of which concerns something else."""
    answers = at_step.together(
        STEPS[NEXT_CALCULATE - 1].words,
        ("adjust", "100002", "--type", "goodwill", "--amount", "1.00", "--reason", "a", "--by", "Ben"),
        ("adjust", "100003", "--type", "goodwill", "--amount", "2.00", "--reason", "b", "--by", "Cid"),
        ("override", "hold", "100004", "--reason", "c", "--by", "Dan"),
        ("export", "archive"),
        ("backup", "backup"),
    )
    assert [answer.status for answer in answers] == [0] * 6, answers
    assert at_step.type("verify", "archive").status == 0
    found, before = at_step.seen(), month.seen(NEXT_CALCULATE - 1)
    assert len(found["adjustment"]) == len(before["adjustment"]) + 2
    assert len(found["override"]) == len(before["override"]) + 1
    assert found["batch"] == month.seen(NEXT_CALCULATE)["batch"]


@pytest.mark.parametrize("at_step", [NEXT_CALCULATE], indirect=True)
def test_who_pays_and_who_calculates_the_next_period_do_not_wait_for_one_another(at_step: Company):
    """January is paid again, February calculated and previewed, at once."""
    answers = at_step.together(
        ("period", "pay", "2025-01", "--by", "Olga"),
        ("period", "calculate", "2025-02", "--by", "Olga"),
        ("period", "preview", "2025-02", "--by", "Ben"),
        ("period", "status"),
    )
    assert [answer.status for answer in answers] in ([0, 0, 0, 0], [0, 0, 4, 0], [0, 4, 0, 0]), answers
    at_step.seen()
