"""Metrics by hand."""

import numpy as np
import pytest
from pydantic import ValidationError

from mlmcalc.errors import InputRefused
from mlmcalc.genealogy.compress import compress
from mlmcalc.genealogy.tree import VolumePolicy
from mlmcalc.metrics.registry import METRIC_WORDS
from mlmcalc.rules.values import Node, Quantity, Ranking
from mlmcalc.volumes.rolled import rolled_up
from tests.words_company import network, values, vocabulary

#        0
#    1       5
#  2   4     6
#  3
PARENTS = {"sponsor": [-1, 0, 1, 2, 1, 0, 5]}
PV = [100, 20, 3, 4000, 50, 600, 7]


def word(written):
    return METRIC_WORDS[next(key for key in METRIC_WORDS if key in written)].model_validate(written)


def company(policy: VolumePolicy = "stay", pv=PV, parents=PARENTS):
    """Kept in the tree `active`: 0, 2, 4, 6."""
    found = values(network(parents), {"pv": pv})
    found.trees = dict(found.network.trees)
    kept = np.isin(np.arange(found.size), [0, 2, 4, 6])
    found.trees["active"] = compress(found.network.first_tree, kept, policy, "active")
    if policy in ("roll_up", "drop"):
        found.volumes["pv@active"] = rolled_up(found.volumes["pv"], found.trees["active"])
    ranks = np.array([3, 1, 0, 2, 0, 2, 1], np.int16)[: found.size]
    found.rankings["rank"] = Ranking(ranks, ("P", "M", "D"), np.zeros(found.size, bool))
    found.metrics["gv"] = word({"sum": "pv", "over": "subtree"}).evaluate(found, "gv")
    return found


def amounts(written, found=None):
    found = found or company()
    return word(written).evaluate(found, "x").amounts.tolist()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"sum": "pv", "over": "subtree"}, [4780, 4073, 4003, 4000, 50, 607, 7]),
        ({"sum": "pv", "over": "subtree", "self": "false"}, [4680, 4053, 4000, 0, 0, 7, 0]),
        ({"sum": "pv", "over": "subtree", "levels": "1"}, [720, 73, 4003, 4000, 50, 607, 7]),
        ({"sum": "pv", "over": "subtree", "levels": "1", "self": "false"}, [620, 53, 4000, 0, 0, 7, 0]),
        ({"sum": "pv", "over": "subtree", "levels": ["2", "3"]}, [4060, 4000, 0, 0, 0, 0, 0]),
        ({"sum": "pv", "over": "subtree", "where": {"pv": {"max": "0.50"}}}, [80, 73, 3, 0, 50, 7, 7]),
        ({"sum": "pv", "over": "frontline"}, [620, 53, 4000, 0, 0, 7, 0]),
        ({"sum": "pv", "over": "frontline", "where": {"rank": "M"}}, [600, 0, 4000, 0, 0, 0, 0]),
        ({"sum": "gv", "over": "frontline"}, [4680, 4053, 4000, 0, 0, 7, 0]),
        ({"count": "frontline"}, [2, 2, 1, 0, 0, 1, 0]),
        ({"count": "frontline", "where": {"pv": "0.50"}}, [1, 1, 1, 0, 0, 0, 0]),
        ({"count": "subtree"}, [6, 3, 1, 0, 0, 1, 0]),
        ({"count": "subtree", "levels": "2"}, [5, 3, 1, 0, 0, 1, 0]),
        ({"count": "subtree", "levels": ["2", "3"], "where": {"rank": "P"}}, [2, 1, 0, 0, 0, 0, 0]),
        ({"count": "legs", "where": {"rank": "M"}}, [2, 1, 1, 0, 0, 0, 0]),
        ({"count": "legs", "where": {"rank": "M"}, "levels": "1"}, [1, 0, 1, 0, 0, 0, 0]),
        ({"count": "legs", "where": {"rank": "M"}, "levels": "2"}, [1, 1, 1, 0, 0, 0, 0]),
        ({"legs": "gv", "take": {"largest": "1"}}, [4073, 4003, 4000, 0, 0, 7, 0]),
        ({"legs": "gv", "take": {"largest": "2"}}, [607, 50, 0, 0, 0, 0, 0]),
        ({"legs": "gv", "take": {"largest": "2"}, "as_leg": "pv"}, [607, 50, 3, 0, 0, 7, 0]),
        ({"legs": "gv", "take": "all_but_largest"}, [607, 50, 0, 0, 0, 0, 0]),
        ({"legs": "gv", "take": "all_but_largest", "plus": "pv"}, [707, 70, 3, 4000, 50, 600, 7]),
        ({"legs": "gv", "take": {"reaching": "0.50"}}, [2, 2, 1, 0, 0, 0, 0]),
        ({"legs": "gv", "take": {"reaching": "0.50"}, "as_leg": "pv"}, [3, 2, 1, 1, 1, 1, 0]),
        ({"legs": "gv", "take": {"at_most": "6"}}, [1200, 650, 600, 0, 0, 7, 0]),
        ({"legs": "gv", "take": {"at_most": "6"}, "plus": "pv"}, [1300, 670, 603, 4000, 50, 607, 7]),
        ({"legs": "gv", "take": {"at_most": "6"}, "as_leg": "pv"}, [1300, 670, 603, 600, 50, 607, 7]),
    ],
)
def test_over_a_recorded_tree(written, expected):
    assert amounts(written) == expected


@pytest.mark.parametrize(
    ("policy", "written", "expected"),
    [
        # Left out are 1 and 5 (keeper 0) and 3 (keeper 2).
        ("stay", {"sum": "pv", "over": "subtree", "levels": "1"}, [780, 20, 4003, 4000, 50, 600, 7]),
        ("stay", {"sum": "pv", "over": "subtree"}, [4780, 20, 4003, 4000, 50, 600, 7]),
        ("stay_same_level", {"sum": "pv", "over": "subtree", "levels": "0"}, [720, 20, 4003, 4000, 50, 600, 7]),
        ("stay_same_level", {"sum": "pv", "over": "subtree", "levels": "1"}, [4780, 20, 4003, 4000, 50, 600, 7]),
        ("stay_same_level", {"sum": "pv", "over": "subtree", "self": "false"}, [4680, 0, 4000, 0, 0, 0, 0]),
        ("stay_same_level", {"sum": "pv", "over": "subtree", "levels": ["1", "1"]}, [4060, 0, 0, 0, 0, 0, 0]),
        ("roll_up", {"sum": "pv@active", "over": "subtree", "levels": "1"}, [4780, 0, 4003, 0, 50, 0, 7]),
        ("roll_up", {"sum": "pv@active", "over": "frontline"}, [4060, 0, 0, 0, 0, 0, 0]),
        ("drop", {"sum": "pv@active", "over": "subtree"}, [160, 0, 3, 0, 50, 0, 7]),
        ("stay", {"sum": "pv", "over": "frontline"}, [60, 0, 0, 0, 0, 0, 0]),
        ("stay", {"count": "frontline"}, [3, 0, 0, 0, 0, 0, 0]),
        ("stay", {"count": "subtree"}, [3, 0, 0, 0, 0, 0, 0]),
        ("stay", {"count": "legs", "where": {"rank": "P"}}, [1, 0, 0, 0, 0, 0, 0]),
        ("stay", {"legs": "gv", "take": {"largest": "1"}}, [4003, 0, 0, 0, 0, 0, 0]),
        # Groups: of one who is left out, its own and those below it up to the next who is kept.
        ("stay", {"sum": "pv", "over": "group"}, [720, 20, 4003, 4000, 50, 600, 7]),
        ("stay", {"sum": "pv", "over": "group", "self": "false"}, [620, 0, 4000, 0, 0, 0, 0]),
        ("stay", {"sum": "pv", "over": "group", "leader": "upline_group"}, [680, 73, 4000, 4000, 0, 607, 0]),
    ],
)
def test_over_a_derived_tree(policy, written, expected):
    assert amounts({**written, "tree": "active"}, company(policy)) == expected


def test_groups_of_leaders():
    """Of a leader: its own and that of those below it without a leader between; of others likewise."""
    found = company()
    leaders = np.isin(np.arange(7), [0, 2])
    found.trees["leaders"] = compress(found.network.first_tree, leaders, "stay", "leaders")
    group = {"sum": "pv", "over": "group", "tree": "leaders"}
    assert amounts(group, found) == [777, 70, 4003, 4000, 50, 607, 7]
    assert amounts({**group, "leader": "upline_group"}, found) == [680, 73, 4000, 4000, 50, 607, 7]
    assert amounts({**group, "leader": "upline_group", "self": "false"}, found) == [680, 53, 4000, 0, 0, 7, 0]


def test_a_tree_of_another_order():
    # Placement: 2 over 0 over 1.
    found = values(network({"sponsor": [-1, 0, 0], "placement": [2, 0, -1]}), {"pv": [1, 10, 100]})
    found.trees = dict(found.network.trees)
    placement = {"sum": "pv", "over": "subtree", "tree": "placement"}
    assert amounts(placement, found) == [11, 10, 111]
    assert amounts({"count": "subtree", "tree": "placement"}, found) == [1, 0, 2]


DE50_LEGS = [830000, 100000, 200000]


def de50(take, own=40000, legs=DE50_LEGS, required=1200000, **keys):
    """The example of a German glossary: strongest leg 8,300, the others 3,000, own 400, required 12,000."""
    pv = [own, *legs]
    found = values(network({"sponsor": [-1] + [0] * len(legs)}), {"pv": pv})
    found.trees = dict(found.network.trees)
    made = word({"legs": "pv", "take": take, "plus": "pv", **keys})
    made.evaluate_into(found, "counted")
    if "counted" in found.required_metrics:
        return int(found.required_metrics["counted"](required).amounts[0])
    return int(found.metrics["counted"].amounts[0])


def test_at_most_50_percent_of_required():
    """6,000 of the strongest leg, 2,300 of it removed: 9,400 of 12,000, not qualified."""
    assert de50({"at_most": "50%", "of": "required"}) == 940000


def test_at_most_50_percent_of_required_with_20_legs():
    """20 legs of 600 count in full: 12,400 with the own 400, and qualified without it."""
    assert de50({"at_most": "50%", "of": "required"}, legs=[60000] * 20) == 1240000
    assert de50({"at_most": "50%", "of": "required"}, own=0, legs=[60000] * 20) == 1200000


def test_at_most_50_percent_of_leg_strongest():
    """Half of the strongest leg, 4,150, and the others in full: 7,550."""
    assert de50({"at_most": "50%", "of": "leg_strongest"}) == 755000


def test_at_most_50_percent_of_total_before():
    """Half of the uncapped 11,700 is 5,850: 5,850 + 3,000 + 400."""
    assert de50({"at_most": "50%", "of": "total_before"}) == 925000


def test_at_most_40_percent_of_the_next_ranks_requirement():
    """40% of 4,350 is 1,740 from any one leg."""
    assert de50({"at_most": "40%", "of": "required"}, own=0, legs=[200000], required=435000) == 174000


def test_at_most_80_percent_of_the_goal():
    """80% of a goal of 5,000 is 4,000: legs of 4,000 and 1,000 meet it."""
    assert de50({"at_most": "80%", "of": "required"}, own=0, legs=[400000, 100000], required=500000) == 500000


def test_own_volume_as_one_more_leg():
    # 6,000 of the strongest leg and 6,000 of the own 9,000, the others in full; `plus` adds the 9,000 besides.
    counted = de50({"at_most": "50%", "of": "required"}, own=900000, as_leg="pv")
    assert counted == 600000 + 600000 + 300000 + 900000
    found = values(network({"sponsor": [-1, 0]}), {"pv": [900, 100]})
    found.trees = dict(found.network.trees)
    capped = word({"legs": "pv", "take": {"at_most": "50%", "of": "total_before"}, "as_leg": "pv"})
    assert capped.evaluate(found, "x").amounts.tolist() == [600, 50]


def test_percentages_round_down_and_of_a_total_below_zero_are_zero():
    assert de50({"at_most": "33.3333%", "of": "required"}, own=0, legs=[900], required=1000) == 333
    assert de50({"at_most": "50%", "of": "total_before"}, own=0, legs=[-300, 100]) == -300
    assert de50({"at_most": "50%", "of": "leg_strongest"}, own=0, legs=[-300, -100]) == -400


def test_a_metric_of_required_takes_a_goal_per_member():
    found = values(network({"sponsor": [-1, 0, -1, 2]}), {"pv": [0, 900, 0, 900]})
    found.trees = dict(found.network.trees)
    made = word({"legs": "pv", "take": {"at_most": "50%", "of": "required"}})
    made.evaluate_into(found, "counted")
    assert found.metrics["counted"].amounts.tolist() == [900, 0, 900, 0]
    goals = np.array([1000, 0, 2000, 0], np.int64)
    assert found.required_metrics["counted"](goals).amounts.tolist() == [500, 0, 900, 0]


@pytest.mark.parametrize(
    "written",
    [{"sum": "pv", "over": "subtree"}, {"sum": "pv", "over": "frontline"}, {"legs": "pv", "take": "all_but_largest"}],
)
def test_sums_that_could_leave_64_bits_are_refused_with_the_member(written):
    found = values(network({"sponsor": [-1, 0, 0, 0]}), {"pv": [0, 2**62, 2**62, 2**62 + 1]})
    found.trees = dict(found.network.trees)
    with pytest.raises(InputRefused) as refused:
        word(written).evaluate(found, "huge")
    assert [(finding.code, finding.member) for finding in refused.value.findings] == [("metrics.overflow", "4")]
    assert "huge" in refused.value.findings[0].message


def test_legs_that_fit_one_by_one_are_not_refused_for_their_total():
    n = 40
    sizes = Quantity(np.full(n, 2**60, np.int64), 2)
    found = values(network({"sponsor": list(range(-1, n - 1))}))
    found.trees, found.metrics["gv"] = dict(found.network.trees), sizes
    assert amounts({"legs": "gv", "take": {"largest": "1"}}, found) == [2**60] * (n - 1) + [0]


def words():
    return vocabulary(
        volumes={"pv": 2, "cv": 3},
        metrics={"gv": 2, "side": 2},
        trees={"sponsor": "", "active": "roll_up", "leaders": "stay"},
        ladders={"rank": ("P", "M")},
        required_metrics=frozenset({"side"}),
    )


@pytest.mark.parametrize(
    ("written", "code", "path"),
    [
        ({"sum": "pw", "over": "subtree"}, "metrics.unknown", ("sum",)),
        ({"sum": "pv@leaders", "over": "subtree"}, "metrics.unknown", ("sum",)),
        ({"sum": "side", "over": "subtree"}, "metrics.required", ("sum",)),
        ({"sum": "pv", "over": "subtree", "tree": "spnsor"}, "metrics.tree", ("tree",)),
        ({"sum": "pv", "over": "group", "tree": "sponsor"}, "metrics.group", ("tree",)),
        ({"sum": "pv", "over": "group"}, "metrics.group", ("tree",)),
        ({"sum": "pv", "over": "frontline", "levels": "2"}, "metrics.key", ("levels",)),
        ({"sum": "pv", "over": "frontline", "self": "false"}, "metrics.key", ("self",)),
        ({"sum": "pv", "over": "subtree", "leader": "own_group"}, "metrics.key", ("leader",)),
        ({"sum": "pv", "over": "frontline", "where": {"pvv": "1"}}, "rules.unknown_word", ("where", "pvv")),
        ({"count": "frontline", "levels": "2"}, "metrics.key", ("levels",)),
        ({"count": "legs", "levels": ["1", "2"]}, "metrics.key", ("levels",)),
        ({"count": "subtree", "levels": "0"}, "metrics.key", ("levels",)),
        ({"legs": "gv", "take": {"largest": "1"}, "plus": "cv"}, "metrics.decimals", ("plus",)),
        ({"legs": "gv", "take": {"reaching": "1"}, "plus": "pv"}, "metrics.key", ("plus",)),
        ({"legs": "gv", "take": {"reaching": "1.001"}}, "metrics.amount", ("take", "reaching")),
        ({"legs": "gv", "take": {"at_most": "1.001"}}, "metrics.amount", ("take", "at_most")),
    ],
)
def test_faults_are_findings(written, code, path):
    findings = word(written).check(words())
    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]


@pytest.mark.parametrize(
    "written",
    [
        {"sum": "pv", "over": "subtree", "levels": ["4", "2"]},
        {"sum": "pv", "over": "subtree", "levels": "x"},
        {"sum": "pv", "over": "everywhere"},
        {"legs": "gv", "take": {"at_most": "50%"}},
        {"legs": "gv", "take": {"at_most": "50", "of": "required"}},
        {"legs": "gv", "take": {"at_most": "101%", "of": "required"}},
        {"legs": "gv", "take": {"largest": "1", "reaching": "2"}},
        {"legs": "gv", "take": {"largest": "0"}},
        {"legs": "gv", "take": "largest"},
    ],
)
def test_what_cannot_be_read(written):
    with pytest.raises(ValidationError):
        word(written)


def test_what_metrics_read():
    assert word({"sum": "pv@active", "over": "subtree", "tree": "active"}).reads(words()) == {
        Node("rolled", "pv@active"),
        Node("tree", "active"),
    }
    read = word({"legs": "gv", "take": "all_but_largest", "plus": "pv"}).reads(words())
    assert read == {Node("metric", "gv"), Node("volume", "pv"), Node("tree", "sponsor")}
    assert word({"count": "legs", "where": {"rank": "M"}}).reads(words()) == {
        Node("ladder", "rank"),
        Node("tree", "sponsor"),
    }
