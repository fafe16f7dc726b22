"""The most a bonus can pay of its base: what a plan promises in the worst case."""

from __future__ import annotations

from typing import NamedTuple


class Most(NamedTuple):
    """A bound on what a bonus pays, all earners together.

    Attributes
    ----------
    rate_ppm : int or None
        Parts per million of its base; None where its base does not bound it.
    how : str
        The rates it is made of, or why there is no bound, in words.
    """

    rate_ppm: int | None
    how: str


UNBOUNDED = Most(None, "not bounded by a share of its base")
