"""Orders of a table chosen by an order column: an order is explained by its own part."""

from tests.bonuses.small import run

BODY = """
order_columns: {country: text}
bonuses:
  own: {personal: {IT: 3%}, base: pv, by: country}
  up: {levels: {IT: [10%], other: [1%]}, base: pv, by: country}
"""


def test_an_order_is_not_explained_by_what_other_orders_of_its_buyer_brought():
    orders = [(1, 2, "100", {"country": "IT"}), (2, 2, "50", {"country": "FR"}), (3, 2, "7", {"country": None})]
    found = run(BODY, [(1, None), (2, 1)], orders)
    paid = {order: [(one.bonus, one.amount) for one in found.explain_order(order).amounts] for order in (1, 2, 3)}
    assert paid == {1: [("own", "3.00"), ("up", "10.00")], 2: [("up", "0.57")], 3: [("up", "0.57")]}
    assert list(found.explain_order(2).nothing_from) == ["own"]
