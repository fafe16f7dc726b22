"""A small company with a store, and the commands of its first month, each a step that may be cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PLAN = """\
mlmcalc: 1
plan: small
version: 2025-01
effective: 2025-01-01
currency: EUR
period: month
time_zone: Europe/Rome
rounding: {place: line, grain: source, mode: half_up, unit: 0.01}
active: {pv: 20}
volumes:
  pv: {sum: qv}
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
metrics:
  gv: {sum: pv, over: subtree, tree: sponsor}
ranks:
  title: {}
  ladder:
    - {rank: Partner, requires: {pv: 20}}
    - {rank: Manager, requires: {pv: 20, gv: 300}}
bonuses:
  unilevel:
    levels: {Partner: [10%], Manager: [10%, 5%, 3%]}
    base: cv
    otherwise: skip
payout:
  minimum: 5.00
  negative: carry
"""
WORKSPACE = """\
company: Small
plan: plan.yaml
members: exports/members.csv
orders: exports/orders-{period}.csv
store: store
"""
MOVES = "member_id,column,value,from\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and what its operator prepares.

    Attributes
    ----------
    words : tuple of str
    prepare : callable
        Called with the workspace's folder before the command is typed for the first time.
    """

    words: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda folder: None


def make(folder: Path) -> None:
    """Write plan and workspace into a new folder."""
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN)
    (folder / "company.yaml").write_text(WORKSPACE)


def _exports(label: str, first: date, last: date, known: date) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        from fixtures.year.world import draw_world

        world = draw_world(240, 7)
        exports = folder / "exports"
        exports.mkdir(exist_ok=True)
        world.members_on(last, known).write_csv(exports / "members.csv")
        world.orders_between(first, last, known).write_csv(exports / f"orders-{label}.csv")

    return write


def _moves(folder: Path) -> None:
    (folder / "moves.csv").write_text(f"{MOVES}100040,sponsor_id,100001,2025-01-10\n")


_JANUARY = (date(2025, 1, 1), date(2025, 1, 31))
_FEBRUARY = (date(2025, 2, 1), date(2025, 2, 28))
STEPS = (
    Step(("store", "init", "--by", "Olga")),
    Step(("import", "--period", "2025-01", "--by", "Olga"), _exports("2025-01", *_JANUARY, date(2025, 2, 1))),
    Step(("period", "calculate", "2025-01", "--by", "Olga")),
    Step(("adjust", "100001", "--type", "goodwill", "--amount", "12.50", "--reason", "damaged parcel", "--by", "Olga")),
    Step(("period", "calculate", "2025-01", "--by", "Olga")),
    Step(("period", "approve", "2025-01", "--by", "Anna")),
    Step(("period", "commit", "2025-01", "--by", "Olga")),
    Step(("period", "reopen", "2025-01", "--reason", "an order was missing", "--by", "Olga")),
    Step(("period", "calculate", "2025-01", "--by", "Olga")),
    Step(("period", "approve", "2025-01", "--by", "Anna")),
    Step(("period", "commit", "2025-01", "--by", "Olga")),
    Step(("period", "pay", "2025-01", "--by", "Olga")),
    Step(("import", "--period", "2025-01", "--by", "Olga"), _exports("2025-01", *_JANUARY, date(2025, 3, 1))),
    Step(("record", "moves.csv", "--by", "Olga"), _moves),
    Step(("period", "open", "2025-02", "--by", "Olga")),
    Step(("trueup", "2025-01", "--by", "Olga")),
    Step(("import", "--period", "2025-02", "--by", "Olga"), _exports("2025-02", *_FEBRUARY, date(2025, 3, 1))),
    Step(("period", "calculate", "2025-02", "--by", "Olga")),
    Step(("period", "approve", "2025-02", "--by", "Anna")),
    Step(("period", "commit", "2025-02", "--by", "Olga")),
    Step(("period", "pay", "2025-02", "--by", "Olga")),
)
