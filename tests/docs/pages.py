"""The pages of the documentation: their blocks, table cells, links and headings, and how a fragment becomes a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlmcalc.documents.yaml_reader import read_document

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """Return every page of the repository."""
    return sorted(path for path in ROOT.rglob("*.md") if not {".venv", ".git"} & set(path.parts))


def blocks(text: str, language: str = "yaml") -> list[tuple[int, str]]:
    """Return the line and content of every fenced block in a language."""
    return [
        (text.count("\n", 0, found.start()) + 1, found[3])
        for found in _BLOCK.finditer(text)
        if found[2].strip() == language
    ]


def without_blocks(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _BLOCK.sub("", text)


def spans(text: str) -> list[str]:
    """Return the code spans of a line."""
    return _SPAN.findall(text)


def links(text: str) -> list[str]:
    """Return where a page links to; not what only looks like a link in code."""
    return _LINK.findall(_SPAN.sub("", re.sub(r"\[`[^`]*`[^\]]*\]", "[code]", without_blocks(text))))


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def rows(text: str) -> Iterator[tuple[int, str]]:
    """Yield line number and text of every row of every table, heads and rules not."""
    lines = without_blocks_kept(text).split("\n")
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and re.match(r"^\|[-:| ]+\|$", lines[number + 1])
        if line.startswith("|") and not is_head and not re.match(r"^\|[-:| ]+\|$", line):
            yield number + 1, line


def without_blocks_kept(text: str) -> str:
    """Return a page whose fenced blocks are empty lines, so that line numbers stay."""
    return _BLOCK.sub(lambda found: "\n" * found[0].count("\n"), text)


def value_of(text: str) -> dict[str, Any]:
    """Return what a YAML text says, every scalar as text, as mlmcalc reads it."""
    value = read_document(text, "fragment").value
    assert isinstance(value, dict), text
    return value


def merged(plan: dict[str, Any], fragment: dict[str, Any]) -> dict[str, Any]:
    """Return a plan in which entries and rungs of a fragment stand in the place of those of the same name."""
    found = dict(plan)
    for section, said in fragment.items():
        before = found.get(section)
        if section == "ranks":
            found[section] = _with_rungs(before, said)
        elif section in _ONE_WHOLE or not isinstance(before, dict) or not isinstance(said, dict):
            found[section] = said
        else:
            found[section] = {**before, **said}
    return found


_ONE_WHOLE = ("rounding", "active", "payout")


def _with_rungs(before: Any, said: Any) -> Any:
    if isinstance(said, dict):
        return {**said, "ladder": _with_rungs(before, said["ladder"])} if "ladder" in said else said
    if not isinstance(before, list):
        return said
    new = {rung["rank"]: rung for rung in said}
    return [new.pop(rung["rank"], rung) for rung in before] + list(new.values())


def written(plan: dict[str, Any]) -> str:
    """Return a plan as text."""
    return json.dumps(plan, indent=1)
