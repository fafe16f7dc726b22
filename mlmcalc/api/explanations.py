"""Explanations and comparisons: the run is calculated again, and the lines that matter are picked out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.api.recalculate import prepare_again
from mlmcalc.audit.compare import Comparison, compare
from mlmcalc.audit.explain import Explainer
from mlmcalc.audit.explanation import MemberExplanation, OrderExplanation
from mlmcalc.audit.line_picker import LinePicker
from mlmcalc.errors import Finding, InputRefused, refuse_errors
from mlmcalc.ledger.lines import LineBlock
from mlmcalc.runs.commission_run import CommissionRun, run_commissions
from mlmcalc.tables.paid import read_paid
from mlmcalc.tables.source import ColumnMap


@dataclass(frozen=True, slots=True, eq=False)
class Repeatable:
    """A run that can be calculated as often as needed; it is deterministic.

    Attributes
    ----------
    run_id, period : str
    ids : (n,) int64 or sequence of str
        Members by position.
    order_ids : (m,) int64, sequence of str, or None
    buyers : (m,) int32
        Position of the buyer of every order.
    calculate : callable
        Takes what receives the lines.
    """

    run_id: str
    period: str
    ids: NDArray[np.int64] | Sequence[str]
    order_ids: NDArray[np.int64] | Sequence[str] | None
    buyers: NDArray[np.int32]
    calculate: Callable[[Callable[[LineBlock], None]], CommissionRun]

    @classmethod
    def of_run(cls, calculated: CommissionRun, run_id: str, period: str) -> Repeatable:
        """Return a run in memory as one to repeat."""
        plan, values = calculated.plan, calculated.values
        network, orders = values.network, values.orders
        return cls(
            run_id,
            period,
            network.ids,
            orders.ids,
            orders.member,
            lambda post: run_commissions(plan, network, orders, values.overrides, post),
        )

    @classmethod
    def of_folder(cls, folder: str | os.PathLike[str]) -> Repeatable:
        """Return a stored run as one to repeat, its inputs verified.

        Raises
        ------
        InputRefused, IntegrityError
            As `mlmcalc.api.recalculate.prepare_again`.
        """
        prepared, manifest = prepare_again(folder)
        return cls(
            manifest["run"],
            manifest["period"]["label"],
            prepared.network.ids,
            prepared.orders.ids,
            prepared.orders.member,
            lambda post: run_commissions(prepared.plan, prepared.network, prepared.orders, prepared.overrides, post),
        )


def explain_member(run: Repeatable, member: int | str, limit: int = 25) -> MemberExplanation:
    """Return why a member was paid what it was paid, and what it did not get.

    Parameters
    ----------
    run : Repeatable
    member : int or str
    limit : int
        The most sources, per bonus, for which to say what was not earned.

    Raises
    ------
    InputRefused
        ``api.no_member``.
    """
    position = place_of(run.ids, member, "member")
    return _explained(run, [position], limit)[position]


def explain_order(run: Repeatable, order: int | str) -> OrderExplanation:
    """Return who got what from an order, and who was passed over.

    Raises
    ------
    InputRefused
        ``api.no_order``; ``api.no_orders`` where the run is of volumes per member.
    """
    if run.order_ids is None:
        raise InputRefused(
            Finding("api.no_orders", "this run was made of volumes per member, not of orders.", "Explain the member.")
        )
    row = place_of(run.order_ids, order, "order")
    picker = LinePicker(sources=frozenset([int(run.buyers[row])]), orders=frozenset([row]))
    calculated = run.calculate(picker.post)
    return Explainer(calculated, run.run_id, run.period).order(row, picker.lines)


def compare_paid(run: Repeatable, paid: object, column_map: ColumnMap | None = None, explained: int = 25) -> Comparison:
    """Return a run beside what another system paid.

    Parameters
    ----------
    run : Repeatable
    paid : path, or polars frame, or anything polars makes a frame of
        Columns ``member_id``, ``amount`` and, if bonuses are told apart, ``bonus``.
    column_map : ColumnMap, optional
    explained : int
        How many of the largest differences to explain.

    Raises
    ------
    InputRefused
        With every finding about the table.
    """
    calculated = run.calculate(lambda block: None)
    table, findings = read_paid(paid, column_map or ColumnMap(), run.ids, calculated.amount_decimals)
    refuse_errors(findings)
    assert table is not None, "a table that cannot be read has a finding"
    return compare(
        calculated, run.run_id, run.period, table, lambda positions: _explained(run, positions, explained), explained
    )


def place_of(ids: NDArray[np.int64] | Sequence[str], wanted: int | str, what: str) -> int:
    """Return the place of an id among ids.

    Raises
    ------
    InputRefused
        ``api.no_member`` or ``api.no_order``.
    """
    text = str(wanted).strip()
    if isinstance(ids, np.ndarray):
        number = int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else None
        places = [] if number is None else [int(place) for place in np.flatnonzero(ids == number)]
    else:
        places = [place for place, name in enumerate(ids) if name == text]
    if not places:
        raise InputRefused(
            Finding(f"api.no_{what}", f"{text} is no {what} of this run.", f"Look the {what} up in the input.")
        )
    return places[0]


def _explained(run: Repeatable, positions: Sequence[int], limit: int) -> dict[int, MemberExplanation]:
    picker = LinePicker(earners=frozenset(positions))
    explainer = Explainer(run.calculate(picker.post), run.run_id, run.period)
    return {position: explainer.member(position, picker.lines, limit) for position in positions}
