"""Explanations and comparisons: the run is calculated again, and the lines that matter are picked out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.api.left_out import no_order, order_left_out
from mlmcalc.api.recalculate import prepare_again
from mlmcalc.audit.compare import MOST_DECIMALS, Comparison, compare
from mlmcalc.audit.counted import sources_of_order
from mlmcalc.audit.explain import Explainer
from mlmcalc.audit.explanation import MemberExplanation, OrderExplanation
from mlmcalc.audit.line_picker import LinePicker, PickedLine
from mlmcalc.errors import Finding, InputRefused, refuse_errors
from mlmcalc.genealogy.network import Network
from mlmcalc.ledger.lines import COMPANY, LineBlock
from mlmcalc.money import INT64_MAX
from mlmcalc.plan.load import Plan
from mlmcalc.rules.words import nearest
from mlmcalc.runs.commission_run import CommissionRun, run_commissions
from mlmcalc.tables.paid import read_paid
from mlmcalc.tables.source import ColumnMap
from mlmcalc.volumes.order_volume import OrderVolume
from mlmcalc.volumes.orders import Orders


@dataclass(frozen=True, slots=True, eq=False)
class Repeatable:
    """A run that can be calculated as often as needed; it is deterministic.

    Attributes
    ----------
    plan : Plan
    run_id, period : str
    network : Network
    orders : Orders
    calculate : callable
        Takes what receives the lines.
    refuse_order : callable
        From the id of an order that is not among `orders` to the refusal that says why.
    """

    plan: Plan
    run_id: str
    period: str
    network: Network
    orders: Orders
    calculate: Callable[[Callable[[LineBlock], None]], CommissionRun]
    refuse_order: Callable[[str], InputRefused] = no_order

    @classmethod
    def of_run(cls, calculated: CommissionRun, run_id: str, period: str) -> Repeatable:
        """Return a run in memory as one to repeat."""
        plan, values = calculated.plan, calculated.values
        network, orders = values.network, values.orders
        return cls(
            plan,
            run_id,
            period,
            network,
            orders,
            lambda post: run_commissions(
                plan,
                network,
                orders,
                values.overrides,
                post,
                period=period,
                opening=values.opening,
                besides=values.besides,
            ),
        )

    @classmethod
    def of_folder(cls, folder: str | os.PathLike[str]) -> Repeatable:
        """Return a stored run as one to repeat, its inputs verified.

        Raises
        ------
        InputRefused, IntegrityError
            As `mlmcalc.api.recalculate.prepare_again`.
        """
        again = prepare_again(folder)
        prepared, inputs = again.prepared, again.inputs
        plan, network, orders, overrides = prepared.plan, prepared.network, prepared.orders, prepared.overrides
        maps = inputs.maps.get("orders", ColumnMap())
        return cls(
            plan,
            again.manifest["run"],
            again.manifest["period"]["label"],
            network,
            orders,
            lambda post: run_commissions(
                plan,
                network,
                orders,
                overrides,
                post,
                period=prepared.period.label,
                opening=prepared.opening,
                besides=prepared.besides,
            ),
            lambda order: order_left_out(order, inputs.tables["orders"], maps, prepared.period),
        )


def repeatable(calculated: CommissionRun | None, manifest: Mapping[str, Any], folder: Path | None) -> Repeatable:
    """Return a run as the library hands it over as one to repeat.

    Parameters
    ----------
    calculated : CommissionRun or None
    manifest : mapping
    folder : Path or None
        Where it lies, if it was read back.

    Raises
    ------
    InputRefused, IntegrityError
        As `mlmcalc.api.recalculate.prepare_again`, for a run that was read back.
    """
    if calculated is not None:
        return Repeatable.of_run(calculated, manifest["run"], manifest["period"]["label"])
    assert folder is not None, "a run is in memory or in a folder"
    return Repeatable.of_folder(folder)


def explain_member(run: Repeatable, member: int | str, limit: int = 25) -> MemberExplanation:
    """Return why a member was paid what it was paid, and what it did not get.

    Parameters
    ----------
    run : Repeatable
    member : int or str
        A member id, or ``company`` for what the plan gives to the company.
    limit : int
        The most sources, per bonus, for which to say what was not earned.

    Raises
    ------
    InputRefused
        ``api.no_member``.
    """
    size = run.network.size
    position = size if str(member).strip() == COMPANY else place_of(run.network.ids, member, "member")
    return _explained(run, [position], limit)[position]


def explain_order(run: Repeatable, order: int | str) -> OrderExplanation:
    """Return who got what from an order, and who was passed over.

    Raises
    ------
    InputRefused
        ``api.no_order``; ``api.order_left_out`` for one outside the period; ``api.no_orders`` where the run is of
        volumes per member.
    """
    if run.orders.ids is None:
        raise InputRefused(
            Finding("api.no_orders", "this run was made of volumes per member, not of orders.", "Explain the member.")
        )
    places = places_of(run.orders.ids, order)
    if not places:
        raise run.refuse_order(str(order).strip())
    row = places[0]
    picker = LinePicker(sources=_sources_of(run, row), orders=frozenset([row]))
    calculated = run.calculate(picker.post)
    return Explainer(calculated, run.run_id, run.period).order(row, picker.lines)


def compare_paid(
    run: Repeatable,
    paid: object,
    column_map: ColumnMap | None = None,
    explained: int = 25,
    names: Mapping[str, str] | None = None,
) -> Comparison:
    """Return a run beside what another system paid.

    Parameters
    ----------
    run : Repeatable
    paid : path, or polars frame, or anything polars makes a frame of
        Columns ``member_id``, ``amount`` and, if bonuses are told apart, ``bonus``.
    column_map : ColumnMap, optional
    explained : int
        How many of the largest differences to explain.
    names : mapping of str to str, optional
        From a bonus of the plan to what the other system calls it; several may have one name.

    Raises
    ------
    InputRefused
        ``api.no_bonus``; with every finding about the table.
    """
    unknown = [name for name in names or {} if name not in run.plan.bonuses]
    if unknown:
        raise InputRefused(
            Finding("api.no_bonus", f"{name} is no bonus of the plan.", nearest(name, run.plan.bonuses))
            for name in unknown
        )
    calculated = run.calculate(lambda block: None)
    decimals = max(calculated.amount_decimals, MOST_DECIMALS)
    table, findings = read_paid(paid, column_map or ColumnMap(), run.network.ids, decimals)
    refuse_errors(findings)
    assert table is not None, "a table that cannot be read has a finding"
    found = compare(
        calculated,
        run.run_id,
        run.period,
        table,
        decimals,
        lambda positions: _explained(run, positions, explained),
        explained,
        names,
    )
    return replace(found, notes=[*found.notes, *(finding.text() for finding in findings)])


def place_of(ids: NDArray[np.int64] | Sequence[str], wanted: int | str, what: str) -> int:
    """Return the place of an id among ids.

    Raises
    ------
    InputRefused
        ``api.no_member`` or ``api.no_order``.
    """
    places = places_of(ids, wanted)
    if not places:
        raise InputRefused(
            Finding(
                f"api.no_{what}",
                f"{str(wanted).strip()} is no {what} of this run.",
                nearest_id(ids, str(wanted).strip()) or f"Look the {what} up in the input.",
            )
        )
    return places[0]


def places_of(ids: NDArray[np.int64] | Sequence[str], wanted: int | str) -> list[int]:
    """Return the places of an id among ids."""
    text = str(wanted).strip()
    if isinstance(ids, np.ndarray):
        digits = text.removeprefix("-")
        number = int(text) if digits.isascii() and digits.isdecimal() and len(text) < 20 else None
        inside = number is not None and -INT64_MAX <= number <= INT64_MAX
        return [int(place) for place in np.flatnonzero(ids == number)] if inside else []
    return [place for place, name in enumerate(ids) if name == text]


def nearest_id(ids: NDArray[np.int64] | Sequence[str], wanted: str) -> str:
    """Return a remedy that names an id written in another case, empty if there is none."""
    if isinstance(ids, np.ndarray):
        return ""
    other = next((name for name in ids if name.casefold() == wanted.casefold()), "")
    return f"Perhaps {other} is meant." if other else ""


def _sources_of(run: Repeatable, row: int) -> frozenset[int]:
    # An order is its buyer's volume, unless some volume counts for a server, or lines are about keepers.
    credited = any(isinstance(word, OrderVolume) and word.credit == "server" for word in run.plan.volumes.values())
    if not credited and run.plan.rounding.grain != "keeper":
        return frozenset([int(run.orders.member[row])])
    return sources_of_order(run.calculate(lambda block: None), row)


def _explained(run: Repeatable, positions: Sequence[int], limit: int) -> dict[int, MemberExplanation]:
    picker = LinePicker(earners=frozenset(positions))
    explainer = Explainer(run.calculate(picker.post), run.run_id, run.period)
    by_earner: dict[int, list[PickedLine]] = {position: [] for position in positions}
    for line in picker.lines:
        by_earner[line.earner].append(line)
    return {position: explainer.member(position, by_earner[position], limit) for position in positions}
