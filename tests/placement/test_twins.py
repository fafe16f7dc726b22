"""Placement beside its slow twins."""

from __future__ import annotations

import numpy as np
import pytest

from mlmcalc.genealogy.candidates import PLACED, SeatRule
from mlmcalc.genealogy.place import Placed, below_sums, given_seats, leg_weights, place
from mlmcalc.genealogy.recycle import EVENTS
from mlmcalc.genealogy.remove import remove, sponsors_without
from mlmcalc.genealogy.seat_trace import trace_seat
from mlmcalc.kernels.boards import play_boards, play_matrices
from mlmcalc.kernels.weaker import seat_on_weaker
from tests.oracle import placement_twins as twins
from tests.placement.members import Drawn, drawn

SIZES = (1, 2, 7, 30, 60)
LEGS = ("weaker_count", "weaker_volume", "outer_left", "outer_right", "balance", "preferred")


def placed(members: Drawn, rule: SeatRule, held: frozenset[int] = frozenset()) -> Placed:
    candidates = members.candidates()
    given, crowded = given_seats(candidates, rule.width)
    assert not crowded.size
    waits = np.isin(np.arange(candidates.size), list(held))
    return place(candidates, rule, given, waits=waits)


def compare(members: Drawn, rule: SeatRule, held: frozenset[int] = frozenset()) -> None:
    done = placed(members, rule, held)
    words = {"width": rule.width, "depth": rule.depth, "leg": rule.leg, "whole": rule.whole}
    above, leg = twins.place(
        members.sponsor,
        members.above,
        members.leg,
        members.rank,
        words,
        members.volume,
        members.preference,
        held,
    )
    assert done.seats.parent.tolist() == above
    assert done.seats.leg.tolist() == leg


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hands", [0, 5, 25])
@pytest.mark.parametrize(("width", "depth", "whole"), [(2, 0, False), (3, 2, False), (2, 0, True), (3, 3, True)])
def test_a_matrix_is_as_its_twin_has_it(size: int, hands: int, width: int, depth: int, whole: bool) -> None:
    for seed in range(8):
        members = drawn(seed, size, width, hands)
        compare(members, SeatRule(width, depth=depth, whole=whole))


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hands", [0, 5, 25])
@pytest.mark.parametrize("whole", [False, True])
def test_a_binary_tree_is_as_its_twin_has_it(leg, size: int, hands: int, whole: bool) -> None:
    for seed in range(8):
        compare(drawn(seed, size, 2, hands), SeatRule(2, leg=leg, whole=whole))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("shallow", [0, 1, 3])
def test_deep_trees_are_weighed_as_shallow_ones(first: bool, shallow: int) -> None:
    for seed in range(10):
        members = drawn(seed, 50, 2, 20)
        candidates, rule = members.candidates(), SeatRule(2, leg="weaker_volume" if first else "weaker_count")
        usual = placed(members, rule)
        given, _ = given_seats(candidates, 2)
        given.fate[candidates.sponsor < 0] = 1
        weights = leg_weights(candidates, rule)
        below = below_sums(given.parent, weights) - weights
        seat_on_weaker(usual.order, candidates.sponsor, given.child, given.seats, weights, below, shallow)
        assert given.parent.tolist() == usual.seats.parent.tolist()
        assert given.leg.tolist() == usual.seats.leg.tolist()


@pytest.mark.parametrize("leg", [None, *LEGS])
def test_recruits_of_one_without_a_seat_look_further_up(leg) -> None:
    for seed in range(10):
        members = drawn(seed, 40, 2, 4, roots=3)
        held = frozenset(row for row in range(40) if row % 5 == 2 and members.sponsor[row] >= 0)
        held = frozenset(row for row in held if members.above[row] < 0)
        compare(members, SeatRule(2, leg=leg), held)


@pytest.mark.parametrize("width", [2, 3])
def test_children_move_up_as_the_twin_moves_them(width: int) -> None:
    for seed in range(12):
        members = drawn(seed, 50, width, 50)
        candidates = members.candidates()
        given, _ = given_seats(candidates, width)
        out = np.arange(50) % 4 == seed % 4
        changed, _ = remove(candidates, given, out, np.zeros(50, np.bool_), loose=False)
        above, leg = twins.move_up(members.above, members.leg, np.flatnonzero(out).tolist(), width)
        assert changed.parent.tolist() == above
        assert changed.leg.tolist() == leg


@pytest.mark.parametrize("leg", [None, *LEGS])
def test_an_explanation_ends_at_the_seat(leg) -> None:
    for seed in range(6):
        members = drawn(seed, 40, 2, 12)
        rule = SeatRule(2, leg=leg, whole=seed % 3 == 0)
        done = placed(members, rule)
        for row in done.order.tolist():
            candidates = members.candidates()
            given, _ = given_seats(candidates, 2)
            if done.seats.fate[row] != PLACED:
                continue
            trace = trace_seat(candidates, rule, given, row, None)
            last, seat = trace.looks[-1], int(done.seats.leg[row]) - 1
            assert last.row == done.seats.parent[row]
            assert last.legs[seat] == -1
            assert trace.line in (-1, seat)


def test_who_is_removed_leaves_its_recruits_to_the_nearest_sponsor_who_stays() -> None:
    sponsor = np.array([-1, 0, 1, 2, 2], np.int32)
    out = np.array([False, True, True, False, False])
    assert sponsors_without(sponsor, out)[[3, 4]].tolist() == [0, 0]


def named(events, owner) -> list[tuple[str, int, int, int]]:
    return [(EVENTS[kind], int(owner[position]), place, slot) for kind, position, place, slot in events.tolist()]


@pytest.mark.parametrize(("width", "levels"), [(2, 1), (2, 2), (3, 1), (2, 3), (4, 2)])
@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_boards_and_matrices_are_as_their_twins_have_them(width, levels, follow, again) -> None:
    for seed in range(6):
        sponsor = [place - 1 if place < 2 else (seed * 7 + place * 3) % place for place in range(60)]
        column = np.array(sponsor, np.int32)
        events, owner = play_boards(column, width, levels, follow, again)
        assert named(events, owner) == twins.boards(sponsor, width, levels, follow, again)
        events, owner, _ = play_matrices(column, width, levels, follow, again)
        assert named(events, owner) == twins.matrices(sponsor, width, levels, follow, again)
