"""From ids to rows: a direct table where ids are dense, otherwise a hash with open addressing.

The hash works in int64 on 32 bits at a time and never wraps, so that plain Python gives the same table.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_IDS = "Array(int64, 1, 'C', readonly=True)"
_AT_ONCE = 512
_ROWS = "Array(int32, 1, 'C', readonly=True)"


@kernel("int64(int64, int64)")
def _mix(number, mask):
    # Two rounds of a 32-bit finalizer with multipliers below 2**31: each product stays below 2**63.
    low = 0xFFFFFFFF
    mixed = number & low
    for _ in range(2):
        mixed ^= mixed >> 16
        mixed = (mixed * 0x21F0AAAD) & low
        mixed ^= mixed >> 15
        mixed = (mixed * 0x735A2D97) & low
        mixed ^= mixed >> 15
        mixed ^= (number >> 32) & low
    return mixed & mask


@kernel(f"void({_IDS}, int64, int32[::1])")
def _fill_direct(ids, lowest, slots):
    # Backward, so that the first of several rows with one id wins.
    for row in range(ids.size - 1, -1, -1):
        slots[np.uint64(ids[row] - lowest)] = row


@kernel(f"void({_IDS}, int64, {_ROWS}, int32[::1])")
def _look_direct(wanted, lowest, slots, rows):
    # Unsigned, one comparison does for both ends: what lies below the lowest is far beyond the last.
    size = np.uint64(slots.size)
    for i in range(wanted.size):
        at = np.uint64(wanted[i] - lowest)
        rows[i] = slots[at] if at < size else -1


@kernel(f"void({_IDS}, int32[::1])")
def _fill_hashed(ids, slots):
    mask = slots.size - 1
    for row in range(ids.size):
        at = _mix(ids[row], mask)
        while slots[at] >= 0 and ids[slots[at]] != ids[row]:
            at = (at + 1) & mask
        if slots[at] < 0:
            slots[at] = row


@kernel(f"void({_IDS}, {_IDS}, {_ROWS}, int64[::1], int32[::1])")
def _look_hashed(wanted, ids, slots, places, rows):
    # Some ids at a time, and one step for all of them before the next: so the processor waits for many places of memory
    # at once. The hash is that of `_mix`, written out: called, it is not done for several ids at a time.
    mask = slots.size - 1
    low = 0xFFFFFFFF
    for start in range(0, wanted.size, places.size):
        count = min(places.size, wanted.size - start)
        for k in range(count):
            number = wanted[start + k]
            mixed = number & low
            for _ in range(2):
                mixed ^= mixed >> 16
                mixed = (mixed * 0x21F0AAAD) & low
                mixed ^= mixed >> 15
                mixed = (mixed * 0x735A2D97) & low
                mixed ^= mixed >> 15
                mixed ^= (number >> 32) & low
            places[k] = mixed & mask
        for k in range(count):
            rows[start + k] = slots[np.uint64(places[k])]
        for k in range(count):
            row = rows[start + k]
            while row >= 0 and ids[np.uint64(row)] != wanted[start + k]:
                places[k] = (places[k] + 1) & mask
                row = slots[np.uint64(places[k])]
            rows[start + k] = row


class IdTable(NamedTuple):
    """Rows by id.

    Attributes
    ----------
    ids : (n,) int64
    slots : (k,) int32
        Row in each slot, -1 for an empty one.
    lowest : int or None
        Id of the first slot of a direct table; None for a hash.
    """

    ids: NDArray[np.int64]
    slots: NDArray[np.int32]
    lowest: int | None


def id_table(ids: NDArray[np.int64]) -> IdTable:
    """Return a table that finds the row of an id; of several rows with one id, the first.

    Parameters
    ----------
    ids : (n,) int64
        In any order.
    """
    if ids.size:
        lowest, highest = int(ids.min()), int(ids.max())
        if highest - lowest < 4 * ids.size:
            slots = np.full(highest - lowest + 1, -1, dtype=np.int32)
            _fill_direct(ids, lowest, slots)
            return IdTable(ids, slots, lowest)
    slots = np.full(2 ** (2 * ids.size).bit_length(), -1, dtype=np.int32)
    _fill_hashed(ids, slots)
    return IdTable(ids, slots, None)


def rows_of_ids(table: IdTable, wanted: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the row of each id that is wanted.

    Parameters
    ----------
    table : IdTable
    wanted : (m,) int64

    Returns
    -------
    (m,) int32
        -1 for an id the table does not have.
    """
    rows = np.empty(wanted.size, dtype=np.int32)
    if table.lowest is None:
        _look_hashed(wanted, table.ids, table.slots, np.empty(_AT_ONCE, np.int64), rows)
    else:
        # A difference that leaves 64 bits comes back as one that is no place of the table.
        with np.errstate(over="ignore"):
            _look_direct(wanted, table.lowest, table.slots, rows)
    return rows
