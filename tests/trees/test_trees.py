"""The words of trees."""

import numpy as np

from mlmcalc.rules.values import Node
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.recorded import Recorded
from tests.words_company import network, values, vocabulary

PARENTS = {"sponsor": [-1, 0, 1, 1, 0]}


def test_a_recorded_tree_is_the_networks():
    found = values(network(PARENTS))
    assert Recorded(parent="sponsor_id").evaluate(found, "sponsor") is found.network.first_tree


def test_walk_compressed_takes_a_status_out_of_a_recorded_tree():
    found = values(network(PARENTS), walk_compressed=np.array([False, True, False, False, False]))
    tree = Recorded(parent="sponsor_id").evaluate(found, "sponsor")
    assert tree.parent.tolist() == [-1, 0, 0, 0, 0]
    assert np.asarray(tree.kept).tolist() == [True, False, True, True, True]
    assert tree.name == "sponsor"


def test_a_tree_keeps_those_who_meet_its_condition_and_may_derive_from_a_derived_one():
    found = values(network(PARENTS), {"pv": [10000, 0, 10000, 5000, 20000]})
    found.trees["sponsor"] = found.network.first_tree
    word = Compressed.model_validate({"compress": "sponsor", "keep": {"pv": "100"}, "volume": "roll_up"})
    found.trees["active"] = word.evaluate(found, "active")
    assert np.asarray(found.trees["active"].kept).tolist() == [True, False, True, False, True]
    assert np.asarray(found.trees["active"].keeper).tolist() == [0, 0, 2, 0, 4]
    top = Compressed.model_validate({"compress": "active", "keep": {"pv": {"below": "101"}}}).evaluate(found, "top")
    assert np.asarray(top.kept).tolist() == [True, False, True, False, False]
    assert top.root_tree == "sponsor"
    assert (word.policy, word.base_tree) == ("roll_up", "sponsor")


def test_what_a_derived_tree_reads_and_what_is_wrong_with_it():
    word = Compressed.model_validate({"compress": "sponsr", "keep": {"pv": "1", "rnk": "A"}})
    assert word.reads(vocabulary()) == {Node("tree", "sponsr"), Node("volume", "pv")}
    assert {(finding.code, finding.path) for finding in word.check(vocabulary())} == {
        ("trees.unknown", ("compress",)),
        ("rules.unknown_word", ("keep", "rnk")),
    }


def test_width_counts_legs_of_a_column():
    assert [finding.code for finding in Recorded(parent="p", width=2).check(vocabulary())] == ["trees.width"]
    assert [finding.code for finding in Recorded(parent="p", leg="l", width=0).check(vocabulary())] == ["trees.width"]
    assert not Recorded(parent="p", leg="l", width=2).check(vocabulary())
