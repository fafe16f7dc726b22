"""How far a change of one member reaches: what a word says of it, so that few members are calculated again."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

Spread = Literal["own", "served", "below", "frontline", "everybody"]
"""What a member's value follows from.

``own``: from this member's own values and orders; ``served``: from the orders that count for it; ``below``: it is a
sum to which everybody below adds something of its own; ``frontline``: from this member and its frontline;
``everybody``: that is not limited.
"""


@runtime_checkable
class Local(Protocol):
    """A word that gives a value to every member, and says what it follows from."""

    @property
    def spread(self) -> Spread:
        """What a member's value follows from."""
        ...
