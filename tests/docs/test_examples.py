"""Every YAML example of the pages of the plan language loads, as it stands or in a company with the names it uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmcalc.placement.load import load_placement
from mlmcalc.plan.load import load_plan
from tests.docs.pages import ROOT, blocks, merged, value_of, written

HOUSE = ROOT / "mlmcalc"
COMPANY = value_of((ROOT / "tests" / "docs" / "company.yaml").read_text(encoding="utf-8"))
PAGES = [
    *(HOUSE / room / "README.md" for room in ("plan", "bonuses", "limits", "payout", "placement")),
    HOUSE / "plan" / "sentences.md",
    *sorted(page for page in (HOUSE / "bonuses").glob("*.md") if page.name != "README.md"),
]
EXAMPLES = [
    pytest.param(text, id=f"{page.relative_to(HOUSE)} line {line}")
    for page in PAGES
    for line, text in blocks(page.read_text(encoding="utf-8"))
]
_SECTIONS = {*COMPANY, "statuses", "points", "exclusive", "limits", "payout", "corrections"}


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_loads(text: str):
    said = value_of(text)
    if "remove" in said:
        said = {"placement": {"method": "matrix", "width": "3", **said}}
    if "placement" in said:
        load_placement(written(said))
    elif "mlmcalc" in said:
        load_plan(text)
    else:
        load_plan(written(merged(COMPANY, said if set(said) <= _SECTIONS else {"bonuses": said})))


def test_the_worked_plan_is_the_case():
    case = HOUSE.parent / "fixtures" / "cases" / "language" / "whole_plan" / "plan.yaml"
    assert case.read_text(encoding="utf-8") in [text for _, text in blocks(_read(HOUSE / "plan" / "README.md"))]


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")
