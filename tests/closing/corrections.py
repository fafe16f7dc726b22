"""The small company with a store: its tables are imported, its periods closed, and what is known changes later."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

import mlmcalc
from mlmcalc.closing.approving import approve
from mlmcalc.closing.calculating import Calculation, calculate
from mlmcalc.closing.committing import commit
from mlmcalc.closing.desk import Desk, open_period
from mlmcalc.closing.importing import Given, import_tables
from mlmcalc.closing.programs import Programs
from mlmcalc.closing.told import tables_at
from mlmcalc.closing.trueup import TrueUp, trueup
from mlmcalc.plan.load import load_plan
from mlmcalc.store.store import Store
from tests.api.small_company import MEMBERS, plan_text
from tests.closing.life import at

OCTOBER, NOVEMBER, DECEMBER = "2026-10", "2026-11", "2026-12"
COLUMNS = ("order_id", "member_id", "date", "kind", "qv", "cv", "of_order")
PLAN = plan_text() + "payout: {}\n"
SALES = [
    (1, 1, "2026-10-01", "sale", "100", "100.00", None),
    (2, 2, "2026-10-01", "sale", "60", "55.50", None),
    (3, 3, "2026-10-01", "sale", "20", "22.22", None),
    (4, 4, "2026-10-01", "sale", "200", "200.00", None),
    (5, 5, "2026-10-01", "sale", "10", "9.99", None),
    (6, 6, "2026-10-01", "sale", "70", "71.23", None),
]
IN_NOVEMBER = [(10 + number, member, "2026-11-03", "sale", "60", "61.00", None) for number, member in enumerate((1, 4))]


def orders(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """A table of orders."""
    schema = dict.fromkeys(COLUMNS, pl.String) | {"order_id": pl.Int64, "member_id": pl.Int64, "of_order": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


@dataclass
class Company:
    """A company whose operators are Ann and Ben."""

    store: Store
    plan: str = PLAN
    members: pl.DataFrame = field(default_factory=lambda: MEMBERS)
    told: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        plan = load_plan(self.plan)
        return Desk(self.store, Programs([plan]), "Ann", tables_at)

    def tell(self, label: str, *rows: tuple[Any, ...], members: pl.DataFrame | None = None, **tables: Any) -> None:
        """Import orders of a period, beside those it had, and other tables as of its last day."""
        self.told[label] = [*self.told.get(label, []), *rows]
        plan = load_plan(self.plan)
        period = plan.calendar(label)
        given = {"members": self.members if members is None else members, "orders": orders(*self.told[label]), **tables}
        import_tables(self.store, Given(period, given, as_of=period.last), [plan], [plan], "Ann")

    def close(self, label: str) -> Calculation:
        """Calculate, approve and commit a period; returns its run."""
        made = calculate(self.desk, "alpine", label)
        approve(at(self.desk, "Ben"), "alpine", label)
        commit(self.desk, "alpine", label)
        return made

    def trueup(self, label: str, **more: Any) -> TrueUp:
        """True up a period."""
        return trueup(self.desk, "alpine", label, **more)


def founded(store: Store, plan: str = PLAN, members: pl.DataFrame = MEMBERS) -> Company:
    """A company that has closed October."""
    company = Company(store, plan, members)
    company.tell(OCTOBER, *SALES)
    company.tell(NOVEMBER, *IN_NOVEMBER)
    company.close(OCTOBER)
    open_period(company.desk, "alpine", NOVEMBER)
    return company


def earned(run: mlmcalc.Run) -> dict[tuple[str, str], Decimal]:
    """What every member earned by bonus; the company left out."""
    rows = run.statements.select(pl.col("earner").cast(pl.String), pl.col("bonus").cast(pl.String), "amount")
    return {(member, bonus): amount for member, bonus, amount in rows.drop_nulls().iter_rows() if amount}


def added_up(*parts: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    """Amounts by member and bonus, added; what is 0 is left out."""
    found: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        for key, amount in part.items():
            found[key] = found.get(key, Decimal(0)) + amount
    return {key: amount for key, amount in found.items() if amount}


def lines_of(done: TrueUp, label: str = OCTOBER) -> dict[tuple[str, str], Decimal]:
    """The lines of a true-up about a period, by member and bonus."""
    found = [period for period in done.periods if period.label == label]
    return added_up(*({(line.member, line.bonus): line.amount} for period in found for line in period.lines))


def world(plan: str, label: str, *rows: tuple[Any, ...], members: pl.DataFrame = MEMBERS, **tables: Any) -> mlmcalc.Run:
    """A period in a world where these orders are all there ever were."""
    return mlmcalc.run(plan, members, orders(*rows), period=label, **tables)
