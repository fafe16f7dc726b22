"""Blocks of lines are gathered into chunks, and chunks become frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.ledger.lines import OUTCOMES, LineBlock
from mlmcalc.tables.decimals_out import decimal_series, decimal_type
from mlmcalc.tables.ids_out import IdColumn

LINES_PER_CHUNK = 1 << 20
LINE_COLUMNS = (
    "run",
    "bonus",
    "earner",
    "source",
    "via",
    "order",
    "level",
    "paid_level",
    "base",
    "rate_ppm",
    "amount",
    "outcome",
)


@dataclass(slots=True, eq=False)
class LineChunk:
    """Lines of one or more bonuses, as the blocks they were posted in.

    Attributes
    ----------
    blocks : list of LineBlock
    """

    blocks: list[LineBlock] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of lines."""
        return sum(block.size for block in self.blocks)

    @property
    def parts(self) -> list[tuple[str, int, int]]:
        """Which bonus the lines belong to, in order: bonus, base decimals, lines."""
        return [(block.bonus, block.base_decimals, block.size) for block in self.blocks]

    def column(self, name: str) -> NDArray:
        """Return a column of all lines."""
        columns = [getattr(block, name) for block in self.blocks]
        return columns[0] if len(columns) == 1 else np.concatenate(columns)


class LineBuffer:
    """Receives blocks of any size and passes them on in chunks.

    Nothing is copied: who has posted a block does not touch its arrays again.

    Parameters
    ----------
    sink : callable taking a `LineChunk`
    lines_per_chunk : int
        The most lines of a chunk. One that is an eighth full is passed on: whoever writes it does so while the next
        lines are calculated.
    """

    def __init__(self, sink: Callable[[LineChunk], None], lines_per_chunk: int = LINES_PER_CHUNK) -> None:
        self._sink = sink
        self._capacity = lines_per_chunk
        self._chunk = LineChunk()
        self.lines = 0

    def post(self, block: LineBlock) -> None:
        """Take the lines of a block."""
        for start in range(0, block.size, self._capacity):
            part = block if block.size <= self._capacity else block.slice(start, start + self._capacity)
            if self._chunk.size + part.size > self._capacity:
                self.flush()
            self._chunk.blocks.append(part)
            if 8 * self._chunk.size >= self._capacity:
                self.flush()
        self.lines += block.size

    def flush(self) -> None:
        """Pass on what is left."""
        if self._chunk.blocks:
            chunk, self._chunk = self._chunk, LineChunk()
            self._sink(chunk)


@dataclass(frozen=True, slots=True, eq=False)
class LineFrames:
    """What every chunk of a run needs to become a frame.

    Attributes
    ----------
    run : str
        Id of the run.
    bonuses : sequence of str
        Every name a line may have, in the order of the plan; ``payout`` last where statements are rounded as a whole.
    members, orders : IdColumn
    base_decimals, amount_decimals : int
        Decimals of the columns of the whole run; a bonus with fewer is written with more.
    """

    run: str
    bonuses: Sequence[str]
    members: IdColumn
    orders: IdColumn
    base_decimals: int
    amount_decimals: int

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column types, in order."""
        return {
            "run": pl.Enum([self.run]),
            "bonus": self._bonus_type,
            "earner": self.members.dtype,
            "source": self.members.dtype,
            "via": self.members.dtype,
            "order": self.orders.dtype,
            "level": pl.Int32(),
            "paid_level": pl.Int16(),
            "base": decimal_type(self.base_decimals),
            "rate_ppm": pl.Int64(),
            "amount": decimal_type(self.amount_decimals),
            "outcome": pl.Enum(OUTCOMES),
        }

    def empty(self) -> pl.DataFrame:
        """Return the frame of a run without lines."""
        return pl.DataFrame(schema=self.schema)

    def frame(self, chunk: LineChunk) -> pl.DataFrame:
        """Return a chunk as a frame with the columns `LINE_COLUMNS`."""
        members, orders = self.members, self.orders
        columns = [
            constant("run", self.run, pl.Enum([self.run]), chunk.size),
            _joined([constant("bonus", bonus, self._bonus_type, count) for bonus, _, count in chunk.parts]),
            members.gather("earner", chunk.column("earner")),
            members.gather("source", chunk.column("source")),
            members.gather("via", chunk.column("via")),
            orders.gather("order", chunk.column("order")),
            pl.Series("level", chunk.column("level")),
            pl.Series("paid_level", chunk.column("paid_level")),
            self._base(chunk),
            pl.Series("rate_ppm", chunk.column("rate_ppm")),
            decimal_series("amount", chunk.column("amount"), self.amount_decimals),
            categories("outcome", chunk.column("outcome"), OUTCOMES),
        ]
        return pl.DataFrame(columns)

    @property
    def _bonus_type(self) -> pl.Enum:
        return pl.Enum(self.bonuses)

    def _base(self, chunk: LineChunk) -> pl.Series:
        return _joined(
            [decimal_series("base", block.base, block.base_decimals, self.base_decimals) for block in chunk.blocks]
        )


def constant(name: str, value: str, dtype: pl.DataType, count: int) -> pl.Series:
    """Return a column that holds one value."""
    return pl.Series(name, [value], dtype=dtype).new_from_index(0, count)


def categories(name: str, codes: NDArray, labels: Sequence[str]) -> pl.Series:
    """Return codes into labels as an Enum column; a code below 0 is null.

    Parameters
    ----------
    name : str
    codes : (k,) integers
    labels : sequence of str
    """
    dtype = pl.Enum(list(dict.fromkeys(labels)))
    if codes.size == 0:
        return pl.Series(name, [], dtype=dtype)
    lowest, highest = int(codes.min()), int(codes.max())
    if lowest == highest and lowest >= 0:
        return constant(name, labels[lowest], dtype, codes.size)
    known = pl.Series(name, [*labels, None], dtype=dtype)
    places = codes if lowest >= 0 else np.where(codes < 0, len(labels), codes)
    return known.gather(places)


def _joined(columns: list[pl.Series]) -> pl.Series:
    return columns[0] if len(columns) == 1 else pl.concat(columns, rechunk=True)
