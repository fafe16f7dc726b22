"""Two programs with their own calendars: a monthly one that reads what the weekly one came to."""

from __future__ import annotations

import json

import polars as pl
import pytest

from mlmcalc.closing.approving import approve
from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.committing import commit
from mlmcalc.closing.desk import Desk
from mlmcalc.closing.programs import Programs
from mlmcalc.closing.reopening import reopen
from mlmcalc.errors import InputRefused
from mlmcalc.plan.load import load_plan
from mlmcalc.store.store import Store
from tests.api.small_company import plan_text
from tests.closing.company import PAYOUT
from tests.closing.life import at, desk_of

WEEKS = ("2026-W40", "2026-W41", "2026-W42", "2026-W43")
WEEKLY = plan_text(**{"plan: alpine": "plan: weekly", "currency: EUR": "currency: EUR\nperiod: week"}) + PAYOUT
MONTHLY = (
    plan_text(
        **{
            "  cv: {sum: cv}\n": "  cv: {sum: cv}\n  binary: {closed: weekly, bonuses: [retail, match]}\n",
            "  pool: {levels: [1%, 1%], base: cv, tree: sponsor, eligible: {rank: Manager}, otherwise: company}": (
                "  pool: {levels: [50%], base: binary, tree: sponsor}"
            ),
        }
    )
    + PAYOUT
)


def both(store: Store, by: str = "Ann") -> Desk:
    desk = desk_of(store, by)
    return Desk(store, Programs([load_plan(WEEKLY), load_plan(MONTHLY)]), by, desk.tables)


def close(desk: Desk, program: str, label: str) -> None:
    calculate(desk, program, label)
    approve(at(desk, "Ben"), program, label)
    commit(desk, program, label)


def test_closed_results_of_another_program_go_in(store: Store):
    desk = both(store)
    for week in WEEKS:
        close(desk, "weekly", week)
    made = calculate(desk, "alpine", "2026-10")
    weekly = calculate_statements(desk)
    pool = made.result.statements.cast({"bonus": pl.String}).filter(pl.col("bonus") == "pool")
    upline = {2: 1, 3: 1, 4: 2, 5: 4, 6: 5}
    expected: dict[int, object] = {}
    for member, amount in weekly.items():
        if member in upline:
            expected[upline[member]] = expected.get(upline[member], 0) + round(amount / 2, 2)  # type: ignore[operator]
    assert {row[0]: row[1] for row in pool.select("earner", "amount").iter_rows()} == expected
    assert [one[1] for one in json.loads(made.run.details)["closed"]] == list(WEEKS)


def calculate_statements(desk: Desk) -> dict:
    made = calculate(desk, "weekly", WEEKS[0], "preview").result.statements.cast({"bonus": pl.String})
    wanted = made.filter(pl.col("bonus").is_in(["retail", "match"]) & pl.col("earner").is_not_null())
    return dict(wanted.group_by("earner").agg(pl.col("amount").sum()).iter_rows())


def test_what_is_not_committed_yet_is_refused(store: Store):
    desk = both(store)
    expected = ["no period of it", "is calculated", "2026-W41 is not in the store", "2026-W43 is not in the store"]
    acts = [
        lambda: None,
        lambda: calculate(desk, "weekly", WEEKS[0]),
        lambda: (approve(at(desk, "Ben"), "weekly", WEEKS[0]), commit(desk, "weekly", WEEKS[0])),
        lambda: [close(desk, "weekly", week) for week in WEEKS[1:3]],
    ]
    for act, message in zip(acts, expected, strict=True):
        act()
        with pytest.raises(InputRefused, match=message) as refused:
            calculate(desk, "alpine", "2026-10")
        assert refused.value.findings[0].code == "closing.closed_results"
    assert calculate(desk, "alpine", "2026-10", "preview").result.id
    close(desk, "weekly", WEEKS[3])
    assert calculate(desk, "alpine", "2026-10").period.status == "calculated"


def test_what_another_program_read_is_not_reopened(store: Store):
    desk = both(store)
    for week in WEEKS:
        close(desk, "weekly", week)
    calculate(desk, "alpine", "2026-10")
    with pytest.raises(InputRefused, match=r"alpine 2026-10 stands on weekly 2026-W43"):
        reopen(desk, "weekly", WEEKS[3], "an order was missing")
    reopen(desk, "alpine", "2026-10", "the week comes first")
    assert reopen(desk, "weekly", WEEKS[3], "an order was missing").period.status == "open"
