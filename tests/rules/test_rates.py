"""Rate tables by hand."""

import numpy as np
import pytest
from pydantic import ValidationError

from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Node, Quantity, Ranking
from tests.words_company import network, vocabulary
from tests.words_company import values as company_values

RANKS = ("Partner", "Manager", "Director", "Diamond")
COLUMNS = {"country": ("text", 0), "express": ("flag", 0)}


def words(**changes):
    return vocabulary(**{"metrics": {"tv": 2}, "ladders": {"rank": RANKS}, "order_columns": COLUMNS, **changes})


def values(codes, tv=None, scheme=None):
    n = len(codes)
    made = company_values(network({"sponsor": [-1] * n}))
    made.scheme = np.array(scheme if scheme is not None else [0] * n, dtype=np.int16)
    made.rankings["rank"] = Ranking(np.array(codes, dtype=np.int16), RANKS, np.zeros(n, dtype=bool))
    if tv is not None:
        made.metrics["tv"] = Quantity(np.array(tv, dtype=np.int64), 2)
    return made


def rates_of(table, made, by=None, tier=None, schemes=("",), key="", **vocabulary):
    bound = RateTable.model_validate(table).bind(words(**vocabulary), by, tier, schemes, RANKS)
    return bound.rates[key][bound.row(made, key)].tolist()


def test_a_list_is_one_rate_per_level_for_everybody():
    assert rates_of(["5%", "-", "0%"], values([0, 4])) == [[50000, -1, 0], [50000, -1, 0]]


def test_ranks_with_plus_none_and_missing():
    table = {"none": ["1%"], "Partner": ["5%", "5%"], "Director+": ["7%", "6%", "5%"]}
    got = rates_of(table, values([0, 1, 2, 3, 4]))
    assert got == [[10000, -1, -1], [50000, 50000, -1], [-1, -1, -1], [70000, 60000, 50000], [70000, 60000, 50000]]


def test_tiers_below_the_lowest_threshold_and_below_zero():
    table = {"100": ["5%"], "500.50": ["8%"]}
    made = values([0] * 5, tv=[-1, 9999, 10000, 50049, 50050])
    assert rates_of(table, made, tier="tv") == [[-1], [-1], [50000], [50000], [80000]]
    assert rates_of({"0": ["1%"], "100": ["5%"]}, made, tier="tv") == [[10000], [10000], [50000], [50000], [50000]]


def test_nested_by_column_scheme_rank_and_tier():
    table = {
        "EU": {"A": {"Partner": {"0": ["1%"], "100": ["2%"]}, "Manager": {"50": ["3%"]}}, "B": ["9%", "8%"]},
        "other": ["4%"],
    }
    made = values([1, 1, 2, 2, 0], tv=[9999, 10000, 4999, 5000, 0], scheme=[0, 0, 0, 0, 1])
    schemes = ("A", "B")
    got = rates_of(table, made, by="country", tier="tv", schemes=schemes, key="EU")
    assert got == [[10000, -1], [20000, -1], [-1, -1], [30000, -1], [90000, 80000]]
    bound = RateTable.model_validate(table).bind(words(), "country", "tv", schemes, RANKS)
    assert bound.keys == ["EU", "other"]
    assert bound.top["EU"].tolist() == [[30000, -1], [90000, 80000]]
    assert bound.top["other"].tolist() == [[40000, -1], [40000, -1]]
    row = int(bound.row(made, "EU")[3])
    assert bound.describe(row) == "A/Manager/tv >= 50.00"
    assert bound.row_of_scheme[row] == 0
    other = bound.row(made, "EU", scheme=np.array([1, 1, 1, 1, 0]))
    assert bound.row_of_scheme[other].tolist() == [1, 1, 1, 1, 0]


def test_tiers_of_own_volume_for_slices():
    bound = RateTable.model_validate({"0": "5%", "1000": "10%"}).bind(words(), None, "pv", ("",), RANKS)
    assert bound.tiers.tolist() == [0, 100000]
    assert bound.rates[""].tolist() == [[-1], [50000], [100000]]
    assert bound.first_row(values([0, 1])).tolist() == [0, 0]


def test_what_a_table_reads():
    table = RateTable.model_validate({"Partner": {"0": ["5%"]}})
    assert table.reads(words(), "tv") == {Node("ladder", "rank"), Node("metric", "tv")}
    assert RateTable.model_validate(["5%"]).reads(words(), "tv") == set()


def test_unlisted_higher_rank_is_a_warning():
    findings = RateTable.model_validate({"Partner": ["5%"], "Director": ["6%"]}).check(words(), None, None, True)
    assert [(finding.code, finding.level) for finding in findings] == [("rules.rank_without_rate", "warning")]
    assert "Manager, Diamond" in findings[0].message
    assert not RateTable.model_validate({"Director+": ["6%"]}).check(words(), None, None, True)


@pytest.mark.parametrize(
    ("table", "by", "tier", "levels", "code"),
    [
        ({"Parner": ["5%"]}, None, None, True, "rules.rates_key"),
        ({"Partner": ["5%"], "Parner+": ["5%"]}, None, None, True, "rules.rates_key"),
        ({"Partner+": ["5%"], "Partner": ["5%"]}, None, None, True, "rules.rates_key"),
        ({"0": ["5%"]}, None, None, True, "rules.rates_tier"),
        ({"0.001": ["5%"]}, None, "tv", True, "rules.rates_tier"),
        ({"1": ["5%"], "1.00": ["6%"]}, None, "tv", True, "rules.rates_tier"),
        ({"0": {"Partner+": ["5%"]}}, None, "tv", True, "rules.rates_order"),
        ("5%", None, None, True, "rules.rates_form"),
        (["5%"], None, None, False, "rules.rates_form"),
        (["5%"], "country", None, True, "rules.rates_form"),
        ({"DE": ["5%"]}, "contry", None, True, "rules.rates_by"),
        ({"true": ["5%"]}, "express", None, True, "rules.rates_by"),
    ],
)
def test_faults_are_findings(table, by, tier, levels, code):
    findings = RateTable.model_validate(table).check(words(), by, tier, levels)
    assert code in [finding.code for finding in findings if finding.level == "error"]


def test_every_bad_rate_is_named_with_its_path():
    with pytest.raises(ValidationError) as refused:
        RateTable.model_validate({"Partner": ["-5%", "5%"], "Manager": [], "Director": ["x"]})
    assert [error["loc"] for error in refused.value.errors()] == [("Partner", 0), ("Manager",), ("Director", 0)]


def test_an_amount_is_a_rate_of_what_is_counted_in_whole_units():
    table = RateTable.model_validate(["20.00", "0.05", "5"])
    assert table.check(words(), None, None, True, base_decimals=0) == []
    found = table.check(words(), None, None, True, base_decimals=2)
    assert [(finding.code, finding.path) for finding in found] == [("rules.rates_sign", (place,)) for place in range(3)]
    assert [finding.remedy for finding in found] == ["Write 20%.", "Write 5%.", "Write 5%."]


def test_scheme_without_a_table_is_a_warning():
    findings = RateTable.model_validate({"A": ["5%"]}).check(words(schemes=("A", "B")), None, None, True)
    assert [finding.code for finding in findings] == ["rules.scheme_without_rate"]
