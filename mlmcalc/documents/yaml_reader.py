"""Strict YAML: every scalar stays text and every value knows its line and column.

Plain PyYAML lets a duplicate key win silently, reads ``NO`` as False and ``012`` as 10. Here only events are used, so
that none of its types, tags or aliases take part.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from mlmcalc.documents.characters import MAX_BYTES, check_characters, decoded, hidden_character, place_of, refusal
from mlmcalc.documents.document import Document, Mark
from mlmcalc.errors import EnvironmentRefused, Finding, InputRefused

MAX_NODES = 2_000_000
MAX_DEPTH = 50
_MAX_FAULTS = 100

_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class _Stop(Exception):
    """Reading on would be unsafe or pointless."""


class _Builder:
    """Puts a document together from events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Finding] = []
        self.root: tuple[dict[str, Any], Mark] | None = None
        self._values: list[Any] = []
        self._marks: list[Any] = []
        self._keys: list[tuple[str, int, int] | None] = []
        self._nodes = 0

    def fault(self, code: str, message: str, remedy: str, mark: Any) -> NoReturn:
        self.faults.append(
            Finding(f"documents.{code}", message, remedy, file=self.file, line=mark.line + 1, position=mark.column + 1)
        )
        raise _Stop

    def read(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                del self._values[-1], self._marks[-1], self._keys[-1]
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault(
                        "several", "A second document begins here.", "Keep one document per file.", event.start_mark
                    )

    def _node(self, event: Any) -> None:
        mark = event.start_mark
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.fault("nodes", f"More than {MAX_NODES:,} values.", "Split the document.", mark)
        if event.anchor is not None:
            self.fault(
                "anchor", "Anchors (&) and aliases (*) are not read.", "Write the value out where it is used.", mark
            )
        if event.tag is not None:
            self.fault(
                "tag", f"The tag {event.tag} is not read.", "Leave it out; what starts with ! needs quotes.", mark
            )
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, mark)
            return
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        within: Any = {} if is_mapping else []
        value: Any = {} if is_mapping else []
        if not self._values:
            if not is_mapping:
                self._not_a_mapping(mark)
            self.root = (value, (mark.line, mark.column, within))
        else:
            self._add(value, (mark.line, mark.column, within), mark)
        if len(self._values) >= MAX_DEPTH:
            self.fault("depth", f"Nested deeper than {MAX_DEPTH} levels.", "Flatten the document.", mark)
        self._values.append(value)
        self._marks.append(within)
        self._keys.append(None)

    def _scalar(self, event: Any, mark: Any) -> None:
        if not self._values:
            self._not_a_mapping(mark)
        plain = event.style in ("", None)
        text = event.value
        hidden = hidden_character(text)
        if hidden is not None:
            self.fault("invisible", f"The invisible character U+{ord(hidden):04X}.", "Leave it out.", mark)
        if isinstance(self._values[-1], dict) and self._keys[-1] is None:
            if text == "":
                self.fault("key", "A key is empty.", "Give it a name, or leave the line out.", mark)
            self._keys[-1] = (text, mark.line, mark.column)
            return
        self._add("" if plain and text in _NULLS else text, (mark.line, mark.column, None), mark)

    def _add(self, value: Any, node: Mark, mark: Any) -> None:
        parent, marks, key = self._values[-1], self._marks[-1], self._keys[-1]
        if isinstance(parent, list):
            parent.append(value)
            marks.append(node)
            return
        if key is None:
            self.fault(
                "key",
                "A key is a list or a mapping.",
                "A key is a single word; quote it if it starts with [ or {.",
                mark,
            )
            return
        name, line, column = key
        self._keys[-1] = None
        if name in parent:
            first = marks[name]
            self.faults.append(
                Finding(
                    "documents.duplicate",
                    f"The key {name!r} stands here twice: first in line {first[0] + 1}.",
                    "Keep one of the two.",
                    file=self.file,
                    line=line + 1,
                    position=column + 1,
                )
            )
            if len(self.faults) >= _MAX_FAULTS:
                raise _Stop
            return
        parent[name] = value
        marks[name] = (line, column, node)

    def _not_a_mapping(self, mark: Any) -> None:
        self.fault(
            "root", "The document is no mapping of keys to values.", "Begin with a line such as `plan: name`.", mark
        )


def _syntax(fault: yaml.YAMLError, text: str, file: str) -> Finding:
    problem, line, position = "it cannot be read", None, None
    if isinstance(fault, yaml.reader.ReaderError):
        # The C parser gives the code point, the Python one the character.
        code = fault.character if isinstance(fault.character, int) else ord(fault.character)
        problem = f"the control character U+{code:04X}"
        line, position = place_of(text, fault.position)
    elif isinstance(fault, yaml.MarkedYAMLError):
        problem = ", ".join(part for part in (fault.problem, fault.context) if part)
        mark = fault.problem_mark or fault.context_mark
        if mark is not None:
            line, position = mark.line + 1, mark.column + 1
    if "maximum nesting depth" in problem:
        # Newer parsers stop at a depth of their own before any event of it arrives.
        message, remedy = f"Nested deeper than {MAX_DEPTH} levels.", "Flatten the document."
        return Finding("documents.depth", message, remedy, file=file, line=line, position=position)
    return Finding(
        "documents.syntax",
        f"This is not YAML: {problem}.",
        "Look at this line and the one before for indentation, a missing quote, bracket or colon; quote `: `.",
        file=file,
        line=line,
        position=position,
    )


def read_document(content: str | bytes, file: str) -> Document:
    """Return a YAML document with every scalar as text.

    Parameters
    ----------
    content : str or bytes
        Bytes must be UTF-8; a byte-order mark is tolerated.
    file : str
        Name for findings.

    Raises
    ------
    InputRefused
        ``documents.size`` (10 MB), ``.nodes`` (2,000,000), ``.depth`` (50), ``.encoding``, ``.tab``, ``.invisible``,
        ``.syntax``, ``.anchor``, ``.tag``, ``.several``, ``.duplicate`` (all of them), ``.key``, ``.root``, ``.empty``.
    """
    text = decoded(content, file)
    check_characters(text, file)
    builder = _Builder(file)
    try:
        builder.read(yaml.parse(text, Loader=_LOADER))
    except _Stop:
        pass
    except yaml.YAMLError as fault:
        builder.faults.append(_syntax(fault, text, file))
    if builder.faults:
        raise InputRefused(builder.faults)
    if builder.root is None:
        raise refusal("empty", "The document is empty.", "Is this the right file?", file)
    value, root = builder.root
    return Document(file, text, value, root)


def read_file(path: str | Path) -> Document:
    """Return the YAML document in a file.

    Raises
    ------
    InputRefused
        ``documents.missing``, and whatever `read_document` refuses.
    EnvironmentRefused
        ``documents.unreadable``: the operating system does not give the file.
    """
    name = str(path)
    try:
        with open(path, "rb") as stream:
            # One byte more than allowed tells that there is more, whatever a directory entry says.
            content = stream.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise refusal("missing", "There is no such file.", "Check the path.", name) from None
    except IsADirectoryError:
        raise refusal("missing", "This is a folder, not a file.", "Name the file in it.", name) from None
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise EnvironmentRefused(Finding("documents.unreadable", f"It cannot be read: {reason}.", file=name)) from None
    return read_document(content, name)
