"""The one pass from the leaves up against a member-by-member judgement, and against the metrics with final ranks."""

from typing import Any

import numpy as np
import pytest

from mlmcalc.metrics.registry import METRIC_WORDS
from mlmcalc.ranks.ladder import Ladder
from mlmcalc.rules.values import Node
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.recorded import Recorded
from tests.words_company import names_of, network, random_parents, values, vocabulary

RANKS = ("P", "M", "D", "X")
METRICS = {
    "managers": {"count": "legs", "where": {"rank": "M"}},
    "near": {"count": "legs", "where": {"rank": "P"}, "levels": "2"},
    "frontline_p": {"count": "frontline", "where": {"rank": "P", "pv": "50"}},
    "below_m": {"count": "subtree", "where": {"rank": {"min": "P", "max": "M"}}},
    "pv_of_p": {"sum": "pv", "over": "frontline", "where": {"rank": "P"}},
    "all_pv_of_none": {"sum": "pv", "over": "subtree", "self": "false", "where": {"rank": "none"}},
    "pgv": {"sum": "pv", "over": "group", "tree": "leaders"},
    "others": {"sum": "pv", "over": "group", "tree": "leaders", "self": "false"},
    "with_next": {"sum": "pv", "over": "group", "tree": "leaders", "leader": "upline_group"},
    "busy_legs": {"count": "legs", "where": {"rank": "P"}, "tree": "busy"},
    "busy_pgv": {"sum": "pv", "over": "group", "tree": "busy_leaders"},
}
TREES = {
    "sponsor": {"parent": "sponsor_id"},
    "busy": {"compress": "sponsor", "keep": {"pv": "30"}},
    "leaders": {"compress": "sponsor", "keep": {"rank": "M"}},
    "busy_leaders": {"compress": "busy", "keep": {"rank": {"min": "M"}, "pv": "40"}},
}
LADDER = [
    {"rank": "P", "requires": {"pv": "20"}},
    {"rank": "M", "requires": [{"pv": "40", "pgv": "150"}, {"near": "2", "frontline_p": "1"}]},
    {
        "rank": "D",
        "requires": [
            {"legs": [{"with": "M", "count": "1"}, {"with": "P", "count": "2", "levels": "3"}], "below_m": "3"},
            {"managers": "2", "pv_of_p": "60", "others": {"min": "50", "max": "5000"}},
        ],
    },
    {
        "rank": "X",
        "requires": [
            {"with_next": "300", "managers": "1"},
            {"busy_legs": "2", "all_pv_of_none": "40", "busy_pgv": "100"},
        ],
    },
]


def company(seed, n, cumulative=False):
    rng = np.random.default_rng(seed)
    parents = random_parents(rng, n)
    made = network({"sponsor": parents}, kind=["customer" if rng.random() < 0.1 else "distributor" for _ in range(n)])
    found = values(made, {"pv": rng.integers(-2000, 12000, n)})
    trees = {name: (Recorded if "parent" in word else Compressed).model_validate(word) for name, word in TREES.items()}
    metrics = {
        name: METRIC_WORDS[next(key for key in METRIC_WORDS if key in word)].model_validate(word)
        for name, word in METRICS.items()
    }
    ladder = Ladder.model_validate({"ladder": LADDER, "cumulative": "true" if cumulative else "false"})
    definitions: dict[Node, Any] = {Node("tree", name): word for name, word in trees.items()}
    definitions |= {Node("metric", name): word for name, word in metrics.items()}
    definitions[Node("ladder", "rank")] = ladder
    found.vocabulary = vocabulary(
        metrics={name: 0 if "count" in word else 2 for name, word in METRICS.items()},
        trees={"sponsor": "", "busy": "stay", "leaders": "stay", "busy_leaders": "stay"},
        ladders={"rank": RANKS},
        definitions=definitions,
    )
    return found, trees, metrics, ladder


def run(found, trees, metrics, ladder):
    for name in ("sponsor", "busy"):
        found.trees[name] = trees[name].evaluate(found, name)
    found.rankings["rank"] = ladder.evaluate(found, "rank")
    for name in ("leaders", "busy_leaders"):
        found.trees[name] = trees[name].evaluate(found, name)
    for name, word in metrics.items():
        word.evaluate_into(found, name)
    return found


def descend(parents, member):
    """Everybody below a member with the distance."""
    distance = {member: 0}
    for below in range(member + 1, len(parents)):
        if parents[below] in distance:
            distance[below] = distance[parents[below]] + 1
    return distance


def judged_values(parents, busy_parents, pv, code, member):
    """What each metric is for one member, given the ranks of everybody below it."""
    below = {m: d for m, d in descend(parents, member).items() if m != member}
    children = [m for m in below if parents[m] == member]

    def legs(over, test, levels=10**9):
        heads = [m for m in range(len(over)) if over[m] == member]
        return sum(any(test(m) and d + 1 <= levels for m, d in descend(over, head).items()) for head in heads)

    def group(leads, own=True, next_too=False):
        total, front = (pv[member] if own else 0), list(children)
        while front:
            at = front.pop()
            if not leads(at):
                total += pv[at]
                front += [m for m in below if parents[m] == at]
            elif next_too:
                total += pv[at]
        return total

    at_least = lambda rank: lambda m: code[m] >= rank  # noqa: E731
    return {
        "pv": pv[member],
        "managers": legs(parents, at_least(2)),
        "near": legs(parents, at_least(1), 2),
        "frontline_p": sum(code[m] >= 1 and pv[m] >= 5000 for m in children),
        "below_m": sum(1 <= code[m] <= 2 for m in below),
        "pv_of_p": sum(pv[m] for m in children if code[m] >= 1),
        "all_pv_of_none": sum(pv[m] for m in below if code[m] == 0),
        "pgv": group(at_least(2)),
        "others": group(at_least(2), own=False),
        "with_next": group(at_least(2), next_too=True),
        "busy_legs": legs(busy_parents, lambda m: code[m] >= 1 and pv[m] >= 3000) if pv[member] >= 3000 else 0,
        "busy_pgv": group(lambda m: code[m] >= 2 and pv[m] >= 4000),
        "legs_m": legs(parents, at_least(2)),
        "legs_p3": legs(parents, at_least(1), 3),
    }


def rung_tests(v):
    return [
        v["pv"] >= 2000,
        (v["pv"] >= 4000 and v["pgv"] >= 15000) or (v["near"] >= 2 and v["frontline_p"] >= 1),
        (v["legs_m"] >= 1 and v["legs_p3"] >= 2 and v["below_m"] >= 3)
        or (v["managers"] >= 2 and v["pv_of_p"] >= 6000 and 5000 <= v["others"] <= 500000),
        (v["with_next"] >= 30000 and v["managers"] >= 1)
        or (v["busy_legs"] >= 2 and v["all_pv_of_none"] >= 4000 and v["busy_pgv"] >= 10000),
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("cumulative", [False, True])
def test_one_pass_agrees_with_judging_one_by_one_and_with_the_final_metrics(seed, cumulative):
    found, trees, metrics, ladder = company(seed, 80, cumulative)
    assert not ladder.check(names_of(found))
    run(found, trees, metrics, ladder)
    parents = found.network.first_tree.parent.tolist()
    pv = found.volumes["pv"].total.amounts.tolist()
    n, code = len(parents), [0] * len(parents)
    busy_parents = []
    for member in range(n):
        at = parents[member]
        while at >= 0 and pv[at] < 3000:
            at = parents[at]
        busy_parents.append(at if pv[member] >= 3000 else -1)
    for member in reversed(range(n)):
        judged = judged_values(parents, busy_parents, pv, code, member)
        if found.may_earn[member]:
            tests = rung_tests(judged)
            if cumulative:
                code[member] = next((place for place, met in enumerate(tests) if not met), len(tests))
            else:
                code[member] = max((place + 1 for place, met in enumerate(tests) if met), default=0)
        for name in METRICS:
            got = int(found.metrics[name].amounts[member])
            if name == "with_next" and code[member] >= 2:
                got += pv[member]
            assert got == judged[name], (name, member)
    assert found.rankings["rank"].code.tolist() == code
    assert len(set(code)) >= 3


@pytest.mark.parametrize("seed", range(3))
def test_standing_says_what_the_pass_decided(seed):
    found, trees, metrics, ladder = company(seed, 60)
    run(found, trees, metrics, ladder)
    for member in range(found.size):
        met = [place + 1 for place, rung in enumerate(ladder.standing(found, member)) if rung.met]
        assert max(met, default=0) == found.rankings["rank"].code[member] or not found.may_earn[member]


def test_reads_hold_what_is_static_and_nothing_that_is_settled():
    found, _, _, ladder = company(0, 5)
    assert ladder.reads(names_of(found)) == {Node("volume", "pv"), Node("tree", "sponsor"), Node("tree", "busy")}
