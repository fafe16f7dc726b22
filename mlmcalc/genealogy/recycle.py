"""Boards and recycling matrices of members in their order of joining."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.candidates import Candidates
from mlmcalc.kernels.boards import CYCLED, play_boards, play_matrices

EVENTS = ("entered", "re-entered", "filled", "cycled", "split")


@dataclass(frozen=True, slots=True)
class CycleRule:
    """How boards or matrices fill.

    Attributes
    ----------
    kind : {"board", "recycle"}
    width, levels : int
        Legs, and full levels below the top.
    follow : bool
        Whether one looks below its sponsor first.
    again : bool
        Whether who has cycled enters again.
    """

    kind: Literal["board", "recycle"]
    width: int
    levels: int
    follow: bool
    again: bool


@dataclass(frozen=True, slots=True, eq=False)
class Cycles:
    """What happened.

    Attributes
    ----------
    events : (k, 4) int32
        Code into `EVENTS`, position, and for a board its number and the slot; for a matrix the position above (-1 none)
        and the leg from 0.
    owner : (m,) int32
        Row of the owner of each position.
    number : (m,) int32
        Which of its owner's positions each is, from 1.
    cycles : (n,) int64
        How often each member has cycled.
    """

    events: NDArray[np.int32]
    owner: NDArray[np.int32]
    number: NDArray[np.int32]
    cycles: NDArray[np.int64]


def play(candidates: Candidates, rule: CycleRule, out: NDArray[np.bool_]) -> Cycles:
    """Return what happens when members enter in their order of joining.

    Parameters
    ----------
    candidates : Candidates
        `sponsor`, `rank` and `gone` count.
    rule : CycleRule
    out : (n,) bool
        Who does not enter.
    """
    order = candidates.in_order(np.flatnonzero(~out))
    turn = np.full(candidates.size + 1, -1, np.int32)
    turn[order] = np.arange(order.size, dtype=np.int32)
    sponsor = np.ascontiguousarray(turn[candidates.sponsor[order]])
    if rule.kind == "board":
        events, owner = play_boards(sponsor, rule.width, rule.levels, rule.follow, rule.again)
    else:
        events, owner, _ = play_matrices(sponsor, rule.width, rule.levels, rule.follow, rule.again)
    rows = order[owner]
    cycled = events[events[:, 0] == CYCLED, 1]
    return Cycles(events, rows, _numbers(rows), np.bincount(rows[cycled], minlength=candidates.size))


def _numbers(owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return which of its owner's positions each is, from 1."""
    by_owner = np.argsort(owner, kind="stable")
    sorted_ = owner[by_owner]
    first = np.flatnonzero(np.r_[True, sorted_[1:] != sorted_[:-1]]) if owner.size else np.zeros(0, np.int64)
    counts = np.diff(np.append(first, owner.size))
    number = np.empty(owner.size, np.int32)
    number[by_owner] = np.arange(owner.size) - np.repeat(first, counts) + 1
    return number
