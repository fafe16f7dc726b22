"""What two versions of a plan say differently."""

from __future__ import annotations

import pytest

from mlmcalc.plan.differences import plan_differences
from mlmcalc.plan.load import load_plan
from tests.plan.test_doubts import PLAN, status


def told(old, new):
    assert old in PLAN
    before, after = load_plan(PLAN), load_plan(PLAN.replace(old, new, 1))
    return [(one.rule, one.kind, one.sentence()) for one in plan_differences(before, after)]


@pytest.mark.parametrize(
    ("old", "new", "rule", "kind", "sentence"),
    [
        ("version: 1", "version: 2", "version", "changed", "1 → 2"),
        ("mode: half_up", "mode: down", "rounding", "changed", "mode: half_up → down"),
        ("gv: 2000}", "gv: 2500}", "rank Manager", "changed", "requires, gv: 2000 → 2500"),
        ("{gv: 20000}", "{gv: 30000}", "rank Director", "changed", "requires, alternative 2, gv: 20000 → 30000"),
        ("[6%, 5%, 3%]", "[6%, 4%, 3%]", "bonus unilevel", "changed", "levels, Director, level 2: 5% → 4%"),
        ("[6%, 5%, 3%]", "[6%, 5%, 3%, 1%]", "bonus unilevel", "new", "levels, Director, level 4: new: 1%"),
        ("[6%, 5%, 3%]", "[6%, 5%]", "bonus unilevel", "gone", "levels, Director, level 3: gone, was: 3%"),
        ("3%]}, base: cv}", "3%]}, base: cv, otherwise: skip}", "bonus unilevel", "new", "otherwise: new: skip"),
        ("  pv: {sum: qv}", "  pv: {sum: qv}\n  rv: {sum: rv}", "volume rv", "new", "new: sum: rv"),
        ("[unilevel]", "[rebate]", "bonus matching", "changed", "base, earned: [unilevel] → [rebate]"),
        ("  - {rank: Partner, requires: {pv: 100}}\n", "", "rank Partner", "gone", "gone, was: requires: {pv: 100}"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(old, new, rule, kind, sentence):
    if rule == "rank Partner":
        before = load_plan(PLAN.replace("{Partner: [5%, 4%], Manager", "{Manager"))
        after = load_plan(PLAN.replace("{Partner: [5%, 4%], Manager", "{Manager").replace(old, new, 1))
        assert [(one.rule, one.kind, one.sentence()) for one in plan_differences(before, after)] == [
            (rule, kind, sentence)
        ]
        return
    assert told(old, new) == [(rule, kind, sentence)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  pv: {sum: qv}", "  pv:\n    sum: 'qv'   # points"),
        ("  pv: {sum: qv}", "  pv: {sum: qv, credit: buyer}"),
        ("base: cv}\n  matching", "base: cv, otherwise: lose}\n  matching"),
        ("currency: EUR", "currency: EUR\nperiod: month\ntime_zone: UTC"),
    ],
)
def test_what_means_the_same_is_no_difference(old, new):
    assert told(old, new) == []


def test_rungs_in_another_order():
    first, second = "  - {rank: Partner, requires: {pv: 100}}\n", "  - {rank: Manager, requires: {pv: 100, gv: 2000}}\n"
    (one,) = plan_differences(load_plan(PLAN), load_plan(PLAN.replace(first + second, second + first)))
    assert one.kind == "moved"
    assert one.sentence().endswith("Partner, Manager, Director → Manager, Partner, Director")


def test_a_wholly_new_section_is_told_rule_by_rule():
    score = "points:\n  score: {levels: [5], base: pv}\n  extra: {personal: 1%, base: pv}\nbonuses:\n"
    names = [
        one.rule
        for one in plan_differences(
            load_plan(PLAN), load_plan(PLAN.replace("bonuses:\n", score.replace("[5]", "[5%]")))
        )
    ]
    assert names == ["points score", "points extra"]


def test_the_command(tmp_path, capsys):
    from mlmcalc.cli.main import main

    (tmp_path / "a.yaml").write_text(PLAN)
    (tmp_path / "b.yaml").write_text(PLAN.replace("gv: 2000}", "gv: 2500}"))
    assert status(main, ["plan", "diff", str(tmp_path / "a.yaml"), str(tmp_path / "a.yaml")]) == 0
    assert "say the same" in capsys.readouterr().out
    assert status(main, ["plan", "diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]) == 1
    assert "requires, gv: 2000 → 2500  (line 17 → 17)" in capsys.readouterr().out


def test_sections_that_are_one_rule_are_not_the_head(tmp_path, capsys):
    from mlmcalc.cli.main import main
    from tests.plan.test_page import RULES

    (tmp_path / "a.yaml").write_text(RULES)
    (tmp_path / "b.yaml").write_text(RULES.replace("[60%, 40%]", "[60%, 30%]").replace("rate: 2%", "rate: 3%"))
    assert status(main, ["plan", "diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")]) == 1
    said = capsys.readouterr().out
    assert "positions, place 2: 40% → 30%" in said
    assert "\npayout\n" in said
