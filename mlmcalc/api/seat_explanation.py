"""Why a member sits where it sits, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from mlmcalc.api.placement_tables import RULES, last_day, rule_codes
from mlmcalc.api.placing_inputs import PlacingCompany, Ready, prepared
from mlmcalc.genealogy.candidates import CIRCLE, FATES, FULL, GONE, HELD, NO_TOP, NOT_JOINED, PLACED
from mlmcalc.genealogy.place import Placed, levels_of
from mlmcalc.genealogy.seat_trace import Look, SeatTrace, trace_seat
from mlmcalc.money import text_from_units
from mlmcalc.periods import day_text


@dataclass(frozen=True, slots=True)
class SeatLook:
    """One thing that was looked at.

    Attributes
    ----------
    member : str
        Whose legs; empty for a whole level.
    level : int
        Below the member at the top of the search.
    found : str
    """

    member: str
    level: int
    found: str


@dataclass(frozen=True, slots=True)
class SeatExplanation:
    """Why a member sits where it sits.

    Attributes
    ----------
    member : str
    outcome : str
        Of `mlmcalc.genealogy.candidates.FATES`.
    rule : str
        Empty for who has no seat.
    sponsor, placement : str
        Ids; empty for none.
    leg, level : int or None
    sequence : int
    why : str
    looks : tuple of SeatLook
    """

    member: str
    outcome: str
    rule: str
    sponsor: str
    placement: str
    leg: int | None
    level: int | None
    sequence: int
    why: str
    looks: tuple[SeatLook, ...]


def explain_seat(company: PlacingCompany, ready: Ready, placed: Placed, row: int) -> SeatExplanation:
    """Return why a member sits where it sits, from the tree as it was when its turn came.

    Parameters
    ----------
    company : PlacingCompany
    ready : Ready
    placed : Placed
    row : int
        One who stays.
    """
    seats, code = placed.seats, int(rule_codes(company, ready, placed)[row])
    level, above = int(levels_of(seats)[row]), int(seats.parent[row])
    fate = int(seats.fate[row])
    looks: tuple[SeatLook, ...] = ()
    if (placed.order == row).any() and fate in (PLACED, FULL, NO_TOP):
        fresh = prepared(company)
        trace = trace_seat(fresh.candidates, fresh.rule, fresh.given, row, fresh.waits)
        why, looks = _searched(company, ready, trace, row), tuple(_look(company, ready, look) for look in trace.looks)
    else:
        why = _unsearched(company, ready, row, fate, RULES[code] if code >= 0 else "")
    return SeatExplanation(
        member=_name(company, row),
        outcome=FATES[fate],
        rule=RULES[code] if code >= 0 else "",
        sponsor=_name(company, int(ready.candidates.sponsor[row])),
        placement=_name(company, above),
        leg=int(seats.leg[row]) or None,
        level=level if level >= 0 else None,
        sequence=int(ready.candidates.rank[row]) + 1,
        why=why,
        looks=looks,
    )


def _name(company: PlacingCompany, row: int) -> str:
    return company.entrants.rows.member(row) if row >= 0 else ""


def _unsearched(company: PlacingCompany, ready: Ready, row: int, fate: int, rule: str) -> str:
    if fate == HELD:
        lost = ready.waits is not None and bool(ready.waits[row])
        due = last_day(int(ready.candidates.held_from[row]) + (ready.rule.hold_days or 0))
        return (
            "Lost its seat by a removal, and waits for a hand." if lost else f"Waits for a hand until {day_text(due)}."
        )
    if fate == NOT_JOINED:
        return f"Joins on {day_text(int(ready.candidates.joined[row]))}, after the day of the placement."
    if fate == GONE:
        return "Has left, is suspended or merged: gets no new seat."
    if fate == CIRCLE:
        return "Its sponsor sits below it: the member would sit below itself."
    if rule == "root":
        return "The top of a tree: nobody is above it."
    if rule == "moved":
        return "Moved up, because somebody above was removed."
    return "The table of members gives this seat."


def _searched(company: PlacingCompany, ready: Ready, trace: SeatTrace, row: int) -> str:
    if trace.top < 0:
        return "Nobody above in the line of sponsors has a seat."
    top = _name(company, trace.top)
    if ready.rule.whole:
        start = f"Looked in the whole tree, from {top}"
    elif trace.top == trace.sponsor:
        start = f"Looked below its sponsor {top}"
    else:
        start = f"Its sponsor {_name(company, trace.sponsor)} has no seat, so it looked below {top}"
    if ready.rule.leg is None:
        return f"{start}, level by level, from left to right."
    if trace.line < 0:
        return f"{start}, going to the weaker leg at every step."
    return f"{start}, down the outer {'left' if trace.line == 0 else 'right'} line to its end."


def _look(company: PlacingCompany, ready: Ready, look: Look) -> SeatLook:
    if look.row < 0:
        return SeatLook("", look.level, f"{look.passed:,} member{'' if look.passed == 1 else 's'} with every leg taken")
    member = _name(company, look.row)
    if not look.legs:
        return SeatLook(member, look.level, f"{look.passed:,} below on the line")
    parts = []
    for leg, other in enumerate(look.legs):
        text = f"{_leg(leg, len(look.legs))} {_name(company, other) if other >= 0 else 'free'}"
        if look.weights and other >= 0:
            volume, count = look.weights[leg]
            told = [f"{count:,} member{'' if count == 1 else 's'}"]
            if ready.rule.leg == "weaker_volume":
                told.insert(0, text_from_units(volume, company.rules.words.decimals))
            text += f" ({', '.join(told)})"
        parts.append(text)
    return SeatLook(member, look.level, ", ".join(parts))


def _leg(leg: int, width: int) -> str:
    return ("left", "right")[leg] if width == 2 else f"leg {leg + 1}"
