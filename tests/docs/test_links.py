"""Every relative link of every page leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links, pages


def _broken(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    found = []
    for link in links(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            found.append(f"{link}: no such file")
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target.read_text(encoding="utf-8"))):
            found.append(f"{link}: no such heading")
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    assert _broken(page) == []


def test_a_broken_link_would_be_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# One `two` three\n[a](#one-two-three) [b](#two) [c](none.md) [`d`](page.md#three)\n", "utf-8")
    assert [link.partition(":")[0] for link in _broken(page)] == ["#two", "none.md", "page.md#three"]
