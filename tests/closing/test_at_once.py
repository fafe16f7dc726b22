"""Several operators at once: one of them wins, and the others learn it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlmcalc.store.documents import documents
from mlmcalc.store.payments import payments_of
from mlmcalc.store.store import Store
from tests.closing.life import committed, desk_of, reviewed
from tests.store_fixture import Place

ROOT = Path(__file__).parents[2]


def together(place: Place, act: str, names: list[str], file: Path) -> list[dict[str, Any]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RACE_URL": place.url or ""}
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.closing.racer", str(place.folder), name, act, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        for name in names
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return [json.loads(racer.communicate()[0]) for racer in racers]


@pytest.mark.parametrize("act", ["commit", "pay"])
def test_of_two_people_at_once_one_wins(place: Place, store: Store, tmp_path: Path, act: str):
    desk = desk_of(store)
    reviewed(desk) if act == "commit" else committed(desk)
    answers = together(place, act, ["Ann", "Cid"], tmp_path / "bank.csv")
    won = [answer for answer in answers if answer["status"] == 0]
    lost = [answer for answer in answers if answer["status"] == 4]
    assert (len(won), len(lost)) == (1, 1)
    winner = ("Ann", "Cid")[answers.index(won[0])]
    assert lost[0]["code"] in ("closing.committed_before", "closing.paid_before")
    assert f"by {winner} at 20" in lost[0]["message"]
    with store.read() as tx:
        assert [one.kind for one in documents(tx)] == ["commit", "payment"][: 1 if act == "commit" else 2]
        assert {one.state for one in payments_of(tx)} == {"due" if act == "commit" else "paid"}
    assert (tmp_path / "bank.csv").exists() == (act == "pay")


def test_the_same_person_twice_at_once_does_it_once(place: Place, store: Store, tmp_path: Path):
    reviewed(desk_of(store))
    answers = together(place, "commit", ["Ann", "Ann", "ann"], tmp_path / "bank.csv")
    assert sorted(answer["before"] for answer in answers) == [False, True, True]
    assert len({answer["document"] for answer in answers}) == 1
    with store.read() as tx:
        assert len(documents(tx)) == 1
