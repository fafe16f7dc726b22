"""The tables of a placement."""

from __future__ import annotations

import datetime

import numpy as np
from numpy.typing import NDArray

from mlmcalc.api.placing_inputs import PlacingCompany, Ready
from mlmcalc.genealogy.candidates import CIRCLE, FULL, GONE, HELD, LEG_RULES, NO_TOP, NOT_JOINED, PLACED
from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.genealogy.place import Placed, levels_of
from mlmcalc.genealogy.recycle import EVENTS as CYCLE_EVENTS
from mlmcalc.genealogy.recycle import Cycles
from mlmcalc.periods import day_number, day_text
from mlmcalc.tables.tables_out import OutColumn, OutTable

RULES = ("given", "moved", "root", "matrix", *LEG_RULES)
EVENTS = ("removed", "placed", "deadline", "held", "refused", "not_joined", "gone")
REASONS = ("full", "no_top", "circle", "lost_seat")
MOVES = ("moved_up", "lost_seat", "sponsor_removed")
_TREES = ("placement", "sponsor")


def placement_table(company: PlacingCompany, ready: Ready, placed: Placed) -> OutTable:
    """Return one row per member who stays, by id: where it sits, and which rule put it there."""
    rows = np.flatnonzero(~company.out)
    seats, level = placed.seats, levels_of(placed.seats)[rows]
    return OutTable(
        "placement",
        [
            OutColumn("member_id", "member", rows),
            OutColumn("sponsor_id", "member", ready.candidates.sponsor[rows]),
            OutColumn("placement_id", "member", seats.parent[rows]),
            OutColumn("leg", "integer", _or_none(seats.leg[rows], seats.leg[rows] > 0)),
            OutColumn("level", "integer", _or_none(level, level >= 0)),
            OutColumn("sequence", "integer", ready.candidates.rank[rows].astype(np.int64) + 1),
            OutColumn("rule", "category", rule_codes(company, ready, placed)[rows], labels=RULES),
        ],
    )


def rule_codes(company: PlacingCompany, ready: Ready, placed: Placed) -> NDArray[np.int64]:
    """Return the code into `RULES` of each row, -1 for who has no seat."""
    rule, candidates = ready.rule, ready.candidates
    found = np.full(candidates.size, RULES.index(rule.leg or "matrix"))
    if rule.leg == "preferred":
        stated = candidates.preference
        if rule.of_sponsor:
            stated = np.where(candidates.sponsor >= 0, stated[candidates.sponsor], -1)
        found[stated < 0] = RULES.index(rule.blank)
    found[candidates.parent >= 0] = RULES.index("given")
    moved = (candidates.parent >= 0) & ((candidates.parent != ready.parent) | (candidates.leg != ready.leg))
    found[moved] = RULES.index("moved")
    is_root = placed.seats.parent < 0
    found[is_root] = RULES.index("root")
    found[is_root & (ready.parent >= 0)] = RULES.index("moved")
    found[placed.seats.fate != PLACED] = -1
    return found


def events_table(company: PlacingCompany, ready: Ready, placed: Placed) -> OutTable:
    """Return what happened, in order: who was removed, then everybody who had a turn."""
    gone = np.flatnonzero(company.out)
    turns = placed.order[~company.out[placed.order]]
    fate = placed.seats.fate[turns]
    # Who is the top of a new tree has no turn, and no seat to be given.
    joined, hold = ready.candidates.joined[turns].astype(np.int64), ready.rule.hold_days
    kind = np.full(turns.size, EVENTS.index("refused"))
    kind[fate == PLACED] = EVENTS.index("placed" if hold is None else "deadline")
    for code, name in ((HELD, "held"), (NOT_JOINED, "not_joined"), (GONE, "gone")):
        kind[fate == code] = EVENTS.index(name)
    reason = np.full(turns.size, -1)
    for code, name in ((FULL, "full"), (NO_TOP, "no_top"), (CIRCLE, "circle")):
        reason[fate == code] = REASONS.index(name)
    if ready.waits is not None:
        reason[ready.waits[turns] & (fate == HELD)] = REASONS.index("lost_seat")
    day = joined
    if hold is not None:
        due = ready.candidates.held_from[turns].astype(np.int64) + hold
        day = np.where((fate == PLACED) | (fate == HELD), due, joined)
    if ready.waits is not None:
        # Whoever has lost a seat has no deadline before somebody writes down since when it is held.
        joined = np.where(ready.waits[turns], NO_DAY, joined)
    days = _day_texts(np.where(joined == NO_DAY, NO_DAY, day))
    none = np.full(gone.size, -1)
    member, seats = np.concatenate([gone, turns]), placed.seats
    leg = np.concatenate([none * 0, seats.leg[turns]])
    return OutTable(
        "events",
        [
            OutColumn("event", "integer", np.arange(1, member.size + 1, dtype=np.int64)),
            OutColumn("kind", "category", np.concatenate([none * 0, kind]), labels=EVENTS),
            OutColumn("member_id", "member", member),
            OutColumn("placement_id", "member", np.concatenate([none, seats.parent[turns]])),
            OutColumn("leg", "integer", _or_none(leg, leg > 0)),
            OutColumn("day", "text", [None] * gone.size + days),
            OutColumn("reason", "category", np.concatenate([none, reason]), labels=REASONS),
        ],
    )


def moves_table(company: PlacingCompany, ready: Ready) -> OutTable:
    """Return who has another place because somebody was removed: in both trees, from where to where, and why."""
    old, new, stays = company.entrants.candidates, ready.candidates, ~company.out
    moved = np.flatnonzero(stays & ((new.parent != ready.parent) | (new.leg != ready.leg)))
    sponsored = np.flatnonzero(stays & (new.sponsor != old.sponsor))
    nothing = np.zeros(sponsored.size, np.int32)
    reason = np.where(ready.loosened[moved], MOVES.index("lost_seat"), MOVES.index("moved_up"))
    from_leg = np.concatenate([ready.leg[moved], nothing])
    to_leg = np.concatenate([new.leg[moved], nothing])
    return OutTable(
        "moves",
        [
            OutColumn("tree", "category", np.repeat([0, 1], [moved.size, sponsored.size]), labels=_TREES),
            OutColumn("member_id", "member", np.concatenate([moved, sponsored])),
            OutColumn("from_parent", "member", np.concatenate([ready.parent[moved], old.sponsor[sponsored]])),
            OutColumn("from_leg", "integer", _or_none(from_leg, from_leg > 0)),
            OutColumn("to_parent", "member", np.concatenate([new.parent[moved], new.sponsor[sponsored]])),
            OutColumn("to_leg", "integer", _or_none(to_leg, to_leg > 0)),
            OutColumn("reason", "category", np.concatenate([reason, nothing + 2]), labels=MOVES),
        ],
    )


def cycle_tables(company: PlacingCompany, cycles: Cycles, out: NDArray[np.bool_]) -> list[OutTable]:
    """Return the events of boards or matrices, and the cycles of each member who entered."""
    kind, position, place, slot = cycles.events.T.astype(np.int64)
    rows = np.flatnonzero(~out)
    board = company.rules.words.method == "board"
    seated = np.ones(kind.size, np.bool_) if board else kind < CYCLE_EVENTS.index("filled")
    has = seated & (place >= 0)
    above = np.where(has & (not board), place, 0)
    columns = [
        OutColumn("event", "integer", np.arange(1, kind.size + 1, dtype=np.int64)),
        OutColumn("kind", "category", kind, labels=CYCLE_EVENTS),
        OutColumn("member_id", "member", cycles.owner[position]),
        OutColumn("number", "integer", cycles.number[position].astype(np.int64)),
    ]
    if board:
        columns += [
            OutColumn("board", "integer", place + 1),
            OutColumn("slot", "integer", slot + 1),
        ]
    else:
        owner, number = (cycles.owner, cycles.number) if cycles.owner.size else (np.zeros(1, int), np.zeros(1, int))
        columns += [
            OutColumn("placement_id", "member", np.where(has, owner[above], -1)),
            OutColumn("placement_number", "integer", _or_none(number[above], has)),
            OutColumn("leg", "integer", _or_none(slot + 1, has)),
        ]
    # Whatever happens is caused by the latest who entered.
    latest = np.maximum.accumulate(np.where(kind == CYCLE_EVENTS.index("entered"), np.arange(kind.size), 0))
    joined = company.entrants.candidates.joined[cycles.owner[position[latest]]].astype(np.int64)
    columns.append(OutColumn("day", "text", _day_texts(joined)))
    counted = [
        OutColumn("member_id", "member", rows),
        OutColumn("positions", "integer", np.bincount(cycles.owner, minlength=out.size)[rows]),
        OutColumn("cycles", "integer", cycles.cycles[rows].astype(np.int64)),
    ]
    return [OutTable("events", columns), OutTable("cycles", counted)]


def _day_texts(days: NDArray[np.int64]) -> list[str | None]:
    return [None if day == NO_DAY else day_text(last_day(day)) for day in days.tolist()]


def last_day(day: int) -> int:
    """Return a day, or the last one of the calendar for what lies beyond."""
    return min(day, day_number(datetime.date.max))


def _or_none(values: NDArray[np.integer], given: NDArray[np.bool_]) -> list[int | None]:
    return [value if known else None for value, known in zip(values.tolist(), given.tolist(), strict=True)]
