"""Laws of differentials, on companies drawn at random."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bonuses.small import run

TOP = Fraction(21, 100)
STEPS = "{0: 0%, 1: 3%, 2: 6%, 3: 9%, 4: 15%, 5: 21%}"
few = settings(max_examples=25)


@st.composite
def companies(draw):
    """Draw members, each with the rate it holds and whether it may be paid, and an order of each."""
    size = draw(st.integers(1, 12))
    members = []
    for who in range(1, size + 1):
        parent = draw(st.one_of(st.none(), st.integers(1, who - 1), st.just(who - 1))) if who > 1 else None
        columns = {"held": str(draw(st.integers(0, 5))), "out": draw(st.sampled_from(["", "", "true"]))}
        members.append((who, parent, columns))
    return members, [(str(who), who, str(draw(st.integers(1, 900)))) for who in range(1, size + 1)]


def calculated(company, tier="held", **keys):
    said = "".join(f", {key}: {value}" for key, value in keys.items())
    body = "member_columns: {held: {decimals: 0}, out: flag}\nmetrics: {gv: {sum: pv, over: subtree}}\n"
    steps = STEPS if tier == "held" else STEPS.replace("1:", "100:").replace("2:", "300:").replace("3:", "500:")
    steps = steps if tier == "held" else steps.replace("4:", "1000:").replace("5:", "2000:")
    body += f"bonuses: {{diff: {{differential: {steps}, tier: {tier}, base: pv{said}}}}}\n"
    return run(body, *company, place="payout")


def statements(found):
    total = defaultdict(Fraction)
    for earner, amount, outcome in found.lines.select("earner", "amount", "outcome").rows():
        if outcome == "paid":
            total[earner] += Fraction(amount)
    return dict(total)


FORMS = [
    {},
    {"against": "qualified"},
    {"own": "false"},
    {"pays": "own_rate"},
    {"first_upline": "{reserve: 5%}"},
    {"until": "{equal: 1}"},
    {"first_level": "2", "nearer": "counted"},
    {"start": "held"},
]


@few
@given(companies(), st.sampled_from(FORMS), st.booleans())
def test_no_source_pays_more_than_the_top_rate(company, form, all_may):
    found = calculated(company, **form, **({} if all_may else {"eligible": "{out: false}"}))
    of_source = defaultdict(Fraction)
    for source, rate in found.lines.filter(found.lines["outcome"] == "paid").select("source", "rate_ppm").rows():
        of_source[source] += Fraction(rate, 10**6)
    assert all(rate <= TOP for rate in of_source.values())
    balance = found.balance.row(0, named=True)
    assert Fraction(balance["offered"]) <= TOP * sum(Fraction(pv) for _, _, pv in company[1])
    assert Fraction(balance["offered"]) == Fraction(balance["paid"]) + Fraction(balance["breakage"])


@few
@given(companies())
def test_paid_and_qualified_agree_where_everybody_may_be_paid(company):
    assert statements(calculated(company)) == statements(calculated(company, against="qualified"))


@few
@given(companies())
def test_legs_pay_what_walks_pay_where_rates_never_fall_upwards(company):
    walked, by_legs = calculated(company, "gv"), calculated(company, "gv", against="immediate_leg")
    assert statements(walked) == statements(by_legs)
    assert Fraction(by_legs.balance["paid"][0]) <= TOP * sum(Fraction(pv) for _, _, pv in company[1])


@few
@given(companies(), st.randoms(use_true_random=False), st.sampled_from(["paid", "qualified", "immediate_leg"]))
def test_a_higher_rate_never_pays_its_holder_less(company, rng, against):
    members, orders = company
    who = rng.randrange(len(members))
    higher = [*members]
    higher[who] = (*members[who][:2], {**members[who][2], "held": "5"})
    before = statements(calculated(company, against=against)).get(who + 1, 0)
    assert statements(calculated((higher, orders), against=against)).get(who + 1, 0) >= before


@few
@given(companies(), st.randoms(use_true_random=False))
def test_one_who_fails_is_paid_nothing_and_by_paid_its_share_reaches_those_above(company, rng):
    members, orders = company
    whole = statements(calculated(company))
    who = rng.randrange(len(members))
    failing = [
        (member, parent, {**columns, "out": "true" if member == who + 1 else ""}) for member, parent, columns in members
    ]
    left = statements(calculated((failing, orders), eligible="{out: false}"))
    assert who + 1 not in left
    assert all(left.get(member, 0) >= amount for member, amount in whole.items() if member != who + 1)
