"""One job for everybody: subtree volume of every member, and seven levels over a compressed tree.

A member is kept with 100.00 points. Every member's points pay seven rates up the kept members above it; each amount is
rounded half up, by its magnitude, to the cent. No lines are written. The answer is a frame ``member_id``, ``gv``,
``paid`` in cents, sorted by member.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# Who is measured from its start imports no more than it needs: neither mlmcalc nor, where it has its own, polars.

RATES_PPM = (50_000, 40_000, 30_000, 20_000, 20_000, 10_000, 10_000)
KEEP_CENTS = 10_000
FIRST, LAST = "2026-10-01", "2026-10-31"

PLAN = """\
mlmcalc: 1
plan: peers
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, grain: source, mode: half_up, unit: 0.01}
volumes:
  pv: {sum: qv}
trees:
  sponsor: {parent: sponsor_id}
  compressed: {compress: sponsor, keep: {pv: 100}, volume: stay}
metrics:
  gv: {sum: pv, over: subtree, tree: sponsor}
bonuses:
  unilevel: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: pv, tree: compressed}
"""


def job_folder(size: int, shape: str = "bush") -> Path:
    """Return a folder with members (id and sponsor only, so that nobody is a customer or has left) and orders."""
    import polars as pl

    from benchmarks.inputs import company_folder

    source = company_folder(size, shape=shape)
    folder = source.with_name(source.name + "-job")
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        pl.read_parquet(source / "members.parquet", columns=["member_id", "sponsor_id"]).write_parquet(
            partial / "members.parquet"
        )
        pl.read_parquet(
            source / "orders.parquet", columns=["order_id", "member_id", "date", "kind", "qv"]
        ).write_parquet(partial / "orders.parquet")
        (partial / "plan.yaml").write_text(PLAN)
        partial.rename(folder)
    return folder


def points(folder: Path) -> pl.DataFrame:
    """Return ``member_id``, ``sponsor_id``, ``pv`` in cents, as any program in Python would read them with polars."""
    import polars as pl

    bought = (
        pl.scan_parquet(folder / "orders.parquet")
        .filter(pl.col("date").is_between(pl.lit(FIRST).str.to_date(), pl.lit(LAST).str.to_date()))
        .group_by("member_id")
        .agg(pv=(pl.col("qv") * 100).cast(pl.Int64).sum())
    )
    members = pl.scan_parquet(folder / "members.parquet")
    return members.join(bought, on="member_id", how="left").with_columns(pl.col("pv").fill_null(0)).collect()


def amount(pv: int, rate_ppm: int) -> int:
    """Return cents, rounded half up by magnitude."""
    cents = (abs(pv) * rate_ppm + 500_000) // 1_000_000
    return -cents if pv < 0 else cents
