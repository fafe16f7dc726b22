"""Where a balance comes from: parts of one sign that add up to it, the oldest used up first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.audit.explanation import Working
from mlmcalc.audit.timeline.chain import legs_of, timeline_of
from mlmcalc.audit.timeline.model import Leg, Seen, Step

CENTS = st.integers(-5000, 5000)


def months(nets: list[int], paid: list[bool], opening: int = 0) -> list[Seen]:
    """Periods in which so many cents come in, and all that is there is paid or stays."""
    found, balance, first = [], opening, date(2026, 1, 1)
    for number, (net, pays) in enumerate(zip(nets, paid, strict=True)):
        steps = [Step("opening_balance", "", _money(balance)), Step("earned", "", _money(net))]
        rest = balance + net
        out = rest if pays and rest > 0 else 0
        steps += [Step("paid", "", _money(out)), Step("carried", "", _money(rest - out))]
        balance = rest - out
        last = first + timedelta(days=6)
        about = ("p", "1", f"w{number:02}", first.isoformat(), last.isoformat(), f"r{number}", "", "EUR")
        found.append(Seen(*about, there=True, has_payout=True, steps=steps, balance=_money(balance)))
        first = last + timedelta(days=1)
    return found


def unit_by_unit(nets: list[int], paid: list[bool], opening: int = 0) -> list[tuple[str, int]]:
    """The same with every cent on its own, in a queue."""
    queue = [("before", 1 if opening > 0 else -1)] * abs(opening)
    for number, (net, pays) in enumerate(zip(nets, paid, strict=True)):
        for _ in range(abs(net)):
            sign = 1 if net > 0 else -1
            if queue and queue[0][1] != sign:
                queue.pop(0)
            else:
                queue.append((f"w{number:02}", sign))
        if pays and queue and queue[0][1] > 0:
            queue.clear()
    found: dict[str, int] = {}
    for label, sign in queue:
        found[label] = found.get(label, 0) + sign
    return list(found.items())


@given(st.lists(st.tuples(CENTS, st.booleans()), min_size=1, max_size=8), CENTS)
def test_cent_by_cent(periods, opening):
    nets, paid = [net for net, _ in periods], [pays for _, pays in periods]
    seen = months(nets, paid, opening)
    moments = timeline_of(seen)
    parts = moments[-1].balance_from
    assert [(label, int(amount * 100)) for label, amount in parts] == unit_by_unit(nets, paid, opening)
    assert sum((amount for _, amount in parts), Decimal(0)) == seen[-1].balance
    assert all(not moment.breaks for moment in moments)


@given(st.lists(CENTS, min_size=2, max_size=5), st.integers(1, 5000))
def test_an_opening_that_is_another_is_a_break(nets, more):
    seen = months(nets, [False] * len(nets))
    steps = [
        replace(step, amount=step.amount + _money(more)) if step.step == "opening_balance" else step
        for step in seen[1].steps
    ]
    seen[1] = replace(seen[1], steps=steps)
    broken = [moment.seen.period for moment in timeline_of(seen) if moment.breaks]
    assert "w01" in broken


def test_legs_are_read_from_the_arithmetic():
    steps = [
        ("volume", "100.00"),
        ("carry in", "5.00"),
        ("used up", "60.00"),
        ("flushed", "20.00"),
        ("flushed", "10.00"),
    ]
    workings = [Working("team", f"{step}, leg 1", value) for step, value in steps]
    workings += [Working("team", "matched volume", "60.00"), Working("team", "carry out, leg 1", "14.00")]
    (leg,) = legs_of(workings)
    assert leg == Leg("team", "1", *(Decimal(text) for text in ("5.00", "100.00", "0", "60.00", "30.00", "14.00")))
    assert leg.difference == Decimal("1.00")


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
