"""Trees that hang everybody anew: pass-up, monoline, coded."""

import numpy as np
import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from mlmcalc.genealogy.joining import order_of_joining, parents_by_position, tree_of
from mlmcalc.rules.values import Node
from mlmcalc.trees.coded import Coded
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.monoline import Monoline
from mlmcalc.trees.pass_up import PassUp
from mlmcalc.trees.recorded import Recorded
from tests.bonuses.small import HEAD
from tests.words_company import network, number, values, vocabulary

# 0 over 1 and 5; 1 over 2, 3 and 4.
PARENTS = {"sponsor": [-1, 0, 1, 1, 1, 0], "placement": [-1, 2, 0, 2, 3, 0]}
DAYS = [10, 20, 50, 30, None, 15]


def made(**changes):
    return network(PARENTS, joined=changes.pop("joined", DAYS), **changes)


def hung(word, found, name="hung"):
    return parents_by_position(word.evaluate(found, name)).tolist()


def test_the_order_of_joining():
    company = made()
    # 4 has no day and takes that of 1, its recruiter; of one day the nearer to the top comes first.
    assert order_of_joining(company, company.first_tree).tolist() == [0, 5, 1, 4, 3, 2]
    same = made(joined=[7] * 6)
    assert order_of_joining(same, same.first_tree).tolist() == [0, 1, 5, 2, 3, 4]
    assert order_of_joining(same, same.trees["placement"]).tolist() == [0, 2, 5, 1, 3, 4]


def test_the_first_recruits_go_up():
    assert hung(PassUp.model_validate({"pass_up": "sponsor", "first": "1"}), values(made())) == [-1, 0, 1, 1, 0, 0]
    assert hung(PassUp.model_validate({"pass_up": "sponsor", "first": "2"}), values(made())) == [-1, 0, 1, 0, 0, 0]
    numbers = PassUp.model_validate({"pass_up": "sponsor", "numbers": ["1", "3"]})
    assert hung(numbers, values(made())) == [-1, 0, 0, 1, 0, 0]


def test_parents_come_first_in_every_tree():
    found = values(made())
    for word in (
        PassUp.model_validate({"pass_up": "placement", "first": "1", "received_count": "true"}),
        Monoline.model_validate({"monoline": "joined"}),
    ):
        tree = word.evaluate(found, "hung")
        assert (tree.parent < np.arange(tree.size)).all()
        assert tree.kept is None
        assert (word.policy, word.base_tree, word.keep, word.reads(vocabulary())) == ("", "", None, set())


def test_a_line_of_everybody():
    assert hung(Monoline.model_validate({"monoline": "joined"}), values(made())) == [-1, 5, 3, 4, 1, 0]
    nobody = network({"sponsor": []})
    assert Monoline.model_validate({"monoline": "joined"}).evaluate(values(nobody), "line").size == 0


def test_the_nearest_who_holds_the_code():
    columns = {"code": number([1000, 500, 0, 0, 0, 0], 0), "package": number([0, 500, 1000, 500, 2000, 501], 0)}
    word = Coded.model_validate({"coded": "sponsor", "holds": "code", "needs": "package"})
    assert hung(word, values(made(columns=columns))) == [-1, 0, 0, 1, -1, 0]
    word = Coded.model_validate({"coded": "placement", "holds": "code", "needs": "package"})
    assert hung(word, values(made(columns=columns))) == [-1, 0, 0, 0, -1, 0]


def test_a_status_takes_members_out_of_the_finished_tree():
    out = np.array([False, True, False, False, False, False])
    tree = PassUp.model_validate({"pass_up": "sponsor", "first": "1"}).evaluate(
        values(made(), walk_compressed=out), "up"
    )
    # 1 handed its first up as before; the others have nobody but 0 above any more.
    assert parents_by_position(tree).tolist() == [-1, 0, 0, 0, 0, 0]
    assert tree.leave(np.asarray(tree.kept)).tolist() == (~out).tolist()
    assert tree.root_tree == "up"


def test_compression_of_a_tree_that_hangs_everybody_anew():
    found = values(made(), {"pv": [1, 1, 0, 1, 1, 1]})
    found.trees["line"] = Monoline.model_validate({"monoline": "joined"}).evaluate(found, "line")
    word = Compressed.model_validate({"compress": "line", "keep": {"pv": "0.01"}})
    assert hung(word, found) == [-1, 5, 3, 4, 1, 0]
    assert word.evaluate(found, "kept").root_tree == "line"


def test_a_tree_of_no_parents():
    assert tree_of("alone", np.full(3, -1, np.int32)).parent.tolist() == [-1, -1, -1]


KNOWN = vocabulary(
    trees={"sponsor": "", "line": "", "active": "stay"},
    member_columns={"code": ("number", 0), "fine": ("number", 2), "market": ("text", 0)},
    definitions={
        Node("tree", "sponsor"): Recorded(parent="sponsor_id"),
        Node("tree", "line"): Monoline(monoline="joined"),
        Node("tree", "active"): Compressed.model_validate({"compress": "sponsor", "keep": {}}),
    },
)


@pytest.mark.parametrize(
    ("word", "code", "path"),
    [
        ({"pass_up": "sponsr", "first": "2"}, "trees.unknown", ("pass_up",)),
        ({"pass_up": "line", "first": "2"}, "trees.recorded", ("pass_up",)),
        ({"pass_up": "active", "first": "2"}, "trees.recorded", ("pass_up",)),
        ({"pass_up": "sponsor"}, "trees.pass_up", ("pass_up",)),
        ({"pass_up": "sponsor", "first": "2", "numbers": ["3"]}, "trees.pass_up", ("pass_up",)),
        ({"pass_up": "sponsor", "numbers": ["2", "2"]}, "trees.pass_up", ("numbers",)),
        ({"coded": "active", "holds": "code", "needs": "code"}, "trees.recorded", ("coded",)),
        ({"coded": "sponsor", "holds": "market", "needs": "code"}, "trees.column", ("holds",)),
        ({"coded": "sponsor", "holds": "code", "needs": "cod"}, "trees.column", ("needs",)),
        ({"coded": "sponsor", "holds": "code", "needs": "fine"}, "trees.decimals", ("needs",)),
    ],
)
def test_faults_are_findings(word, code, path):
    model = PassUp if "pass_up" in word else Coded
    assert [(finding.code, finding.path) for finding in model.model_validate(word).check(KNOWN)] == [(code, path)]


def plan(trees, rest="bonuses:\n  one: {levels: [10%], base: pv}\n"):
    text = HEAD.replace("PLACE", "line").replace("GRAIN", "source")
    return mlmcalc.load_plan(text.replace("  sponsor: {parent: sponsor_id}\n", trees) + rest)


def test_the_first_tree_is_recorded():
    with pytest.raises(InputRefused, match=r"plan\.first_tree"):
        plan("  line: {monoline: joined}\n  sponsor: {parent: sponsor_id}\n")


def test_days_of_joining_are_asked_for():
    loaded = plan("  sponsor: {parent: sponsor_id}\n  line: {monoline: joined}\n")
    members = pl.DataFrame([{"member_id": 1, "sponsor_id": None}])
    orders = pl.DataFrame([{"order_id": 1, "member_id": 1, "date": "2026-10-05", "pv": "1"}])
    with pytest.raises(InputRefused, match="joined"):
        mlmcalc.run(loaded, members=members, orders=orders, period="2026-10")


LADDER = """
ranks:
  - {rank: Partner, requires: {pv: 100}}
  - {rank: Leader, requires: {legs: {with: Partner, count: 2, tree: line}}}
bonuses:
  one: {levels: {Leader: [10%, 10%]}, base: pv, tree: two_up}
"""


def test_a_ladder_may_be_judged_up_such_a_tree():
    loaded = plan(
        "  sponsor: {parent: sponsor_id}\n  line: {pass_up: sponsor, first: 1}\n"
        "  two_up: {pass_up: sponsor, first: 2}\n",
        LADDER,
    )
    members = [
        {"member_id": 1, "sponsor_id": None, "joined": "2026-01-01"},
        {"member_id": 2, "sponsor_id": 1, "joined": "2026-01-02"},
        {"member_id": 3, "sponsor_id": 2, "joined": "2026-01-03"},
    ]
    orders = [{"order_id": one, "member_id": one, "date": "2026-10-05", "pv": "100"} for one in (1, 2, 3)]
    found = mlmcalc.run(loaded, members=pl.DataFrame(members), orders=pl.DataFrame(orders), period="2026-10")
    # 3 is the first recruit of 2 and goes to 1, who has two legs so.
    assert found.members["rank"].to_list() == ["Leader", "Partner", "Partner"]
    assert found.statements["amount"].cast(pl.String).to_list() == ["20.00"]
    told = found.explain(3)
    assert told.upline == {"sponsor": "2", "line": "1", "two_up": "1"}
