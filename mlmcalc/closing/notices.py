"""What whoever closes a period should know beside its run: what waits for a correction, what counts nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from mlmcalc.api.needs import needs_of
from mlmcalc.closing.corrected import new_since
from mlmcalc.closing.desk import CLOSED, Desk, called
from mlmcalc.closing.opening import last_trueup
from mlmcalc.closing.told import Told
from mlmcalc.errors import Finding
from mlmcalc.history.facts import fold_orders
from mlmcalc.history.parts import TRUE_FROM, Part, touched_days
from mlmcalc.history.returns import orders_returned
from mlmcalc.plan.load import Plan
from mlmcalc.store.closings import standing_closing
from mlmcalc.store.periods import StoredPeriod, period_of, periods
from mlmcalc.store.runs import StoredRun, run_of
from mlmcalc.store.transaction import Reading
from mlmcalc.tables.snapshot import id_columns

_FEW = 3


def notices(desk: Desk, program: str, label: str) -> list[Finding]:
    """Return what should be known of a period that is not closed, as warnings; none of it refuses anything.

    Parameters
    ----------
    desk : Desk
    program, label : str

    Returns
    -------
    list of Finding
        ``closing.plan_changed``: the plan says something else than when the run was made; ``closing.waiting``:
        something new is known about closed periods, and a true-up brings it in; ``closing.returns_nowhere``: returns
        that count in no period.

    Raises
    ------
    InputRefused
        ``store.no_period``, and as `new_since`.
    """
    with desk.store.read() as tx:
        period = period_of(tx, program, label)
        if period.status in CLOSED:
            return []
        run = None if period.run is None or period.status == "open" else run_of(tx, period.run)
        plan = desk.plan(program, label, None if run is None else run.plan_version)
        every = periods(tx, program)
        closed = [(one, _last(tx, one)) for one in every if one.status in CLOSED and one.first < period.first]
        found = [*_changed_plan(period, run, plan)]
        told = Told(tx)
        concerned = [one for one, last in closed if _concerns(told, plan, one, last)]
        if plan.corrections.returns == "reversal":
            found += _nowhere(told, plan, period, date.fromisoformat(every[0].first))
        instant = told.batches[-1].known_at if told.batches else 0
    instants = {one.label: max(instant, last.known_at) for one, last in closed}
    waiting = [one.label for one in concerned if new_since(desk, one, plan, instants[one.label])]
    if waiting:
        message = f"something new is known about {_named(waiting)}, which does not change any more."
        remedy = f"See what it comes to: `mlmcalc trueup {waiting[0]} --dry-run`."
        found.append(Finding("closing.waiting", message, remedy, level="warning"))
    return found


def _last(tx: Reading, period: StoredPeriod) -> StoredRun:
    """Return the run that a closed period came to last."""
    closing = standing_closing(tx, period.program, period.label)
    assert closing is not None, "it is committed"
    return run_of(tx, last_trueup(tx, period, closing) or closing.run)


def _changed_plan(period: StoredPeriod, run: StoredRun | None, plan: Plan) -> Iterator[Finding]:
    """Yield that a plan was edited since the run; one that was committed by is refused by the calculation."""
    if run is not None and run.plan_digest != plan.digest:
        message = f"{plan.name} {plan.version} says something else than when {period.label} was calculated."
        remedy = f"Calculate it again if the plan is meant as it is now: `mlmcalc period calculate {period.label}`."
        yield Finding("closing.plan_changed", message, remedy, level="warning", file=plan.file)


def _concerns(told: Told, plan: Plan, period: StoredPeriod, last: StoredRun) -> bool:
    """Return whether anything that became known after a run may be of its period; looked at without a calculation."""
    days = date.fromisoformat(period.first), date.fromisoformat(period.last)
    for batch in told.batches:
        if batch.known_at <= last.known_at:
            continue
        for part in told.parts_of(batch):
            if batch.kind == "members":
                first = part.load().get_column(TRUE_FROM).min()
                if isinstance(first, date) and first <= date.fromisoformat(last.as_of):
                    return True
            elif batch.kind != "orders" or _touches(told, plan, part, *days):
                return True
    return False


def _touches(told: Told, plan: Plan, part: Part, first: date, last: date) -> bool:
    frame = part.load()
    begins, ends = touched_days(frame)
    # Whether an order is its buyer's first, all orders before decide.
    since = date.min if needs_of(plan).first_order else first
    if begins is not None and ends is not None and begins <= last and ends >= since:
        return True
    if plan.corrections.returns != "reversal":
        return False
    sold = fold_orders(told.parts("orders"), first, last, id_columns(needs_of(plan), "orders"))
    return sold is not None and orders_returned(frame, sold).get_column("sold").is_not_null().any()


def _nowhere(told: Told, plan: Plan, period: StoredPeriod, begins: date) -> Iterator[Finding]:
    """Yield what is to be said of returns of a period whose orders are not known, or older than the first period."""
    ids = id_columns(needs_of(plan), "orders")
    first, last = (date.fromisoformat(day) for day in (period.first, period.last))
    own = fold_orders(told.parts("orders"), first, last, ids)
    every = fold_orders(told.parts("orders"), date.min, date.max, ids)
    if own is None or every is None:
        return
    sold = orders_returned(own, every)
    lost = sold.filter(pl.col("sold").is_null() | (pl.col("sold") < begins)).get_column("order_id").cast(pl.String)
    if lost.len():
        many = f"{lost.len():,} returns" if lost.len() > 1 else "a return"
        message = (
            f"{many} of {period.label} ({_named(lost.to_list())}) counts in no period: the order is not known, or is "
            f"older than {begins}, where the first period of {called(period).split()[0]} begins."
        )
        remedy = "Correct the order's id or import the order; take back what an older one paid by `mlmcalc adjust`."
        yield Finding("closing.returns_nowhere", message, remedy, level="warning")


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW:,} more" if len(names) > _FEW else "")
