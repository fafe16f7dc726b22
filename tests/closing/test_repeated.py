"""What is typed twice is done once: a command that was cut off can be repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mlmcalc.closing import changes
from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.reopening import reopen
from mlmcalc.closing.status import is_over
from mlmcalc.errors import InputRefused
from mlmcalc.store.adjustments import adjustments
from mlmcalc.store.documents import documents
from mlmcalc.store.overrides import overrides
from mlmcalc.store.store import Store
from tests.api.small_company import plan_text
from tests.closing.life import at, committed, desk_of

OCTOBER, PROGRAM = "2026-10", "alpine"


def test_the_same_amount_counts_once_unless_a_second_one_is_meant(store: Store):
    desk = desk_of(store)
    open_period(desk, PROGRAM, OCTOBER)
    given = (PROGRAM, "1", "goodwill", "12.50", "damaged parcel")
    first, second = changes.adjust(desk, *given), changes.adjust(desk, *given)
    assert (first.before, second.before, first.numbers) == (False, True, second.numbers)
    other = changes.adjust(at(desk, "Ben"), *given)
    third = changes.adjust(desk, *given, again=True)
    changes.take_back_adjustment(desk, third.numbers[0])
    with store.read() as tx:
        assert [one.number for one in adjustments(tx, PROGRAM, OCTOBER)] == [*first.numbers, *other.numbers]


def test_the_same_override_counts_once(store: Store):
    desk = desk_of(store)
    open_period(desk, PROGRAM, OCTOBER)
    first = changes.hold(desk, PROGRAM, "1", "no address")
    assert changes.hold(desk, PROGRAM, "1", " no address").before
    assert not changes.hold(desk, PROGRAM, "2", "no address").before
    changes.take_back_override(desk, first.numbers[0])
    assert not changes.hold(desk, PROGRAM, "1", "no address").before
    with store.read() as tx:
        assert len(overrides(tx, PROGRAM, OCTOBER)) == 2


def test_a_reopening_is_repeated_by_the_same_person_for_the_same_reason_only(store: Store):
    desk = desk_of(store)
    committed(desk)
    first = reopen(desk, PROGRAM, OCTOBER, "an order was missing")
    second = reopen(desk, PROGRAM, OCTOBER, "an order was missing")
    assert (second.before, second.document, second.period) == (True, first.document, first.period)
    with store.read() as tx:
        assert [one.kind for one in documents(tx)] == ["commit", "reopening"]
    for desk_of_another, reason in ((at(desk, "Cid"), "an order was missing"), (desk, "another one")):
        with pytest.raises(InputRefused, match=r"closing\.open"):
            reopen(desk_of_another, PROGRAM, OCTOBER, reason)


def test_a_run_says_whether_it_knew_all_of_its_period(store: Store):
    desk = desk_of(store)
    made = calculate(desk, PROGRAM, OCTOBER)
    assert is_over(desk, made.period, replace(made.run, known_at=_instant(2026, 11, 1)))
    assert not is_over(desk, made.period, replace(made.run, known_at=_instant(2026, 10, 31, 23, 59)))
    romans = desk_of(store, plan=plan_text().replace("currency: EUR", "currency: EUR\ntime_zone: Europe/Rome"))
    assert is_over(romans, made.period, replace(made.run, known_at=_instant(2026, 10, 31, 23)))
    assert not is_over(romans, made.period, replace(made.run, known_at=_instant(2026, 10, 31, 22, 59)))


def _instant(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000
