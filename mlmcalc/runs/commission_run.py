"""A commission run: the stages in the order in which the plan's values read one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import KINDS, STATUSES, Network
from mlmcalc.ledger.account import BonusAccount, Post
from mlmcalc.ledger.equation import BreakageRow, Equation
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.ledger.result import BonusResult
from mlmcalc.payout.payments import Payments
from mlmcalc.payout.settlement import Settlement
from mlmcalc.plan.load import Plan
from mlmcalc.rules.besides import Besides
from mlmcalc.rules.state import Closing, Leaver, Opening
from mlmcalc.rules.values import Node, Override, Quantity, Values
from mlmcalc.runs.after_bonuses import Results, exclude, limit, pay_in_currencies, pay_out, refuse_overflow
from mlmcalc.runs.line_decimals import line_decimals
from mlmcalc.runs.paid_orders import PaidOrders
from mlmcalc.runs.points import count_points
from mlmcalc.runs.transfers import Transfers, transfers_of
from mlmcalc.volumes.orders import Orders
from mlmcalc.volumes.rolled import rolled_up

PAYOUT = "payout"
Progress = Callable[[str, int, int], None]
"""Called with the name of a value, its number and how many there are, before it is calculated."""


@dataclass(frozen=True, slots=True, eq=False)
class CommissionRun:
    """What a run leaves besides its lines, which were posted as they arose.

    Attributes
    ----------
    plan : Plan
    values : Values
        Every volume, tree, metric, ranking and earning of every member.
    bonuses : dict of str to BonusResult
        In the order of the plan; ``payout`` last where statements were rounded as a whole.
    transfers : tuple of Transfers
        Volume that became another member's, or nobody's.
    changes : dict of str to dict of str to MemberAmounts
        Choice of exclusive bonuses, or limit, to what it changed of each bonus, in amount decimals.
    settlement : Settlement or None
        What became of the statements; None where the plan says nothing of it, and all is paid.
    payments : Payments or None
        What is paid in which currency; None where everybody is paid in the plan's.
    """

    plan: Plan
    values: Values
    bonuses: dict[str, BonusResult]
    transfers: tuple[Transfers, ...]
    changes: dict[str, dict[str, MemberAmounts]]
    settlement: Settlement | None
    payments: Payments | None = None

    @property
    def amount_decimals(self) -> int:
        """Decimals of every amount."""
        return self.values.amount_decimals

    @property
    def paid(self) -> NDArray[np.int64]:
        """Statement of every member by position, index n the company's; ``(n + 1,)`` int64 in amount decimals."""
        return _total(self.bonuses, self.values.size)

    @property
    def breakage(self) -> list[BreakageRow]:
        """All rows of breakage, in the order of the plan."""
        return [row for result in self.bonuses.values() for row in result.breakage]

    @property
    def equations(self) -> list[Equation]:
        """The equation of every bonus."""
        return [result.equation for result in self.bonuses.values()]


def run_commissions(
    plan: Plan,
    network: Network,
    orders: Orders,
    overrides: Sequence[Override] = (),
    post: Post = lambda block: None,
    progress: Progress = lambda name, number, count: None,
    period: str = "",
    opening: Opening | None = None,
    besides: Besides | None = None,
) -> CommissionRun:
    """Calculate one period.

    Parameters
    ----------
    plan : Plan
    network : Network
        Members and recorded trees on the last day of the period.
    orders : Orders
        Of the period.
    overrides : sequence of Override
        Forced ranks, waivers and holds in force.
    post : callable
        Receives every `LineBlock`, in canonical order.
    progress : callable
    period : str
        Label of the period, which what it leaves is dated with.
    opening : Opening, optional
        What the period before left; nothing by default.
    besides : Besides, optional
        What else the run is given; nothing by default.

    Raises
    ------
    InputRefused
        ``metrics.overflow``, ``bonuses.overflow``, ``runs.overflow``, ``payout.overflow``: a sum could leave 64 bits;
        ``payout.open_balance``.
    IntegrityError
        ``ledger.equation``, ``payout.equation``: something was neither paid nor explained.
    """
    values = snapshot(plan, network, orders, overrides, besides)
    values.opening, values.closing = opening or Opening(), Closing(period)
    results = Results()
    for number, node in enumerate(plan.order):
        progress(node.name, number, len(plan.order))
        evaluate(plan, node, values, results, post)
    return finish(plan, values, results, post)


def finish(plan: Plan, values: Values, results: Results, post: Post) -> CommissionRun:
    """Return the run whose values are all calculated: state is left, statements are rounded and paid out.

    Raises
    ------
    InputRefused, IntegrityError
        As `run_commissions`.
    """
    for name, word in (*plan.metrics.items(), *plan.ladders.items()):
        if isinstance(word, Leaver):
            word.leave(values, name)
    bonuses = {name: results.bonuses[name] for name in plan.bonuses}
    refuse_overflow(bonuses, values)
    if plan.rounding.place == PAYOUT:
        bonuses[PAYOUT] = _round_statements(bonuses, values, post)
    paid = _total(bonuses, values.size)
    settlement = pay_out(plan, values, bonuses, paid)
    payments = None if plan.trial is not None else pay_in_currencies(values, settlement, paid)
    return CommissionRun(plan, values, bonuses, transfers_of(plan, values), results.changes, settlement, payments)


def snapshot(
    plan: Plan,
    network: Network,
    orders: Orders,
    overrides: Sequence[Override] = (),
    besides: Besides | None = None,
) -> Values:
    """Return the values before anything is calculated: who may earn, who is a source, who belongs to which scheme."""
    earns = np.array([name == "active" for name in STATUSES])
    source = np.ones(len(STATUSES), bool)
    compressed = np.zeros(len(STATUSES), bool)
    for name, policy in plan.statuses.items():
        code = STATUSES.index(name)
        earns[code], source[code], compressed[code] = policy.earner, policy.source, policy.walk == "compressed"
    status_bars = ~earns[network.status]
    walk_compressed = compressed[network.status]
    return Values(
        network=network,
        orders=orders,
        rounding=plan.rounding,
        scheme=_scheme(plan, network),
        scheme_names=tuple(plan.schemes.names) if plan.schemes else ("",),
        may_earn=~status_bars & (network.kind == KINDS.index("distributor")),
        is_source=source[network.status],
        status_bars=status_bars,
        walk_compressed=walk_compressed if walk_compressed.any() else None,
        overrides=overrides,
        besides=besides or Besides(),
        vocabulary=plan.vocabulary,
        amount_decimals=line_decimals(plan)[1],
        keep_entries=plan.rounding.grain == "order"
        or bool(plan.vocabulary.asked_on_orders)
        or any(word.per_order for words in (plan.points, plan.bonuses) for word in words.values()),
    )


def evaluate(plan: Plan, node: Node, values: Values, results: Results, post: Post) -> None:
    """Calculate one value and store it.

    Parameters
    ----------
    plan : Plan
    node : Node
    values : Values
        Changed: the value is added.
    results : Results
        Changed: the result of a bonus is added, or what a choice or limit leaves of it.
    post : callable
        Receives the lines of a bonus.
    """
    name = node.name
    if node.kind == "volume":
        values.volumes[name] = plan.volumes[name].evaluate(values, name)
    elif node.kind == "rolled":
        volume, _, tree = name.partition("@")
        values.volumes[name] = rolled_up(values.volumes[volume], values.trees[tree])
    elif node.kind == "tree":
        values.trees[name] = plan.trees[name].evaluate(values, name)
    elif node.kind == "metric":
        plan.metrics[name].evaluate_into(values, name)
    elif node.kind == "ladder":
        values.rankings[name] = plan.ladders[name].evaluate(values, name)
    elif node.kind == "title":
        values.titles[name] = plan.word(node).evaluate(values)
    elif node.kind == "active":
        values.active = _active(plan, values)
    elif node.kind == "points":
        values.metrics[name] = count_points(plan, name, values)
    elif node.kind == "choice":
        exclude(plan, name, values, results, post)
    elif node.kind == "limit":
        limit(plan, name, values, results, post)
    else:
        word = plan.bonuses[name]
        base_decimals = word.base_decimals(plan.vocabulary)
        paid = PaidOrders(values, post) if name in plan.vocabulary.asked_on_orders else None
        account = BonusAccount(
            name, values.size, values.rounding, base_decimals, values.amount_decimals, paid.post if paid else post
        )
        results.bonuses[name] = word.evaluate(values, account)
        if paid:
            values.paid_orders[name] = paid.on_which()
        rounded = results.bonuses[name].rounded(values.rounding, values.amount_decimals)
        values.earned[name] = Quantity(rounded, values.rounding.money_decimals)


def _active(plan: Plan, values: Values) -> NDArray[np.bool_]:
    if plan.active is None:
        return values.network.status == STATUSES.index("active")
    return (values.network.status != STATUSES.index("not_joined")) & plan.active.holds(values)


def _scheme(plan: Plan, network: Network) -> NDArray[np.int16]:
    if plan.schemes is None:
        return np.zeros(network.size, np.int16)
    column = network.columns[plan.schemes.by]
    known = {label: code for code, label in enumerate(plan.schemes.names)}
    codes = np.array([known.get(label, -1) for label in column.labels] or [-1], np.int16)
    return codes[column.values]


def _round_statements(bonuses: dict[str, BonusResult], values: Values, post: Post) -> BonusResult:
    account = BonusAccount(PAYOUT, values.size, values.rounding, 0, values.amount_decimals, post)
    return account.close_payout(_total(bonuses, values.size))


def _total(bonuses: dict[str, BonusResult], members: int) -> NDArray[np.int64]:
    total = np.zeros(members + 1, np.int64)
    for result in bonuses.values():
        total += result.amounts
    return total


__all__ = ["PAYOUT", "CommissionRun", "evaluate", "finish", "run_commissions", "snapshot"]
