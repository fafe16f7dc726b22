"""The pack of a run: what ties, what it finds, what its work sheet comes to, and that nothing of the data acts."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.api.pack.gather import Beside, gather_pack
from mlmcalc.audit.pack.model import Column, Pack
from mlmcalc.audit.pack.tie_out import Booked
from mlmcalc.closing.journal import commit_journal
from mlmcalc.closing.payments import payments_of
from mlmcalc.errors import ConflictError, IntegrityError
from mlmcalc.reports.audit_pack import csv_text, write_pack
from mlmcalc.reports.cells import decimals_of, shown
from mlmcalc.reports.worksheet import AGREES, DIFFERS
from mlmcalc.synthetic.company import generate_company
from tests.api.small_company import MEMBERS, ORDERS, OVERRIDES, VOLUMES, plan_text
from tests.audit import zoo
from tests.forging import forge, reseal, set_cell
from tests.reports.spreadsheet import Workbook

ROOT = Path(__file__).parents[2]
FAMILIES = ("unilevel", "stairstep", "binary", "matrix", "party", "hybrid")


def small_run(folder: Path, place: str = "line", grain: str = "source", detail: Any = "all", **more: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "plan.yaml").write_text(plan_text(place, grain))
    for name, table in (("members", MEMBERS), ("orders", ORDERS), ("overrides", OVERRIDES)):
        table.write_csv(folder / f"{name}.csv")
    tables: dict[str, Any] = {"orders": folder / "orders.csv", "overrides": folder / "overrides.csv"} | more
    mlmcalc.run_to_folder(
        folder / "plan.yaml", folder / "members.csv", folder / "run", period="2026-10", detail=detail, **tables
    )
    return folder / "run"


def section(pack: Pack, key: str):
    return next(one for one in pack.sections if one.key == key)


def rows(pack: Pack, name: str) -> list[dict]:
    listing = next(one for section in pack.sections for one in section.listings if one.name == name)
    return [dict(zip([column.name for column in listing.columns], row, strict=True)) for row in listing.rows]


def recalculated(content: bytes) -> Workbook:
    """The work sheet with every formula calculated anew, which must come to what is written beside it."""
    book = Workbook(content)
    for (sheet, cell), beside in book.beside.items():
        value = book.value(sheet, cell)
        assert str(value) == beside, (sheet, cell, book.formulas[sheet, cell])
    return book


def test_the_small_company_ties(tmp_path):
    pack = gather_pack(small_run(tmp_path / "a"))
    assert [one.key for one in pack.sections if one.mark == "differs"] == []
    inputs = {row["table"]: row for row in rows(pack, "completeness-rows")}
    assert [inputs["orders"][name] for name in ("rows in", "left out", "used", "difference")] == [7, 1, 6, 0]
    volumes = {row["column"]: row for row in rows(pack, "completeness-volumes")}
    assert [volumes["cv"][name] for name in ("control total", "left out", "used")] == [
        Decimal("530.17"), Decimal("71.23"), Decimal("458.94"),
    ]  # fmt: skip
    assert rows(pack, "decisions-overrides") == [
        {"member": "3", "kind": "forced rank", "what": "rank: Manager", "reason": "moved", "approver": "Ann"}
    ]
    assert section(pack, "flux").mark == "absent"
    assert section(pack, "cut-off").mark == "listed"


@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
@pytest.mark.parametrize("grain", ["source", "order", "keeper"])
def test_the_work_sheet_recalculates_every_line(tmp_path, place, grain):
    pack = gather_pack(small_run(tmp_path / "a", place, grain), sample=500)
    assert pack.work is not None
    run = mlmcalc.load_run(tmp_path / "a/run")
    assert len(pack.work.lines) == run.lines.height
    write_pack(pack, tmp_path / "pack")
    book = recalculated((tmp_path / "pack/worksheet.xlsx").read_bytes())
    checks = {row: value for row, value in book.column("Lines", "Z").items() if row >= 6}
    assert set(checks.values()) == {AGREES}
    assert len(checks) == run.lines.height
    bases = {row: value for row, value in book.column("Lines", "AA").items() if row >= 6}
    assert set(bases.values()) == {AGREES}
    traced = [line for line in pack.work.lines if line.product is not None]
    assert len(bases) == len(traced)
    # What the formulas come to, in money, is what was paid.
    units = sum(int(value) for row, value in book.column("Lines", "T").items() if row >= 6)
    if place == "line":
        paid = sum(line.amount for line in traced)
        assert Decimal(units).scaleb(-2) == paid


def test_a_wrong_amount_is_seen_by_the_formulas(tmp_path):
    run = small_run(tmp_path / "a")
    first = mlmcalc.load_run(run).lines["amount"][0]
    forge(run, "lines", set_cell(0, "amount", first + Decimal("0.01")))
    pack = gather_pack(run, sample=500)
    assert {one.key for one in pack.differences} >= {"tie-out", "sample"}
    chain = {row["this"]: row for row in rows(pack, "tie-out-chain")}
    assert chain["sum of lines"]["difference"] == Decimal("0.01")
    assert chain["earners and bonuses whose lines differ from the statement"]["left"] == 1
    write_pack(pack, tmp_path / "pack")
    book = recalculated((tmp_path / "pack/worksheet.xlsx").read_bytes())
    assert list(book.column("Lines", "Z").values()).count(DIFFERS) == 1


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    folder = tmp_path_factory.mktemp("families")
    generate_company(400, 11).write(folder / "company", "parquet")
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(families, tmp_path, family):
    tables = {name: families / f"company/{name}.parquet" for name in ("members", "orders")}
    plan = ROOT / "fixtures/plans" / f"{family}.yaml"
    mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "before", period="2026-09")
    mlmcalc.run_to_folder(plan, **tables, folder=tmp_path / "run", period="2026-10", state=tmp_path / "before")
    pack = gather_pack(tmp_path / "run", sample=120)
    assert [one.conclusion for one in pack.differences] == []
    assert section(pack, "flux").mark == "listed"
    assert pack.work is not None
    write_pack(pack, tmp_path / "pack")
    book = recalculated((tmp_path / "pack/worksheet.xlsx").read_bytes())
    checks = [value for row, value in book.column("Lines", "Z").items() if row >= 6]
    assert checks == [AGREES] * len(pack.work.lines)
    bases = [value for row, value in book.column("Lines", "AA").items() if row >= 6]
    assert set(bases) <= {AGREES}
    assert len(bases) == sum(bool(trace.parts) for trace in pack.work.traces)


def test_reasons_of_what_was_not_paid_are_sampled(tmp_path):
    for name, text in (("members", zoo.MEMBERS), ("orders", zoo.ORDERS), ("overrides", zoo.OVERRIDES)):
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "plan.yaml").write_text(zoo.PLAN)
    tables = {name: tmp_path / f"{name}.csv" for name in ("members", "orders", "overrides")}
    run = mlmcalc.run_to_folder(tmp_path / "plan.yaml", folder=tmp_path / "run", period="2026-10", **tables)
    pack = gather_pack(tmp_path / "run")
    sampled = {(row["bonus"], row["outcome"]) for row in rows(pack, "not-paid-sample")}
    known = {
        (bonus, outcome.replace("_", " ")) for bonus, outcome in run.breakage.select("bonus", "outcome").iter_rows()
    }
    assert {("uni", "no upline"), ("pass", "not eligible"), ("rebate", "not active")} & known <= sampled
    assert all(row["reason"] for row in rows(pack, "not-paid-sample"))
    lost = {}
    for bonus, amount in run.breakage.select(pl.col("bonus").cast(pl.String), "amount").iter_rows():
        lost[bonus] = lost.get(bonus, Decimal(0)) + amount
    said = {}
    for row in rows(pack, "not-paid-totals"):
        said[row["bonus"]] = said.get(row["bonus"], Decimal(0)) + row["amount"]
    assert said == lost


def test_orders_near_the_ends_of_the_period(tmp_path):
    days = ["2026-09-20", "2026-09-28", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-03", "2026-11-04"]
    orders = ORDERS.with_columns(pl.Series("date", days))
    again = pl.concat([orders, orders.slice(4, 1)])
    again.write_csv(tmp_path / "near.csv")
    pack = gather_pack(small_run(tmp_path / "a", orders=tmp_path / "near.csv"), days=3)
    assert [(row["order"], row["day"]) for row in rows(pack, "cut-off-left-out")] == [
        ("2", "2026-09-28"), ("3", "2026-09-30"), ("6", "2026-11-03"),
    ]  # fmt: skip
    assert [(row["order"], row["became"]) for row in rows(pack, "cut-off-edges")] == [("4", "used"), ("5", "used")]
    by_day = {row["day"]: row for row in rows(pack, "cut-off-days")}
    assert [by_day["2026-10-31"][name] for name in ("used", "left out", "cv used", "cv left out")] == [
        1, 1, Decimal("9.99"), Decimal("9.99"),
    ]  # fmt: skip
    assert "2 more lie further away" in section(pack, "cut-off").conclusion
    reasons = {row["reason"]: row["count"] for row in rows(pack, "completeness-left-out") if row["table"] == "orders"}
    assert reasons == {"given twice": 1, "before the period": 3, "after the period": 2}


def test_a_run_whose_inputs_are_gone_says_so(tmp_path):
    run = small_run(tmp_path / "a")
    (tmp_path / "a/orders.csv").unlink()
    pack = gather_pack(run)
    absent = [one.key for one in pack.sections if one.mark == "absent"]
    assert absent == ["completeness", "cut-off", "decisions", "flux", "true-up"]
    assert "not where it was" in section(pack, "completeness").conclusion
    assert section(pack, "tie-out").mark == "ties"
    assert section(pack, "sample").mark == "ties"
    write_pack(pack, tmp_path / "pack")
    recalculated((tmp_path / "pack/worksheet.xlsx").read_bytes())


def test_an_input_that_changed_is_an_integrity_fault(tmp_path):
    run = small_run(tmp_path / "a")
    ORDERS.with_columns(pl.lit("1.00").alias("cv")).write_csv(tmp_path / "a/orders.csv")
    with pytest.raises(IntegrityError) as fault:
        gather_pack(run)
    assert fault.value.findings[0].code == "api.input_changed"


def test_another_arithmetic_is_not_taken_for_that_of_the_run(tmp_path):
    run = small_run(tmp_path / "a")
    reseal(run, lambda manifest: manifest["versions"].update(arithmetic=0))
    pack = gather_pack(run)
    assert section(pack, "completeness").mark == "ties"
    assert section(pack, "sample").mark == "ties"
    assert section(pack, "decisions").mark == "absent"
    for key in ("sample", "not-paid"):
        assert "made with arithmetic 0" in section(pack, key).conclusion


def test_lines_that_were_not_kept_are_calculated_again(tmp_path):
    kept = gather_pack(small_run(tmp_path / "a"), seed=5)
    not_kept = gather_pack(small_run(tmp_path / "b", detail="none"), seed=5)
    assert kept.work is not None
    assert not_kept.work is not None
    assert kept.work.lines == not_kept.work.lines
    assert kept.work.traces == not_kept.work.traces


def test_volumes_in_place_of_orders(tmp_path):
    VOLUMES.write_csv(tmp_path / "volumes.csv")
    run = small_run(tmp_path / "a", orders=None, volumes=tmp_path / "volumes.csv")
    pack = gather_pack(run, sample=500)
    assert section(pack, "completeness").mark == "ties"
    assert section(pack, "cut-off").mark == "absent"
    assert pack.work is not None
    assert all(trace.agrees for trace in pack.work.traces)


def test_payments_and_journal_are_tied_to_the_run(tmp_path):
    run = small_run(tmp_path / "a")
    result = mlmcalc.load_run(run)
    payments = payments_of(result)
    journal = commit_journal(result, payments)
    booked = Booked("document 1", payments.select("member_id", pl.col("plan_amount").alias("amount")), journal)
    assert section(gather_pack(run, Beside(booked=booked)), "tie-out").mark == "ties"
    # One member is paid nothing, and another one is booked without being paid.
    short = Booked("document 1", booked.payments.slice(1), journal)
    pack = gather_pack(run, Beside(booked=short))
    assert section(pack, "tie-out").mark == "differs"
    chain = {row["this"]: row for row in rows(pack, "tie-out-chain")}
    assert chain["members whose payment in document 1 is another"]["left"] == 1
    assert chain["sum of statements of members"]["mark"] == "ties"
    pack = gather_pack(run, Beside(booked=Booked("document 1", booked.payments, journal.slice(1))))
    assert [row["mark"] for row in rows(pack, "tie-out-journal")][-1] == "differs"


def test_the_same_pack_has_the_same_bytes_and_its_index_holds_them(tmp_path):
    run = small_run(tmp_path / "a")
    for name in ("one", "two"):
        write_pack(gather_pack(run, seed=3), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file
    index = json.loads((tmp_path / "one/pack.json").read_text())
    assert sorted(index["files"]) == sorted(file.as_posix() for file in files if file.name != "pack.json")
    for file, sealed in index["files"].items():
        assert hashlib.sha256((tmp_path / "one" / file).read_bytes()).hexdigest() == sealed["sha256"]
    with pytest.raises(ConflictError):
        write_pack(gather_pack(run, seed=3), tmp_path / "one")


PAYLOADS = (
    "=1+1",
    "+cmd",
    "-2",
    "@SUM(A1)",
    "<script>window.__xss=1</script>",
    'http://x.y "><img src=x>',
)


@pytest.fixture
def hostile(tmp_path):
    """A run in which every decision is worded to be taken for something else."""
    overrides = pl.DataFrame(
        {"member_id": range(1, 7), "override": ["waiver"] * 6, "metric": ["gv"] * 6,
         "reason": PAYLOADS, "approver": PAYLOADS}
    )  # fmt: skip
    overrides.write_csv(tmp_path / "hostile.csv")
    return gather_pack(small_run(tmp_path / "a", overrides=tmp_path / "hostile.csv"))


def test_no_text_of_the_data_becomes_a_formula_or_a_script(tmp_path, hostile):
    write_pack(hostile, tmp_path / "safe")
    write_pack(hostile, tmp_path / "raw", safe=False)
    page = (tmp_path / "safe/index.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("<style>") == 1
    assert re.search(r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'", page)
    assert not re.search(r"\s(src|style|on\w+)=\"", page)
    with (tmp_path / "safe/lists/decisions-overrides.csv").open(newline="") as file:
        safe = [row["reason"] for row in csv.DictReader(file)]
    with (tmp_path / "raw/lists/decisions-overrides.csv").open(newline="") as file:
        raw = [row["reason"] for row in csv.DictReader(file)]
    assert sorted(raw) == sorted(PAYLOADS)
    assert sorted(safe) == sorted(f"'{text}" if text[0] in "=+-@" else text for text in PAYLOADS)
    book = Workbook((tmp_path / "safe/worksheet.xlsx").read_bytes())
    for name in book.archive.namelist():
        assert b"hyperlink" not in book.archive.read(name), name
    known = re.compile(r'[A-Z0-9$:+\-*/=<>(),!" _a-zA-Z]+')
    assert all(known.fullmatch(formula) for formula in book.formulas.values())


def test_negative_amounts_stay_numbers_in_csv(hostile):
    flagged = next(one for section in hostile.sections for one in section.listings if one.name == "tie-out-equation")
    text = csv_text(flagged, safe=True)
    assert "-" in text
    assert "'" not in text


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path, hostile, monkeypatch):
    from mlmcalc.reports import audit_pack

    def full(work):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit_pack, "worksheet", full)
    with pytest.raises(mlmcalc.EnvironmentRefused):
        write_pack(hostile, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()
    assert not list(tmp_path.glob(".pack*"))
    shutil.rmtree(tmp_path / "a")


@pytest.mark.parametrize(
    ("cell", "kind", "wanted"),
    [
        (Decimal("1234567.50"), "amount", "1,234,567.50"),
        (Decimal("0E-8"), "amount", "0.00"),
        (Decimal("-1.12500000"), "amount", "-1.125"),
        (Decimal("3"), "amount", "3"),
        (1234, "count", "1,234"),
        (None, "amount", ""),
        ("2026-11-26T16:08:46.651634Z", "text", "2026-11-26 16:08:46 UTC"),
        ("2026-11-26", "text", "2026-11-26"),
        ("differs", "mark", "✗ differs"),
    ],
)
def test_cells_as_a_page_shows_them(cell, kind, wanted):
    assert shown(cell, Column("any", kind)) == wanted


def test_amounts_of_a_column_stand_below_one_another():
    amounts = [Decimal("1.50000000"), Decimal("2.12500000"), None, "text"]
    places = decimals_of(amounts)
    assert [shown(cell, Column("any", "amount"), places) for cell in amounts[:2]] == ["1.500", "2.125"]
