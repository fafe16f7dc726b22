"""Values by place, for columns that leave."""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int64,1,'C',readonly=True), Array(int32,1,'C',readonly=True), int64[::1])")
def take_or_last(values, places, taken):
    """Fill the value at every place; the last value where a place is below 0 or past the end.

    Parameters
    ----------
    values : (n + 1,) int64
    places : (k,) int32
    taken : (k,) int64, written
    """
    last = values.size - 1
    for row in range(places.size):
        place = places[row]
        taken[row] = values[place if 0 <= place < last else last]
