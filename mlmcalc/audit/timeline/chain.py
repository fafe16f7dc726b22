"""How a period follows from the one before: what changed, what must be equal, and where a balance comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from mlmcalc.audit.explanation import Working
from mlmcalc.audit.timeline.model import CAME, DEFERRED, GONE, ZERO, Leg, Moment, Seen

Lot = tuple[str, Decimal]
"""A part of a balance: the period it comes from, and how much."""
BEFORE_ALL = "before"
"""Where a balance comes from that the first period of a timeline began with."""
_OF_LEG = {
    "carry in": "carried_in",
    "volume": "volume",
    "own overflow": "overflow",
    "used up": "matched",
    "flushed": "flushed",
    "carry out": "carried_out",
}


def timeline_of(program: Sequence[Seen]) -> list[Moment]:
    """Return the moments of one program.

    Parameters
    ----------
    program : sequence of Seen
        From the first period to the last, one run each.
    """
    moments: list[Moment] = []
    lots: list[Lot] = []
    before: Seen | None = None
    for seen in program:
        breaks = [] if before is None else _breaks(before, seen)
        lots = _after(_opening(lots, seen, before), seen)
        changes = [] if before is None else _changes(before, seen)
        moments.append(Moment(seen, changes, breaks, _left(lots)))
        before = seen
    return moments


def legs_of(workings: Iterable[Working]) -> list[Leg]:
    """Return the movements of every leg of every binary, from the arithmetic of an explanation.

    Parameters
    ----------
    workings : iterable of Working
    """
    legs: dict[tuple[str, str], Leg] = {}
    for working in workings:
        what, comma, leg = working.step.partition(", leg ")
        if not comma or what not in _OF_LEG:
            continue
        key = (working.bonus, leg)
        known = legs.setdefault(key, Leg(working.bonus, leg))
        name = _OF_LEG[what]
        legs[key] = replace(known, **{name: getattr(known, name) + Decimal(working.value)})
    return list(legs.values())


def _changes(before: Seen, seen: Seen) -> list[str]:
    if not before.there and not seen.there:
        return []
    if not before.there:
        return ["joined"]
    if not seen.there:
        return ["no longer among the members"]
    found = []
    if before.status != seen.status:
        said = {"left": "left", "suspended": "suspended"}.get(seen.status, f"status {seen.status.replace('_', ' ')}")
        found.append(said)
    if before.kind != seen.kind:
        found.append(f"became {seen.kind}")
    for tree, parent in seen.parents.items():
        was = before.parents.get(tree, parent)
        if was != parent:
            found.append(f"{tree}: moved from {was or 'nobody'} to {parent or 'nobody'}")
    found += _rank_changes(before.ranks, seen.ranks, seen)
    found += _rank_changes(before.titles, seen.titles, seen, " title")
    if before.active != seen.active:
        found.append("active again" if seen.active else "not active any more")
    if before.version != seen.version:
        found.append(f"plan {before.version} became {seen.version}")
    return found


def _rank_changes(was: Mapping[str, str], now: Mapping[str, str], seen: Seen, what: str = "") -> list[str]:
    found = []
    for name, rank in now.items():
        earlier = was.get(name, rank)
        if earlier == rank:
            continue
        ladder = name.partition(".")[0]
        rungs = ["none", *seen.ladders.get(ladder, ())]
        known = earlier in rungs and rank in rungs
        way = ("up" if rungs.index(rank) > rungs.index(earlier) else "down") if known else "changed"
        forced = " (forced)" if not what and name in seen.forced else ""
        found.append(f"{ladder}{what} {way}: {earlier} to {rank}{forced}")
    return found


def _breaks(before: Seen, seen: Seen) -> list[str]:
    found = []
    if not _follows(before, seen):
        found.append(f"{seen.period} does not follow {before.period}: periods between them are missing here")
        return found
    if seen.opened_by and seen.opened_by != before.run:
        found.append(f"it began with the state of {seen.opened_by}, not of {before.run}")
    if (seen.has_payout or before.has_payout) and seen.opening != before.balance:
        found.append(f"opening balance {seen.opening}, closing balance of {before.period} {before.balance}")
    if before.why is not None and seen.why is not None:
        carried = {(leg.bonus, leg.leg): leg.carried_in for leg in seen.why.legs}
        for (bonus, leg), amount in carried.items():
            left = before.carry.get((bonus, leg), ZERO)
            if amount != left:
                found.append(f"{bonus}, leg {leg}: carry in {amount}, carry out of {before.period} {left}")
    found += _own_breaks(seen)
    return found


def _own_breaks(seen: Seen) -> list[str]:
    found = []
    if seen.has_payout and seen.closing != seen.balance:
        found.append(f"its payout leaves {seen.closing}, its state {seen.balance}")
    if seen.why is not None:
        found += [
            f"{leg.bonus}, leg {leg.leg}: carry in and volume are {leg.difference} more than what became of them"
            for leg in seen.why.legs
            if leg.difference
        ]
    return found


def _follows(before: Seen, seen: Seen) -> bool:
    return date.fromisoformat(before.last) + timedelta(days=1) == date.fromisoformat(seen.first)


def _opening(lots: Sequence[Lot], seen: Seen, before: Seen | None) -> list[Lot]:
    # What is not explained by the periods before it is of before all of them.
    missing = seen.opening - _sum(lots)
    label = BEFORE_ALL if before is None else f"{BEFORE_ALL} {seen.period}"
    return _settled([(label, missing), *lots], label) if missing else list(lots)


def _after(lots: Sequence[Lot], seen: Seen) -> list[Lot]:
    """Return the lots after a period: what came in is its own, what went out is taken from the oldest."""
    if not seen.has_payout:
        return []
    came = seen.sum_of(*CAME) - seen.sum_of(DEFERRED)
    return _taken(_settled([*lots, (seen.period, came)], seen.period), seen.sum_of(*GONE), seen.period)


def _settled(lots: Sequence[Lot], label: str) -> list[Lot]:
    """Return lots of one sign: what is above zero settles the oldest debts, and the other way round."""
    above = _sum(lots) > 0
    against = _sum([lot for lot in lots if (lot[1] > 0) != above])
    return _taken([lot for lot in lots if (lot[1] > 0) == above], -against, label)


def _taken(lots: Sequence[Lot], amount: Decimal, label: str) -> list[Lot]:
    """Return lots of one sign less an amount of this sign, the oldest first; what they do not cover is of `label`."""
    left: list[Lot] = []
    for name, lot in lots:
        part = max(min(amount, lot), ZERO) if lot > 0 else min(max(amount, lot), ZERO)
        amount -= part
        if lot != part:
            left.append((name, lot - part))
    return [*left, (label, -amount)] if amount else left


def _sum(lots: Iterable[Lot]) -> Decimal:
    return sum((amount for _, amount in lots), ZERO)


def _left(lots: Iterable[Lot]) -> list[Lot]:
    merged: dict[str, Decimal] = {}
    for label, amount in lots:
        merged[label] = merged.get(label, ZERO) + amount
    return [(label, amount) for label, amount in merged.items() if amount]
