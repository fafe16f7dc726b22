"""Random integers by counter: the same seed gives the same numbers on every machine and with every library version.

Every draw is a function of (seed, name of the stream, counter) alone, so streams never disturb one another and a
column can be added without changing the others. The mixer is that of splitmix64; there is no float anywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)
PERMILLE = 1000


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words ^= words >> np.uint64(30)
    words *= _FIRST
    words ^= words >> np.uint64(27)
    words *= _SECOND
    words ^= words >> np.uint64(31)
    return words


@dataclass(frozen=True, slots=True)
class Draws:
    """All random numbers of one seed.

    Attributes
    ----------
    seed : int
        From 0, any size.
    """

    seed: int

    def words(self, stream: str, size: int) -> NDArray[np.uint64]:
        """Return (size,) uint64, uniform, the counters 0 to ``size - 1`` of a named stream."""
        key = hashlib.sha256(f"{self.seed}/{stream}".encode()).digest()[:8]
        words = np.arange(1, size + 1, dtype=np.uint64)
        words *= _GAMMA
        words += np.uint64(int.from_bytes(key, "little"))
        return _mix(words)

    def below(self, stream: str, limit: int | NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Return (size,) int64 from 0 to ``limit - 1``.

        Parameters
        ----------
        limit : int or (size,) int64
            From 1 to ``2**32``; what is below 1 counts as 1.
        """
        words = self.words(stream, size) >> _HALF
        words *= np.maximum(limit, 1).astype(np.uint64) if isinstance(limit, np.ndarray) else np.uint64(max(limit, 1))
        return (words >> _HALF).astype(np.int64)

    def recent(self, stream: str, limit: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return int64 from 0 to ``limit - 1``, small values more often: `limit` times two uniform shares."""
        words = self.words(stream, limit.size)
        words = (words >> _HALF) * (words & np.uint64(0xFFFFFFFF)) >> _HALF
        return (words * np.maximum(limit, 1).astype(np.uint64) >> _HALF).astype(np.int64)

    def chance(self, stream: str, permille: int | NDArray[np.int64], size: int) -> NDArray[np.bool_]:
        """Return (size,) bool, true with a chance of so many in a thousand."""
        return self.below(stream, PERMILLE, size) < permille

    def choice(self, stream: str, weights: tuple[int, ...], size: int) -> NDArray[np.int64]:
        """Return (size,) int64 indexes into `weights`, each as often as its weight says."""
        limits = np.cumsum(weights)
        return np.searchsorted(limits, self.below(stream, int(limits[-1]), size), side="right").astype(np.int64)
