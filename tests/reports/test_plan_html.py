"""The page as HTML: everything a plan says is text, nothing runs, nothing is loaded."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from mlmcalc.plan.load import load_plan
from mlmcalc.plan.page import plan_page
from mlmcalc.reports.plan_html import plan_html
from tests.plan.test_doubts import PLAN

HOSTILE = [
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "</style><script>x</script>",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
    "&lt;b&gt;",
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_plan_says_is_text(hostile):
    quoted = hostile.replace("'", "''")
    text = PLAN.replace("base: cv}\n  matching", f"base: cv, source: '{quoted}'}}\n  matching", 1)
    parsed = read(plan_html(plan_page(load_plan(text))))
    assert hostile in parsed.text
    assert not parsed.tags & {"script", "img", "b", "a", "iframe", "link", "object"}
    assert not any(name.startswith("on") or name in ("src", "href", "style") for name in parsed.attributes)


def test_the_page_allows_its_own_style_and_nothing_else():
    html = plan_html(plan_page(load_plan(PLAN)))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='", policy[1].replace("&#39;", "'"))
    assert "http:" not in html.replace("http-equiv", "")
    assert html == plan_html(plan_page(load_plan(PLAN)))
