"""What a bonus owes before it is rounded: columns that become lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.constant import nobody, picked, places_of


@dataclass(frozen=True, slots=True, eq=False)
class Owed:
    """Products that become lines; columns as in `LineBlock`."""

    earner: NDArray[np.int32]
    source: NDArray[np.int32]
    via: NDArray[np.int32]
    order: NDArray[np.int32]
    level: NDArray[np.int32]
    paid_level: NDArray[np.int16]
    base: NDArray[np.int64]
    rate_ppm: NDArray[np.int64]

    def pick(self, chosen: NDArray) -> Owed:
        """Return some of the products, by mask or by index."""
        places = places_of(chosen)
        return Owed(*(picked(getattr(self, name), places) for name in Owed.__slots__))

    @classmethod
    def joined(cls, parts: Sequence[Owed]) -> Owed:
        """Return the products of all parts, one after another."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))

    @classmethod
    def to_earners(cls, earner: NDArray[np.int32], base: NDArray[np.int64] | None = None) -> Owed:
        """Return one line for each earner about itself: no order, no level, no rate.

        Parameters
        ----------
        earner : (k,) int32
            Position, ascending.
        base : (k,) int64, optional
            What the amount was made of; 0 where nothing is said.
        """
        nothing = nobody(earner.size)
        level = np.zeros(earner.size, np.int32)
        zero = np.zeros(earner.size, np.int64)
        earner = earner.astype(np.int32)
        return cls(
            earner, earner, nothing, nothing, level, level.astype(np.int16), zero if base is None else base, zero
        )
