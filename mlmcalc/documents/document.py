"""A document as read: values as text, and the place of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mlmcalc.errors import Finding

DocumentPath = Sequence[str | int]
"""Keys and list indices from the root."""

Mark = tuple[int, int, Any]
"""Line and column from 0, and what lies within.

For a mapping key -> (line, column, mark), for a list its marks, else None."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A document as read.

    Attributes
    ----------
    file : str
        As the user named it.
    text : str
        As it was written, without a byte-order mark.
    value : dict
        Mappings, lists and text; a null is empty text.
    """

    file: str
    # Whoever shows a document by accident shows none of its secrets.
    text: str = field(repr=False)
    value: dict[str, Any] = field(repr=False)
    _root: Mark = field(repr=False)

    def place(self, path: DocumentPath, key: bool = False) -> tuple[int, int]:
        """Return line and column, from 1, of the value at a path.

        Parameters
        ----------
        path : sequence of str or int
            Keys and list indices from the root. A path that does not exist stands for its nearest ancestor that does.
        key : bool
            Whether the key is meant, not its value. A mapping or list under a key is always placed at its key.
        """
        mark, own_key = self._root, None
        for step in path:
            within = mark[2]
            if isinstance(within, dict) and isinstance(step, str) and step in within:
                line, column, mark = within[step]
                own_key = (line, column)
            elif isinstance(within, list) and isinstance(step, int) and 0 <= step < len(within):
                mark, own_key = within[step], None
            else:
                key = own_key is not None
                break
        if own_key is not None and (key or mark[2] is not None):
            return own_key[0] + 1, own_key[1] + 1
        return mark[0] + 1, mark[1] + 1

    def located(self, finding: Finding, key: bool = False) -> Finding:
        """Return a finding with the file, line and column of its path."""
        line, position = self.place(finding.path, key)
        return dataclasses.replace(finding, file=self.file, line=line, position=position)
