"""Machine code as one flat piece that runs wherever it lies: copied into memory, and called.

Even without numba, loading object files takes LLVM: 45 MB of memory and a twentieth of a small run. What a loop is
compiled to needs no loader, though: its instructions, and the constants they reach by distance. So where the loop
refers to nothing else, the sections of its object file are put side by side once, when it is compiled, distances
filled in; where a constant is an address, what is left is to add where the piece came to lie. Only Linux on x86-64;
LLVM loads the rest.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

# Of the ELF format: kinds of sections, their flags, and relocations by distance.
_PROGRAM, _SYMBOLS, _RELOCATIONS, _WRITTEN_LATER = 1, 2, 4, 8
_WRITEABLE, _LOADED = 1, 2
_BY_ADDRESS, _BY_DISTANCE = 1, (2, 4)
# Constants that hold addresses: written by a loader, and never after.
_ADDRESSES = b".data.rel.ro"
_X86_64 = 62

_IN_USE: list[mmap.mmap] = []


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    start: int
    size: int
    link: int
    target: int
    alignment: int
    entry_size: int


def runs_flat() -> bool:
    """Return whether flat machine code can run here."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and sys.maxsize > 2**32


def flattened(code: bytes, symbol: str) -> tuple[bytes, int, list[int]] | None:
    """Return the flat piece of an object file, where in it a function begins, and where it holds addresses in it.

    Parameters
    ----------
    code : bytes
        An object file of ELF.
    symbol : str
        The function.

    Returns
    -------
    (bytes, int, list of int) or None
        None where it refers to anything outside, or to memory that is written.
    """
    if code[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<H", code, 18)[0] != _X86_64:
        return None
    (table,) = struct.unpack_from("<Q", code, 40)
    size, count, names = struct.unpack_from("<HHH", code, 58)
    sections = [_Section(*struct.unpack_from("<IIQQQQIIQQ", code, table + size * number)) for number in range(count)]
    named = [_text(code, sections[names].start + section.name) for section in sections]
    piece, places = bytearray(), dict[int, int]()
    for number, section in enumerate(sections):
        # How to unwind the stack is for exceptions, and there are none.
        if not section.flags & _LOADED or section.size == 0 or named[number].endswith(b".eh_frame"):
            continue
        is_constant = not section.flags & _WRITEABLE or named[number].startswith(_ADDRESSES)
        if not is_constant or section.kind in (_RELOCATIONS, _WRITTEN_LATER):
            return None
        piece += bytes(-len(piece) % max(section.alignment, 1))
        places[number] = len(piece)
        piece += code[section.start : section.start + section.size]
    open_ones = [section for section in sections if section.kind == _RELOCATIONS and section.target in places]
    entry = _entry(code, sections, places, symbol.encode())
    addresses: list[int] = []
    if entry is None or not all(_fill_in(piece, code, sections, found, places, addresses) for found in open_ones):
        return None
    return bytes(piece), entry, addresses


def _fill_in(
    piece: bytearray,
    code: bytes,
    sections: list[_Section],
    relocations: _Section,
    places: dict[int, int],
    addresses: list[int],
) -> bool:
    """Write the distances that a section leaves open, and collect its addresses; return whether that is all."""
    symbols = sections[relocations.link]
    for at in range(relocations.start, relocations.start + relocations.size, 24):
        offset, what, more = struct.unpack_from("<QQq", code, at)
        section, value = struct.unpack_from("<HQ", code, symbols.start + 24 * (what >> 32) + 6)
        kind, here = what & 0xFFFFFFFF, places[relocations.target] + offset
        if section not in places or kind not in (_BY_ADDRESS, *_BY_DISTANCE):
            return False
        there = places[section] + value + more
        if kind == _BY_ADDRESS:
            struct.pack_into("<Q", piece, here, there)
            addresses.append(here)
        else:
            struct.pack_into("<i", piece, here, there - here)
    return True


def _entry(code: bytes, sections: list[_Section], places: dict[int, int], symbol: bytes) -> int | None:
    for table in sections:
        if table.kind == _SYMBOLS:
            for at in range(table.start, table.start + table.size, 24):
                name, section, value = struct.unpack_from("<I2xHQ", code, at)
                if section in places and _text(code, sections[table.link].start + name) == symbol:
                    return places[section] + value
    return None


def _text(code: bytes, start: int) -> bytes:
    return code[start : code.index(b"\0", start)]


def in_memory(piece: bytes, addresses: Sequence[int] = ()) -> int:
    """Return the address of a flat piece that can run, for as long as this process lives.

    Parameters
    ----------
    piece : bytes
    addresses : sequence of int
        Where it holds addresses in itself, counted from its beginning.

    Raises
    ------
    OSError
        The system does not let memory that was written be run.
    """
    memory = mmap.mmap(-1, len(piece), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.write(piece)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for place in addresses:
        struct.pack_into("<Q", memory, place, address + struct.unpack_from("<Q", piece, place)[0])
    system = ctypes.CDLL(None, use_errno=True)
    # Never writeable and runnable at once.
    if system.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(len(piece)), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "memory cannot be made runnable")
    _IN_USE.append(memory)
    return address
