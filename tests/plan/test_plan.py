"""A good plan: its head, names, order, digest and sources."""

import datetime
import json
from pathlib import Path

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.money import Rounding
from mlmcalc.plan.load import load_plan
from mlmcalc.rules.values import ACTIVE, Node

ALPINE = (Path(__file__).parent / "alpine.yaml").read_text(encoding="utf-8")
SMALL = """\
mlmcalc: 1
plan: small
version: 1
effective: 2026-01-01
currency: JPY
rounding: {place: payout, mode: down, unit: 5}
volumes:
  pv: {sum: qv, decimals: 0}
trees:
  sponsor: {parent: sponsor_id}
"""


@pytest.fixture(scope="module")
def alpine():
    return load_plan(ALPINE, "alpine.yaml")


def test_the_head(alpine):
    assert (alpine.name, alpine.version, alpine.currency, alpine.time_zone) == (
        "alpine",
        "2026-01",
        "EUR",
        "Europe/Rome",
    )
    assert alpine.effective == datetime.date(2026, 1, 1)
    assert alpine.rounding == Rounding("line", "source", "half_up", 1, 2)
    assert alpine.decimals == 2
    assert alpine.active is None
    assert alpine.schemes is None
    assert alpine.member_columns == {
        "market": ("text", 0), "goal": ("number", 2), "promo_until": ("day", 0), "founder": ("flag", 0)
    }  # fmt: skip
    assert alpine.order_columns == {"country": ("text", 0)}
    assert alpine.file == "alpine.yaml"
    assert alpine.text == ALPINE
    assert "alpine" in repr(alpine)


def test_what_is_not_said_has_its_default():
    plan = load_plan(SMALL)
    assert plan.rounding == Rounding("payout", "source", "down", 5, 0)
    assert plan.time_zone == "UTC"
    assert plan.calendar("2026-10").last == datetime.date(2026, 10, 31)
    assert {name: (rule.walk, rule.source, rule.earner) for name, rule in plan.statuses.items()} == dict.fromkeys(
        ("suspended", "left", "merged"), ("through", True, False)
    )
    assert plan.bonuses == {}
    assert plan.order == (Node("volume", "pv"), Node("tree", "sponsor"), ACTIVE)


def test_a_label_of_another_calendar_is_refused():
    with pytest.raises(InputRefused):
        load_plan(SMALL).calendar("2026-W41")
    weekly = load_plan(SMALL.replace("currency", "period: week\ncurrency"))
    assert weekly.calendar("2026-W41").first == datetime.date(2026, 10, 5)


def test_statuses_and_money_decimals():
    plan = load_plan(
        SMALL.replace("unit: 5}", "unit: 0.05, money_decimals: 3}")
        + "statuses: {left: {walk: compressed, source: false}}\n"
    )
    assert plan.rounding == Rounding("payout", "source", "down", 50, 3)
    assert plan.statuses["left"].walk == "compressed"
    assert plan.statuses["left"].source is False
    assert plan.statuses["merged"].walk == "through"


def test_every_value_comes_after_what_it_reads(alpine):
    place = {node: number for number, node in enumerate(alpine.order)}
    assert len(place) == len(alpine.order)
    for node in alpine.order:
        word = alpine.word(node)
        for read in word.reads(alpine.vocabulary) if word is not None else ():
            assert place[read] < place[node], (node, read)
    rolled = Node("rolled", "pv@rolled")
    assert place[Node("tree", "rolled")] < place[rolled] < place[Node("metric", "tv")]
    assert place[Node("ladder", "rank")] < place[Node("tree", "leaders")] < place[Node("metric", "pgv")]
    assert place[Node("bonus", "unilevel")] < place[Node("bonus", "matching")]
    assert ACTIVE in place


def test_the_order_is_always_the_same(alpine):
    assert load_plan(ALPINE).order == alpine.order


def test_the_vocabulary(alpine):
    vocabulary = alpine.vocabulary
    assert vocabulary.volumes == dict.fromkeys(("pv", "cv", "first_60_days", "retail", "total"), 2)
    assert vocabulary.metrics == {"gv": 2, "side": 2, "recruits": 0, "tv": 2, "pgv": 2}
    assert vocabulary.trees == {"sponsor": "", "active": "stay", "rolled": "roll_up", "leaders": "stay"}
    assert vocabulary.ladders == {"rank": ("Partner", "Manager", "Director")}
    assert vocabulary.order_columns == {"country": ("text", 0), "qv": ("number", 2), "cv": ("number", 2)}
    assert vocabulary.first_tree == "sponsor"
    assert vocabulary.bonuses == ("fast_start", "unilevel", "leadership", "matching", "rebate")
    assert vocabulary.definitions[Node("metric", "gv")] is alpine.metrics["gv"]


def test_decimals_follow_through_chains_in_any_order():
    metrics = """\
metrics:
  third: {sum: second, over: subtree}
  second: {legs: first, take: {largest: 1}}
  first: {sum: pv, over: subtree}
  number: {legs: first, take: {reaching: 1}}
"""
    plan = load_plan(SMALL.replace("decimals: 0", "decimals: 4") + metrics)
    assert plan.vocabulary.metrics == {"third": 4, "second": 4, "first": 4, "number": 0}


def test_a_column_is_read_as_precisely_as_its_most_precise_volume():
    plan = load_plan(SMALL.replace("trees:", "  fine: {sum: qv, decimals: 3}\ntrees:"))
    assert plan.vocabulary.order_columns == {"qv": ("number", 3)}


def test_schemes_and_ladders():
    plan = load_plan(
        SMALL
        + """\
schemes: {by: market, names: [DEFAULT, EU]}
ranks:
  DEFAULT: [{rank: Partner, requires: {pv: 1}}, {rank: Director, requires: {pv: 3}}]
  EU: [{rank: Partner, requires: {pv: 1}}, {rank: Manager, requires: {pv: 2}}, {rank: Director, requires: {pv: 4}}]
ladders:
  title: {ladder: [{rank: Star, requires: {rank: Director}}], cumulative: true}
  club: [{rank: Gold, requires: {title: Star}}]
"""
    )
    assert plan.vocabulary.ladders == {
        "rank": ("Partner", "Manager", "Director"), "title": ("Star",), "club": ("Gold",)
    }  # fmt: skip
    assert plan.schemes is not None
    assert plan.schemes.by == "market"
    assert plan.vocabulary.scheme_column == "market"
    assert plan.vocabulary.schemes == ("DEFAULT", "EU")
    ladders = [node.name for node in plan.order if node.kind == "ladder"]
    assert ladders == ["rank", "title", "club"]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("ranks: [{rank: A, requires: {qv: 1}}]", 11),
        ("ranks:\n  - rank: A\n    requires: {pv: 1}\n  - rank: B\n    requires:\n      qv: 1", 16),
        ("ranks:\n  ladder:\n    - rank: A\n      requires:\n        qv: 1", 15),
        ("schemes: {by: m, names: [X]}\nranks:\n  X:\n    - rank: A\n      requires:\n        qv: 1", 16),
        ("ladders:\n  club:\n    - rank: A\n      requires:\n        qv: 1", 15),
        ("ladders:\n  club:\n    ladder:\n      - rank: A\n        requires:\n          qv: 1", 16),
    ],
)
def test_a_fault_of_a_rung_is_found_at_its_line_in_every_form(written, line):
    with pytest.raises(InputRefused) as caught:
        load_plan(SMALL + written)
    assert [(finding.code, finding.line) for finding in caught.value.findings] == [("rules.unknown_word", line)]


@pytest.mark.parametrize(
    "written", ["ranks: [{rank: A, requires: {pv: 1}, soruce: x}]", "ranks: {ladder: [], x: 1}", "ranks: x"]
)
def test_a_ladder_that_cannot_be_read(written):
    with pytest.raises(InputRefused) as caught:
        load_plan(SMALL + written)
    assert all(finding.code.startswith("plan.") for finding in caught.value.findings)
    assert all(finding.line == 11 for finding in caught.value.findings)
    assert all(finding.path[0] == "ranks" for finding in caught.value.findings)


def test_metrics_that_look_at_ranks_make_no_circle():
    plan = load_plan(
        SMALL
        + """\
  leaders: {compress: sponsor, keep: {rank: Director}}
metrics:
  gv: {sum: pv, over: subtree}
  pgv: {sum: pv, over: group, tree: leaders}
  managers: {count: legs, where: {rank: Manager}}
ranks:
  - {rank: Manager, requires: {pgv: 100}}
  - {rank: Director, requires: {gv: 100, managers: 2}}
"""
    )
    place = {node: number for number, node in enumerate(plan.order)}
    ladder = place[Node("ladder", "rank")]
    assert place[Node("metric", "gv")] < ladder < place[Node("tree", "leaders")] < place[Node("metric", "pgv")]
    assert ladder < place[Node("metric", "managers")]


def test_the_digest_is_about_what_is_said(alpine):
    assert load_plan("# a comment\n" + ALPINE.replace("pv: {sum: qv}", "pv:\n    sum: 'qv'")).digest == alpine.digest
    assert load_plan(ALPINE.replace("\n", "\r\n")).digest == alpine.digest
    assert load_plan("\ufeff" + ALPINE).digest == alpine.digest
    assert load_plan(ALPINE.replace("{pv: 100}", "{pv: 101}", 1)).digest != alpine.digest
    assert load_plan(ALPINE.replace("5%, 5%]", "5%, 5.0%]", 1)).digest != alpine.digest
    # The order of trees, ranks and bonuses has a meaning.
    assert load_plan(ALPINE.replace("5%, 5%, 5%, 4%, 3%", "5%, 5%, 4%, 5%, 3%")).digest != alpine.digest
    assert len(alpine.digest) == 64
    assert json.dumps(alpine.digest)


def test_the_nearest_source_is_found(alpine):
    assert alpine.source_of(("bonuses", "unilevel")) == "5.1"
    assert alpine.source_of(("bonuses", "unilevel", "levels", "Manager", 1)) == "5.1"
    assert alpine.source_of(("ranks", 2, "requires")) == "4.2"
    assert alpine.source_of(("volumes", "cv", "sum")) == "2.1"
    assert alpine.source_of(("metrics", "gv")) == "Alpine policies 2026"
    assert alpine.source_of(("no", "such", "path")) == "Alpine policies 2026"
    assert load_plan(SMALL).source_of(("volumes", "pv")) == ""


def test_every_section_may_say_its_source():
    plan = load_plan(
        SMALL.replace("volumes:\n", "volumes:\n  source: chapter 2\n").replace("unit: 5}", "unit: 5, source: '1.3'}")
        + "  source: chapter 3\n"
    )
    assert plan.source_of(("volumes", "pv")) == "chapter 2"
    assert plan.source_of(("trees", "sponsor")) == "chapter 3"
    assert plan.source_of(("rounding", "unit")) == "1.3"
    assert list(plan.volumes) == ["pv"]
    assert list(plan.trees) == ["sponsor"]


def test_a_plan_is_read_from_a_file(tmp_path):
    (tmp_path / "plan.yaml").write_text(SMALL, encoding="utf-8")
    assert load_plan(tmp_path / "plan.yaml").file == str(tmp_path / "plan.yaml")
    assert load_plan(str(tmp_path / "plan.yaml")).name == "small"
    with pytest.raises(InputRefused) as caught:
        load_plan(tmp_path / "other.yaml")
    assert caught.value.findings[0].code == "documents.missing"


def test_paths_of_nodes_are_paths_of_the_document(alpine):
    for node in alpine.order:
        if node == ACTIVE:
            continue
        value = alpine.document.value
        for step in alpine.path_of(node):
            value = value[step]


def test_warnings_do_not_refuse():
    plan = load_plan(
        SMALL
        + """\
ranks:
  - {rank: A, requires: {pv: 1}}
  - {rank: B, requires: {pv: 2}}
bonuses:
  uni: {levels: {A: [5%]}, base: pv}
"""
    )
    assert [(finding.code, finding.level, finding.line) for finding in plan.warnings] == [
        ("rules.rank_without_rate", "warning", 15)
    ]


def test_a_circle_is_refused_for_the_circle_and_not_for_its_digits():
    written = """\
metrics:
  gv: {sum: side, over: subtree}
  side: {legs: gv, take: all_but_largest}
ranks: [{rank: A, requires: {gv: 100.5}}]
"""
    with pytest.raises(InputRefused) as caught:
        load_plan(SMALL + "decimals: 2\n" + written)
    assert [finding.code for finding in caught.value.findings] == ["plan.circle"]


def test_a_long_chain_of_metrics_is_read_in_time():
    chain = [f"  m{number}: {{sum: {f'm{number - 1}' if number else 'pv'}, over: subtree}}\n" for number in range(3000)]
    plan = load_plan(SMALL + "metrics:\n" + "".join(reversed(chain)))
    assert [node.name for node in plan.order if node.kind == "metric"] == [f"m{number}" for number in range(3000)]
