"""A run on tables that went through events has the content digest of the run on the files they came from."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from mlmcalc.api.calculate import run_in_memory, silent
from mlmcalc.api.inputs import Inputs
from mlmcalc.cli.sources import GivenFiles, resolve_sources
from mlmcalc.periods import parse_period
from mlmcalc.plan.load import load_plan
from mlmcalc.synthetic.company import generate_company
from tests.api.small_company import MEMBERS, ORDERS, VOLUMES, plan_text
from tests.history.taken_in import folded
from tests.plugged import on_path
from tests.tables.shapes import excel

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
REAL = FIXTURES.parents[1] / "shared" / "real_month" / "members.csv"


def _digests(inputs: Inputs) -> tuple[str, str]:
    plan = inputs.plan if not isinstance(inputs.plan, str | Path) else load_plan(inputs.plan)
    assert plan is not None
    assert inputs.period is not None
    period = plan.calendar(inputs.period)
    again = Inputs(plan, folded(plan, period, inputs.tables, inputs.maps), inputs.period)
    return run_in_memory(inputs, silent).digest, run_in_memory(again, silent).digest


@pytest.mark.parametrize(
    ("workspace", "period"),
    [
        ("sample", "2026-10"),
        pytest.param(
            "real_month", "2017-01", marks=pytest.mark.skipif(not REAL.is_file(), reason="the real month is not here")
        ),
    ],
)
def test_of_the_fixtures(workspace: str, period: str) -> None:
    given = GivenFiles(plan=None, tables={}, period=period, workspace=FIXTURES / workspace / "company.yaml")
    with on_path():
        one, other = _digests(resolve_sources(given).inputs())
    assert one == other


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("ids", ["integer", "text"])
def test_of_a_generated_company(tmp_path: Path, suffix: str, ids: str) -> None:
    company = generate_company(300, 5, ids=ids)  # type: ignore[arg-type]  one of the two
    tables = {}
    for kind in ("members", "orders", "overrides"):
        frame: pl.DataFrame = getattr(company, kind)
        tables[kind] = tmp_path / f"{kind}.{suffix}"
        if suffix == "csv":
            frame.write_csv(tables[kind])
        elif suffix == "parquet":
            frame.write_parquet(tables[kind])
        else:
            tables[kind].write_bytes(excel(frame))
    one, other = _digests(Inputs(company.plan, tables, company.period.label))
    assert one == other


def test_of_orders_and_of_volumes_of_six_members() -> None:
    for trade in ({"orders": ORDERS}, {"volumes": VOLUMES}):
        one, other = _digests(Inputs(plan_text(), {"members": MEMBERS, **trade}, "2026-10"))
        assert one == other


def test_the_first_order_of_a_buyer_may_lie_before_the_period() -> None:
    plan = plan_text().replace("pv: {sum: qv}", "pv: {sum: qv, where: {first_order: true}}")
    one, other = _digests(Inputs(plan, {"members": MEMBERS, "orders": ORDERS}, "2026-10"))
    without = run_in_memory(Inputs(plan, {"members": MEMBERS, "orders": ORDERS.head(6)}, "2026-10"), silent)
    assert one == other != without.digest


def test_a_column_that_no_plan_reads_is_left_behind() -> None:
    private = MEMBERS.with_columns(pl.lit("Ann").alias("name"), pl.lit("EUR").alias("currency"))
    plan = load_plan(plan_text())
    table = folded(plan, parse_period("2026-10"), {"members": private})["members"]
    assert table.columns == ["member_id", "currency", "joined", "sponsor_id"]


@pytest.mark.parametrize("declared", ["member_columns: {currency: text}", "order_columns: {of_order: text}"])
def test_a_column_that_is_kept_anyhow_may_be_declared(declared: str) -> None:
    plan = load_plan(plan_text().replace("volumes:", f"{declared}\nvolumes:", 1))
    with_both = {
        "members": MEMBERS.with_columns(pl.lit("EUR").alias("currency")),
        "orders": ORDERS.with_columns(pl.lit(None, pl.String).alias("of_order")),
    }
    found = folded(plan, parse_period("2026-10"), with_both)
    assert found["members"].columns == ["member_id", "currency", "joined", "sponsor_id"]
    assert found["orders"].columns == ["order_id", "cv", "date", "member_id", "of_order", "qv"]
