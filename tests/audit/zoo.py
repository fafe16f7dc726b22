"""A small company in which somebody is passed over for every reason there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

PLAN = """
mlmcalc: 1
plan: zoo
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: bonus, grain: order, mode: half_up, unit: 0.01}
active: {pv: 50}
order_columns: {country: text}
volumes:
  pv: {sum: qv}
  cv: {sum: cv, where: {country: [IT, FR]}}
  served: {sum: cv, where: {buyer: customer}, credit: server}
  total: {add: [pv, served]}
trees:
  sponsor: {parent: sponsor_id}
  placement: {parent: placement_id}
  active: {compress: sponsor, keep: {pv: 50}, volume: roll_up}
metrics:
  gv: {sum: pv, over: subtree, tree: sponsor}
ranks:
  - {rank: Partner, requires: {pv: 50}, source: "4.1"}
  - {rank: Manager, requires: [{pv: 60, gv: 300}, {gv: 5000}], source: "4.2"}
bonuses:
  rebate: {personal: {0: 0%, 50: 5%, 100: 10%}, tier: pv, base: cv, eligible: {active: true}, source: "5.1"}
  uni:
    levels: {Partner: [5%], Manager: [5%, 4%, 3%]}
    base: cv@active
    tree: active
    eligible: {active: true, gv: 100}
    otherwise: skip
    source: "5.2 of the compensation plan, as published in March"
  pass: {levels: [3%, 2%], base: cv, tree: placement, eligible: {rank: Partner}, otherwise: pass_to}
  house: {levels: [1%, 1%], base: cv, eligible: {rank: Manager}, otherwise: company}
  like:
    levels: [1%, 1%]
    base: cv
    pairs: [source.rank <= earner.rank, source.pv >= earner.pv]
    until: {rank: Manager}
    cap: {per_source: 0.50}
  match: {levels: [10%], base: {earned: [uni]}}
  served: {personal: 7%, base: served}
"""

MEMBERS = """member_id,sponsor_id,placement_id,joined,kind,status,status_from
ann,,,2025-01-01,,,
bob,ann,ann,2025-01-01,,,
cid,ann,bob,2025-01-01,,,
dan,bob,cid,2025-01-01,,left,2026-05-01
eve,dan,dan,2025-01-01,,,
fay,eve,eve,2025-01-01,customer,,
gus,eve,fay,2026-11-05,,,
hal,eve,gus,2025-01-01,,,
"""

ORDERS = """order_id,member_id,date,kind,qv,cv,country
1,ann,2026-10-01,sale,100,90,IT
2,bob,2026-10-02,sale,60,55.5,FR
3,cid,2026-10-03,sale,20,10,IT
4,eve,2026-10-03,sale,200,177.77,IT
5,fay,2026-10-03,sale,30,27,IT
6,hal,2026-10-03,sale,80,70,DE
7,hal,2026-10-04,sale,10,9,IT
8,hal,2026-09-04,sale,10,9,IT
9,eve,2026-10-30,return,-20,-17,IT
"""

OVERRIDES = """member_id,override,rank,metric,reason,approver
cid,rank,Manager,,moved from another line,Ann Smith
bob,waiver,Manager,gv,first year,Ann Smith
"""

TABLES = {"members": MEMBERS, "orders": ORDERS, "overrides": OVERRIDES}


def frames() -> dict[str, Any]:
    """Return the tables as frames of text."""
    return {name: pl.read_csv(text.encode(), infer_schema=False) for name, text in TABLES.items()}


def write(folder: Path, plan: str = PLAN) -> list[str]:
    """Write plan and tables; return the arguments of ``run`` that name them."""
    (folder / "plan.yaml").write_text(plan)
    arguments = ["run", str(folder / "plan.yaml"), "--period", "2026-10", "--out", str(folder / "out")]
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
        arguments += [f"--{name}", str(folder / f"{name}.csv")]
    return arguments
