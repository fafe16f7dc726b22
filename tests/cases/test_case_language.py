"""The language of cases: tables, sections, what counts as a difference."""

from decimal import Decimal
from pathlib import Path

import pytest

from mlmcalc.cases.case import Case, find_cases, read_case
from mlmcalc.cases.compare import compare
from mlmcalc.cases.expected import Expected, read_expected
from mlmcalc.cases.observed import Observed, ObservedTables
from mlmcalc.cases.rows import frame_of, read_rows
from mlmcalc.cases.verdict import judge, judge_all
from mlmcalc.errors import Finding, InputRefused

HEAD = "plan: {mlmcalc: 1}\nmembers: |\n  member_id sponsor_id\n  A -\n  B A\nvolumes:\n  every: {pv: 5}\n"
LINE = {
    "bonus": "uni",
    "earner": "A",
    "source": "B",
    "level": Decimal(1),
    "rate": "5%",
    "amount": Decimal("0.25"),
    "outcome": "paid",
}


def observed(**changes) -> Observed:
    return ObservedTables(
        **{
            "statements": {("uni", "A"): Decimal("12.00")},
            "lines": [LINE, {**LINE, "source": "C", "amount": Decimal("11.75")}],
            "breakage": [{"bonus": "uni", "level": Decimal(2), "outcome": "no_upline", "amount": Decimal(3)}],
            "transfers": [],
            "ranks": {("rank", "A"): "Manager", ("rank", "B"): "none"},
            "metrics": {"gv": {"A": Decimal("10"), "B": Decimal(5)}},
            "trees": {"active": {"A": "", "C": "A"}},
        }
        | changes
    )


def different(expected: dict) -> list[tuple[str, str, str]]:
    _, found = compare(read_expected(expected, "x"), observed())
    return [(difference.what, difference.expected, difference.got) for difference in found]


@pytest.mark.parametrize(
    "expected",
    [
        {"statements": {"uni": {"A": "12.0"}}},
        {"statements": [{"bonus": "uni", "member_id": "A", "amount": "12"}], "only": "true"},
        {"statements": {"other": {"A": "0"}}},
        {"lines": "earner source amount\nA B 0.25"},
        {"lines": "earner amount\nA 11.75\nA 0.250", "only": "true"},
        {"lines": "source rate level\nB 5.00% 1"},
        {"sums": "bonus level count amount\nuni 1 2 12"},
        {"sums": "earner source amount\nA Z 0"},
        {"ranks": {"A": "Manager", "B": "none"}, "only": "true"},
        {"metrics": {"gv": {"A": "10.00"}}},
        {"tree": {"active": {"A": "none", "B": "left_out", "C": "A"}}, "only": "true"},
        {"breakage": "level outcome amount\n2 no_upline 3", "only": "true"},
    ],
)
def test_what_agrees(expected):
    assert different(expected) == []


@pytest.mark.parametrize(
    ("expected", "difference"),
    [
        ({"statements": {"uni": {"A": "12.01"}}}, ("statements uni A", "12.01", "12.00")),
        ({"statements": {"uni": {}}}, ("statements uni A", "not listed", "12.00")),
        ({"statements": {"other": {"A": "0"}}, "only": "true"}, ("statements uni A", "not listed", "12.00")),
        ({"lines": "earner source amount\nA B 0.26"}, ("lines A B", "amount 0.26", "amount 0.25")),
        ({"lines": "earner amount\nB 1"}, ("lines B", "amount 1", "nothing")),
        (
            {"lines": "source amount\nB 0.25", "only": "true"},
            ("lines uni A C level 1", "not listed", "rate 5%, amount 11.75"),
        ),
        ({"lines": "source\nB\nB"}, ("lines B", "a row", "nothing")),
        ({"sums": "earner count\nA 3"}, ("sums A count", "3", "2")),
        ({"ranks": {"B": "Manager"}}, ("rank B", "Manager", "none")),
        ({"ranks": {"B": "none"}, "only": "true"}, ("rank A", "not listed", "Manager")),
        ({"ranks": {"Z": "none"}}, ("rank Z", "none", "no such member or ladder")),
        ({"metrics": {"gv": {"A": "10.01"}}}, ("gv A", "10.01", "10")),
        ({"metrics": {"pv": {"A": "1"}}}, ("pv A", "1", "no such metric")),
        ({"tree": {"active": {"C": "none"}}}, ("active C", "none", "A")),
        ({"tree": {"active": {"C": "left_out"}}}, ("active C", "left_out", "A")),
        ({"breakage": "level amount\n1 3"}, ("breakage level 1", "amount 3", "nothing")),
    ],
)
def test_what_differs(expected, difference):
    assert difference in different(expected)


@pytest.mark.parametrize(
    ("stated", "got"),
    [({"uni": {"Z": "0"}}, "no such member"), ({"oni": {"A": "0"}}, "no such bonus"), ({"oni": {}}, "no such bonus")],
)
def test_a_slip_in_a_name_is_not_taken_for_nothing_paid(stated, got):
    known = observed(members={"A", "B", "company"}, bonuses={"uni"})
    _, found = compare(read_expected({"statements": stated}, "x"), known)
    assert got in {difference.got for difference in found}


def test_the_most_particular_row_chooses_first():
    assert different({"lines": [{"earner": "A"}, {"earner": "A", "source": "B", "amount": "0.25"}]}) == []


def test_only_false_looks_at_nothing_else():
    assert different({"statements": {"uni": {"B": "0"}}, "only": "false"}) == []


def test_tables():
    assert read_rows("a b\n1 -\n", "members", "x") == [{"a": "1", "b": ""}]
    assert read_rows([{"a": "x y"}, {"b": "-"}], "members", "x") == [{"a": "x y"}, {"b": ""}]
    frame = frame_of([{"a": "x"}, {"b": ""}])
    assert frame.rows() == [("x", None), (None, None)]
    tree = read_rows({"widths": ["2", "3"], "columns": {"kind": "customer"}}, "members", "x")
    assert [(row["member_id"], row["sponsor_id"]) for row in tree] == [
        *(("1", ""), ("2", "1"), ("3", "1")),
        *(("4", "2"), ("5", "2"), ("6", "2"), ("7", "3"), ("8", "3"), ("9", "3")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "members: |\n  a b\n  1\nexpected: {ranks: {A: none}}",
        HEAD + "expected: {ranks: {A: none}, rank: {A: none}}",
        HEAD + "expected: {statements: {uni: 5}}",
        HEAD + "expected: {statements: [{bonus: uni}]}",
        HEAD + "expected: {lines: [{earnr: A}]}",
        HEAD + "expected: {lines: [{amount: '1,5'}]}",
        HEAD + "expected: {lines: [{rate: 0.05}]}",
        HEAD + "expected: {finding: x, ranks: {A: none}}",
        HEAD + "expected: {ranks: {A: none}, only: maybe}",
        HEAD + "expected: {}",
        HEAD,
        HEAD + "orders: |\n  member_id pv\n  A 5\nexpected: {ranks: {A: none}}",
        HEAD + "expeced: {ranks: {A: none}}",
        "members: {widths: [2, x]}\nvolumes: |\n  member_id pv\n  1 5\nexpected: {ranks: {A: none}}",
        "members: {widths: [1000, 1000, 1000]}\nvolumes: |\n  member_id pv\n  1 5\nexpected: {ranks: {A: none}}",
        HEAD.replace("{mlmcalc: 1}", "missing.yaml") + "expected: {ranks: {A: none}}",
    ],
)
def test_a_case_that_cannot_be_read_fails_with_a_finding(tmp_path: Path, text: str):
    path = tmp_path / "case.yaml"
    path.write_text(text)
    with pytest.raises(InputRefused) as refusal:
        read_case(path)
    assert refusal.value.findings[0].code == "cases.table"
    result = judge(path, lambda case: observed())
    assert result.outcome == "failed"
    assert result.differences[0].what == "cases.table"


def test_a_folder_of_tables(tmp_path: Path):
    (tmp_path / "plan.yaml").write_text("mlmcalc: 1\n")
    (tmp_path / "members.csv").write_text("member_id,sponsor_id\nA,\nB,A\n")
    (tmp_path / "volumes.csv").write_text("member_id,pv\nB,5\n")
    (tmp_path / "expected.csv").write_text("member_id,bonus,amount\nA,uni,12.00\n")
    (tmp_path / "expected.yaml").write_text("period: 2017-01\nranks: {A: Manager}\n")
    assert find_cases(tmp_path) == [tmp_path]
    case = read_case(tmp_path)
    assert case.period == "2017-01"
    assert case.plan == tmp_path / "plan.yaml"
    assert case.tables["members"] == [{"member_id": "A", "sponsor_id": ""}, {"member_id": "B", "sponsor_id": "A"}]
    assert set(case.expected.sections) == {"ranks", "statements"}
    assert judge(tmp_path, lambda case: observed()).outcome == "passed"


def test_every_case_below_a_folder_is_found(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "case.yaml").write_text(HEAD + "expected: {ranks: {A: Manager}}\n")
    (tmp_path / "b" / "one.yaml").write_text(HEAD + "expected: {ranks: {A: none}}\n")
    (tmp_path / "b" / "plan.yaml").write_text("mlmcalc: 1\n")
    results = judge_all([tmp_path, tmp_path / "a"], lambda case: observed())
    assert [(Path(result.case).name, result.outcome) for result in results] == [("a", "passed"), ("one.yaml", "failed")]


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_no_case_is_a_refusal(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputRefused) as refusal:
        judge_all([tmp_path / name], lambda case: observed())
    assert refusal.value.findings[0].code == "cases.none"


def refusing(code: str):
    def calculate(case: Case) -> Observed:
        raise InputRefused([Finding(code, "no"), Finding("tables.other", "hm", level="warning")])

    return calculate


@pytest.mark.parametrize(
    ("words", "calculate", "outcome"),
    [
        ("expected: {finding: genealogy.cycle}", refusing("genealogy.cycle"), "passed"),
        ("expected: {finding: [genealogy.cycle]}", refusing("genealogy.orphan"), "failed"),
        ("expected: {finding: genealogy.cycle}", lambda case: observed(), "failed"),
        ("expected: {ranks: {A: Manager}}", refusing("genealogy.cycle"), "failed"),
        ("expected: {ranks: {A: none}}\nexpected_failure: ranks", lambda case: observed(), "expected failure"),
        ("expected: {ranks: {A: Manager}}\nexpected_failure: ranks", lambda case: observed(), "failed"),
    ],
)
def test_outcomes(tmp_path: Path, words, calculate, outcome):
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + words + "\n")
    assert judge(path, calculate).outcome == outcome


def test_an_inline_plan_is_handed_over_as_text(tmp_path: Path):
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + "expected: {ranks: {A: none}}\n")
    assert read_case(path).plan == '{"mlmcalc": "1"}\n'
    assert isinstance(read_case(path).expected, Expected)


def test_a_slip_in_a_step_of_the_payout_is_refused():
    with pytest.raises(InputRefused, match="Did you mean carried"):
        read_expected({"payout": {"carreid": {"A": "1"}}}, "x")


def test_a_plan_as_one_long_text_is_refused(tmp_path):
    text = "plan: |\n  mlmcalc: 1\n  plan: x\nmembers: [{member_id: A}]\nexpected: {statements: {}}\n"
    (tmp_path / "case.yaml").write_text(text)
    with pytest.raises(InputRefused, match="is one long text"):
        read_case(tmp_path / "case.yaml")
