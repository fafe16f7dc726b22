"""The content digest of lines, taken while they pass."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ledger.digest import NULL_HASH, ContentDigest, id_hashes, text_hashes
from mlmcalc.ledger.lines import OUTCOMES
from mlmcalc.tables.line_frames import LineChunk


class LineDigest:
    """Adds up the hashes of lines; chunks may come in any order and from several threads.

    The id of the run is no part of it. Amounts count in the decimals of the column that is written.

    Parameters
    ----------
    members : (n,) int64 or a sequence of n str
    orders : (m,) int64 or a sequence of m str or None
    base_decimals, amount_decimals : int
        Of the columns of the whole run.
    """

    def __init__(
        self,
        members: NDArray[np.int64] | Sequence[str],
        orders: NDArray[np.int64] | Sequence[str] | None,
        base_decimals: int,
        amount_decimals: int,
    ) -> None:
        # One place more, for the company and for nobody: index n, and -1, which numpy reads as the last.
        null = np.array([NULL_HASH], np.uint64)
        self._members = np.append(_hashes(members), null)
        self._orders = null if orders is None else np.append(_hashes(orders), null)
        self._outcomes = text_hashes(OUTCOMES)
        self._base_decimals = base_decimals
        member_type = "integer" if _are_integers(members) else "text"
        order_type = "integer" if orders is None or _are_integers(orders) else "text"
        self._digest = ContentDigest(
            [
                ("bonus", "category"),
                ("earner", member_type),
                ("source", member_type),
                ("via", member_type),
                ("order", order_type),
                ("level", "integer"),
                ("paid_level", "integer"),
                ("base", f"decimal({base_decimals})"),
                ("rate_ppm", "integer"),
                ("amount", f"decimal({amount_decimals})"),
                ("outcome", "category"),
            ]
        )
        self._lock = Lock()

    def add(self, chunk: LineChunk) -> None:
        """Add the lines of a chunk."""
        names = text_hashes([bonus for bonus, _, _ in chunk.parts])
        counts = [count for _, _, count in chunk.parts]
        # A scaled base may pass 64 bits; that it wraps is harmless in a hash.
        scales = np.array([10 ** (self._base_decimals - decimals) for _, decimals, _ in chunk.parts], np.int64)
        columns = [
            np.repeat(names, counts),
            *(self._members[chunk.column(name)] for name in ("earner", "source", "via")),
            self._orders[chunk.column("order")],
            chunk.column("level"),
            chunk.column("paid_level"),
            chunk.column("base") * np.repeat(scales, counts),
            chunk.column("rate_ppm"),
            chunk.column("amount"),
            self._outcomes[chunk.column("outcome")],
        ]
        with self._lock:
            self._digest.add(columns)

    def hex(self) -> str:
        """Return the digest of all lines so far."""
        return self._digest.hex()


def _are_integers(ids: NDArray[np.int64] | Sequence[str]) -> bool:
    return isinstance(ids, np.ndarray) and ids.dtype.kind in "iu"


def _hashes(ids: NDArray[np.int64] | Sequence[str]) -> NDArray[np.uint64]:
    return id_hashes(ids if _are_integers(ids) else list(ids))
