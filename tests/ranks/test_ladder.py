"""Ladders by hand: alternatives, cumulative, schemes, goals, forced ranks and waivers, standing, faults."""

from typing import Any

import numpy as np
import pytest

from mlmcalc.metrics.registry import METRIC_WORDS
from mlmcalc.ranks.ladder import Ladder
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.rank_order import merged_ranks
from mlmcalc.rules.values import ACTIVE, Node, Override
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.recorded import Recorded
from tests.words_company import names_of, network, number, values, vocabulary

#        0
#    1       4
#  2   3     5
PARENTS = {"sponsor": [-1, 0, 1, 1, 0, 4], "placement": [-1, 0, 1, 2, 3, 4]}
PV = [20000, 10000, 10000, 5000, 10000, 0]
METRICS = {
    "gv": {"sum": "pv", "over": "subtree"},
    "leaders_count": {"count": "legs", "where": {"rank": "Partner"}},
    "placed_leaders": {"count": "legs", "where": {"rank": "Partner"}, "tree": "placement"},
    "capped": {"legs": "gv", "take": {"at_most": "50%", "of": "required"}, "plus": "pv"},
    "pgv": {"sum": "pv", "over": "group", "tree": "leaders"},
    "legs_of_pgv": {"legs": "pgv", "take": "all_but_largest"},
    "either": {"count": "legs", "where": [{"rank": "Partner"}, {"pv": "100"}]},
    "in_leaders": {"count": "frontline", "tree": "leaders"},
    "some_levels": {"count": "subtree", "levels": "2", "where": {"rank": "Partner"}},
    "of_shaped": {"sum": "pv", "over": "group", "tree": "twice"},
    "by_other": {"count": "legs", "where": {"club": "Gold"}},
}
TREES = {
    "sponsor": {"parent": "sponsor_id"},
    "placement": {"parent": "placement_id"},
    "leaders": {"compress": "sponsor", "keep": {"rank": "Manager"}},
    "twice": {"compress": "leaders", "keep": {"rank": "Manager"}},
}


def setup(rungs, schemes=(), scheme=None, ladders=None, overrides=(), **long_form):
    """A company whose plan holds the metrics and trees above, and the ladder."""
    made = network(PARENTS, columns={"goal": number([50000, 100, 20000, 0, 7, 7], 1)})
    found = values(made, {"pv": PV}, overrides=overrides)
    if schemes:
        found.scheme, found.scheme_names = np.array(scheme, np.int16), schemes
    ladder = Ladder.model_validate({"ladder": rungs, **long_form})
    models = {name: (Recorded if "parent" in word else Compressed).model_validate(word) for name, word in TREES.items()}
    metrics = {
        name: METRIC_WORDS[next(key for key in METRIC_WORDS if key in word)].model_validate(word)
        for name, word in METRICS.items()
    }
    others = {name: Ladder.model_validate({"ladder": word}) for name, word in (ladders or {}).items()}
    definitions: dict[Node, Any] = {Node("tree", name): word for name, word in models.items()}
    definitions |= {Node("metric", name): word for name, word in metrics.items()}
    definitions |= {Node("ladder", name): word for name, word in {"rank": ladder, **others}.items()}
    definitions[ACTIVE] = Condition.model_validate({"rank": "Partner"})
    lists = {name: [[rung.rank for rung in rungs] for rungs in word.lists().values()] for name, word in others.items()}
    lists["rank"] = [[rung.rank for rung in rungs] for rungs in ladder.lists().values()]
    found.vocabulary = vocabulary(
        metrics={name: 0 if "count" in word else 2 for name, word in METRICS.items()},
        trees={name: "stay" if "compress" in word else "" for name, word in TREES.items()},
        ladders={name: merged_ranks(names) for name, names in lists.items()},
        member_columns={"goal": ("number", 1)},
        required_metrics=frozenset({"capped"}),
        schemes=schemes,
        scheme_column="market" if schemes else "",
        definitions=definitions,
    )
    for name in ("sponsor", "placement"):
        found.trees[name] = models[name].evaluate(found, name)
    for name in ("gv", "capped"):
        metrics[name].evaluate_into(found, name)
    return found, ladder


def ranks(rungs, **keys):
    found, ladder = setup(rungs, **keys)
    assert not [finding for finding in ladder.check(names_of(found)) if finding.level == "error"]
    found.rankings["rank"] = ladder.evaluate(found, "rank")
    return found.rankings["rank"].code.tolist()


PARTNER = {"rank": "Partner", "requires": {"pv": "100"}}


def test_the_highest_rung_whose_requirements_are_met():
    rungs = [PARTNER, {"rank": "Manager", "requires": {"pv": "100", "gv": "200"}}]
    assert ranks(rungs) == [2, 2, 1, 0, 1, 0]


def test_any_one_of_several_alternatives():
    rungs = [PARTNER, {"rank": "Manager", "requires": [{"gv": "500"}, {"pv": {"min": "50", "max": "99.99"}}]}]
    assert ranks(rungs) == [2, 1, 1, 2, 1, 0]


def test_not_cumulative_unless_said():
    rungs = [PARTNER, {"rank": "Manager", "requires": {"gv": "50"}}]
    assert ranks(rungs) == [2, 2, 2, 2, 2, 0]
    assert ranks(rungs, cumulative="true") == [2, 2, 2, 0, 2, 0]


def test_a_rung_without_requirements_is_everybodys():
    assert ranks([{"rank": "Partner"}]) == [1] * 6


def test_legs_holding_a_rank():
    rungs = [PARTNER, {"rank": "Manager", "requires": {"legs": {"with": "Partner", "count": "2"}}}]
    assert ranks(rungs) == [2, 1, 1, 0, 1, 0]
    one = [PARTNER, {"rank": "Manager", "requires": {"legs": [{"with": "Partner", "count": "1", "levels": "1"}]}}]
    assert ranks(one) == [2, 2, 1, 0, 1, 0]
    assert ranks([PARTNER, {"rank": "Manager", "requires": {"leaders_count": "2"}}]) == [2, 1, 1, 0, 1, 0]


def test_legs_of_another_tree():
    rungs = [PARTNER, {"rank": "Manager", "requires": {"legs": {"with": "Partner", "count": "1", "tree": "placement"}}}]
    assert ranks(rungs) == [2, 2, 2, 2, 1, 0]
    rungs[1]["requires"]["legs"].pop("tree")
    assert ranks(rungs, tree="placement") == [2, 2, 2, 2, 1, 0]
    assert ranks([PARTNER, {"rank": "Manager", "requires": {"placed_leaders": "1"}}]) == [2, 2, 2, 2, 1, 0]


def test_a_goal_from_a_column():
    assert ranks([{"rank": "Partner", "requires": {"gv": {"min": {"column": "goal"}}}}]) == [0, 1, 0, 1, 1, 0]
    # Goals 5000.0, 10.0, 2000.0, 0.0, 0.7, 0.7: legs with a Partner reach 0.7 where there is one.
    rungs = [PARTNER, {"rank": "Manager", "requires": {"leaders_count": {"min": {"column": "goal"}}}}]
    assert ranks(rungs) == [1, 1, 1, 2, 1, 0]


def test_at_most_a_part_of_what_the_rung_requires():
    """Legs of member 0: 250 and 100, own 200. Of 400 required, 200 + 100 + 200 count; of 600, 250 + 100 + 200."""
    rungs = [{"rank": "Partner", "requires": {"capped": "400"}}, {"rank": "Manager", "requires": {"capped": "600"}}]
    assert ranks(rungs) == [1, 0, 0, 0, 0, 0]
    # Member 1: goal 10, own 100.
    assert ranks([{"rank": "Partner", "requires": {"capped": {"min": {"column": "goal"}}}}]) == [0, 1, 0, 1, 1, 0]


def test_schemes_have_ladders_of_their_own():
    rungs = {
        "A": [PARTNER, {"rank": "Manager", "requires": {"gv": "300"}}],
        "B": [{"rank": "Associate", "requires": {"pv": "50"}}, {"rank": "Manager", "requires": {"gv": "50"}}],
    }
    assert merged_ranks([["Partner", "Manager"], ["Associate", "Manager"]]) == ("Partner", "Associate", "Manager")
    schemes = {"schemes": ("A", "B", "C"), "scheme": [0, 0, 0, 1, 1, 2]}
    assert ranks(rungs, **schemes) == [3, 1, 1, 3, 3, 0]
    assert ranks({"B": rungs["B"]}, **schemes) == [0, 0, 0, 2, 2, 0]


def test_ranks_of_all_schemes_are_merged_in_an_order_that_agrees_with_each():
    assert merged_ranks([["A", "B"], ["C", "D"], ["B", "C"]]) == ("A", "B", "C", "D")
    assert merged_ranks([["A", "C"], ["B", "C"]]) == ("A", "B", "C")
    assert merged_ranks([["A", "B"], ["B", "A"]]) == ("A", "B")
    assert merged_ranks([]) == ()


def override(kind, member, rank="", metric="", ladder=""):
    return Override(member, kind, ladder, rank, metric, "a promise", "board")


def test_forced_ranks_are_exact_and_count_for_the_upline():
    rungs = [PARTNER, {"rank": "Manager", "requires": {"legs": {"with": "Partner", "count": "2"}}}]
    forced = (override("rank", 3, "Partner"), override("rank", 0, "none"))
    found, ladder = setup(rungs, overrides=forced)
    ranking = ladder.evaluate(found, "rank")
    assert ranking.code.tolist() == [0, 2, 1, 1, 1, 0]
    assert ranking.forced.tolist() == [True, False, False, True, False, False]


def test_nobody_who_may_hold_no_rank_is_given_one():
    found, ladder = setup([{"rank": "Partner"}], overrides=(override("rank", 3, "Partner"),))
    found.may_earn = np.array([True, False, True, False, True, True])
    ranking = ladder.evaluate(found, "rank")
    assert ranking.code.tolist() == [1, 0, 1, 0, 1, 1]
    assert not ranking.forced.any()


def test_waivers_of_a_rung_of_every_rung_and_of_another_ladder():
    rungs = [PARTNER, {"rank": "Manager", "requires": {"pv": "50", "legs": {"with": "Partner", "count": "2"}}}]
    waived = lambda **keys: ranks(rungs, overrides=(override("waiver", 3, **keys),))  # noqa: E731
    assert waived(metric="pv", rank="Partner") == [2, 2, 1, 1, 1, 0]
    assert waived(metric="legs", rank="Manager") == [2, 2, 1, 2, 1, 0]
    assert waived(metric="legs") == [2, 2, 1, 2, 1, 0]
    assert waived(metric="legs", rank="Partner") == [2, 1, 1, 0, 1, 0]
    assert waived(metric="legs", ladder="club") == [2, 1, 1, 0, 1, 0]
    dynamic = [PARTNER, {"rank": "Manager", "requires": {"leaders_count": "2"}}]
    assert ranks(dynamic, overrides=(override("waiver", 3, metric="leaders_count"),)) == [2, 2, 1, 2, 1, 0]


def test_another_ladder_may_be_required():
    club = [{"rank": "Gold", "requires": {"gv": "250"}}]
    rungs = [PARTNER, {"rank": "Manager", "requires": {"by_other": "1", "club": "Gold"}}]
    found, ladder = setup(rungs, ladders={"club": club})
    assert not ladder.check(names_of(found))
    # by_other looks at the other ladder's ranks, so it is computed before.
    assert ladder.reads(names_of(found)) == {
        Node("volume", "pv"),
        Node("metric", "by_other"),
        Node("ladder", "club"),
        Node("tree", "sponsor"),
    }


def test_standing():
    rungs = [
        PARTNER,
        {"rank": "Manager", "requires": [{"pv": "150", "leaders_count": "1"}, {"capped": "300"}], "source": "4.2"},
        {"rank": "Director", "requires": {"legs": {"with": "Partner", "count": "3", "levels": "2"}}},
    ]
    overrides = (override("waiver", 1, metric="pv"), override("rank", 4, "Manager"))
    found, ladder = setup(rungs, overrides=overrides)
    found.rankings["rank"] = ladder.evaluate(found, "rank")
    METRIC_WORDS["count"].model_validate(METRICS["leaders_count"]).evaluate_into(found, "leaders_count")
    standing = ladder.standing(found, 1)
    told = [
        (
            rung.rung,
            rung.met,
            [[(r.word, r.required, r.actual, r.short_by, r.met) for r in one] for one in rung.alternatives],
        )
        for rung in standing
    ]
    assert told == [
        ("Partner", True, [[("pv", "at least 100.00", "100.00", "", True)]]),
        (
            "Manager",
            True,
            [
                [("pv", "at least 150.00", "100.00", "", True), ("leaders_count", "at least 1", "1", "", True)],
                [("capped", "at least 300.00", "250.00", "50.00", False)],
            ],
        ),
        ("Director", False, [[("legs with Partner within 2 levels", "at least 3", "1", "2", False)]]),
    ]
    assert standing[1].alternatives[0][0].waived == "a promise, approved by board"
    assert standing[1].source == "4.2"
    assert [rung.forced for rung in ladder.standing(found, 4)] == ["", "a promise, approved by board", ""]


AT = ("ladder", 0, "requires")


def requiring(requires):
    return [{"rank": "P", "requires": requires}]


@pytest.mark.parametrize(
    ("rungs", "code", "path", "said"),
    [
        ([{"rank": "none"}], "ranks.name", ("ladder", 0, "rank"), "none"),
        ([{"rank": "Top+"}], "ranks.name", ("ladder", 0, "rank"), "Top+"),
        ([PARTNER, PARTNER], "ranks.name", ("ladder", 1, "rank"), "twice"),
        (requiring({"pvv": "1"}), "rules.unknown_word", (*AT, "pvv"), "pvv"),
        (requiring([{}, {"pv": "x"}]), "rules.number", (*AT, 1, "pv"), "x"),
        (requiring({"legs": {"with": "Q", "count": "1"}}), "ranks.legs", (*AT, "legs", "with"), "Q"),
        (requiring({"legs": {"with": "P", "count": "1", "tree": "x"}}), "ranks.legs", (*AT, "legs", "tree"), "x"),
        (
            requiring({"legs": [{"with": "P", "count": "1"}, {"with": "R", "count": "1"}]}),
            "ranks.legs",
            (*AT, "legs", 1, "with"),
            "R",
        ),
        (requiring({"legs": {"with": "P", "count": "1", "levels": "0"}}), "ranks.legs", (*AT, "legs", "levels"), "1"),
        (requiring({"capped": {"max": "5"}}), "ranks.required", (*AT, "capped"), "capped"),
        (requiring({"rank": "P"}), "ranks.circle", (*AT, "rank"), "own ladder"),
    ],
)
def test_faults_are_findings(rungs, code, path, said):
    found, ladder = setup(rungs)
    findings = ladder.check(names_of(found))
    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]
    assert said in findings[0].message


@pytest.mark.parametrize(
    ("requires", "said"),
    [
        ({"legs_of_pgv": "1"}, "pgv"),
        ({"either": "1"}, "alternatives"),
        ({"in_leaders": "1"}, "leaders"),
        ({"some_levels": "1"}, "levels"),
        ({"of_shaped": "1"}, "leaders"),
        ({"active": "true"}, "rank"),
        ({"legs": {"with": "Partner", "count": "1", "tree": "leaders"}}, "leaders"),
    ],
)
def test_what_cannot_be_settled_from_the_leaves_up_is_refused_by_name(requires, said):
    found, ladder = setup([PARTNER, {"rank": "Manager", "requires": requires}])
    findings = ladder.check(names_of(found))
    assert [finding.code for finding in findings] == ["ranks.circle"]
    assert next(iter(requires)) in findings[0].message
    assert said in findings[0].message


def test_rank_dependent_metrics_over_two_recorded_trees_are_refused():
    found, ladder = setup([PARTNER, {"rank": "Manager", "requires": {"leaders_count": "1", "placed_leaders": "1"}}])
    (finding,) = ladder.check(names_of(found))
    assert finding.code == "ranks.circle"
    assert "leaders_count over sponsor" in finding.message
    assert "placed_leaders over placement" in finding.message


def test_two_ladders_that_need_one_another_end_in_a_circle_not_in_a_loop():
    club = [{"rank": "Gold", "requires": {"rank": "Partner"}}]
    found, ladder = setup(
        [{"rank": "Partner", "requires": {"club": "Gold"}}, {"rank": "Manager"}], ladders={"club": club}
    )
    assert [finding.code for finding in ladder.check(names_of(found))] == ["ranks.circle"]
    assert Node("ladder", "club") not in ladder.reads(names_of(found))


def test_schemes_unknown_missing_and_in_contradictory_order():
    rungs = {"A": [PARTNER, {"rank": "Manager"}], "X": [{"rank": "Manager"}, PARTNER]}
    found, ladder = setup(rungs, schemes=("A", "B"), scheme=[0] * 6)
    findings = ladder.check(names_of(found))
    assert [(finding.code, finding.level) for finding in findings] == [
        ("ranks.order", "error"),
        ("ranks.scheme", "error"),
        ("ranks.scheme", "warning"),
    ]


def test_a_company_of_nobody():
    found, ladder = setup([PARTNER, {"rank": "Manager", "requires": {"leaders_count": "1"}}])
    empty = values(network({"sponsor": []}), {"pv": []})
    empty.vocabulary, empty.trees = found.vocabulary, dict(empty.network.trees)
    assert ladder.evaluate(empty, "rank").code.size == 0
