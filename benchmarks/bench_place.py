"""Placement alone: ``python -m pytest benchmarks/bench_place.py``."""

from __future__ import annotations

import numpy as np
import pytest

from mlmcalc.genealogy.candidates import PLACED, Candidates, LegRule, SeatRule
from mlmcalc.genealogy.place import given_seats, place
from mlmcalc.genealogy.recycle import CycleRule, play
from mlmcalc.periods import parse_period
from mlmcalc.synthetic.draws import Draws
from mlmcalc.synthetic.people import draw_people

SIZES = [100_000, 1_000_000]
SHAPES = ["bush", "chain", "star"]


def candidates(size: int, shape: str) -> Candidates:
    """Return members without seats, in a sponsor tree of a shape."""
    if shape == "bush":
        sponsor = draw_people(Draws(11), size, parse_period("2026-10"), "bush").sponsor.astype(np.int32)
    else:
        sponsor = np.arange(-1, size - 1) if shape == "chain" else np.where(np.arange(size) > 0, 0, -1)
    nothing = np.zeros(size, np.int32)
    return Candidates(
        sponsor=sponsor.astype(np.int32),
        parent=np.full(size, -1, np.int32),
        leg=nothing,
        rank=np.arange(size, dtype=np.int32),
        joined=nothing,
        held_from=nothing,
        gone=np.zeros(size, np.bool_),
        preference=nothing - 1,
        volume=Draws(11).below("volume", 50_000, size).astype(np.int64),
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("leg", [None, "balance", "weaker_count", "weaker_volume"])
def test_place(benchmark, leg: LegRule | None, shape: str, size: int) -> None:
    members = candidates(size, shape)
    rule = SeatRule(3 if leg is None else 2, leg=leg)
    done = benchmark.pedantic(
        lambda: place(members, rule, given_seats(members, rule.width)[0]), rounds=3, warmup_rounds=1
    )
    assert (done.seats.fate == PLACED).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["board", "recycle"])
def test_cycles(benchmark, kind, shape: str, size: int) -> None:
    members = candidates(size, shape)
    rule = CycleRule(kind, 2, 2, follow=True, again=True)
    out = np.zeros(size, np.bool_)
    benchmark.pedantic(lambda: play(members, rule, out), rounds=3, warmup_rounds=1)
