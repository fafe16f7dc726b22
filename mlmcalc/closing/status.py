"""How far a period has come, what was done to it, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mlmcalc.closing.approving import standing_approval
from mlmcalc.closing.desk import CLOSED, Desk, calculators, known_at_of, next_label
from mlmcalc.closing.gathering import Entered
from mlmcalc.history.instants import local_day
from mlmcalc.store.approvals import Approval
from mlmcalc.store.batches import batches
from mlmcalc.store.documents import StoredDocument, documents
from mlmcalc.store.payments import payment_totals
from mlmcalc.store.periods import StoredPeriod, period_before, period_of, periods
from mlmcalc.store.runs import StoredRun, run_of, runs
from mlmcalc.store.transaction import Reading


@dataclass(frozen=True, slots=True)
class PeriodStatus:
    """A period, and all that is known about it.

    Attributes
    ----------
    period : StoredPeriod
    run : StoredRun or None
        The one that stands.
    calculated_by : list of str
        Who calculated it.
    approval : Approval or None
    entered : Entered
        Overrides, adjustments and rates.
    previews : list of StoredRun
    documents : list of StoredDocument
    payments : mapping of (str, str) to (int, str)
        How many payments there are and their sum, by state and currency.
    news : int
        How many batches of events became known after the run.
    next : str
        The command that comes next; empty where nothing does.
    """

    period: StoredPeriod
    run: StoredRun | None
    calculated_by: Sequence[str]
    approval: Approval | None
    entered: Entered
    previews: Sequence[StoredRun]
    documents: Sequence[StoredDocument]
    payments: Mapping[tuple[str, str], tuple[int, str]]
    news: int
    next: str


def status_of(desk: Desk, program: str, label: str) -> PeriodStatus:
    """Return how far a period has come.

    Raises
    ------
    InputRefused
        ``store.no_period``.
    """
    with desk.store.read() as tx:
        return _status(desk, tx, period_of(tx, program, label))


def every_status(desk: Desk, program: str | None = None) -> list[PeriodStatus]:
    """Return how far the periods of a program, or of all, have come, from the first to the last."""
    with desk.store.read() as tx:
        return [_status(desk, tx, period) for period in periods(tx, program)]


def is_over(desk: Desk, period: StoredPeriod, run: StoredRun) -> bool:
    """Return whether a period was over, in the plan's time zone, at the instant after which its run knows nothing."""
    zone = desk.plan(period.program, period.label, run.plan_version).head.time_zone
    instant = datetime.fromtimestamp(run.known_at // 1_000_000, UTC)
    return local_day(instant, zone) > date.fromisoformat(period.last)


def next_command(desk: Desk, period: StoredPeriod, before: StoredPeriod | None = None) -> str:
    """Return the command that comes next for a period; empty where nothing does.

    Parameters
    ----------
    desk : Desk
    period : StoredPeriod
    before : StoredPeriod, optional
        The period before it, where it is not committed: that comes first.
    """
    program = f" --program {period.program}" if len(desk.programs.names) > 1 else ""
    if period.status == "open" and before is not None and before.status not in CLOSED:
        return next_command(desk, before)
    words = {
        "open": f"calculate {period.label}{program}",
        "calculated": f"approve {period.label}{program} --by NAME",
        "reviewed": f"commit {period.label}{program}",
        "committed": f"pay {period.label}{program}",
        "paid": f"calculate {next_label(period)}{program}" if next_label(period) else "",
    }
    word = words[period.status]
    return f"mlmcalc period {word}" if word else ""


def _status(desk: Desk, tx: Reading, period: StoredPeriod) -> PeriodStatus:
    run = None if period.run is None else run_of(tx, period.run)
    return PeriodStatus(
        period=period,
        run=run,
        calculated_by=[] if run is None else calculators(tx, period, run.id),
        approval=None if run is None else standing_approval(tx, period),
        entered=Entered.of(tx, period.program, period.label),
        previews=runs(tx, period.program, period.label, "preview"),
        documents=documents(tx, period.program, period.label),
        payments=payment_totals(tx, period.program, period.label, period.generation),
        news=0 if run is None else _news(tx, period, run),
        next=next_command(desk, period, period_before(tx, period)),
    )


def _news(tx: Reading, period: StoredPeriod, run: StoredRun) -> int:
    known = known_at_of(tx, period, run)
    return sum(batch.known_at > known for batch in batches(tx))
