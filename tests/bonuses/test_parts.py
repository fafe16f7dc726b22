"""What a rate chosen by an order column, a keeper as the source, and a cap may not get wrong."""

import pytest

from mlmcalc.errors import InputRefused
from tests.bonuses.small import HEAD, lines, lost, run

CHAIN = [(1, None), (2, 1), (3, 2)]
BY = "order_columns: {country: text}\nbonuses:\n  b: {levels: %s, base: pv, by: country}\n"


def codes(refused):
    return [finding.code for finding in refused.value.findings]


def test_orders_that_say_other_or_a_star_are_like_any_other():
    orders = [
        (number, 3, "100", {"country": country}) for number, country in enumerate(("IT", "other", "*", None, "FR"))
    ]
    found = run(BY % "{IT: [10%], other: [1%]}", CHAIN, orders)
    assert lines(found) == [(2, 3, 1, 1, "10.00", "paid"), (2, 3, 1, 1, "4.00", "paid")]
    found = run(BY % '{"*": [10%], other: [1%]}', CHAIN, orders)
    assert lines(found) == [(2, 3, 1, 1, "10.00", "paid"), (2, 3, 1, 1, "4.00", "paid")]


@pytest.mark.parametrize(
    "body",
    [
        "volumes: {pv: {sum: pv}, half: {sum: pv, share: 50%}}\n"
        "bonuses: {b: {levels: {IT: [10%]}, base: half, by: country}}\n",
        "volumes: {pv: {sum: pv}, half: {sum: pv, share: 50%}, all: {add: [pv, half]}}\n"
        "bonuses: {b: {personal: {IT: 10%}, base: all, by: country}}\n",
        "volumes: {pv: {sum: pv}}\n"
        "bonuses: {a: {levels: [10%], base: pv}, b: {levels: {IT: [10%]}, base: {earned: [a]}, by: country}}\n",
    ],
)
def test_what_has_no_single_orders_cannot_choose_by_their_column(body, monkeypatch):
    volumes, _, bonuses = body.partition("\n")
    monkeypatch.setattr("tests.bonuses.small.HEAD", _head_with(volumes))
    with pytest.raises(InputRefused) as refused:
        run("order_columns: {country: text}\n" + bonuses, CHAIN, [(1, 3, "100", {"country": "IT"})])
    assert codes(refused) == ["bonuses.by"]


def _head_with(volumes):
    return HEAD.replace("volumes:\n  pv: {sum: pv}", volumes)


KEEPERS = """
  active: {compress: sponsor, keep: {pv: 60}, volume: roll_up}
order_columns: {country: text}
bonuses:
  b: {personal: {IT: 10%, other: 1%}, base: pv@active, by: country}
  u: {levels: {IT: [10%], other: [1%]}, base: pv@active, tree: active, by: country, sources: {pv: 50}}
"""


def test_a_keepers_orders_keep_the_part_of_the_table_they_belong_to():
    orders = [(number, member, pv, {"country": country}) for number, member, pv, country in _BOUGHT]
    found = run(KEEPERS, CHAIN, orders, grain="keeper")
    assert lines(found) == [(2, 2, 0, 0, "11.00", "paid"), (2, 2, 0, 0, "0.70", "paid")]
    # Member 1 is not kept and has no keeper; as a source it has too little volume of its own.
    assert lost(found) == [(1, "no_upline", "11.7")]


_BOUGHT = [(1, 2, "100", "IT"), (2, 2, "30", "FR"), (3, 3, "10", "IT"), (4, 3, "40", None), (5, 1, "20", "IT")]


def test_volume_without_a_keeper_is_offered_under_grain_keeper_too():
    body = (
        "  active: {compress: sponsor, keep: {pv: 50}, volume: roll_up}\n"
        "bonuses: {b: {levels: [10%], base: pv@active, tree: active}}\n"
    )
    for grain in ("source", "keeper"):
        assert lost(run(body, [(1, None)], [(1, 1, "20")], grain=grain)) == [(1, "no_upline", "2")]


def test_a_cap_beyond_64_bits_cuts_nothing_and_others_are_refused():
    body = "bonuses: {b: {levels: [10%%], base: pv, cap: {per_source: %s}}}\n"
    found = run(body % "90000000000000000", CHAIN, [(1, 3, "100")], place="payout")
    assert lines(found) == [(2, 3, 1, 1, "10.00000000", "paid")]
    for cap in ("-1", "0.001"):
        with pytest.raises(InputRefused) as refused:
            run(body % cap, CHAIN, [(1, 3, "100")])
        assert codes(refused) == ["bonuses.cap"]


def test_a_cap_on_rounded_lines_is_a_whole_number_of_units(monkeypatch):
    monkeypatch.setattr("tests.bonuses.small.HEAD", HEAD.replace("unit: 0.01", "unit: 0.05"))
    body = "bonuses: {b: {levels: [10%], base: pv, cap: {per_source: 0.12}}}\n"
    with pytest.raises(InputRefused) as refused:
        run(body, CHAIN, [(1, 3, "100")])
    assert codes(refused) == ["bonuses.cap"]
    assert [line[4] for line in lines(run(body, CHAIN, [(1, 3, "100")], place="bonus"))] == [
        "10.00000000",
        "-9.88000000",
        "-0.02000000",
    ]


def test_a_walk_may_end_further_up_than_any_tree_is_deep():
    body = (
        "ranks: [{rank: A, requires: {}}]\n"
        "bonuses: {b: {levels: [10%, 10%], base: pv, until: {rank: A, levels_below: 1000000000000}}}\n"
    )
    assert len(lines(run(body, CHAIN, [(1, 3, "100")]))) == 2
