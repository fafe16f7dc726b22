"""Whatever is told of October, in whatever order and however often it is trued up: in the end it is as it should be."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mlmcalc.closing.calculating import calculate
from mlmcalc.store.store import open_store
from tests.api.small_company import MEMBERS
from tests.closing.corrections import (
    NOVEMBER,
    OCTOBER,
    PLAN,
    SALES,
    added_up,
    earned,
    founded,
    lines_of,
    world,
)

REVERSAL = PLAN + "corrections: {returns: reversal}\n"
PARENTS = {1: (None,), 2: (1, 3), 3: (1,), 4: (1, 2, 3), 5: (1, 2, 3, 4), 6: (1, 2, 3, 4, 5)}
"""Under whom a member may stand, so that nobody is below himself."""
NEW, BACK, MOVE = "new", "back", "move"


@st.composite
def news(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Draw late orders, returns of part of an order, and moves."""
    found: list[tuple[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([NEW, BACK, MOVE]))
        if kind == NEW:
            found.append((NEW, (20 + number, draw(st.integers(1, 6)), draw(st.integers(1, 9)) * 20)))
        elif kind == BACK:
            found.append((BACK, (40 + number, draw(st.sampled_from(SALES)), draw(st.sampled_from([4, 2, 1])))))
        else:
            member = draw(st.integers(2, 6))
            found.append((MOVE, (member, draw(st.sampled_from(PARENTS[member])))))
    return found


@settings(max_examples=8, deadline=None)
@given(news(), st.lists(st.booleans(), min_size=4, max_size=4))
def test_paid_and_corrected_are_what_is_due(told: list[tuple[str, Any]], between: list[bool]):
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder, "store"), create=True, company="A") as store:
        company = founded(store, REVERSAL)
        lines: list[dict[tuple[str, str], Decimal]] = []
        rows, members, returned = list(SALES), MEMBERS, set[int]()
        for (kind, what), trued_up in zip(told, between, strict=False):
            if kind == NEW:
                number, member, amount = what
                row = (number, member, "2026-10-15", "sale", str(amount), f"{amount}.50", None)
                company.tell(OCTOBER, row)
                rows.append(row)
            elif kind == MOVE:
                parents = members["sponsor_id"].to_list()
                parents[what[0] - 1] = what[1]
                members = company.members = members.with_columns(sponsor_id=type(members["sponsor_id"])(parents))
                company.tell(OCTOBER)
            elif what[1][0] not in returned:
                number, (order, member, day, _, points, money, _), part = what
                returned.add(order)
                back = (str(-int(points) // part), str(-(Decimal(money) / part).quantize(Decimal("0.01"))))
                company.tell(NOVEMBER, (number, member, "2026-11-09", "return", *back, order))
                rows.append((number, member, day, "return", *back, None))
            if trued_up:
                lines.append(lines_of(company.trueup(OCTOBER)))
        lines.append(lines_of(company.trueup(OCTOBER)))
        assert company.trueup(OCTOBER).lines == 0
        paid = earned(world(REVERSAL, OCTOBER, *SALES))
        assert added_up(paid, *lines) == earned(world(REVERSAL, OCTOBER, *rows, members=members))
        # In the open period all of it, and no return, enters.
        november = calculate(company.desk, "alpine", NOVEMBER).result
        assert Decimal(november.totals["payout"].get("adjusted", "0")) == sum(added_up(*lines).values(), Decimal(0))
        assert november.totals["volumes"]["pv"] == "120.00"
