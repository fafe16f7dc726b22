"""Lines by what posted them: their digests add up, and some can be taken out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.ledger.account import Post
from mlmcalc.ledger.lines import LineBlock
from mlmcalc.runs.preview.bonus import PartLines
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.line_digest import LineDigest
from mlmcalc.tables.line_frames import LineBuffer, LineChunk, LineFrames
from mlmcalc.volumes.orders import Orders

_LANE = 16
_WRAP = 1 << 64
NOTHING = f"{0:032x}-0"
"""The digest of no rows."""


def added_up(plus: Iterable[str], minus: Iterable[str] = ()) -> str:
    """Return the digest of the rows of some digests, less the rows of others; all are of one kind of table.

    Parameters
    ----------
    plus, minus : iterable of str
        As `mlmcalc.ledger.digest.ContentDigest.hex` writes them.
    """
    lanes, rows = [0, 0], 0
    for sign, digests in ((1, plus), (-1, minus)):
        for digest in digests:
            sums, _, count = digest.partition("-")
            for lane in range(2):
                lanes[lane] += sign * int(sums[lane * _LANE : (lane + 1) * _LANE], 16)
            rows += sign * int(count)
    return f"{lanes[0] % _WRAP:016x}{lanes[1] % _WRAP:016x}-{rows}"


@dataclass(slots=True, eq=False)
class Group:
    """The lines that one value of a plan posted.

    Attributes
    ----------
    frames : LineFrames
    digest : LineDigest
    buffer : LineBuffer
    chunks : list of LineChunk
    """

    frames: LineFrames
    digest: LineDigest
    buffer: LineBuffer
    chunks: list[LineChunk] = field(default_factory=list)


class LineGroups:
    """Receives lines, apart for each key.

    Parameters
    ----------
    frames : LineFrames
    """

    def __init__(self, frames: LineFrames) -> None:
        self.frames = frames
        self.groups: dict[str, Group] = {}

    def post_of(self, key: str, orders: Orders | None = None) -> Post:
        """Return what receives the lines of a key.

        Parameters
        ----------
        key : str
        orders : Orders, optional
            Whose rows the lines name; those of the run.
        """
        frames, chunks = self.frames, list[LineChunk]()
        if orders is not None:
            frames = replace(frames, orders=IdColumn.of_orders(orders))
        digest = LineDigest(frames.members, frames.orders, frames.base_decimals, frames.amount_decimals)

        def keep(chunk: LineChunk) -> None:
            digest.add(chunk)
            chunks.append(chunk)

        group = Group(frames, digest, LineBuffer(keep), chunks)

        def post(block: LineBlock) -> None:
            self.groups[key] = group
            group.buffer.post(block)

        return post

    def digests(self) -> dict[str, str]:
        """Return the digest of each key that posted lines."""
        for group in self.groups.values():
            group.buffer.flush()
        return {key: group.digest.hex() for key, group in self.groups.items()}

    def frame(self, key: str) -> pl.DataFrame:
        """Return the lines of a key."""
        group = self.groups.get(key)
        if group is not None:
            group.buffer.flush()
        if group is None or not group.chunks:
            return self.frames.empty()
        return pl.concat([group.frames.frame(chunk) for chunk in group.chunks])


class LinesOfPart:
    """Lines of a part of the company, as lines of the whole.

    Parameters
    ----------
    frames : LineFrames
        Of the whole run.
    lines : PartLines
    """

    def __init__(self, frames: LineFrames, lines: PartLines) -> None:
        self._frames = replace(frames, orders=IdColumn.of_orders(lines.orders))
        self._chunks: list[LineChunk] = []
        members = lines.part.members
        # A place past the last is the company; -1, the last entry, is nobody.
        whole = np.concatenate([members, [frames.members.size, -1]]).astype(np.int32)
        buffer = LineBuffer(self._chunks.append, max(sum(block.size for block in lines.blocks), 1))
        for block in lines.blocks:
            buffer.post(_renamed(block, whole))
        buffer.flush()

    def digest(self) -> str:
        """Return the digest of the lines."""
        frames = self._frames
        digest = LineDigest(frames.members, frames.orders, frames.base_decimals, frames.amount_decimals)
        for chunk in self._chunks:
            digest.add(chunk)
        return digest.hex()

    def frame(self) -> pl.DataFrame:
        """Return the lines."""
        if not self._chunks:
            return self._frames.empty()
        return pl.concat([self._frames.frame(chunk) for chunk in self._chunks])


def without_lines(lines: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Return lines less others that are among them; of equal ones so many as are taken."""
    if not taken.height:
        return lines
    names = lines.columns
    numbered = pl.int_range(pl.len()).over(names).alias("nth")
    sources = taken.get_column("source").unique()
    concerned = pl.col("source").is_in(sources.implode(), nulls_equal=True)
    left = lines.filter(concerned).with_columns(numbered)
    left = left.join(taken.with_columns(numbered), on=[*names, "nth"], how="anti", nulls_equal=True)
    return pl.concat([lines.filter(~concerned), left.drop("nth")])


def _renamed(block: LineBlock, whole: NDArray[np.int32]) -> LineBlock:
    return replace(block, earner=whole[block.earner], source=whole[block.source], via=whole[block.via])


def total_of(digests: Mapping[str, str]) -> str:
    """Return the digest of the lines of all keys."""
    return added_up([NOTHING, *digests.values()])
