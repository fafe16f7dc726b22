"""Volumes by hand."""

import numpy as np
import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.genealogy.compress import compress
from mlmcalc.genealogy.network import Column
from mlmcalc.money import Rounding
from mlmcalc.volumes.add import Added
from mlmcalc.volumes.orders import Orders
from mlmcalc.volumes.registry import VOLUME_WORDS
from mlmcalc.volumes.rolled import rolled_up
from mlmcalc.volumes.sum_of_orders import SumOfOrders
from tests.words_company import network, orders, values, vocabulary

# 0 Ann (distributor) over 1 Cem (customer) over 2 Eva (customer); 3 Bob (preferred) has nobody above.
PARENTS = {"sponsor": [-1, 0, 1, -1]}
KINDS = ["distributor", "customer", "customer", "preferred"]
ROWS = [
    {"member": 0, "qv": 1000, "cv": 10},
    {"member": 0, "qv": -300, "cv": -3, "kind": "return"},
    {"member": 1, "qv": 205, "cv": 3},
    {"member": 2, "qv": 2, "cv": 1},
    {"member": 3, "qv": 50, "cv": 5},
]


def company(**changes):
    found = values(
        network(PARENTS, kind=KINDS, **{k: v for k, v in changes.items() if k == "status"}), keep_entries=True
    )
    found.orders = orders(ROWS, ["qv", "cv"])
    for key, value in changes.items():
        if key != "status":
            setattr(found, key, value)
    return found


def entries_of(volume):
    found = volume.entries
    return list(zip(found.member.tolist(), found.order.tolist(), found.amounts.tolist(), strict=True))


def evaluate(word, found, name="pv"):
    return SumOfOrders.model_validate(word).evaluate(found, name)


def test_a_sum_of_own_orders_with_returns():
    volume = evaluate({"sum": "qv"}, company())
    assert volume.total.amounts.tolist() == [700, 205, 2, 50]
    assert volume.total.decimals == 2
    assert entries_of(volume) == [(0, 0, 1000), (0, 1, -300), (1, 2, 205), (2, 3, 2), (3, 4, 50)]


def test_a_filter_on_orders():
    volume = evaluate({"sum": "qv", "where": {"buyer": ["customer", "preferred"]}}, company())
    assert volume.total.amounts.tolist() == [0, 205, 2, 50]
    assert entries_of(volume) == [(1, 2, 205), (2, 3, 2), (3, 4, 50)]
    assert evaluate({"sum": "qv", "where": {"kind": "sale"}}, company()).total.amounts.tolist() == [1000, 205, 2, 50]


def test_credit_to_the_server():
    volume = evaluate({"sum": "qv", "credit": "server"}, company())
    assert volume.total.amounts.tolist() == [907, 0, 0, 0]
    assert entries_of(volume) == [(0, 0, 1000), (0, 1, -300), (0, 2, 205), (0, 3, 2)]


def test_a_server_whose_status_takes_it_out_of_the_tree_serves_nobody():
    made = network({"sponsor": [-1, 0, 1]}, kind=["distributor", "distributor", "customer"])
    found = values(made, walk_compressed=np.array([False, True, False]))
    found.orders = orders([{"member": 1, "qv": 7}, {"member": 2, "qv": 5}], ["qv"])
    assert evaluate({"sum": "qv", "credit": "server"}, found).total.amounts.tolist() == [5, 7, 0]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("half_up", [350, 103, 1, 25]),
        ("half_even", [350, 102, 1, 25]),
        ("down", [350, 102, 1, 25]),
        ("up", [350, 103, 1, 25]),
    ],
)
def test_a_share_is_rounded_once_per_member(mode, expected):
    found = company(rounding=Rounding("line", "source", mode, 1, 2))
    volume = evaluate({"sum": "qv", "share": "50%"}, found)
    assert volume.total.amounts.tolist() == expected
    assert volume.entries is None


def test_a_share_of_a_negative_volume_rounds_its_magnitude():
    found = values(network({"sponsor": [-1]}))
    found.orders = orders([{"member": 0, "qv": -205, "kind": "return"}], ["qv"])
    assert evaluate({"sum": "qv", "share": "50%"}, found).total.amounts.tolist() == [-103]


def test_a_share_of_a_huge_volume_is_exact():
    found = values(network({"sponsor": [-1]}))
    huge = 2**62 + 12345
    found.orders = orders([{"member": 0, "qv": huge}], ["qv"])
    found.rounding = Rounding("line", "source", "down", 1, 2)
    assert evaluate({"sum": "qv", "share": "33.3333%"}, found).total.amounts.tolist() == [huge * 333333 // 10**6]


def test_decimals_of_the_volume():
    found = company(vocabulary=vocabulary(volumes={"pv": 3, "whole": 1}))
    assert evaluate({"sum": "qv", "decimals": "3"}, found).total.amounts.tolist() == [7000, 2050, 20, 500]
    with pytest.raises(InputRefused, match=r"volumes\.decimals"):
        evaluate({"sum": "qv", "decimals": "1"}, found, "whole")


def test_sums_that_leave_64_bits_are_refused_with_the_member():
    found = values(network({"sponsor": [-1, 0]}))
    found.orders = orders([{"member": 0, "qv": 2**62}, {"member": 1, "qv": 2**62 + 1}], ["qv"])
    with pytest.raises(InputRefused) as refused:
        evaluate({"sum": "qv"}, found)
    assert [(finding.code, finding.member) for finding in refused.value.findings] == [("volumes.overflow", "2")]


def test_a_table_of_volumes():
    found = values(network({"sponsor": [-1, 0]}, kind=["distributor", "customer"]), keep_entries=True)
    column = Column("number", np.array([300, -5], np.int64), decimals=2)
    found.orders = Orders(np.array([0, 1], np.int32), None, None, None, None, {"qv": column})
    assert evaluate({"sum": "qv"}, found).total.amounts.tolist() == [300, -5]
    assert evaluate({"sum": "qv", "where": {"buyer": "customer"}}, found).total.amounts.tolist() == [0, -5]
    with pytest.raises(InputRefused, match=r"volumes\.table"):
        evaluate({"sum": "qv", "where": {"first_order": "true"}}, found)


def test_added_volumes_merge_their_orders():
    found = company()
    found.volumes["own"] = evaluate({"sum": "qv"}, found)
    found.volumes["served"] = evaluate({"sum": "qv", "where": {"buyer": "customer"}, "credit": "server"}, found)
    found.volumes["again"] = evaluate({"sum": "cv"}, found)
    volume = Added.model_validate({"add": ["own", "served", "again"]}).evaluate(found, "total")
    assert volume.total.amounts.tolist() == [700 + 207 + 7, 208, 3, 55]
    assert entries_of(volume) == [
        (0, 0, 1010),
        (0, 1, -303),
        (0, 2, 205),
        (0, 3, 2),
        (1, 2, 208),
        (2, 3, 3),
        (3, 4, 55),
    ]


def test_roll_up_and_drop():
    made = network({"sponsor": [-1, 0, 1, 1, -1]})
    found = values(made, {"pv": [100, 20, 3, 400, 5000]})
    kept = np.array([True, False, False, True, False])
    rolled = rolled_up(found.volumes["pv"], compress(made.first_tree, kept, "roll_up", "active"))
    assert rolled.total.amounts.tolist() == [123, 0, 0, 400, 0]
    assert rolled.own.amounts.tolist() == [100, 20, 3, 400, 5000]
    assert rolled.keeper_tree == "active"
    dropped = rolled_up(found.volumes["pv"], compress(made.first_tree, kept, "drop", "active"))
    assert dropped.total.amounts.tolist() == [100, 0, 0, 400, 0]


def test_roll_up_in_a_tree_of_another_order():
    # Placement: 0 over 2, 2 over 1.
    made = network({"sponsor": [-1, 0, 0], "placement": [-1, 2, 0]})
    found = values(made, {"pv": [1, 10, 100]})
    kept = np.array([True, False, True])
    rolled = rolled_up(found.volumes["pv"], compress(made.trees["placement"], kept, "roll_up", "active"))
    assert rolled.total.amounts.tolist() == [1, 0, 110]


@pytest.mark.parametrize(
    ("word", "changes", "code", "path"),
    [
        ({"sum": "qv", "where": {"pv": "1"}}, {}, "rules.unknown_word", ("where", "pv")),
        ({"sum": "qv", "share": "101%"}, {}, "volumes.share", ("share",)),
        ({"sum": "qv", "share": "50%"}, {"grain": "order"}, "volumes.share", ("share",)),
        ({"sum": "qv", "decimals": "7"}, {}, "volumes.decimals", ("decimals",)),
        ({"sum": "qv", "times": "0.5"}, {"grain": "order"}, "volumes.share", ("times",)),
        ({"sum": "qv", "times": "2", "share": "50%"}, {}, "volumes.share", ("times",)),
        (
            {"sum": "qv", "after": {"bonus": "first", "counts": "101%"}},
            {"bonuses": ["first"]},
            "volumes.share",
            ("after", "counts"),
        ),
        (
            {"sum": "qv", "after": {"bonus": "frst", "counts": "30%"}},
            {"bonuses": ["first"]},
            "volumes.after",
            ("after", "bonus"),
        ),
        ({"count": "orders", "where": {"pv": "1"}}, {}, "rules.unknown_word", ("where", "pv")),
        ({"add": ["pv"], "times": "0.5"}, {"grain": "order"}, "volumes.share", ("times",)),
        ({"add": ["pv", "pw"]}, {}, "volumes.unknown", ("add", 1)),
        ({"add": ["pv", "pv"]}, {}, "volumes.twice", ("add", 1)),
        ({"add": ["pv", "cv"]}, {"volumes": {"pv": 2, "cv": 3}}, "volumes.decimals", ("add", 1)),
    ],
)
def test_faults_are_findings(word, changes, code, path):
    model = VOLUME_WORDS[next(key for key in VOLUME_WORDS if key in word)]
    findings = model.model_validate(word).check(vocabulary(**changes))
    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]
