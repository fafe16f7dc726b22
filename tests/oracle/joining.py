"""Trees that follow from who joined when, and from codes: walked one member after the other."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tests.oracle.scalars import flag, listed

if TYPE_CHECKING:
    from tests.oracle.snapshot import Member, Snapshot

Uplines = "dict[Member, Member | None]"


def line_above(up: dict[Member, Member | None], member: Member) -> list[Member]:
    """Return the ancestors, nearest first."""
    found, at = [], up[member]
    while at is not None:
        found.append(at)
        at = up[at]
    return found


def in_order(snapshot: Snapshot, up: dict[Member, Member | None]) -> list[Member]:
    """Return everybody in the order of joining: by the latest day of those above and itself, depth, id."""

    def key(member: Member) -> Any:
        above = line_above(up, member)
        days = [snapshot.joined(one) or date.min for one in [member, *above]]
        return max(days), len(above), snapshot.company.id_key(member)

    return sorted(up, key=key)


def pass_up(snapshot: Snapshot, word: dict[str, Any]) -> dict[Member, Member | None]:
    recruiter = snapshot.uplines(word["pass_up"])
    numbers = (
        {int(one) for one in listed(word["numbers"])} if "numbers" in word else set(range(1, int(word["first"]) + 1))
    )
    had = dict.fromkeys(recruiter, 0)
    found: dict[Member, Member | None] = {}
    for member in in_order(snapshot, recruiter):
        to, goes_on = recruiter[member], True
        while to is not None and goes_on:
            had[to] += 1
            above = recruiter[to] if word.get("to") == "recorded" else found[to]
            goes_on = had[to] in numbers and above is not None
            if goes_on:
                to = above
                goes_on = flag(word.get("received_count", "false"))
        found[member] = to
    return found


def monoline(snapshot: Snapshot, word: dict[str, Any]) -> dict[Member, Member | None]:
    line = in_order(snapshot, snapshot.uplines(snapshot.first_tree))
    return dict(zip(line, [None, *line], strict=False))


def coded(snapshot: Snapshot, word: dict[str, Any]) -> dict[Member, Member | None]:
    up = snapshot.uplines(word["coded"])
    return {
        member: next(
            (
                one
                for one in line_above(up, member)
                if snapshot.column_number(one, word["holds"]) >= snapshot.column_number(member, word["needs"])
            ),
            None,
        )
        for member in up
    }


HUNG = {"pass_up": pass_up, "monoline": monoline, "coded": coded}
"""Tree word to whom each member hangs below."""
