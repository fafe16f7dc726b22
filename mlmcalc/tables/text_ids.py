"""Text ids as polars holds them: a sequence of texts that are made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray


class TextIds(Sequence[str]):
    """Ids by position, of which a run asks for few.

    Parameters
    ----------
    series : (n,) String
        Without nulls.
    """

    def __init__(self, series: pl.Series) -> None:
        self.series = series

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> TextIds: ...

    def __getitem__(self, place: int | slice) -> str | TextIds:
        """Return one id, or some as a sequence."""
        return TextIds(self.series[place]) if isinstance(place, slice) else self.series[int(place)]

    def __len__(self) -> int:
        """Return how many there are."""
        return self.series.len()

    def __iter__(self) -> Iterator[str]:
        """Yield the ids; all of them are made at once."""
        return iter(self.series.to_list())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the ids as numpy keeps texts, as of a list."""
        return np.array(self.series.to_list(), dtype)

    def __eq__(self, other: object) -> bool:
        """Return whether the other is a sequence of the same texts."""
        return isinstance(other, Sequence) and not isinstance(other, str) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  as of a list
