"""From bytes to characters that a reviewer sees as the reader does."""

from __future__ import annotations

import re

from mlmcalc.errors import Finding, InputRefused

MAX_BYTES = 10_000_000
# Marks that reorder or hide text: what a reviewer sees would not be what is calculated.
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def refusal(
    code: str, message: str, remedy: str, file: str, line: int | None = None, position: int | None = None
) -> InputRefused:
    """Return an `InputRefused` with one finding of this room."""
    return InputRefused(Finding(f"documents.{code}", message, remedy, file=file, line=line, position=position))


def place_of(text: str, index: int) -> tuple[int, int]:
    """Return line and column, from 1, of an index into a text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _too_large(file: str) -> InputRefused:
    """Return an `InputRefused` with one finding of this room."""
    return refusal(
        "size",
        f"The document is larger than {MAX_BYTES // 1_000_000} MB.",
        "A plan or workspace is far smaller: is this the right file?",
        file,
    )


def decoded(content: str | bytes, file: str) -> str:
    """Return a document's text without its byte-order mark.

    Raises
    ------
    InputRefused
        ``documents.size``, ``documents.encoding``.
    """
    if len(content) > MAX_BYTES:
        raise _too_large(file)
    encoding = "Save it as UTF-8."
    if isinstance(content, bytes):
        if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
            raise refusal("encoding", "The document is UTF-16 or UTF-32.", encoding, file, 1, 1)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as fault:
            before = content[: fault.start].decode("utf-8")
            message = f"The byte 0x{content[fault.start]:02X} is not UTF-8."
            raise refusal("encoding", message, encoding, file, *place_of(before, len(before))) from None
    else:
        text = content
        try:
            size = len(content) if content.isascii() else len(content.encode("utf-8"))
        except UnicodeEncodeError as fault:
            raise refusal(
                "encoding", "Half of a character pair.", encoding, file, *place_of(text, fault.start)
            ) from None
        if size > MAX_BYTES:
            raise _too_large(file)
    return text.removeprefix("\ufeff")


def check_characters(text: str, file: str) -> None:
    """Refuse characters that no plan needs and that do harm: NUL, tabs, and marks that hide or reorder text.

    Raises
    ------
    InputRefused
        ``documents.encoding``, ``documents.tab``, ``documents.invisible``.
    """
    index = text.find("\0")
    if index >= 0:
        raise refusal("encoding", "A NUL character.", "Save it as UTF-8 text.", file, *place_of(text, index))
    index = text.find("\t")
    if index >= 0:
        raise refusal("tab", "A tab.", "Use spaces.", file, *place_of(text, index))
    hidden = None if text.isascii() else _HIDDEN.search(text)
    if hidden:
        message = f"The invisible character U+{ord(hidden.group()):04X}."
        raise refusal("invisible", message, "Delete it.", file, *place_of(text, hidden.start()))


def hidden_character(text: str) -> str | None:
    """Return the first character of a value that nobody sees, which an escape may have brought in."""
    if text.isprintable():
        return None
    found = _HIDDEN.search(text) or _CONTROL.search(text)
    return found.group() if found else None
