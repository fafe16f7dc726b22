"""What is wrong with last steps, exclusive bonuses, limits and payout is found, with its line, in plain words."""

import re
from typing import Any

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.plan.load import load_plan
from mlmcalc.plan.schema import plan_schema
from tests.plan.test_schema import as_an_editor_reads, valid

PLAN = """\
mlmcalc: 1
plan: bounded
version: "1"
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
member_columns: {goal: {decimals: 2}, tax: text}
volumes:
  pv: {sum: pv}
trees:
  sponsor: {parent: sponsor_id}
metrics:
  gv: {sum: pv, over: subtree}
ranks:
  - {rank: Silver, requires: {pv: 100}}
  - {rank: Gold, requires: {pv: 200}}
bonuses:
  a:
    levels: [10%]
    base: pv
    multiplier: {tier: gv, steps: {0: 100%, 500: 150%}}
    minimum: 1.00
    cap: {per_leg: 100.00, per_earner: {Silver: 50, Gold+: 90}, total: 5000.00}
  b: {personal: 10%, base: pv, multiplier: {Gold: 120%}, cap: {per_earner: {column: goal}}}
  c: {levels: [5%], base: {earned: [a]}, cap: {per_source: 10.00, per_earner: gv}}
exclusive:
  - {greater_of: [a, b], per: earner}
limits:
  weekly: {per_earner: 5000.00, bonuses: [a, c]}
  ceiling: {share: 45%, of: pv, protect: 50.00, cut: {order: [c]}}
  customers: {paid_volume: gv, at_most: 70%, of: pv, per: company}
payout:
  minimum: 25.00
  later: {c: 2}
  forfeit: [{when: {status: left}, reason: left}]
  hold: [{when: {pv: {below: 10}}, reason: no order}]
  negative: {carry: 100.00}
  withhold: [{name: tax, rate: {column: tax, rates: {A: 10%, other: 20%}}, of: [a]}, {name: levy, rate: 1%, base: paid}]
  fees: [{name: bank, amount: 2.00}, {name: service, rate: {tier: gv, steps: {0: 2%, 100: 1%}}}]
"""
NO_TIER = "bonuses.tier rules.rates_tier"
BAD = {
    "multiplier without a sign": ("{Gold: 120%}", "{Gold: 1.2}", "rules.rates_sign"),
    "multiplier of a list": ("{Gold: 120%}", "[120%]", "rules.rates_form"),
    "multiplier of an unknown rank": ("{Gold: 120%}", "{Golden: 120%}", "rules.rates_key"),
    "multiplier by an unknown tier": ("{tier: gv, steps: {0: 100%", "{tier: vg, steps: {0: 100%", NO_TIER),
    "multiplier without steps": ("{tier: gv, steps: {0: 100%, 500: 150%}}", "{tier: gv}", "plan.missing"),
    "minimum of half cents": ("minimum: 1.00", "minimum: 1.005", "rules.amount"),
    "minimum below zero": ("minimum: 1.00", "minimum: -1", "rules.amount"),
    "cap of an unknown rank": ("Gold+: 90", "Golden: 90", "bonuses.cap"),
    "cap of an unknown column": ("{column: goal}", "{column: gaol}", "bonuses.cap"),
    "cap of an unknown metric": ("per_earner: gv", "per_earner: vg", "bonuses.cap"),
    "cap per leg of a bonus without a tree": ("cap: {per_earner: {column: goal}}", "cap: {per_leg: 1}", "bonuses.cap"),
    "total in half cents": ("total: 5000.00", "total: 0.005", "bonuses.cap"),
    "key of a cap": ("total: 5000.00", "totals: 5000.00", "plan.unknown_key"),
    "exclusive as a mapping": ("exclusive:\n  - {greater_of", "exclusive:\n  {greater_of", "plan.type"),
    "choice of one": ("greater_of: [a, b]", "greater_of: [a]", "plan.value"),
    "choice of nothing": ("{greater_of: [a, b], per: earner}", "{per: earner}", "plan.value"),
    "choice of both": ("greater_of: [a, b]", "greater_of: [a, b], first_of: [a, b]", "plan.value"),
    "choice of an unknown bonus": ("greater_of: [a, b]", "greater_of: [a, bb]", "limits.unknown"),
    "choice of one twice": ("greater_of: [a, b]", "greater_of: [a, b, a]", "limits.twice"),
    "bonus of two choices": ("per: earner}\n", "per: earner}\n  - {first_of: [b, c]}\n", "limits.twice plan.circle"),
    "choice among those that read one another": ("greater_of: [a, b]", "greater_of: [a, c]", "plan.circle"),
    "limit of no kind": ("{per_earner: 5000.00, bonuses", "{per_member: 5000.00, bonuses", "plan.word"),
    "limit over an unknown bonus": ("bonuses: [a, c]", "bonuses: [a, cc]", "limits.unknown"),
    "limit of half cents": ("{per_earner: 5000.00, bonuses", "{per_earner: 0.005, bonuses", "rules.amount"),
    "cut of an unknown order": ("cut: {order: [c]}", "cut: {order: [d]}", "limits.unknown"),
    "cut in other words": ("cut: {order: [c]}", "cut: pro_rata", "plan.value"),
    "share without its sign": ("share: 45%", "share: 0.45", "plan.value"),
    "share of nothing known": ("share: 45%, of: pv", "share: 45%, of: pw", "limits.unknown"),
    "ratio of nothing known": ("paid_volume: gv", "paid_volume: vg", "limits.unknown"),
    "ratio of an earner in an order": ("per: company}", "cut: {order: [a]}}", "limits.order"),
    "payout in words": ("payout:\n", "payout: all\n_:\n", "plan.type plan.unknown_key"),
    "later of an unknown bonus": ("later: {c: 2}", "later: {d: 2}", "payout.unknown"),
    "later by no period": ("later: {c: 2}", "later: {c: 0}", "plan.value"),
    "hold without a reason": (", reason: no order}", "}", "plan.missing"),
    "hold on an unknown word": ("{pv: {below: 10}}", "{vp: {below: 10}}", "rules.unknown_word"),
    "debt in other words": ("negative: {carry: 100.00}", "negative: keep", "plan.value"),
    "debt of half cents": ("negative: {carry: 100.00}", "negative: {carry: 0.005}", "rules.amount"),
    "rate by an unknown column": ("{column: tax,", "{column: tacks,", "payout.column"),
    "rate by a column of numbers": ("{column: tax,", "{column: goal,", "payout.column"),
    "withheld of an unknown bonus": ("of: [a]}", "of: [d]}", "payout.unknown"),
    "withheld of one bonus when paid": ("of: [a]}", "of: [a], base: paid}", "plan.value"),
    "fee of two forms": ("amount: 2.00}", "amount: 2.00, rate: 1%}", "plan.value"),
    "fee by an unknown tier": ("{tier: gv, steps: {0: 2%", "{tier: vg, steps: {0: 2%", "payout.tier rules.rates_tier"),
    "minimum payout by an unknown column": ("minimum: 25.00", "minimum: {column: gaol}", "rules.amount"),
}  # fmt: skip
JARGON = re.compile(
    r"Input should|Value error|validation error|\[type=|function-|tuple\[|dict\[|list\[|Traceback|<class"
)


def test_the_plan_is_good():
    plan = load_plan(PLAN)
    assert [node.name for node in plan.order][-6:] == ["b", "greater_of a, b", "c", "weekly", "ceiling", "customers"]
    for node in plan.order:
        value: Any = plan.document.value
        for step in plan.path_of(node) if node.kind != "active" else ():
            value = value[step]


def test_an_amount_by_rank_needs_ranks():
    ranks = re.compile(r"ranks:\n(  .*\n)+")
    for amount in ("{none: 50}", "{Gold: 50}"):
        text = ranks.sub("", PLAN).replace("{Silver: 50, Gold+: 90}", amount).replace("{Gold: 120%}", "120%")
        with pytest.raises(InputRefused) as caught:
            load_plan(text)
        assert [found.code for found in caught.value.findings] == ["bonuses.cap"]
    with pytest.raises(InputRefused) as caught:
        load_plan(ranks.sub("", PLAN).replace("{Silver: 50, Gold+: 90}", "50").replace("{Gold: 120%}", "{none: 120%}"))
    assert [found.code for found in caught.value.findings] == ["bonuses.rank"]


def test_the_schema_knows_them():
    schema = plan_schema()
    assert valid(as_an_editor_reads(PLAN), schema, schema)
    for name in (
        "key of a cap",
        "exclusive as a mapping",
        "limit of no kind",
        "payout in words",
        "debt in other words",
    ):
        old, new, _ = BAD[name]
        assert not valid(as_an_editor_reads(PLAN.replace(old, new, 1)), schema, schema), name


@pytest.mark.parametrize("name", BAD)
def test_bad_limits(name):
    old, new, code = BAD[name]
    assert old in PLAN
    text = PLAN.replace(old, new, 1)
    with pytest.raises(InputRefused) as caught:
        load_plan(text, "plan.yaml")
    errors = [found for found in caught.value.findings if found.level == "error"]
    wanted = set(code.split())
    assert {found.code for found in errors} == wanted or (
        # Names are judged before circles.
        "plan.circle" in wanted and {found.code for found in errors} == wanted - {"plan.circle"}
    )
    for found in errors:
        assert found.line is not None, found
        assert found.message[-1] in ".?"
        assert not JARGON.search(found.text()), found.text()
