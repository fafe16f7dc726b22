"""What holds for every placement, and sizes that only compiled kernels reach."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlmcalc
from mlmcalc.genealogy.candidates import PLACED, SeatRule
from mlmcalc.genealogy.place import given_seats, levels_of, place
from mlmcalc.genealogy.recycle import CYCLED
from mlmcalc.genealogy.remove import remove
from mlmcalc.kernels.boards import play_boards, play_matrices
from tests.placement.members import Drawn, drawn

LEGS = ("weaker_count", "weaker_volume", "outer_left", "outer_right", "balance", "preferred")
RULES = st.builds(
    lambda leg, width, depth, whole: (
        f"placement:\n  method: {'binary' if leg else 'matrix'}\n  within: {whole}\n"
        + (f"  leg: {leg}\n" if leg else f"  width: {width}\n" + (f"  depth: {depth}\n" if depth else ""))
        + ("  volume: pv\n" if leg == "weaker_volume" else "")
        + ("  preference: side\n" if leg == "preferred" else ""),
        2 if leg else width,
    ),
    st.sampled_from([None, *LEGS]),
    st.integers(2, 4),
    st.integers(0, 3),
    st.sampled_from(["sponsor", "whole"]),
)


def frame(members: Drawn) -> pl.DataFrame:
    none = {-1: None}
    return pl.DataFrame(
        {
            "member_id": range(len(members.sponsor)),
            "sponsor_id": [none.get(row, row) for row in members.sponsor],
            "placement_id": [none.get(row, row) for row in members.above],
            "leg": [number or None for number in members.leg],
            "sequence": members.rank,
            "pv": members.volume,
            "side": [{-1: None, 0: "left", 1: "right"}[side] for side in members.preference],
        },
        schema_overrides={"sponsor_id": pl.Int64, "placement_id": pl.Int64, "leg": pl.Int64, "side": pl.String},
    )


@given(rule=RULES, seed=st.integers(0, 10_000), size=st.integers(1, 40), hands=st.integers(0, 10))
def test_everybody_sits_once_and_no_row_order_shows(rule, seed: int, size: int, hands: int) -> None:
    text, width = rule
    table = frame(drawn(seed, size, 2, hands))
    done = mlmcalc.place(table, text)
    again = mlmcalc.place(table.sample(fraction=1, shuffle=True, seed=seed), text)
    assert done.digest == again.digest
    assert done.placement.rows() == again.placement.rows()
    seats = done.placement
    assert seats.get_column("member_id").to_list() == list(range(size))
    taken = seats.drop_nulls("placement_id").select("placement_id", "leg")
    assert taken.is_unique().all() if taken.height else True
    assert taken.get_column("leg").is_between(1, width).all()
    refused = {finding.member for finding in done.findings if finding.code.startswith("placement.")}
    without = seats.filter(pl.col("rule").is_null()).get_column("member_id").cast(pl.String)
    assert refused == set(without)
    # What was given stays.
    old = table.filter(pl.col("placement_id").is_not_null())
    assert old.select("member_id", "placement_id", "leg").rows() == [
        row for row in seats.select("member_id", "placement_id", "leg").rows() if row[0] in set(old["member_id"])
    ]


@given(seed=st.integers(0, 10_000), size=st.integers(2, 60), leg=st.sampled_from([None, *LEGS]))
def test_in_two_goes_as_in_one(seed: int, size: int, leg) -> None:
    members = drawn(seed * 2 + 1, size, 2, 0)
    rule = SeatRule(2, leg=leg)
    whole = members.candidates()
    once = place(whole, rule, given_seats(whole, 2)[0])
    later = whole.rank >= size // 2
    first = place(whole, rule, given_seats(whole, 2)[0], waits=later).seats
    members.above[:], members.leg[:] = first.parent.tolist(), first.leg.tolist()
    rest = members.candidates()
    twice = place(rest, rule, given_seats(rest, 2)[0])
    assert once.seats.parent.tolist() == twice.seats.parent.tolist()
    assert once.seats.leg.tolist() == twice.seats.leg.tolist()


@given(width=st.integers(2, 5), size=st.integers(1, 200))
def test_the_whole_fills_level_by_level(width: int, size: int) -> None:
    table = pl.DataFrame({"member_id": range(size), "sponsor_id": [None] + [row // 7 for row in range(size - 1)]})
    text = f"placement:\n  method: matrix\n  width: {width}\n  within: whole\n"
    seats = mlmcalc.place(table, text).placement
    # Breadth first is the order of joining.
    assert seats["placement_id"].to_list() == [None] + [(row - 1) // width for row in range(1, size)]
    assert seats["leg"].to_list() == [None] + [(row - 1) % width + 1 for row in range(1, size)]


@given(width=st.integers(2, 4), levels=st.integers(1, 3), size=st.integers(1, 120), follow=st.booleans())
@settings(max_examples=40)
def test_cycles_follow_from_what_is_full(width: int, levels: int, size: int, follow: bool) -> None:
    draw = random.Random(size)
    sponsor = np.array([draw.randrange(place) if place else -1 for place in range(size)], np.int32)
    events, owner = play_boards(sponsor, width, levels, follow, True)
    boards = 1 + (events[:, 0] == 4).sum() - (events[:, 0] == CYCLED).sum()
    # Every open board lacks somebody, and nobody is on two places.
    assert owner.size == size + (events[:, 0] == 1).sum() == (events[:, 0] < 2).sum()
    assert boards >= 1
    events, owner, seats = play_matrices(sponsor, width, levels, follow, True)
    cycled = events[events[:, 0] == CYCLED, 1]
    assert np.unique(cycled).size == cycled.size
    assert owner.size == size + cycled.size
    assert (seats[0][1:] < np.arange(1, owner.size)).all()


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "star", "bush"])
@pytest.mark.parametrize("leg", [None, "balance", "weaker_count"])
def test_a_million(shape: str, leg) -> None:
    size = 1_000_000
    rows = np.arange(size, dtype=np.int64)
    if shape == "chain":
        sponsor = rows - 1
    elif shape == "star":
        sponsor = np.zeros(size, np.int64)
    else:
        sponsor = rows * rows // (3 * size)
    sponsor[0] = -1
    members = drawn(0, 1, 2, 0).candidates()
    whole = type(members)(
        sponsor=sponsor.astype(np.int32),
        parent=np.full(size, -1, np.int32),
        leg=np.zeros(size, np.int32),
        rank=rows.astype(np.int32),
        joined=np.zeros(size, np.int32),
        held_from=np.zeros(size, np.int32),
        gone=np.zeros(size, np.bool_),
        preference=np.full(size, -1, np.int32),
        volume=np.zeros(size, np.int64),
    )
    seats = place(whole, SeatRule(2, leg=leg), given_seats(whole, 2)[0]).seats
    assert (seats.fate == PLACED).all()
    levels = np.bincount(levels_of(seats))
    assert levels.sum() == size
    if shape == "star" and leg != "balance":
        assert levels.tolist() == [2**level for level in range(19)] + [size - 2**19 + 1]
    if shape == "chain":
        assert levels.size == size


@pytest.mark.compiled
def test_a_chain_of_a_million_that_is_given_and_grows_at_its_middle() -> None:
    size = 1_000_000
    half = size // 2
    rows = np.arange(size)
    parent = np.where(rows < half, rows - 1, -1).astype(np.int32)
    sponsor = np.where(rows < half, rows - 1, rows - half).astype(np.int32)
    base = drawn(0, 1, 2, 0).candidates()
    whole = type(base)(
        sponsor=sponsor,
        parent=parent,
        leg=np.zeros(size, np.int32),
        rank=rows.astype(np.int32),
        joined=np.zeros(size, np.int32),
        held_from=np.zeros(size, np.int32),
        gone=np.zeros(size, np.bool_),
        preference=np.full(size, -1, np.int32),
        volume=np.zeros(size, np.int64),
    )
    for leg in (None, "weaker_count", "outer_left"):
        seats = place(whole, SeatRule(2, leg=leg), given_seats(whole, 2)[0]).seats
        assert (seats.fate == PLACED).all()


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "binary", "comb"])
def test_half_of_a_million_is_taken_out(shape: str) -> None:
    size = 1_000_000
    rows = np.arange(size)
    parent = {"chain": rows - 1, "binary": (rows + 1) // 2 - 1, "comb": np.where(rows % 2, rows - 1, rows - 2)}[shape]
    base = drawn(0, 1, 2, 0).candidates()
    whole = dataclasses.replace(
        base,
        sponsor=np.where(rows, parent, -1).astype(np.int32),
        parent=np.where(rows, parent, -1).astype(np.int32),
        leg=np.zeros(size, np.int32),
        rank=rows.astype(np.int32),
    )
    given, _ = given_seats(whole, 2)
    out = rows % 3 == 1
    changed, lost = remove(whole, given, out, np.zeros(size, np.bool_), loose=False)
    assert not lost.any()
    assert (changed.parent[~out] >= 0).sum() == (~out).sum() - 1
    assert not out[changed.parent[changed.parent >= 0]].any()
    seats = changed.parent[~out][1:].astype(np.int64) * 4 + changed.leg[~out][1:]
    assert np.unique(seats).size == seats.size
