"""A company of six members, small enough to count on fingers."""

from __future__ import annotations

from pathlib import Path

import polars as pl

PLAN = """
mlmcalc: 1
plan: alpine
version: 2026-01
effective: 2026-01-01
currency: EUR
rounding: {place: PLACE, grain: GRAIN, mode: half_up, unit: 0.01}
volumes:
  pv: {sum: qv}
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
  active: {compress: sponsor, keep: {pv: 50}, volume: roll_up}
metrics:
  gv: {sum: pv, over: subtree, tree: sponsor}
  heads: {count: frontline, tree: sponsor, where: {pv: 50}}
active: {pv: 50}
ranks:
  - {rank: Partner, requires: {pv: 50}}
  - rank: Manager
    requires:
      - {pv: 60, gv: 300}
      - {heads: 4}
bonuses:
  retail: {personal: {0: 0%, 50: 5%, 100: 10%}, tier: pv, base: cv}
  unilevel: {levels: [5%, 4%, 3%], base: cv@active, tree: active, eligible: {pv: 50}, otherwise: skip}
  match: {levels: [10%], base: {earned: [unilevel]}, tree: sponsor}
  pool: {levels: [1%, 1%], base: cv, tree: sponsor, eligible: {rank: Manager}, otherwise: company}
"""

MEMBERS = pl.DataFrame(
    {
        "member_id": [1, 2, 3, 4, 5, 6],
        "sponsor_id": [None, 1, 1, 2, 4, 5],
        "joined": ["2025-01-01"] * 6,
    }
)
ORDERS = pl.DataFrame(
    {
        "order_id": [1, 2, 3, 4, 5, 6, 7],
        "member_id": [1, 2, 3, 4, 5, 6, 6],
        "date": ["2026-10-01"] * 6 + ["2026-09-06"],
        "qv": ["100", "60", "20", "200", "10", "70", "70"],
        "cv": ["100.00", "55.50", "22.22", "200.00", "9.99", "71.23", "71.23"],
    }
)
VOLUMES = ORDERS.head(6).select("member_id", "qv", "cv")
OVERRIDES = pl.DataFrame(
    {"member_id": [3], "override": ["rank"], "rank": ["Manager"], "reason": ["moved"], "approver": ["Ann"]}
)


def plan_text(place: str = "line", grain: str = "source", **changes: str) -> str:
    """The plan, with some texts replaced."""
    text = PLAN.replace("PLACE", place).replace("GRAIN", grain)
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def write_company(folder: Path) -> list[str]:
    """Write plan and tables, and return the arguments of a command that names them."""
    (folder / "plan.yaml").write_text(plan_text())
    MEMBERS.write_csv(folder / "members.csv")
    ORDERS.write_csv(folder / "orders.csv")
    files = ["--members", str(folder / "members.csv"), "--orders", str(folder / "orders.csv")]
    return [str(folder / "plan.yaml"), *files, "--period", "2026-10"]
