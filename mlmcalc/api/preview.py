"""A run that can be changed by a few orders, as often as wanted: what if this order came, or that one did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from mlmcalc.api.calculate import Progress, line_frames
from mlmcalc.api.inputs import Inputs, Prepared, prepare
from mlmcalc.api.late_orders import LateOrders
from mlmcalc.api.line_groups import NOTHING, LineGroups, LinesOfPart, added_up, total_of, without_lines
from mlmcalc.api.needs import needs_of
from mlmcalc.api.order_book import OrderBook
from mlmcalc.api.outputs import (
    balance_table,
    breakage_table,
    members_table,
    output_tables,
    payments_table,
    payout_table,
    state_table,
    statements_table,
    transfers_table,
)
from mlmcalc.api.preview_totals import moved_totals
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.runs.manifest import content_digest
from mlmcalc.runs.preview.before import Before, Given, calculated
from mlmcalc.runs.preview.change import Change
from mlmcalc.runs.preview.rows import concerned, picked
from mlmcalc.runs.totals import control_totals
from mlmcalc.tables.decimals_out import decimal_series
from mlmcalc.tables.line_frames import categories
from mlmcalc.tables.source import ColumnMap
from mlmcalc.tables.tables_out import OutColumn, OutTable

_ROWS_ADD_UP = ("statements", "members", "transfers")


@dataclass(frozen=True, slots=True, eq=False)
class _Root:
    """The run that everything is a preview of."""

    prepared: Prepared
    before: Before
    lines: LineGroups
    late: LateOrders
    tables: Mapping[str, OutTable]
    digests: Mapping[str, str]
    line_digests: Mapping[str, str]
    totals: Mapping[str, Any]


class Preview:
    """A run with some orders changed: its figures are those of a whole run on these orders.

    Made by `mlmcalc.preview`; what is changed is another preview, and this one stays as it is. It is calculated when a
    figure is first asked for, which refuses it as a run is refused: ``InputRefused`` where sums leave 64 bits.

    Attributes
    ----------
    findings : list of Finding
        The warnings about plan, data and the orders that were added.
    """

    def __init__(
        self,
        root: _Root,
        book: OrderBook,
        findings: list[Finding],
        start: tuple[_Root, OrderBook] | None = None,
    ) -> None:
        self._root = root
        self._book = book
        self._start = start or (root, book)
        self.findings = findings
        self._lines = LineGroups(root.lines.frames)

    def with_orders(self, rows: Any) -> Preview:
        """Return a preview with orders added.

        Parameters
        ----------
        rows : path, polars frame, or anything polars makes a frame of
            As the table of orders; the run's map of columns holds for it too.

        Raises
        ------
        InputRefused
            With every finding, as a run has them; ``orders.conflict`` for an id that is there with another content:
            an order that changed is withdrawn first.
        """
        root, book = self._root, self._book
        read = root.late.read(rows, book)
        if read is None:
            book = book.as_texts()
            root = _root_of(replace(root.prepared, orders=book.orders), root.late)
            read = root.late.read(rows, book)
            assert read is not None, "ids are texts now"
        orders, findings = read
        return Preview(root, book.with_added(orders), [*self.findings, *findings], self._start)

    def without_orders(self, ids: Sequence[int | str]) -> Preview:
        """Return a preview with orders withdrawn.

        Parameters
        ----------
        ids : sequence of int or str

        Raises
        ------
        InputRefused
            ``preview.no_order``.
        """
        start, book = self._start, self._book.without(ids)
        if not book.could_be_numbers:
            return Preview(self._root, book, self.findings, start)
        # Without the last text among them, ids are numbers again, as a run takes them.
        if not start[1].ids_are_texts:
            return Preview(start[0], book.like(start[1]), self.findings, start)
        book = book.afresh()
        root = _root_of(replace(self._root.prepared, orders=book.orders), self._root.late)
        return Preview(root, book, self.findings, start)

    @property
    def run_id(self) -> str:
        """Id of the run before any change, as `Run.id`."""
        return self._start[0].prepared.identity.run_id

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The content digest of every table, as in the manifest of a whole run."""
        root, change = self._root, self._change
        if change is None:
            return root.digests
        old, new = self._rows
        tables = {"breakage": breakage_table(new), "balance": balance_table(new)}
        if change.is_settled:
            tables |= {"state": state_table(change.run()), "payout": payout_table(change.run())}
            payments = change.run().payments
            tables |= {} if payments is None else {"payments": payments_table(payments)}
        members = root.lines.frames.members
        digests = dict(root.digests) | {name: table.content_digest(members) for name, table in tables.items()}
        for name in _ROWS_ADD_UP:
            gone, come = (self._of_whole(name, run).content_digest(members) for run in (old, new))
            digests[name] = added_up([root.digests[name], come], [gone])
        return digests | {"lines": total_of(self._line_digests())}

    @property
    def digest(self) -> str:
        """The digest of a whole run on these orders."""
        return content_digest(self.digests)

    @cached_property
    def totals(self) -> Mapping[str, Any]:
        """Control totals, as `Run.totals`."""
        if self._change is None:
            return self._root.totals
        old, new = self._rows
        return moved_totals(self._root.totals, control_totals(old), control_totals(new))

    @cached_property
    def lines(self) -> pl.DataFrame:
        """One row for each line, as `Run.lines`; ``run`` is the id of the run before any change."""
        root, change = self._root, self._change
        if change is None:
            keys = list(root.lines.groups)
            return pl.concat([root.lines.frames.empty(), *(root.lines.frame(key) for key in keys)])
        found = [root.lines.frames.empty()]
        for key in dict.fromkeys([*root.lines.groups, *change.lines, *self._lines.groups]):
            if key in change.anew:
                found.append(self._lines.frame(key))
            elif key in change.lines:
                taken, added = (LinesOfPart(root.lines.frames, lines).frame() for lines in change.lines[key])
                found += [without_lines(root.lines.frame(key), taken), added]
            else:
                found.append(root.lines.frame(key))
        return pl.concat(found)

    @property
    def statements(self) -> pl.DataFrame:
        """One row for each earner and bonus; a null earner is the company."""
        return self._frame("statements")

    @property
    def members(self) -> pl.DataFrame:
        """One row for each member: place in every tree, status, ranks, volumes, metrics, and what it is paid."""
        return self._frame("members")

    @property
    def breakage(self) -> pl.DataFrame:
        """What is offered and not paid, per bonus, level and outcome."""
        return self._frame("breakage")

    @property
    def transfers(self) -> pl.DataFrame:
        """Volume that compression moves to a keeper; a null keeper is nobody."""
        return self._frame("transfers")

    @property
    def balance(self) -> pl.DataFrame:
        """Per bonus: offered = paid + breakage + cut + rounding."""
        return self._frame("balance")

    @property
    def state(self) -> pl.DataFrame:
        """What the period would leave to the next."""
        return self._frame("state")

    @property
    def payout(self) -> pl.DataFrame:
        """What becomes of what each member earns; empty where the plan has no ``payout``."""
        return self._frame("payout")

    @property
    def payments(self) -> pl.DataFrame | None:
        """What each member is paid in its currency; None where no rates of exchange are given."""
        return self._frame("payments") if "payments" in self._tables else None

    def changes(self) -> pl.DataFrame:
        """Return who is paid otherwise, or holds another rank, than in the run before any change.

        Returns
        -------
        polars.DataFrame
            ``member_id`` (null: the company), ``before``, ``after``, ``difference``, and for every ladder the rank
            ``LADDER_before`` and ``LADDER_after``; in canonical order.
        """
        ids, places = self._root.lines.frames.members, self._root.before.run.amount_decimals
        members, old, new = self._before_and_after()
        rows = np.append(members, ids.size).astype(np.int32)
        columns = [
            ids.gather("member_id", rows),
            decimal_series("before", old.paid, places),
            decimal_series("after", new.paid, places),
            decimal_series("difference", new.paid - old.paid, places),
        ]
        differs = old.paid != new.paid
        for ladder, ranking in self._root.before.run.values.rankings.items():
            codes = [np.append(run.values.rankings[ladder].code, 0).astype(np.int64) - 1 for run in (old, new)]
            differs |= codes[0] != codes[1]
            for when, code in zip(("before", "after"), codes, strict=True):
                columns.append(categories(f"{ladder}_{when}", code, list(ranking.names)))
        return pl.DataFrame(columns).filter(pl.Series(differs))

    def _before_and_after(self) -> tuple[np.ndarray, CommissionRun, CommissionRun]:
        """Return the members who may be paid otherwise, with what they were paid and are now."""
        start, root = self._start[0].before.run, self._root
        if root is self._start[0] and self._change is not None:
            return self._concerned, *self._rows
        now = root.before.run if self._change is None else self._change.run()
        return np.arange(start.values.size), start, now

    @cached_property
    def _change(self) -> Change | None:
        changed = self._book.changed()
        return Change(self._root.before, changed, self._lines.post_of) if changed.buyers.size else None

    @cached_property
    def _concerned(self) -> np.ndarray:
        assert self._change is not None, "nothing changed"
        return concerned(self._change)

    @cached_property
    def _rows(self) -> tuple[CommissionRun, CommissionRun]:
        assert self._change is not None, "nothing changed"
        return picked(self._change, self._concerned, False), picked(self._change, self._concerned, True)

    def _of_whole(self, name: str, run: CommissionRun) -> OutTable:
        """Return the rows of some members, with their positions in the whole company."""
        if name == "transfers":
            return transfers_table(run)
        table = members_table(run) if name == "members" else statements_table(run)
        places = np.append(self._concerned, self._root.lines.frames.members.size)
        first, *others = table.columns
        whole = OutColumn(first.name, first.type, places[np.asarray(first.values)])
        return OutTable(name, [whole, *others])

    def _line_digests(self) -> dict[str, str]:
        root, change = self._root, self._change
        assert change is not None, "nothing changed"
        digests = dict(root.line_digests)
        for key, (taken, added) in change.lines.items():
            gone, come = (LinesOfPart(root.lines.frames, lines).digest() for lines in (taken, added))
            digests[key] = added_up([digests.get(key, NOTHING), come], [gone])
        anew = self._lines.digests()
        for key in change.anew:
            digests[key] = anew.get(key, NOTHING)
        return digests

    def __repr__(self) -> str:
        """Return the run, and how many orders are others."""
        added, gone = self._book.added.size, len(self._book.withdrawn)
        return f"Preview({self.run_id}, {added:,} orders added, {gone:,} withdrawn)"

    def _frame(self, name: str) -> pl.DataFrame:
        return self._tables[name].frame(self._root.lines.frames.members)

    @cached_property
    def _tables(self) -> Mapping[str, OutTable]:
        return self._root.tables if self._change is None else output_tables(self._change.run(), self.findings)


def preview_of(inputs: Inputs, progress: Progress) -> Preview:
    """Calculate a period, and return it ready to be changed.

    Raises
    ------
    InputRefused
        As a run; ``preview.no_orders`` where there is no table of orders.
    IntegrityError
        As a run.
    """
    if "orders" not in inputs.tables:
        remedy = "Give the orders themselves: a table of volumes has none to add to."
        raise InputRefused(Finding("preview.no_orders", "there is no table of orders.", remedy))
    prepared = prepare(inputs, progress)
    progress("calculating", 0, 0)
    needs = needs_of(prepared.plan)
    late = LateOrders(needs, prepared.period, prepared.network, inputs.maps.get("orders", ColumnMap()))
    rows = next(seal.rows for seal in prepared.identity.inputs if seal.name == "orders")
    outside = late.outside(inputs.tables["orders"]) if rows != prepared.orders.size else None
    book = OrderBook.of(prepared.period, needs.first_order, prepared.orders, outside)
    return Preview(_root_of(prepared, late), book, list(prepared.findings))


def _root_of(prepared: Prepared, late: LateOrders) -> _Root:
    frames = line_frames(prepared)
    lines = LineGroups(frames)
    given = Given(
        prepared.plan,
        prepared.network,
        prepared.orders,
        prepared.overrides,
        prepared.opening,
        prepared.period.label,
        prepared.besides,
    )
    before = calculated(given, lines.post_of)
    tables = output_tables(before.run, prepared.findings)
    line_digests = lines.digests()
    digests = {name: table.content_digest(frames.members) for name, table in tables.items()}
    digests["lines"] = total_of(line_digests)
    return _Root(prepared, before, lines, late, tables, digests, line_digests, control_totals(before.run))
