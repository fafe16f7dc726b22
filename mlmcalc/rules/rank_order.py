"""One order of ranks from the lists of several schemes."""

from __future__ import annotations

from collections.abc import Sequence


def merged_ranks(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the ranks of several lists, each lowest first, in one order that agrees with all of them.

    Where the lists leave it open, the ranks of an earlier list come first. Lists that contradict one another are merged
    as far as they agree; what is left follows in the order of the lists.

    Parameters
    ----------
    lists : sequence of sequence of str
    """
    waiting = [list(dict.fromkeys(names)) for names in lists]
    merged: list[str] = []
    while any(waiting):
        heads = [names[0] for names in waiting if names]
        free = [head for head in heads if not any(head in names[1:] for names in waiting)]
        lowest = free[0] if free else heads[0]
        merged.append(lowest)
        waiting = [[name for name in names if name != lowest] for names in waiting]
    return tuple(merged)
