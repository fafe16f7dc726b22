"""What a finding tells those who write what documents say: the word of this language."""

from __future__ import annotations

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.plan.load import load_plan

PLAN = """mlmcalc: 1
plan: small
version: 1
effective: 2026-01-01
currency: EUR
rounding: {{place: line, mode: half_up, unit: 0.01}}
volumes:
  pv: {{sum: pv}}
trees:
  sponsor: {{parent: sponsor_id}}
metrics:
  gv: {{sum: pv, over: subtree}}
  {metric}
ranks:
  - {{rank: Silver, requires: {{pv: 100}}}}
bonuses:
  one: {{levels: [5%], base: pv}}
  {bonus}
"""


@pytest.mark.parametrize(
    ("metric", "bonus", "code", "remedy"),
    [
        ("", "x: {matching: 10%, of: one}", "plan.word", "levels with base: {earned: [BONUS]}"),
        ("", "x: {generations: [5%], base: pv}", "plan.word", "count_from: 1"),
        ("", "x: {level: [5%], base: pv}", "plan.word", "Did you mean levels?"),
        ("", "x: {cash: 5}", "plan.word", "Add one of them."),
        ("x: {max: pv, of: gv}", "", "plan.word", "{add: [X], at_least: 100}"),
        ("x: {minus: pv}", "", "plan.word", "{add: [X], less: [Y]}"),
        ("", "x: {levels: [5%], base: one}", "bonuses.base", "base: {earned: [one]}"),
        ("", "x: {levels: [5%], base: pv, eligible: {rank: Silver+}}", "rules.rank", "Write Silver, which means"),
        ("", "x: {levels: [5%], base: pv, cap: 500}", "plan.value", "Write {per_earner: 500}"),
    ],
)
def test_the_remedy_names_what_is_written_here(metric: str, bonus: str, code: str, remedy: str):
    with pytest.raises(InputRefused) as caught:
        load_plan(PLAN.format(metric=metric, bonus=bonus))
    (found,) = caught.value.findings
    assert found.code == code
    assert remedy in found.remedy
