"""What only the run, calculated once more, can say: where bases come from, why something was not paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mlmcalc.api.explanations import places_of
from mlmcalc.api.recalculate import Again
from mlmcalc.audit.explain import Explainer
from mlmcalc.audit.line_picker import LinePicker, PickedLine
from mlmcalc.audit.pack.base_trace import BaseTracer, Earned, workings_text
from mlmcalc.audit.pack.decisions import Adjustment, Forced
from mlmcalc.audit.pack.not_paid import Steps
from mlmcalc.audit.pack.sample import draws, lowest_of
from mlmcalc.audit.pack.work import Statement, Trace, WorkLine
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.money import decimal_from_units
from mlmcalc.rules.values import Override
from mlmcalc.runs.commission_run import CommissionRun, run_commissions
from mlmcalc.tables.order_evidence import OrderEvidence

_KINDS = {"rank": "forced rank", "waiver": "waiver", "hold": "hold"}
ORDERS, MEMBERS = 80, 60
"""How many are drawn to find steps that were not paid."""
NEAR = 6
"""Sources of a member that are gone through, per bonus."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Where steps that were not paid are looked for.

    Attributes
    ----------
    orders : sequence of int
        Rows of the orders of the run.
    members : sequence of int
        Positions.
    """

    orders: Sequence[int]
    members: Sequence[int]


class Recalculated:
    """A stored run, calculated once more with the lines that matter.

    Parameters
    ----------
    again : Again
    lines : sequence of WorkLine
        The sample.
    seed : int
    """

    def __init__(self, again: Again, lines: Sequence[WorkLine], seed: int) -> None:
        self._again = again
        self._prepared = again.prepared
        self._drawn = _drawn(again, seed)
        ids = self._prepared.network.ids
        members = dict.fromkeys(member for line in lines for member in (line.earner, line.source) if member)
        self.positions = {member: places[0] for member in members if (places := places_of(ids, member))}
        rules = [
            self.positions[line.earner] for line in lines if line.product is None and line.earner in self.positions
        ]
        buyers = self._prepared.orders.member
        sources = frozenset(int(buyers[row]) for row in self._drawn.orders)
        picker = LinePicker(
            earners=frozenset([*self._drawn.members, *rules]), sources=sources, orders=frozenset(self._drawn.orders)
        )
        self.run: CommissionRun = run_commissions(
            self._prepared.plan,
            self._prepared.network,
            self._prepared.orders,
            self._prepared.overrides,
            picker.post,
            period=self._prepared.period.label,
            opening=self._prepared.opening,
            besides=self._prepared.besides,
        )
        self._lines = picker.lines
        self._explainer = Explainer(self.run, again.manifest["run"], self._prepared.period.label)

    def traces(self, lines: Sequence[WorkLine], orders: OrderEvidence | None, earned: pl.DataFrame) -> list[Trace]:
        """Return where the bases of the sample come from.

        Parameters
        ----------
        lines : sequence of WorkLine
        orders : OrderEvidence or None
        earned : polars.DataFrame
            ``earner``, ``bonus``, ``outcome``, ``amount`` of what their sources earned.
        """
        tracer = BaseTracer(self.run, self.positions, orders, Earned.of(earned))
        found = [tracer.trace(line) for line in lines]
        workings = [
            Trace(line.number, text, (), line.product.base, 0, self.run.values.rounding.mode)
            for line, trace in zip(lines, found, strict=True)
            if trace is None and line.product is not None and (text := self.workings(line))
        ]
        return sorted([*(trace for trace in found if trace is not None), *workings], key=lambda trace: trace.number)

    def workings(self, line: WorkLine) -> str:
        """Return the arithmetic of a line's bonus for its earner, as a text; empty where its lines say it all."""
        position = self.positions.get(line.earner)
        if line.earner == COMPANY or position is None or line.bonus not in self.run.plan.bonuses:
            return ""
        own = [one for one in self._lines if one.earner == position and one.bonus == line.bonus]
        from mlmcalc.audit.last_steps import workings_after

        steps = [*self._explainer.trail(line.bonus).workings(position)]
        if line.product is None:
            steps += workings_after(self.run, line.bonus, position, own)
        return workings_text(steps, line.bonus)

    def not_paid(self, breakage: pl.DataFrame) -> tuple[Steps, str]:
        """Return sampled steps that were not paid, and what was gone through to find them."""
        steps, looked = Steps(breakage), 0
        for row in self._drawn.orders:
            looked += 1
            steps.add(self._explainer.order(row, self._lines).passed_over)
            if steps.enough:
                return steps, f"{looked} drawn orders"
        for at, position in enumerate(self._drawn.members, 1):
            steps.add(self._missed(position))
            if steps.enough:
                return steps, f"{looked} drawn orders and {at} drawn members"
        return steps, f"{looked} drawn orders and {len(self._drawn.members)} drawn members"

    def forced(self) -> list[Forced]:
        """Return the overrides that are in force."""
        ids = self._prepared.network.ids
        return [
            Forced(str(ids[one.member]), _KINDS[one.kind], _what(one), one.reason, one.approver)
            for one in self._prepared.overrides
        ]

    def adjustments(self) -> list[Adjustment]:
        """Return the amounts that people put into the period, or that correct an earlier one."""
        found, ids = self._prepared.besides.adjustments, self._prepared.network.ids
        texts: dict[str, list[str]] = {
            name: [str(found.labels[name][code]) for code in codes.tolist()] for name, codes in found.codes.items()
        }
        return [
            Adjustment(
                member=str(ids[position]),
                amount=decimal_from_units(units, found.decimals),
                type=texts["type"][row],
                period=texts["period"][row],
                bonus=texts["bonus"][row],
                cause=texts["cause"][row],
                reason=texts["reason"][row],
                approver=texts["approver"][row],
            )
            for row, (position, units) in enumerate(zip(found.member.tolist(), found.amounts.tolist(), strict=True))
        ]

    def _missed(self, position: int) -> Iterable:
        own = [line for line in self._lines if line.earner == position]
        for bonus in self.run.plan.bonuses:
            of_bonus: list[PickedLine] = [line for line in own if line.bonus == bonus]
            yield from self._explainer.trail(bonus).missed(position, of_bonus, NEAR)[0]


def statements_of(
    lines: Sequence[WorkLine], sums: pl.DataFrame, largest: pl.DataFrame, decimals: int, about: dict[int, str]
) -> list[Statement]:
    """Return the statements of the lines that are no products.

    Parameters
    ----------
    lines : sequence of WorkLine
    sums, largest : polars.DataFrame
        As `mlmcalc.api.pack.stored_lines.of_statements`.
    decimals : int
        Of amounts.
    about : dict of int to str
        The arithmetic of each, by its number in the sample.
    """
    found = []
    for line in lines:
        if line.product is not None:
            continue
        is_company = line.earner == COMPANY
        earner = pl.col("earner").is_null() if is_company else pl.col("earner") == line.earner
        mine = earner & (pl.col("bonus") == line.bonus)
        shown = [
            (outcome.replace("_", " "), source or "", int(amount.scaleb(decimals)), 1)
            for outcome, source, amount in largest.filter(mine).select("outcome", "source", "amount").iter_rows()
        ]
        rows = list(shown)
        for outcome, amount, count in (
            sums.filter(mine).select("outcome", "amount", "lines").sort("outcome").iter_rows()
        ):
            named = outcome.replace("_", " ")
            rest = count - sum(row[0] == named for row in shown)
            if rest:
                left = int(amount.scaleb(decimals)) - sum(row[2] for row in shown if row[0] == named)
                rows.append((named, f"{rest:,} other lines", left, rest))
        whole = sum(int(amount.scaleb(decimals)) for amount in sums.filter(mine)["amount"])
        found.append(Statement(line.number, about.get(line.number, ""), rows, whole, decimals))
    return found


def _what(one: Override) -> str:
    if one.kind == "hold":
        return "the payment waits"
    return f"{one.ladder}: {one.rank}" if one.kind == "rank" else f"{one.metric} for {one.rank or 'every rank'}"


def _drawn(again: Again, seed: int) -> Drawn:
    orders, network = again.prepared.orders, again.prepared.network
    rows: list[int] = []
    if not orders.is_table and orders.size:
        ids = pl.Series("order", orders.ids)
        rows = lowest_of(draws(ids.to_frame(), seed), ORDERS).tolist()
    members = lowest_of(draws(pl.Series("member", network.ids).to_frame(), seed), MEMBERS).tolist()
    buyers = np.unique(orders.member[: orders.size])
    return Drawn(rows, [*members, *_upper(again, buyers, seed)])


def _upper(again: Again, buyers: np.ndarray, seed: int) -> list[int]:
    # Those who buy are more likely to be offered something than those who do not.
    if not buyers.size:
        return []
    ids = pl.Series("member", [again.prepared.network.ids[place] for place in buyers.tolist()])
    return buyers[lowest_of(draws(ids.to_frame(), seed), MEMBERS)].tolist()
