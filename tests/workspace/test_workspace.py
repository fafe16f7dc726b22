"""A workspace is read whole, its faults are found all at once, and what the company states is compared exactly."""

from pathlib import Path

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.workspace.expectations import Counted, Expectations, compare_expectations
from mlmcalc.workspace.load import load_workspace
from mlmcalc.workspace.model import Expectation

FULL = """\
company: Alpine
plan: plans/plan.yaml
members:
  file: members-{period}.csv
  columns: {member_id: ID, sponsor_id: Upline}
  constants: {kind: distributor}
  only_where: [ID]
orders: orders.parquet
overrides: {file: ../overrides.csv}
out: out/{period}
format: csv
expect:
  orders: {rows: 1234, sums: {cv: 98765.43}}
  members: {rows: 2319}
"""


def workspace(tmp_path, text):
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    return load_workspace(tmp_path / "company.yaml")


def refused(tmp_path, text):
    with pytest.raises(InputRefused) as caught:
        workspace(tmp_path, text)
    return [(finding.code, finding.line) for finding in caught.value.findings]


def test_everything_is_read(tmp_path):
    found = workspace(tmp_path, FULL)
    assert found.company == "Alpine"
    assert found.plan == tmp_path / "plans" / "plan.yaml"
    assert found.members.path == tmp_path / "members-{period}.csv"
    assert found.members.columns == {"member_id": "ID", "sponsor_id": "Upline"}
    assert found.members.constants == {"kind": "distributor"}
    assert found.members.only_where == ("ID",)
    assert found.orders is not None
    assert found.orders.path == tmp_path / "orders.parquet"
    assert found.orders.columns == {}
    assert found.volumes is None
    assert found.format == "csv"
    assert set(found.expect.tables) == {"orders", "members"}


def test_plans_are_found_by_pattern_each_once(tmp_path):
    for name in ("b", "a", "weekly"):
        (tmp_path / f"{name}.yaml").write_text("")
    text = "plan: a.yaml\nplans: ['?.yaml', weekly.yaml, ./a.yaml]\nmembers: m-{plan}.csv\nout: runs/{plan}/{period}\n"
    found = workspace(tmp_path, text)
    assert [path.name for path in found.plan_files()] == ["a.yaml", "b.yaml", "weekly.yaml"]
    assert found.by_program
    named = found.for_program("binary").for_period("2026-W41")
    assert (named.members.path, named.out) == (tmp_path / "m-binary.csv", tmp_path / "runs" / "binary" / "2026-W41")
    assert not named.by_program


def test_a_pattern_that_finds_no_plan_is_refused(tmp_path):
    found = workspace(tmp_path, "plans: [plans/*.yaml]\nmembers: m.csv\n")
    assert found.plan is None
    with pytest.raises(InputRefused, match=r"workspace\.no_plan"):
        found.plan_files()


def test_the_period_is_put_into_paths(tmp_path):
    found = workspace(tmp_path, FULL).for_period("2026-10")
    assert found.members.path == tmp_path / "members-2026-10.csv"
    assert found.out == tmp_path / "out" / "2026-10"
    assert workspace(tmp_path, FULL).for_period("2026-10-01..2026-10-28").out.name == "2026-10-01..2026-10-28"


@pytest.mark.parametrize("label", ["../../etc", "2026-10/../..", "", "..", "a", "2026\\x", "2026 10"])
def test_no_label_leads_elsewhere(tmp_path, label):
    with pytest.raises(InputRefused) as caught:
        workspace(tmp_path, FULL).for_period(label)
    assert caught.value.findings[0].code == "periods.label"


def test_the_least(tmp_path):
    found = workspace(tmp_path, "plan: p.yaml\nmembers: m.csv\nvolumes: v.csv\n")
    assert found.out == tmp_path / "runs" / "{period}"
    assert found.format == "parquet"
    assert found.volumes is not None
    assert not found.expect.tables


def test_where_the_store_is(tmp_path):
    least = "plan: p.yaml\nmembers: m.csv\n"
    found = workspace(tmp_path, least)
    assert (found.store.folder, found.store.url) == (tmp_path / "store", "")
    found = workspace(tmp_path, least + "store: ../kept\n")
    assert (found.store.folder, found.store.url) == (tmp_path / ".." / "kept", "")
    found = workspace(tmp_path, least + "store: {url: 'postgresql://ann:s3cr3t@host/name'}\n")
    assert (found.store.folder, found.store.url) == (tmp_path / "store", "postgresql://ann:s3cr3t@host/name")
    assert "s3cr3t" not in repr(found)
    assert refused(tmp_path, least + "store: {folder: ''}\n") == [("workspace.value", 3)]


@pytest.mark.parametrize(
    "words",
    ["{url: [a:s3cr3t@b]}", "[a:s3cr3t@b]", "{ulr: 's3cr3t'}", "{url: !x s3cr3t}", "{url: s3cr3t, url: s3cr3t}"],
)
def test_no_finding_repeats_a_url(tmp_path, words):
    with pytest.raises(InputRefused) as caught:
        workspace(tmp_path, f"plan: p.yaml\nmembers: m.csv\nstore: {words}\n")
    assert "s3cr3t" not in str(caught.value)


def test_a_folder_stands_for_its_workspace(tmp_path):
    workspace(tmp_path, FULL)
    assert load_workspace(tmp_path).file == tmp_path / "company.yaml"
    with pytest.raises(InputRefused) as caught:
        load_workspace(tmp_path / "nowhere")
    assert caught.value.findings[0].code == "documents.missing"


def test_paths_are_relative_to_the_file_and_may_be_absolute(tmp_path):
    found = workspace(tmp_path, "plan: /plans/p.yaml\nmembers: ../m.csv\n")
    assert found.plan == Path("/plans/p.yaml")
    assert found.members.path == tmp_path / ".." / "m.csv"


BAD = {
    "unknown key": ("plan: p\nmembers: m\nordes: o\n", [("workspace.unknown_key", 3)]),
    "missing": ("company: A\n", [("workspace.missing", 1), ("workspace.missing", 1)]),
    "orders and volumes": ("plan: p\nmembers: m\norders: o\nvolumes: v\n", [("workspace.both", 4)]),
    "a list for a table": ("plan: p\nmembers: [m]\n", [("workspace.value", 2)]),
    "no file": ("plan: p\nmembers: {columns: {member_id: ID}}\n", [("workspace.missing", 2)]),
    "empty file": ("plan: p\nmembers:\n", [("workspace.value", 2)]),
    "unknown key of a table": ("plan: p\nmembers: {file: m, colums: {a: b}}\n", [("workspace.unknown_key", 2)]),
    "column and constant": (
        "plan: p\nmembers:\n  file: m\n  columns: {kind: K}\n  constants: {kind: x}\n",
        [("workspace.value", 2)],
    ),
    "a column without a name": ("plan: p\nmembers:\n  file: m\n  columns: {kind: }\n", [("workspace.value", 4)]),
    "placeholder": ("plan: p\nmembers: m-{month}.csv\n", [("workspace.value", 2)]),
    "brace": ("plan: p\nmembers: 'm-{.csv'\n", [("workspace.value", 2)]),
    "format": ("plan: p\nmembers: m\nformat: xlsx\n", [("workspace.choice", 3)]),
    "rows": ("plan: p\nmembers: m\nexpect: {members: {rows: many}}\n", [("workspace.value", 3)]),
    "sum": ("plan: p\nmembers: m\nexpect:\n  members: {sums: {pv: '1,000'}}\n", [("workspace.value", 4)]),
    "expected table not given": ("plan: p\nmembers: m\nexpect:\n  orders: {rows: 1}\n", [("workspace.expect", 4)]),
    "expected table unknown": (
        "plan: p\nmembers: m\nexpect:\n  payments: {rows: 1}\n",
        [("workspace.unknown_key", 4)],
    ),
    "duplicate": ("plan: p\nmembers: m\nplan: q\n", [("documents.duplicate", 3)]),
    "several at once": (
        "plan: p\nmember: m\nformat: x\nout: '{who}'\n",
        [("workspace.choice", 3), ("workspace.missing", 1), ("workspace.unknown_key", 2), ("workspace.value", 4)],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_faults(tmp_path, name):
    text, expected = BAD[name]
    assert sorted(refused(tmp_path, text)) == expected


def test_a_near_key_is_named(tmp_path):
    with pytest.raises(InputRefused, match="Did you mean orders"):
        workspace(tmp_path, "plan: p\nmembers: m\nordes: o\n")


def expect(**tables):
    return Expectations({name: Expectation.model_validate(stated) for name, stated in tables.items()})


def test_what_is_as_stated_finds_nothing():
    stated = expect(orders={"rows": "3", "sums": {"cv": "98765.43", "qv": "10"}}, members={"rows": "2"})
    counted = {
        "orders": Counted(3, {"cv": (9876543, 2), "qv": (10_000, 3), "other": (1, 0)}),
        "members": Counted(2),
        "overrides": Counted(7),
    }
    assert compare_expectations(stated, counted) == []
    assert compare_expectations(Expectations(), counted) == []


def test_what_differs_is_found_with_the_difference():
    stated = expect(
        orders={"rows": "1234", "sums": {"cv": "98765.43", "qv": "1.005", "xv": "1"}}, members={"rows": "2"}, volumes={}
    )
    counted = {"orders": Counted(1230, {"cv": (9876542, 2), "qv": (101, 2)}), "volumes": Counted(1)}
    findings = compare_expectations(stated, counted)
    assert [finding.message for finding in findings] == [
        "orders has 1,230 rows, 1,234 are stated: -4.",
        "cv of orders sums to 98765.42, 98765.43 is stated: -0.01.",
        "qv of orders sums to 1.01, 1.005 is stated: +0.005.",
        "orders has no column xv that could be summed.",
        "members is stated but was not read.",
    ]
    assert {finding.code for finding in findings} == {"workspace.expectation"}
    assert findings[1].path == ("expect", "orders", "sums", "cv")


def test_a_mismatch_says_where_it_is_stated(tmp_path):
    found = workspace(tmp_path, FULL)
    findings = compare_expectations(found.expect, {"orders": Counted(1, {"cv": (0, 2)}), "members": Counted(2319)})
    assert [(finding.line, finding.position) for finding in findings] == [(13, 18), (13, 35)]
    assert findings[0].file.endswith("company.yaml")


def test_the_state_is_of_the_period_before(tmp_path):
    found = workspace(tmp_path, FULL + 'state: {file: "out/{previous}", begins: 2025-12}\n')
    january = found.for_period("2026-01").state
    assert january is not None
    assert january.path == tmp_path / "out" / "2025-12"
    assert found.for_period("2025-12").state is None
    with pytest.raises(InputRefused):
        found.for_period("2026-01-01..2026-01-28")
    assert refused(tmp_path, FULL.replace("out/{period}", "out/{previous}")) == [("workspace.value", 10)]
