"""The words of a room by name, each file imported when a plan first uses its word."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

_W = TypeVar("_W")


class WordTable(Mapping[str, type[_W]]):
    """The words of one room; their names need no import.

    Parameters
    ----------
    room : str
        Package of the files.
    places : mapping of str to str
        Word to ``file:Class``.
    """

    def __init__(self, room: str, places: Mapping[str, str]) -> None:
        self._room = room
        self._places = dict(places)

    def __getitem__(self, word: str) -> Any:
        """Return the model of a word."""
        file, _, name = self._places[word].partition(":")
        return getattr(importlib.import_module(f"{self._room}.{file}"), name)

    def __contains__(self, word: object) -> bool:
        return word in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
