"""Conditions drawn at random, over whatever has been defined so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.oracle.companies import SCHEMES, TEAMS

LOW = ["1", "0", "1", "50", "0"]
GOAL = {"min": {"column": "goal"}}
THRESHOLDS = ["0", "1", "50", "100", "200", "500"]

Draw = st.DrawFn


@dataclass
class Names:
    """What has been defined so far and may be read.

    Attributes
    ----------
    volumes, bases : list of str
        Volumes in the plan's decimals; all.
    amounts, numbers : list of str
        Words in the plan's decimals; all that are numbers.
    family : list of str
        The first tree and what is derived from it without ranks: a ladder's metrics may use these.
    ladders : dict of name -> ranks, lowest first
    rank_dependent : set of str
        Metrics judged with a ladder: no goal from a column can be asked of them.
    heads : list of str
        Metrics that count whole units.
    shared : set of str
        Volumes with a share in them, which cannot be told by order.
    legs : bool
        Whether the second recorded tree has legs.
    """

    by_orders: bool
    schemes: bool
    volumes: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    rolled: list[str] = field(default_factory=list)
    amounts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    trees: list[str] = field(default_factory=list)
    family: list[str] = field(default_factory=list)
    ladders: dict[str, list[str]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    rank_dependent: set[str] = field(default_factory=set)
    of_required: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    legs: bool = False


def chosen(draw: Draw, *odds: Any) -> Any:
    return draw(st.sampled_from(odds))


def rarely(draw: Draw, once_in: int = 4) -> bool:
    return draw(st.integers(1, once_in)) == once_in


def number_need(draw: Draw) -> Any:
    least, most = sorted([chosen(draw, *LOW, *THRESHOLDS), chosen(draw, *THRESHOLDS)], key=int)
    odd = [{"min": least, "max": most}, {"above": least}, {"below": most}, GOAL]
    return chosen(draw, least, least, least, least, *odd)


def rank_need(draw: Draw, ranks: list[str]) -> Any:
    low, high = sorted([chosen(draw, *ranks), chosen(draw, *ranks)], key=ranks.index)
    return chosen(draw, low, high, {"is": low}, {"min": low, "max": high}, {"min": low}, {"max": high}, "none")


def member_word(draw: Draw, names: Names) -> tuple[str, Any]:
    """Draw one word of a condition on a member and what it needs."""
    kind = draw(st.integers(0, 15))
    if kind == 0:
        return "status", chosen(draw, "active", ["active", "suspended"], {"not": "left"})
    if kind == 1:
        return "kind", chosen(draw, "distributor", ["customer", "preferred"], {"not": "customer"})
    if kind == 2:
        return "team", chosen(draw, "red", TEAMS[:2], {"not": "red"}, {"given": "true"}, {"given": "false"})
    if kind == 3:
        return "founder", chosen(draw, "true", "false")
    if kind == 4:
        days = [("joined", {"min": "2026-01-15"}), ("joined", {"max": "2026-10-01"})]
        return chosen(draw, *days, ("promo", {"min": "2026-10-10", "max": "2026-12-31"}))
    if kind == 5:
        periods = ("periods_since_joined", chosen(draw, {"max": "0"}, {"min": "0", "max": "2"}))
        return chosen(draw, ("days_since_joined", {"max": "60"}), ("months_since_joined", {"min": "2"}), periods)
    if kind == 6:
        given = (chosen(draw, "goal", "promo", "founder"), {"given": chosen(draw, "true", "false")})
        return chosen(draw, ("goal", number_need(draw)), given)
    if kind == 7 and names.schemes:
        return "market", chosen(draw, *SCHEMES)
    if kind >= 12 and names.ladders:
        ladder = chosen(draw, *names.ladders)
        return ladder, rank_need(draw, names.ladders[ladder])
    word, need = chosen(draw, *names.numbers), number_need(draw)
    if word in names.rank_dependent and need == GOAL:
        return word, chosen(draw, *THRESHOLDS)
    return word, need


def condition(draw: Draw, names: Names, active: bool = True) -> Any:
    """Draw a condition on a member: a mapping, now and then any of two."""

    def mapping() -> dict[str, Any]:
        found = dict(member_word(draw, names) for _ in range(chosen(draw, 1, 1, 1, 2)))
        if active and rarely(draw):
            found["active"] = "false" if rarely(draw, 6) else "true"
        return found

    return [mapping(), mapping()] if rarely(draw, 5) else mapping()


def order_condition(draw: Draw) -> Any:
    return chosen(
        draw,
        {"kind": "sale"},
        {"buyer": "customer"},
        {"buyer": {"not": "customer"}},
        {"first_order": "true"},
        {"first_order": "false", "country": "IT"},
        {"days_since_joined": {"max": "300"}},
        {"months_since_joined": {"min": "9"}},
        {"periods_since_joined": {"min": "1"}},
        {"country": ["IT", "FR"]},
        {"country": {"not": "IT"}},
        {"country": {"given": "false"}},
        {"member.team": "red"},
        {"member.status": "active"},
        {"member.founder": "true"},
        {"member.joined": {"min": "2026-02-01"}},
        {"member.goal": "100", "weight": {"above": "1.5"}},
        {"weight": {"max": "2"}},
        {"weight": {"given": "false"}},
        {"gift": "false"},
        {"gift": {"given": "true"}},
        {"shipped": {"min": "2026-10-15", "max": "2026-11-30"}},
        [{"kind": "return"}, {"country": "DE"}],
    )
