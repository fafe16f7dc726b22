"""An incremental preview after a few changed orders, against a full run on them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl

import mlmcalc
from benchmarks import tables
from benchmarks.figures import CannotMeasureError, Found, Row, Settings, ratio
from benchmarks.inputs import company_folder, data_folder
from benchmarks.measure import interleaved
from benchmarks.tables import seconds_text

PERIOD = "2026-10"
ADDED, WITHDRAWN = 3, 2
FULL, PREVIEW = "a full run in memory, its digest", "preview: digest and who is paid otherwise"


def preview(settings: Settings) -> Found:
    """Measure it on a few orders more and a few fewer; the digests are compared first."""
    begin: Any = getattr(mlmcalc, "preview", None)
    if begin is None:
        raise CannotMeasureError("there is no incremental preview.")
    size = settings.size(1_000_000)
    company = company_folder(size)
    plan, members = company / "plan.yaml", company / "members.parquet"
    added, withdrawn, changed = _changed(company)
    started = time.perf_counter()
    before = begin(plan, members=members, orders=company / "orders.parquet", period=PERIOD)
    once = f"What previews begin with is made once, in {seconds_text(time.perf_counter() - started)}."

    def incremental() -> str:
        after = before.with_orders(added).without_orders(withdrawn)
        after.changes()
        return after.digest

    def full() -> str:
        return mlmcalc.run(plan, members=members, orders=changed, period=PERIOD).digest

    if incremental() != full():
        raise RuntimeError("the preview and a full run have different digests")
    found = interleaved({PREVIEW: incremental, FULL: full}, settings.repetitions)
    what = f"preview after {ADDED + WITHDRAWN} changed orders, {size:,} members"
    figure = ratio(found, PREVIEW, FULL, what, "a full run in memory, same digest", 0.1)
    return Found([figure], [*tables.ratio_table(found, FULL, f"{size:,} members"), once])


def _changed(company: Path) -> tuple[pl.DataFrame, list[int], Path]:
    """Return orders to add, ids of orders to withdraw, and a file of all orders that are there then."""
    orders = pl.read_parquet(company / "orders.parquet")
    sales = orders.filter(pl.col("kind") == "sale")
    step = sales.height // (ADDED + WITHDRAWN)
    some = sales.gather_every(step).head(ADDED + WITHDRAWN)
    first = orders["order_id"].max()
    added = some.head(ADDED).with_columns(order_id=pl.int_range(1, ADDED + 1, dtype=pl.Int64) + first)
    withdrawn = some.tail(WITHDRAWN)["order_id"].to_list()
    changed = data_folder() / f"changed-{company.name}.parquet"
    pl.concat([orders.filter(~pl.col("order_id").is_in(withdrawn)), added]).write_parquet(changed)
    return added, withdrawn, changed


ROWS = [
    Row(
        "preview",
        "Incremental preview",
        "preview after a few changed orders, 1,000,000 members",
        "a full run in memory, same digest",
        "0.1",
        preview,
    )
]
