"""Every fragment of "Your plan document, sentence by sentence" loads in the plan of that page."""

from __future__ import annotations

import re

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.placement.load import load_placement
from mlmcalc.plan.load import load_plan
from tests.docs.pages import ROOT, blocks, merged, rows, spans, value_of, written

PAGE = ROOT / "mlmcalc" / "plan" / "sentences.md"
TEXT = PAGE.read_text(encoding="utf-8")
PLAN = value_of(blocks(TEXT)[0][1])
_FRAGMENT = re.compile(r"[a-z_]+: ")
_SECTIONS = {*PLAN, "period", "statuses", "schemes", "points", "ladders", "limits", "exclusive", "payout", "placement"}


def _is_fragment(span: str) -> bool:
    return bool(_FRAGMENT.match(span)) and span.partition(":")[0] in _SECTIONS and not span.endswith("...")


ROWS = [
    pytest.param(tuple(filter(_is_fragment, spans(line))), id=f"line {number}")
    for number, line in rows(TEXT)
    if any(map(_is_fragment, spans(line)))
]


def test_the_plan_of_the_page_loads():
    assert load_plan(blocks(TEXT)[0][1]).warnings == ()


@pytest.mark.parametrize("fragments", ROWS)
def test_every_fragment_loads(fragments: tuple[str, ...]):
    plan = PLAN
    for fragment in fragments:
        said = value_of(fragment)
        if "placement" in said:
            load_placement(written(said))
        else:
            plan = merged(plan, said)
    assert load_plan(written(plan)).warnings == ()


def test_enough_sentences_are_answered():
    assert len(ROWS) > 150


def test_a_wrong_fragment_would_be_found():
    with pytest.raises(InputRefused, match="levels"):
        load_plan(written(merged(PLAN, value_of("bonuses: {unilevel: {level: [5%], base: cv}}"))))
