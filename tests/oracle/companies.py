"""Whole companies drawn at random: members, orders or volumes, overrides; any plan of `plans.py` runs on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.snapshot import Company, Row

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
PERIOD, PREVIOUS = "2026-10", "2026-09"
SCHEMES = ["AA", "BB"]
COUNTRIES = ["IT", "FR", "DE", ""]
TEAMS = ["red", "blue", ""]
AMOUNTS = ["100", "333.33", "1", "7.77", "49.99", "50", "99.99", "100.01", "200", "1000", "0"]
WHOLE_AMOUNTS = ["100", "333", "1", "3", "50", "99", "101", "200", "1000", "0"]
DAYS = ["2025-10-31", "2026-03-31", "2026-08-31", "2026-09-30", "2026-10-01", "2026-10-15", "2026-10-31", "2026-11-01"]
MEMBER_COLUMNS: dict[str, Any] = {
    "market": "text",
    "team": "text",
    "goal": {"decimals": "2"},
    "bought_code": {"decimals": "2"},
    "promo": "day",
    "founder": "flag",
}
ORDER_COLUMNS: dict[str, Any] = {"country": "text", "weight": {"decimals": "1"}, "gift": "flag", "shipped": "day"}


@dataclass(frozen=True)
class Wishes:
    """What a plan needs of its company.

    Attributes
    ----------
    placement : bool
        Whether there is a second recorded tree.
    by_orders : bool
        Orders, or a table of volumes per member.
    decimals : int
        Of the volume columns.
    plain : bool
        Only active distributors who joined long ago, no overrides.
    binary : bool
        Whether the second tree has legs.
    rungs, waivable : tuple of str
        Ranks of the first ladder that may be forced; words that may be waived.
    state : tuple of (section, name, keys)
        What the plan keeps.
    payout : bool
        Whether the plan says what becomes of what was earned.
    closed : bool
        Whether the plan reads results of another program.
    """

    placement: bool
    by_orders: bool
    decimals: int
    plain: bool
    binary: bool = False
    rungs: tuple[str, ...] = ()
    waivable: tuple[str, ...] = ()
    state: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    payout: bool = False
    closed: bool = False


@st.composite
def ids(draw: st.DrawFn, integer: bool, count: int) -> list[str]:
    if integer:
        return [str(one) for one in draw(st.lists(st.integers(1, 200), min_size=count, max_size=count, unique=True))]
    names = st.text("abAB12-_", min_size=1, max_size=4).filter(lambda name: not name.isdigit())
    different = draw(st.lists(names, min_size=count, max_size=count, unique_by=str.lower))
    return [f"m{name}" for name in different]


@st.composite
def parents(draw: st.DrawFn, members: list[str]) -> dict[str, str]:
    """Draw a forest: chains, stars, bushes, several roots, everybody alone."""
    order = list(draw(st.permutations(members)))
    shape = draw(st.sampled_from(["bush", "bush", "chain", "chain", "star", "forest"]))
    found = {order[0]: ""}
    for place in range(1, len(order)):
        if shape == "chain":
            parent = order[place - 1]
        elif shape == "star":
            parent = order[0]
        elif shape == "forest":
            parent = draw(st.sampled_from(["", *order[:place]]))
        else:
            parent = order[draw(st.integers(max(0, place - 4), place - 1))]
        found[order[place]] = parent
    return found


def without_legs(parents: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {member: (parent, "") for member, parent in parents.items()}


@st.composite
def legs(draw: st.DrawFn, members: list[str]) -> dict[str, tuple[str, str]]:
    """Draw a binary tree: each member but the first has a parent and a leg that nobody else has."""
    order = list(draw(st.permutations(members)))
    found, free = {order[0]: ("", "")}, [(order[0], "left"), (order[0], "R")]
    for member in order[1:]:
        place = draw(st.sampled_from(free))
        free.remove(place)
        found[member] = place
        free += [(member, "L"), (member, "right")]
    return found


@st.composite
def member_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    sponsor = draw(parents(names))
    placement = draw(legs(names) if wishes.binary else parents(names).map(without_legs)) if wishes.placement else {}
    rows = []
    for name in names:
        row = {"member_id": name, "sponsor_id": sponsor[name]}
        if wishes.placement:
            row["placement_id"], leg = placement[name]
            if wishes.binary:
                row["placement_leg"] = leg
        row["market"] = draw(st.sampled_from(SCHEMES))
        row["currency"] = draw(st.sampled_from(["", "EUR", "JPY", "KWD"]))
        row["team"] = draw(st.sampled_from(TEAMS))
        row["goal"] = draw(st.sampled_from(["", "0", "100", "250.50"]))
        row["bought_code"] = draw(st.sampled_from(["", "100", "250.50", "999"]))
        row["promo"] = draw(st.sampled_from(["", "2026-10-10", "2027-01-01"]))
        row["founder"] = draw(st.sampled_from(["", "true", "false"]))
        odd = not wishes.plain and draw(st.integers(0, 3)) == 0
        row["joined"] = draw(st.sampled_from(["", *DAYS])) if odd else "2026-01-15"
        row["status"] = draw(st.sampled_from(["active", "suspended", "left", "merged"])) if odd else "active"
        row["status_from"] = draw(st.sampled_from(["", "2026-01-31", "2026-10-31", "2026-11-01"])) if odd else ""
        row["kind"] = draw(st.sampled_from(["distributor", "preferred", "customer"])) if odd else "distributor"
        rows.append(row)
    return rows


@st.composite
def order_rows(draw: st.DrawFn, names: list[str], integer: bool, wishes: Wishes) -> list[Row]:
    amounts = st.sampled_from(AMOUNTS if wishes.decimals == 2 else WHOLE_AMOUNTS)
    count = draw(st.sampled_from([12, 9, 16, 12, 6, 3, 1, 0]))
    rows = []
    for order_id in draw(ids(integer, count)):
        odd = draw(st.integers(0, 7)) == 0
        day = draw(st.sampled_from(DAYS)) if odd else str(FIRST + timedelta(draw(st.integers(0, 30))))
        kind = "return" if draw(st.integers(0, 4)) == 0 else "sale"
        qv, cv = draw(amounts), draw(amounts)
        sign = "-" if kind == "return" else ""
        rows.append(
            {
                "order_id": order_id,
                "member_id": draw(st.sampled_from(names)),
                "date": day,
                "kind": kind,
                "qv": sign + qv if qv != "0" else qv,
                "cv": sign + cv if cv != "0" else cv,
                "country": draw(st.sampled_from(COUNTRIES)),
                "weight": draw(st.sampled_from(["", "1.5", "2", "30"])),
                "gift": draw(st.sampled_from(["", "true", "false"])),
                "shipped": draw(st.sampled_from(["", "2026-10-15", "2026-12-01"])),
            }
        )
    return rows


@st.composite
def volume_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    amounts = st.sampled_from(AMOUNTS if wishes.decimals == 2 else WHOLE_AMOUNTS)
    signed = st.builds(lambda amount, back: "-" + amount if back and amount != "0" else amount, amounts, st.booleans())
    one = st.one_of(amounts, amounts, signed)
    return [{"member_id": name, "qv": draw(one), "cv": draw(one)} for name in names if draw(st.integers(0, 5))]


@st.composite
def override_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    """Draw at most one override per member."""
    if wishes.plain or not wishes.rungs:
        return []
    rows = []
    for name in names:
        if draw(st.integers(0, 7)):
            continue
        waiver = bool(wishes.waivable) and draw(st.booleans())
        rungs = ["", *wishes.rungs] if waiver else list(wishes.rungs)
        rows.append(
            {
                "member_id": name,
                "override": "waiver" if waiver else "rank",
                "rank": draw(st.sampled_from(rungs)),
                "metric": draw(st.sampled_from(wishes.waivable)) if waiver else "",
                "ladder": "",
                "from": draw(st.sampled_from(["", "2026-01-01", "2026-10-31", "2026-11-01"])),
                "to": draw(st.sampled_from(["", "2026-11-30", "2026-12-31"])),
                "reason": "transfer",
                "approver": "board",
            }
        )
    return rows


@st.composite
def hold_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    """Draw whose payment waits."""
    if wishes.plain or not wishes.payout:
        return []
    waiting = [name for name in names if not draw(st.integers(0, 5))]
    blank = {"rank": "", "metric": "", "ladder": "", "from": "", "to": "", "approver": "board"}
    return [
        {"member_id": name, "override": "hold", **blank, "reason": draw(st.sampled_from(["dispute", "no bank"]))}
        for name in waiting
    ]


@st.composite
def adjustment_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    """Draw what people give some members, or take."""
    if wishes.plain or not wishes.payout:
        return []
    rows = []
    for name in names:
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            kind, amount = draw(st.sampled_from(["manual", "true_up"])), draw(st.sampled_from(["7", "-7", "100", "-1"]))
            row = {"member_id": name, "type": kind, "amount": amount, "reason": "asked", "approver": "board"}
            rows.append(row)
    return rows


@st.composite
def closed_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    """Draw what members had of two bonuses of a program of weeks."""
    if not wishes.closed:
        return []
    amounts = st.sampled_from(["100", "7", "33", "-5", "0", "1"])
    keys = [(bonus, week) for bonus in ("binary", "pool") for week in ("2026-W41", "2026-W42")]
    return [
        {"plan": "weekly", "bonus": bonus, "period": week, "member_id": name, "amount": draw(amounts)}
        for place, name in enumerate(names)
        for bonus, week in keys
        if not place or not draw(st.integers(0, 2))
    ]


@st.composite
def rate_rows(draw: st.DrawFn) -> list[Row]:
    """Draw rates of exchange of the currencies that members are paid in, now and then."""
    if draw(st.integers(0, 3)):
        return []
    rates = {"JPY": ["161.205", "1", "0.5"], "KWD": ["0.3351", "0.333333333333"], "EUR": ["1"]}
    return [{"currency": name, "rate": draw(st.sampled_from(some))} for name, some in rates.items()]


@st.composite
def state_rows(draw: st.DrawFn, names: list[str], wishes: Wishes) -> list[Row]:
    """Draw what the period before left: most of it for few, nothing for some."""
    rows = []
    for section, name, keys in wishes.state:
        for member in names:
            if draw(st.integers(0, 2)):
                continue
            several = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=len(keys), unique=True))
            for key in several if section == "history" else several[:1]:
                small = section in ("title", "rank", "title_below", "periods_at")
                value = draw(st.sampled_from(["1", "2"] if section in ("title_below", "periods_at") else ["1"]))
                value = value if small else draw(st.sampled_from(["100", "1", "50", "-7", "333"]))
                since = draw(st.sampled_from(["", "2026-07", PREVIOUS]))
                row = {"section": section, "name": name, "member_id": member, "key": key}
                rows.append({**row, "since": since, "value": value})
    return rows


@st.composite
def companies(draw: st.DrawFn, wishes: Wishes, integer: bool) -> Company:
    count = draw(st.sampled_from([8, 10, 12, 6, 5, 4, 7, 9, 3, 2, 1]))
    names = draw(ids(integer, count))
    members = draw(member_rows(names, wishes))
    return Company(
        members=members,
        first=FIRST,
        last=LAST,
        orders=draw(order_rows(names, integer, wishes)) if wishes.by_orders else None,
        volumes=None if wishes.by_orders else draw(volume_rows(names, wishes)),
        overrides=draw(override_rows(names, wishes)) + draw(hold_rows(names, wishes)),
        integer_ids=integer,
        state=draw(state_rows(names, wishes)) if draw(st.integers(0, 3)) else [],
        adjustments=draw(adjustment_rows(names, wishes)),
        closed=draw(closed_rows(names, wishes)),
        rates=draw(rate_rows()),
        period=PERIOD,
        previous=PREVIOUS,
    )
