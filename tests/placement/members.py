"""Members for placement tests: as columns of rows, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.candidates import Candidates
from mlmcalc.genealogy.network import NO_DAY


@dataclass(frozen=True)
class Drawn:
    """Lists by row."""

    sponsor: list[int]
    above: list[int]
    leg: list[int]
    rank: list[int]
    volume: list[int]
    preference: list[int]

    def candidates(self) -> Candidates:
        """Return what the engine takes."""
        return Candidates(
            sponsor=column(self.sponsor),
            parent=column(self.above),
            leg=column(self.leg),
            rank=column(self.rank),
            joined=np.full(len(self.sponsor), NO_DAY, np.int32),
            held_from=np.full(len(self.sponsor), NO_DAY, np.int32),
            gone=np.zeros(len(self.sponsor), np.bool_),
            preference=column(self.preference),
            volume=np.array(self.volume, np.int64),
        )


def column(values: list[int]) -> NDArray[np.int32]:
    return np.array(values, np.int32)


def drawn(seed: int, size: int, width: int, hands: int, roots: int = 1) -> Drawn:
    """Return members, some of them placed by hand below anybody who leaves no circle, recruits before sponsors too."""
    draw = random.Random(f"{seed} {size} {width} {hands}")
    names = list(range(size))
    draw.shuffle(names)
    sponsor, above, leg = [-1] * size, [-1] * size, [0] * size
    for place, name in enumerate(names):
        if place >= roots:
            sponsor[name] = names[int(draw.random() ** 2 * place)]
    taken: dict[int, set[int]] = {name: set() for name in names}
    for name in draw.sample(names[roots:], min(hands, max(size - roots, 0))):
        other = draw.choice(names)
        up = other
        while up >= 0 and up != name:
            up = above[up]
        free = [number for number in range(1, width + 1) if number not in taken[other]]
        if up == name or not free:
            continue
        above[name], leg[name] = other, draw.choice(free)
        taken[other].add(leg[name])
    rank = list(range(size))
    draw.shuffle(rank)
    if seed % 2:
        for place, name in enumerate(names):
            rank[name] = place
    volume = [draw.choice([0, 0, draw.randrange(1000)]) for _ in names]
    return Drawn(sponsor, above, leg, rank, volume, [draw.choice([-1, 0, 1]) for _ in names])
