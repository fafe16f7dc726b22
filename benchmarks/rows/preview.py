"""An incremental preview after a few changed orders, against a full run on them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import mlmcalc
from benchmarks import preview as previews
from benchmarks import tables
from benchmarks.figures import Figure, Found, Row, Settings
from benchmarks.inputs import company_folder, data_folder

AGAINST = "a full run in memory, same digest"


def preview(settings: Settings) -> Found:
    """Measure a few orders more, larger ones, and a few fewer; first the digest of both at once is compared."""
    size = settings.size(1_000_000)
    _compare(company_folder(size))
    found = previews.preview(size, settings.repetitions)
    full = found[previews.RUN]
    ratios = {name: timing.median / full.median for name, timing in found.items() if name != previews.RUN}
    worst = max(ratios, key=lambda name: ratios[name])
    figure = Figure(
        f"preview after {previews.CHANGED} changed orders, {size:,} members",
        AGAINST,
        0.1,
        ratios[worst],
        work=found[worst].median_work / full.median_work,
        reference=full.median,
        note=", ".join(f"{name} {ratio:.3f}" for name, ratio in ratios.items()),
    )
    return Found([figure], tables.ratio_table(found, previews.RUN, f"{size:,} members"))


def _compare(company: Path) -> None:
    """Refuse to measure what answers something else."""
    plan, members = company / "plan.yaml", company / "members.parquet"
    orders = pl.read_parquet(company / "orders.parquet")
    sales = orders.filter(pl.col("kind") == "sale")
    added = previews.late_orders(sales.head(sales.height // 2), seed=1)
    withdrawn = sales.tail(previews.CHANGED)["order_id"].to_list()
    changed = data_folder() / f"changed-{company.name}.parquet"
    kept = orders.filter(~pl.col("order_id").is_in(withdrawn))
    pl.concat([kept, added], how="vertical_relaxed").write_parquet(changed)
    start = mlmcalc.preview(plan, members=members, orders=company / "orders.parquet", period=previews.PERIOD)
    digest = start.with_orders(added).without_orders(withdrawn).digest
    if digest != mlmcalc.run(plan, members=members, orders=changed, period=previews.PERIOD).digest:
        raise RuntimeError("a preview and a full run find something else")


ROWS = [
    Row(
        "preview",
        "Incremental preview",
        "preview after a few changed orders, 1,000,000 members",
        AGAINST,
        "0.1",
        preview,
    )
]
