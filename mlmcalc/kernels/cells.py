"""Cells of text read as numbers and days, or found to be plain: each in one pass over the words that hold them.

A cell is four words of 32 bits: its length in bytes, and up to twelve bytes of text, the first byte lowest, padded with
zeros. A reader stops at the first cell that is not of the plain form it knows; whoever called it then reads the column
another way, which knows every form and every fault.
"""

from __future__ import annotations

import numpy as np

from mlmcalc.kernels.compiled import kernel

_WORDS = "Array(uint32, 2, 'C', readonly=True)"
MOST_DECIMALS = 6
"""With twelve digits and so many decimals no product leaves 64 bits."""


@kernel(f"int64({_WORDS}, int64, boolean, int64[::1], boolean[::1])")
def read_numbers(words, decimals, canonical, numbers, blank):
    """Read decimals in units of ``10**-decimals``.

    Parameters
    ----------
    words : (k, 4) uint32
    decimals : int
        At most `MOST_DECIMALS`.
    canonical : bool
        Whether only whole numbers are known as they would be written again: no plus, no zero in front, no point.
    numbers : (k,) int64, written
        0 where the cell is empty.
    blank : (k,) bool, zeros, written
        Which cells are empty.

    Returns
    -------
    int
        The first cell that is no such number, k if all are.
    """
    for i in range(words.shape[0]):
        length = np.int64(words[i, 0])
        numbers[i] = 0
        if length == 0:
            blank[i] = True
            continue
        if length > 12:
            return i
        value = 0
        digits = 0
        places = -1
        negative = False
        first = 48
        for j in range(length):
            byte = (np.int64(words[i, 1 + (j >> 2)]) >> (8 * (j & 3))) & 255
            if 48 <= byte <= 57:
                if digits == 0:
                    first = byte
                value = value * 10 + (byte - 48)
                digits += 1
                if places >= 0:
                    places += 1
            elif byte == 46 and digits > 0 and places < 0 and not canonical:
                places = 0
            elif j == 0 and (byte == 45 or (byte == 43 and not canonical)):
                negative = byte == 45
            else:
                return i
        if digits == 0 or places == 0 or places > decimals:
            return i
        if canonical and first == 48 and (digits > 1 or negative):
            return i
        for _ in range(max(places, 0), decimals):
            value *= 10
        numbers[i] = -value if negative else value
    return words.shape[0]


@kernel("int64(int64, int64, int64)")
def _day_number(year, month, day):
    # Days since 1970-01-01, with years that begin in March, so that a leap day is the last of its year.
    if month <= 2:
        year -= 1
        month += 12
    months = (153 * (month - 3) + 2) // 5
    return 365 * year + year // 4 - year // 100 + year // 400 + months + day - 719469


@kernel(f"int64({_WORDS}, int64, int32[::1])")
def read_iso_days(words, nothing, days):
    """Read days as ``2026-10-31``, of the years 1 to 9999.

    Parameters
    ----------
    words : (k, 4) uint32
    nothing : int
        The number of an empty cell.
    days : (k,) int32, written
        Days since 1970-01-01.

    Returns
    -------
    int
        The first cell that is no such day, k if all are.
    """
    for i in range(words.shape[0]):
        length = np.int64(words[i, 0])
        if length == 0:
            days[i] = nothing
            continue
        if length != 10:
            return i
        # Orders mostly come day by day.
        if (
            i > 0
            and words[i, 0] == words[i - 1, 0]
            and words[i, 3] == words[i - 1, 3]
            and words[i, 2] == words[i - 1, 2]
            and words[i, 1] == words[i - 1, 1]
        ):
            days[i] = days[i - 1]
            continue
        value = 0
        for j in range(10):
            byte = (np.int64(words[i, 1 + (j >> 2)]) >> (8 * (j & 3))) & 255
            if j == 4 or j == 7:
                if byte != 45:
                    return i
            elif 48 <= byte <= 57:
                value = value * 10 + (byte - 48)
            else:
                return i
        year, month, day = value // 10000, value // 100 % 100, value % 100
        if year < 1 or month < 1 or month > 12 or day < 1:
            return i
        ahead = _day_number(year, month + 1, 1) if month < 12 else _day_number(year + 1, 1, 1)
        number = _day_number(year, month, day)
        if number >= ahead:
            return i
        days[i] = number
    return words.shape[0]


@kernel(f"int64({_WORDS}, boolean[::1])")
def read_plain(words, blank):
    """Find the first cell that is more than visible ASCII without spaces, up to twelve bytes; k if none is.

    Parameters
    ----------
    words : (k, 4) uint32
    blank : (k,) bool, zeros, written
        Which cells are empty.
    """
    high = 0x80808080
    for i in range(words.shape[0]):
        length = np.int64(words[i, 0])
        if length == 0:
            blank[i] = True
            continue
        if length > 12:
            return i
        odd = 0
        for part in range(3):
            word = np.int64(words[i, 1 + part])
            left = min(max(length - 4 * part, 0), 4)
            # Past its end a text is taken to go on with an exclamation mark, the lowest of what is visible.
            word |= 0x21212121 - (0x21212121 & ((1 << (8 * left)) - 1))
            odd |= word | (word + 0x01010101) | (high - (((word | high) - 0x21212121) & high))
        if odd & high:
            return i
    return words.shape[0]
