"""Plans that are valid but doubtful, and the most a plan can pay."""

from __future__ import annotations

import json

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.plan.doubts import doubts_of
from mlmcalc.plan.load import load_plan
from mlmcalc.plan.worst_case import worst_cases

PLAN = """
mlmcalc: 1
plan: doubtful
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
volumes:
  pv: {sum: qv}
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
metrics:
  gv: {sum: pv, over: subtree}
ranks:
  - {rank: Partner, requires: {pv: 100}}
  - {rank: Manager, requires: {pv: 100, gv: 2000}}
  - {rank: Director, requires: [{pv: 200, gv: 9000, legs: {with: Manager, count: 2}}, {gv: 20000}]}
bonuses:
  unilevel: {levels: {Partner: [5%, 4%], Manager: [5%, 5%], Director: [6%, 5%, 3%]}, base: cv}
  matching: {levels: [50%], base: {earned: [unilevel]}}
  rebate: {personal: {0: 1%, 100: 2%}, tier: pv, base: cv}
"""


PARTNER = "rank Partner"


def found(old="", new=""):
    assert old in PLAN
    return [(doubt.code, doubt.what, doubt.message) for doubt in doubts_of(load_plan(PLAN.replace(old, new, 1)))]


def test_nothing_is_doubtful():
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "code", "what", "words"),
    [
        ("Partner, requires: {pv: 100}", "Partner, requires: {pv: 100, gv: 2500}", "never_held", PARTNER, "Manager"),
        ("{pv: 100, gv: 2000}", "{pv: 50}", "never_held", PARTNER, "Manager"),
        ("{gv: 20000}", "{gv: 1000}", "never_held", "rank Manager", "Director"),
        ("Director: [6%, 5%, 3%]", "Director: [4%, 5%, 3%]", "falls_with_rank", "bonus unilevel", "4% at level 1"),
        ("Director: [6%, 5%, 3%]", "Director: [6%]", "falls_with_rank", "bonus unilevel", "no rate at level 2"),
        ("100: 2%", "100: 0.5%", "falls_with_tier", "bonus rebate", "0.5%"),
        ("[6%, 5%, 3%]", "[60%, 15%, 3%]", "over_the_whole", "bonuses", "119%"),
        ("metrics:\n", "metrics:\n  tv: {sum: pv, over: frontline}\n", "unused", "metric tv", ""),
        ("volumes:\n", "volumes:\n  dv: {sum: cv}\n", "unused", "volume dv", ""),
        ("metrics:\n", "  active: {compress: sponsor, keep: {pv: 1}}\nmetrics:\n", "unused", "tree active", ""),
    ],
)  # fmt: skip
def test_what_is_doubtful(old, new, code, what, words):
    doubts = found(old, new)
    assert [(one, rule) for one, rule, _ in doubts] == [(f"lint.{code}", what)]
    assert words in doubts[0][2]


def test_a_ladder_that_adds_up_is_judged_as_one():
    """With `cumulative` a higher rung may ask less: it asks for all the lower ones too."""
    old, new = "ranks:\n", "ranks:\n  cumulative: true\n  ladder:\n"
    text = PLAN.replace("  - {rank", "    - {rank").replace(old, new)
    assert doubts_of(load_plan(text)) == []


def test_the_most_of_a_column_is_its_bonuses_added_up():
    (case,) = worst_cases(load_plan(PLAN))
    # Unilevel 6% + 5% + 3%, half of it again, and 2%.
    assert (case.column, case.rate_ppm) == ("cv", 140_000 + 70_000 + 20_000)
    assert case.sentence() == (
        "of cv at most 23%: unilevel 14% (6% + 5% + 3%); matching 7% (50%); rebate 2% (the highest rate)"
    )


def test_a_share_of_a_volume_is_a_share_of_its_column():
    plan = load_plan(PLAN.replace("cv: {sum: cv}", "cv: {sum: cv, share: 50%}"))
    assert worst_cases(plan)[0].rate_ppm == 115_000


@pytest.mark.parametrize(
    ("bonus", "most"),
    [
        ("{differential: {100: 3%, 500: 9%}, tier: pv, base: cv}", "9%"),
        ("{differential: {100: 3%, 500: 9%}, tier: pv, base: cv, top: 5%}", "5%"),
        ("{levels: [10%], base: cv, multiplier: {Manager: 150%}}", "15%"),
        ("{levels: [10%], base: cv, multiplier: 50%}", "5%"),
    ],
)  # fmt: skip
def test_the_most_of_differentials_and_multipliers(bonus, most):
    plan = load_plan(PLAN.partition("bonuses:")[0] + f"bonuses:\n  one: {bonus}\n")
    (case,) = worst_cases(plan)
    assert case.sentence().startswith(f"of cv at most {most}: one {most}")


def test_the_most_of_what_is_counted_is_an_amount():
    text = PLAN.replace("volumes:\n", "volumes:\n  packs: {count: orders}\n")
    plan = load_plan(text.partition("bonuses:")[0] + "bonuses:\n  one: {levels: [20.00, 5.00], base: packs}\n")
    assert [case.sentence() for case in worst_cases(plan)] == ["of packs at most 25.00 each: one 25.00 each"]


def test_the_command(tmp_path, capsys):
    from mlmcalc.cli.main import main

    (tmp_path / "plan.yaml").write_text(PLAN.replace("100: 2%", "100: 0.5%"))
    assert status(main, ["plan", "lint", str(tmp_path / "plan.yaml")]) == 0
    said = capsys.readouterr().out
    assert "lint.falls_with_tier" in said
    assert "line 22" in said
    assert status(main, ["plan", "lint", "--strict", "--format", "json", str(tmp_path / "plan.yaml")]) == 1
    assert json.loads(capsys.readouterr().out)["doubts"][0]["code"] == "lint.falls_with_tier"
    (tmp_path / "plan.yaml").write_text("mlmcalc: 1\n")
    assert status(main, ["plan", "lint", str(tmp_path / "plan.yaml")]) == 3


def status(main, arguments):
    try:
        return main(arguments) or 0
    except SystemExit as end:
        return end.code


@pytest.mark.parametrize(
    ("keys", "rate_ppm", "how"),
    [
        ("{3: 5%, 100: 12.5%}, tier: gv", 125_000, "the highest rate"),
        ("{Partner: 5%, Director: 9%}, top: 7%", 70_000, "the top"),
        ("{3: 5%, 100: 12.5%}, tier: gv, against: immediate_leg", None, "no bound"),
    ],
)
def test_a_differential_pays_its_top_at_most(keys: str, rate_ppm: int | None, how: str):
    plan = load_plan(PLAN.replace("  rebate: ", f"  difference: {{differential: {keys}, base: pv}}\n  rebate: "))
    case = next(one for one in worst_cases(plan) if one.column == "qv")
    assert case.rate_ppm == rate_ppm
    assert how in case.sentence()


TREE = "trees:\n  legs: {parent: placement_id, leg: placement_leg, width: 2}\n  sponsor: {parent: sponsor_id}\n"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("{differential: {Partner: 5%, Manager+: 12%}, base: cv}", "of cv at most 12%: b 12% (the highest rate)"),
        (
            "{differential: {Partner: 5%, Manager+: 12%}, base: cv, top: 10%, multiplier: {Partner: 150%}}",
            "of cv at most 15%: b 15% (the top, times 150%)",
        ),
        (
            "{differential: {Partner: 5%, Manager+: 12%}, base: cv, against: immediate_leg}",
            "of cv no bound: b: no bound, each leg pays by itself, and a rate that falls and rises is paid again",
        ),
        (
            "{pool: 3%, of: cv, part: 1/3, by: pv, empty: carry, cap: {total: 900.00}}",
            "of cv at most 1%: b 1% (the fund, and what was carried, in total at most 900.00)",
        ),
        ("{pool: 5000.00, by: pv}", "whatever the volume: b: a fund of 5000"),
        (
            "{binary: 10%, volume: cv, tree: legs}",
            "of cv no bound: b: no bound, everybody above matches the same volume again",
        ),
        ("{award: {Partner: 50, Director: 500.50}}", "whatever the volume: b: up to 500.5 for each earner"),
        (
            "{award: 20.00, per: gv, every: 3, streak: {2: 150%}}",
            "whatever the volume: b: up to 20 for each 3 of gv, after a streak 150% of it",
        ),
        (
            "{levels: {Partner+: [5%, 2%], Director: [6%]}, base: cv, generations: mine_or_higher}",
            "of cv at most 20%: b 20% (every rank, and no rank, has generations of its own)",
        ),
        (
            "{levels: [5%], base: cv, generations: mine_or_higher}",
            "of cv at most 20%: b 20% (every rank, and no rank, has generations of its own)",
        ),
    ],
)
def test_the_most_of_every_word(word, said):
    """Three ranks: with none, four who each have generations of their own."""
    head = PLAN[: PLAN.index("bonuses:")].replace("trees:\n  sponsor: {parent: sponsor_id}\n", TREE)
    word = word.replace("Manager+", '"Manager+"').replace("Partner+", '"Partner+"')
    (case,) = worst_cases(
        load_plan(head.replace("over: subtree", "over: subtree, tree: sponsor") + f"bonuses:\n  b: {word}\n")
    )
    assert case.sentence() == said


@pytest.mark.parametrize(
    ("word", "code", "words"),
    [
        ("{differential: {Partner: 5%, Manager: 4%, Director: 6%}, base: cv}", "falls_with_rank", "Manager has 4%"),
        ("{binary: {Partner: 5%, Manager: 4%, Director: 6%}, volume: cv}", "falls_with_rank", "Manager has 4%"),
        ("{binary: {steps: {10: 20, 50: 15.50}}, volume: cv, tree: legs}", "falls_with_tier", "50 has 15.5"),
        ("{pool: 1%, of: cv, shares: {Partner: 2, Manager: 1, Director: 3}}", "falls_with_rank", "Manager has 1,"),
        ("{award: {Partner: 20, Manager: 10, Director: 30}}", "falls_with_rank", "Manager has 10,"),
        ("{levels: [5%], base: cv, tier: pv}", "unused_tier", "pv"),
        ("{binary: {steps: {10: 20, 50: 25}}, volume: cv, tree: legs, tier: pv}", "unused_tier", "pv"),
        ("{personal: 5%, base: cv, multiplier: {tier: pv, steps: 95%}}", "unused_tier", "pv"),
        ("{pool: 1%, of: cv, shares: 1, maximum: {Partner: 50%, Manager: 20%, Director: '-'}}", "", ""),
        ("{pool: 1%, of: cv, shares: 1, maximum: {0: 50%, 10: 20%}, tier: pv}", "", ""),
        ("{levels: [20.00], base: few}", "", ""),
    ],
)  # fmt: skip
def test_what_is_doubtful_in_every_word(word, code, words):
    head = PLAN[: PLAN.index("bonuses:")].replace("trees:\n  sponsor: {parent: sponsor_id}\n", TREE)
    head = head.replace(
        "over: subtree}", "over: subtree, tree: sponsor}\n  few: {count: frontline, tree: sponsor, where: {pv: 1}}"
    )
    doubts = doubts_of(
        load_plan(head + f"bonuses:\n  b: {word}\n  used: {{levels: [1%], base: cv, eligible: {{few: 1}}}}\n")
    )
    assert [doubt.code for doubt in doubts] == ([f"lint.{code}"] if code else [])
    assert words in "".join(doubt.message for doubt in doubts)


@pytest.mark.parametrize("reader", ["limits: {l: {share: 50%, of: volume}}", "payout: {minimum: volume}"])
def test_what_a_limit_or_the_payout_reads_is_used(reader):
    text = PLAN.replace("metrics:\n", "metrics:\n  volume: {sum: cv, over: subtree}\n")
    assert doubts_of(load_plan(text + reader + "\n")) == []


@pytest.mark.parametrize("word", ["personal: {none: 5%}", "levels: {none: [5%]}", "differential: {none: 5%}"])
def test_a_table_by_rank_in_a_plan_without_ranks_is_refused(word):
    head = PLAN[: PLAN.index("ranks:")]
    with pytest.raises(InputRefused) as refusal:
        load_plan(head + f"bonuses: {{b: {{{word}, base: cv}}}}\n")
    assert [finding.code for finding in refusal.value.findings] == ["rules.rates_key"]
