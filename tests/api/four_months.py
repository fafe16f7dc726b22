"""A company of four members over four months, whose runs follow from one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

import mlmcalc

PLAN = """
mlmcalc: 1
plan: alpine
version: VERSION
effective: 2026-01-01
currency: EUR
rounding: {place: line, grain: source, mode: half_up, unit: 0.01}
member_columns: {bank: flag}
volumes: {pv: {sum: pv}}
trees:
  sponsor: {parent: sponsor_id}
  placement: {parent: placement_id, leg: leg}
active: {pv: 50}
ranks:
  title: {}
  ladder:
    - {rank: Silver, requires: {pv: 100}}
    - {rank: Gold, requires: {pv: 500}}
bonuses:
  rebate: {personal: 10%, base: pv, eligible: {active: true}}
  team: {binary: 10%, tree: placement, volume: pv, carry: both}
payout:
  minimum: 25.00
  hold: [{when: {bank: false}, reason: no bank}]
"""
MEMBERS = {
    "member_id": ["ann", "bob", "cid", "dee"],
    "sponsor_id": [None, "ann", "ann", "bob"],
    "placement_id": [None, "ann", "ann", "bob"],
    "leg": [None, "left", "right", "left"],
    "joined": ["2025-01-01"] * 4,
    "bank": [True] * 4,
}
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
VOLUMES = {
    "2026-01": {"ann": 120, "bob": 500, "cid": 80},
    "2026-02": {"ann": 40, "bob": 100, "cid": 0},
    "2026-03": {"ann": 150, "bob": 0, "cid": 30},
    "2026-04": {"ann": 600, "bob": 0, "cid": 0},
}


def members(**changes: list) -> pl.DataFrame:
    return pl.DataFrame(MEMBERS | changes)


def orders(month: str, volumes: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "order_id": [f"{month}-{member}" for member in volumes],
            "member_id": list(volumes),
            "date": [f"{month}-10"] * len(volumes),
            "kind": ["sale"] * len(volumes),
            "pv": [f"{volume}.00" for volume in volumes.values()],
        }
    )


def write_months(folder: Path) -> list[Path]:
    """Four months: cid joins in February, ann has no bank in March, cid moves below bob in April, dee leaves."""
    tables = {
        "2026-01": members(),
        "2026-02": members(),
        "2026-03": members(bank=[False, True, True, True]),
        "2026-04": members(
            sponsor_id=[None, "ann", "bob", "bob"],
            status=["active"] * 3 + ["left"],
            status_from=[None] * 3 + ["2026-04-02"],
        ),
    }
    tables["2026-01"] = tables["2026-01"].filter(pl.col("member_id") != "cid")
    before: dict[str, Any] = {}
    folders = []
    for month in MONTHS:
        tables[month].write_parquet(folder / f"members-{month}.parquet")
        volumes = {who: volume for who, volume in VOLUMES[month].items() if (month, who) != ("2026-01", "cid")}
        orders(month, volumes).write_parquet(folder / f"orders-{month}.parquet")
        plan = folder / f"plan-{month}.yaml"
        plan.write_text(PLAN.replace("VERSION", "2" if month == "2026-04" else "1"))
        run = folder / "runs" / month
        names = {name: folder / f"{name}-{month}.parquet" for name in ("members", "orders")}
        mlmcalc.run_to_folder(plan, **names, folder=run, period=month, **before)
        before = {"state": run}
        folders.append(run)
    return folders
