"""A month's closing without the command."""

from __future__ import annotations

from pathlib import Path

import mlmcalc.closing
from mlmcalc.closing import Desk, approve, calculate, commit, export, pay, status_of
from mlmcalc.store.store import Store
from tests.closing.life import at, desk_of


def test_every_name_is_there():
    for name in mlmcalc.closing.__all__:
        assert getattr(mlmcalc.closing, name).__name__ == name


def test_a_month_in_python(store: Store, tmp_path: Path):
    desk: Desk = desk_of(store)
    calculate(desk, "alpine", "2026-10")
    approve(at(desk, "Ben"), "alpine", "2026-10")
    commit(desk, "alpine", "2026-10")
    pay(desk, "alpine", "2026-10", tmp_path / "bank.csv")
    found = status_of(desk, "alpine", "2026-10")
    assert (found.period.status, found.next) == ("paid", "mlmcalc period calculate 2026-11")
    assert export(store, tmp_path / "archive").documents == 2
