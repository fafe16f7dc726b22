"""What was altered, cut, taken away or put in another's place is named, with exit status 5, by whatever reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlmcalc.store.closings import standing_closing
from tests.faults.month import COMMIT, NEXT_CALCULATE, NEXT_COMMIT, PAY, TRUEUP, Company, Month


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def swapped(path: Path) -> None:
    """Another file of its kind in its place."""
    others = sorted(path.parent.parent.rglob(path.name)) + sorted(path.parent.parent.rglob(f"*{path.suffix}"))
    others += sorted(path.parent.iterdir())
    content = next(one.read_bytes() for one in others if one.is_file() and one.read_bytes() != path.read_bytes())
    path.write_bytes(content)


FAULTS: list[Callable[[Path], None]] = [flipped, cut, Path.unlink, swapped]


def run_file(name: str) -> Callable[[Company], Path]:
    return lambda company: next(company.committed_run("2025-01").glob(name))


def calculated_file(name: str) -> Callable[[Company], Path]:
    """Return where a file of the run of the last period is."""
    return lambda company: next(company.last_run().glob(name))


def committed_object(name: str) -> Callable[[Company], Path]:
    def find(company: Company) -> Path:
        with company.open() as store, store.read() as tx:
            closing = standing_closing(tx, "small", "2025-01")
            return store.objects.path(getattr(closing, name))

    return find


def input_object(kind: str) -> Callable[[Company], Path]:
    """Return where a table is that the last run was made of."""

    def find(company: Company) -> Path:
        import json

        manifest = json.loads((company.last_run() / "manifest.json").read_text())
        seal = next(seal for seal in manifest["inputs"] if seal["name"] == kind)
        return company.folder / "store/objects" / seal["sha256"][:2] / f"{seal['sha256']}.parquet"

    return find


REPLAY, VERIFY, DOCTOR = ("replay", "2025-01"), ("verify", "RUN"), ("store", "doctor")
EXPORT, BACKUP = ("export", "out"), ("backup", "out")
CASES = [
    # Step before which it happens, what is altered, and the commands that must find it.
    (
        PAY,
        run_file("statements.*"),
        [REPLAY, VERIFY, DOCTOR, BACKUP, EXPORT],
    ),
    (PAY, run_file("plan.yaml"), [REPLAY, VERIFY, DOCTOR, BACKUP]),
    (
        PAY,
        run_file("manifest.json"),
        [REPLAY, VERIFY, DOCTOR, EXPORT],
    ),
    (
        PAY,
        committed_object("payments"),
        [("period", "pay", "2025-01", "--by", "Olga"), DOCTOR, EXPORT],
    ),
    (TRUEUP, run_file("payout.*"), [("trueup", "2025-01", "--by", "Olga")]),
    (TRUEUP, run_file("plan.yaml"), [("trueup", "2025-01", "--by", "Olga")]),
    (NEXT_CALCULATE, run_file("state.*"), [("period", "calculate", "2025-02", "--by", "Olga")]),
    (NEXT_CALCULATE, run_file("manifest.json"), [("period", "calculate", "2025-02", "--by", "Olga")]),
    (COMMIT, calculated_file("statements.*"), [("period", "commit", "2025-01", "--by", "Olga")]),
    (COMMIT, calculated_file("manifest.json"), [("period", "commit", "2025-01", "--by", "Olga")]),
    (NEXT_COMMIT, input_object("orders"), [("period", "commit", "2025-02", "--by", "Olga"), ("replay", "2025-02")]),
    (NEXT_COMMIT, run_file("state.*"), [("period", "commit", "2025-02", "--by", "Olga"), ("replay", "2025-02")]),
]


@pytest.mark.parametrize("fault", FAULTS, ids=["flipped", "cut", "gone", "swapped"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_it_is_named(month: Month, tmp_path: Path, case: int, fault: Callable[[Path], None]):
    step, place, commands = CASES[case]
    company = month.before(step, tmp_path / "company")
    path = place(company)
    fault(path)
    for words in commands:
        shown = [str(path.parent) if word == "RUN" else word for word in words]
        answer = company.type(*shown)
        said = answer.out + answer.err
        assert answer.status == 5, (words, answer.status, said)
        assert "Traceback" not in said
        assert path.name in said or path.parent.name in said, said
    assert not (company.folder / "out").exists()


def test_a_run_can_be_read_where_nothing_was_altered(month: Month, tmp_path: Path):
    """The commands of the cases are right: untouched, each of them ends well."""
    for case, (step, _, commands) in enumerate(CASES):
        for number, words in enumerate(commands):
            company = month.before(step, tmp_path / f"{case}-{number}")
            shown = [str(company.committed_run("2025-01")) if word == "RUN" else word for word in words]
            answer = company.type(*shown)
            assert answer.status == 0, (words, answer.err)


@pytest.mark.parametrize("kind", ["members", "orders"])
def test_events_that_were_altered_are_not_calculated_on(month: Month, tmp_path: Path, kind: str):
    company = month.before(NEXT_CALCULATE, tmp_path / "company")
    for path in company.events(kind):
        flipped(path)
    for words in (("period", "calculate", "2025-02"), ("import", "--period", "2025-02"), ("trueup", "2025-01")):
        answer = company.type(*words, "--by", "Olga")
        assert answer.status == 5, (words, answer)
        assert "store.object_altered" in answer.err


def test_a_plan_that_was_edited_after_a_commit_is_refused(month: Month, tmp_path: Path):
    company = month.before(NEXT_CALCULATE, tmp_path / "company")
    plan = company.folder / "plan.yaml"
    text = plan.read_text()
    words = ("period", "calculate", "2025-02", "--by", "Olga")
    plan.write_text(text.replace("[10%, 5%, 3%]", "[10%, 5%, 4%]"))
    before = company.seen()
    answer = company.type(*words)
    assert answer.status == 3
    assert "closing.plan_edited" in answer.err
    assert "plan.yaml" in answer.err
    assert company.seen() == before
    # What was committed is not touched by it, and can be repeated and corrected under its own plan.
    assert company.type(*REPLAY).status == 0
    assert company.type("trueup", "2025-01", "--by", "Olga").status == 0
    # A comment is no edit; a version of its own is what the remedy says.
    plan.write_text(f"# Looked at in February.\n{text}")
    assert company.type(*words).status == 0
    edited = text.replace("[10%, 5%, 3%]", "[10%, 5%, 4%]").replace("version: 2025-01", "version: 2025-02")
    plan.write_text(edited)
    assert company.type(*words).status == 0


def test_a_plan_may_be_edited_until_something_is_committed_by_it(month: Month, tmp_path: Path):
    company = month.before(COMMIT, tmp_path / "company")
    plan = company.folder / "plan.yaml"
    plan.write_text(plan.read_text().replace("[10%, 5%, 3%]", "[10%, 5%, 4%]"))
    assert company.type("period", "calculate", "2025-01", "--by", "Olga").status == 0
