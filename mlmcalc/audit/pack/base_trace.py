"""Where the base of a sampled line comes from: the orders of its source, what the source earned, or a value of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from mlmcalc.audit.counted import counted_for
from mlmcalc.audit.pack.work import Part, Trace, WorkLine
from mlmcalc.money import RATE_ONE_PPM, text_from_units
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun
from mlmcalc.tables.order_evidence import OrderEvidence
from mlmcalc.volumes.add import Added
from mlmcalc.volumes.order_volume import OrderVolume, servers
from mlmcalc.volumes.sum_of_orders import SumOfOrders

MOST_PARTS = 400
"""A base of more orders is not taken apart."""
_LIMITED = "limit_reached"


class Counts(NamedTuple):
    """An order that counts for a volume.

    Attributes
    ----------
    row : int
        Row of the orders of the run.
    column : str
        Empty where orders are counted.
    factor_ppm : int
    """

    row: int
    column: str
    factor_ppm: int


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """What earners had of bonuses, by outcome of their lines.

    Attributes
    ----------
    sums : mapping of (str, str) to sequence of (str, int)
        Earner and bonus, as texts, to outcomes and units of the amount.
    decimals : int
        Of the units.
    """

    sums: Mapping[tuple[str, str], Sequence[tuple[str, int]]]
    decimals: int

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Earned:
        """Return what is in rows of earner, bonus, outcome, amount; earner and bonus are texts."""
        decimals = rows["amount"].dtype.scale if rows.width and isinstance(rows["amount"].dtype, pl.Decimal) else 0
        sums: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for earner, bonus, outcome, amount in rows.sort("earner", "bonus", "outcome").iter_rows():
            sums.setdefault((earner, bonus), []).append((outcome, int(amount.scaleb(decimals))))
        return cls(sums, decimals)


class BaseTracer:
    """Traces bases of one run that was calculated again.

    Parameters
    ----------
    run : CommissionRun
    positions : mapping of str to int
        Of the members of the sample.
    orders : OrderEvidence or None
        None where the run was made of volumes per member.
    earned : Earned
    """

    def __init__(
        self,
        run: CommissionRun,
        positions: Mapping[str, int],
        orders: OrderEvidence | None,
        earned: Earned,
    ) -> None:
        self._run = run
        self._values = run.values
        self._positions = positions
        self._orders = orders
        self._earned = earned
        self._served: np.ndarray | None = None

    def trace(self, line: WorkLine) -> Trace | None:
        """Return where the base of a line comes from; None for a line without a base of a source."""
        word = self._run.plan.bonuses.get(line.bonus)
        if line.product is None or not isinstance(word, SourceBonus) or line.source not in self._positions:
            return None
        if word.earned_from:
            return self._of_earnings(line, word)
        name, _, tree = word.base_volume.partition("@")
        if name not in self._run.plan.volumes or not self._is_of_orders(name):
            return self._of_value(line, word.base_volume)
        if tree and self._values.rounding.grain == "keeper":
            return self._of_kept(line, name, tree)
        return self._of_orders(line, name)

    def _is_of_orders(self, name: str) -> bool:
        # What closed results of another program come to is no sum of orders, nor is what it is added to.
        word = self._run.plan.volumes[name]
        return all(map(self._is_of_orders, word.add)) if isinstance(word, Added) else isinstance(word, OrderVolume)

    def _of_earnings(self, line: WorkLine, word: SourceBonus) -> Trace:
        # Limits come after whoever is paid on earnings, so that they take nothing from a base.
        decimals, base = self._common(line)
        parts = [part for bonus in word.earned_from for part in self._earnings(line.source, bonus, decimals)]
        about = f"what {line.source} had of {', '.join(word.earned_from)}, before limits"
        return Trace(line.number, about, parts, base, decimals, self._values.rounding.mode)

    def _earnings(self, source: str, bonus: str, decimals: int) -> list[Part]:
        had = [(outcome, units) for outcome, units in self._earned.sums.get((source, bonus), ()) if outcome != _LIMITED]
        rounding = self._values.rounding
        if rounding.place == PAYOUT:
            # Lines and statements keep all digits; whoever is paid on a bonus sees it rounded.
            whole = sum(units for _, units in had)
            units = rounding.to_unit(whole, self._earned.decimals) * 10 ** (decimals - rounding.money_decimals)
            where = f"{text_from_units(whole, self._earned.decimals)}, rounded"
            return [Part(bonus, where, "", "", "lines of the run", units)] if had else []
        scale = 10 ** (decimals - self._earned.decimals)
        return [
            Part(bonus, outcome.replace("_", " "), "", "", "lines of the run", units * scale) for outcome, units in had
        ]

    def _of_value(self, line: WorkLine, name: str) -> Trace:
        quantity = self._values.quantity(name)
        product = line.product
        assert product is not None, "only products are traced"
        units = int(quantity.amounts[self._positions[line.source]])
        parts = [Part(name, f"member {line.source}", "", "", "table of members", units)]
        about = f"{name} of {line.source}"
        return Trace(line.number, about, parts, product.base, quantity.decimals, self._values.rounding.mode)

    def _of_kept(self, line: WorkLine, name: str, tree_name: str) -> Trace:
        own, tree = self._values.volumes[name].own, self._values.trees[tree_name]
        source = self._positions[line.source]
        assert tree.keeper is not None, "a derived tree knows every keeper"
        keeper = np.asarray(tree.leave(tree.keeper))
        if tree.order is not None:
            keeper = np.where(keeper < 0, -1, np.asarray(tree.order)[keeper])
        members = np.flatnonzero((keeper == source) & (own.amounts != 0))
        return self._sum(
            line,
            f"{name} of those whose keeper in {tree_name} is {line.source}",
            [
                Part(f"member {self._values.network.ids[place]}", "", "", "", name, int(own.amounts[place]))
                for place in members[: MOST_PARTS + 1].tolist()
            ],
            own.decimals,
        )

    def _of_orders(self, line: WorkLine, name: str) -> Trace:
        orders, source = self._values.orders, self._positions[line.source]
        decimals = self._values.volumes[name].own.decimals
        about = f"{name} of {line.source}"
        if orders.is_table:
            return self._sum(line, about, self._of_table(name, source, line.source), decimals)
        counting = self._counting(name, source)
        if line.order:
            about = f"{name} of order {line.order}"
            counting = [one for one in counting if str(orders.ids[one.row]) == line.order]
        return self._sum(line, about, self._parts(counting, decimals), decimals)

    def _sum(self, line: WorkLine, about: str, parts: list[Part], decimals: int) -> Trace:
        assert line.product is not None, "only products are traced"
        mode = self._values.rounding.mode
        if len(parts) > MOST_PARTS:
            about = f"{about}: more than {MOST_PARTS} rows, which are not taken apart"
            return Trace(line.number, about, (), line.product.base, decimals, mode)
        return Trace(line.number, about, parts, line.product.base, decimals, mode)

    def _common(self, line: WorkLine) -> tuple[int, int]:
        # Decimals that hold the base and what was earned, and the base in them.
        assert line.product is not None, "only products are traced"
        word = self._run.plan.bonuses[line.bonus]
        own = word.base_decimals(self._run.plan.vocabulary)
        decimals = max(own, self._earned.decimals)
        return decimals, line.product.base * 10 ** (decimals - own)

    def _of_table(self, name: str, source: int, member: str) -> list[Part]:
        columns = self._columns_of(name)
        row = int(np.searchsorted(self._values.orders.member, source))
        if row >= self._values.orders.size or int(self._values.orders.member[row]) != source:
            return []
        return [
            Part(f"member {member}", "", "", "", column, int(self._values.orders.columns[column].values[row]), factor)
            for column, factor in columns
        ]

    def _columns_of(self, name: str) -> list[tuple[str, int]]:
        word = self._run.plan.volumes[name]
        if isinstance(word, Added):
            return [
                (column, _times(factor, word.times)) for part in word.add for column, factor in self._columns_of(part)
            ]
        return [(word.sum, word.factor_ppm)] if isinstance(word, SumOfOrders) else []

    def _counting(self, name: str, source: int) -> list[Counts]:
        word = self._run.plan.volumes[name]
        if isinstance(word, Added):
            return [
                one._replace(factor_ppm=_times(one.factor_ppm, word.times))
                for part in word.add
                for one in self._counting(part, source)
            ]
        assert isinstance(word, OrderVolume), "a volume is one of orders, or a sum of volumes"
        found = []
        for row in self._rows_near(word, source):
            member, _ = counted_for(self._run, row)[name]
            if member == source:
                found.append(Counts(row, getattr(word, "sum", ""), self._factor(word, row)))
            if len(found) > MOST_PARTS:
                break
        return found

    def _rows_near(self, word: OrderVolume, source: int) -> Iterable[int]:
        buyers = self._values.orders.member
        members = [source]
        if word.credit == "server":
            if self._served is None:
                self._served = servers(self._values)
            members = np.flatnonzero(self._served == source).tolist()
        for member in members:
            yield from range(*np.searchsorted(buyers, [member, member + 1]).tolist())

    def _factor(self, word: OrderVolume, row: int) -> int:
        if not isinstance(word, SumOfOrders):
            return RATE_ONE_PPM
        reduced = word.after is None or bool(self._values.paid_orders[word.after.bonus][row])
        return word.factor_ppm if reduced else RATE_ONE_PPM

    def _parts(self, counting: Sequence[Counts], decimals: int) -> list[Part]:
        evidence, ids = self._orders, self._values.orders.ids
        assert evidence is not None, "orders have a table"
        assert ids is not None, "orders have ids"
        wanted = [str(ids[one.row]) for one in counting]
        places = evidence.places_of(wanted)
        rows = dict(
            zip((row["order"] for row in evidence.frame(places).iter_rows(named=True)), places.tolist(), strict=True)
        )
        found = []
        for order, one in zip(wanted, counting, strict=True):
            place = rows[order]
            row = evidence.frame(np.array([place])).row(0, named=True)
            units = 1
            if one.column:
                column = evidence.volumes[one.column]
                units = int(column.values[place]) * 10 ** max(decimals - column.decimals, 0)
                units //= 10 ** max(column.decimals - decimals, 0)
            what, where = f"order {order}", f"row {row['row']} of the orders, bought by {row['member']}"
            found.append(Part(what, where, str(row["day"]), row["kind"], one.column or "orders", units, one.factor_ppm))
        return found


def workings_text(steps: Iterable, bonus: str) -> str:
    """Return the arithmetic of a bonus as one text: what was done, in the order in which it was done.

    Parameters
    ----------
    steps : iterable of Working
    bonus : str
    """
    said = [
        f"{step.step} {step.value}" + (f" ({step.note})" if step.note else "") for step in steps if step.bonus == bonus
    ]
    return "; ".join(said)


def _times(factor_ppm: int, times_ppm: int) -> int:
    return factor_ppm * times_ppm // RATE_ONE_PPM
