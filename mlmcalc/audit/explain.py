"""Why a member was paid, and why not; who got what from an order, and who was passed over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlmcalc.audit.explanation import (
    Amount,
    BonusSummary,
    MemberExplanation,
    OrderExplanation,
    PassedOver,
    RankStanding,
    Working,
)
from mlmcalc.audit.last_steps import changed_later, workings_after, workings_of_payout
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, need_of
from mlmcalc.audit.trails import Trail, trail_of
from mlmcalc.audit.whole_trees import whole_trees
from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES
from mlmcalc.ledger.lines import COMPANY, OF_THE_EARNER
from mlmcalc.money import RATE_ONE_PPM, per_unit_text, rate_text, text_from_units
from mlmcalc.periods import day_text
from mlmcalc.ranks.titles import BELOW
from mlmcalc.rules.state import Kept
from mlmcalc.rules.tree_columns import whole_tree
from mlmcalc.rules.values import Node, Quantity
from mlmcalc.volumes.orders import ORDER_KINDS

if TYPE_CHECKING:
    from mlmcalc.ranks.standing import RungStanding
    from mlmcalc.rules.bonus_word import BonusWord
    from mlmcalc.runs.commission_run import CommissionRun


class Explainer:
    """Explains one run that was just calculated.

    Parameters
    ----------
    run : CommissionRun
    run_id, period : str
    """

    def __init__(self, run: CommissionRun, run_id: str, period: str) -> None:
        self._run = run
        self._values = run.values
        self._network = run.values.network
        self._head = {
            "run": run_id,
            "plan": f"{run.plan.name} {run.plan.version}",
            "period": period,
            "currency": run.plan.currency,
        }
        self._reasons = Reasons(run)
        self._trails: dict[str, Trail] = {}

    def member(self, position: int, lines: Iterable[PickedLine], limit: int = 25) -> MemberExplanation:
        """Return everything about one member.

        Parameters
        ----------
        position : int
            The number of members stands for the company.
        lines : iterable of PickedLine
            At least all whose earner it is.
        limit : int
            The most sources for which to say what it did not get, for each bonus.
        """
        values, network, plan = self._values, self._network, self._run.plan
        own = [line for line in lines if line.earner == position]
        total = text_from_units(sum(line.amount for line in own), self._run.amount_decimals)
        if position == values.size:
            return self._company(own, total)
        joined = int(network.joined[position])
        assert values.active is not None, "active is judged in every run"
        summaries, missed = self._bonuses(position, own, limit)
        return MemberExplanation(
            **self._head,
            member=self._id(position),
            status=STATUSES[network.status[position]],
            kind=KINDS[network.kind[position]],
            joined="" if joined == NO_DAY else day_text(joined),
            scheme=values.scheme_names[int(values.scheme[position])],
            active=bool(values.active[position]),
            upline={name: self._parent(name, position) for name in whole_trees(self._run)},
            keeper={name: self._keeper(name, position) for name, tree in values.trees.items() if tree.kept is not None},
            volumes={name: _text(volume.total, position) for name, volume in values.volumes.items()},
            metrics={name: _text(metric, position) for name, metric in values.metrics.items()},
            ranks=[self._standing(ladder, position) for ladder in plan.ladders],
            bonuses=summaries,
            amounts=[self.amount(line) for line in own],
            workings=self._workings(position, own),
            missed=missed,
            total=total,
        )

    def order(self, row: int, lines: Iterable[PickedLine]) -> OrderExplanation:
        """Return who got what from an order.

        Parameters
        ----------
        row : int
            Row of the orders.
        lines : iterable of PickedLine
            At least all about the order, and all whose source is one of `sources_of_order`.
        """
        from mlmcalc.audit.order_trace import OrderTrace

        orders = self._values.orders
        trace = OrderTrace(self._run, self._reasons, self.trail, row)
        picked, passed_over, nothing = trace.follow(list(lines))
        assert orders.ids is not None, "there are orders"
        assert orders.day is not None, "every order has a day"
        assert orders.kind is not None, "every order has a kind"
        called, returned = str(orders.ids[row]), self._values.besides.returned
        return OrderExplanation(
            **self._head,
            order=called,
            buyer=self._id(int(orders.member[row])),
            date=day_text(int(orders.day[row])),
            kind=ORDER_KINDS[orders.kind[row]],
            columns={
                name: text_from_units(int(column.values[row]), column.decimals)
                for name, column in orders.columns.items()
                if column.type == "number"
            },
            counted=trace.counted,
            whole_source=trace.whole_source,
            amounts=[self.amount(line) for line in picked],
            passed_over=passed_over,
            changed_later=changed_later(self._run, picked),
            nothing_from=nothing,
            returns=returned.of(called),
            returned_by=[f"{one} on {day}" for one, day in returned.by(called)],
        )

    def trail(self, bonus: str) -> Trail:
        """Return what explains a bonus; it is made once."""
        if bonus not in self._trails:
            self._trails[bonus] = trail_of(self._run, bonus, self._reasons)
        return self._trails[bonus]

    def amount(self, line: PickedLine) -> Amount:
        """Return a line as an explanation says it."""
        word = self._run.plan.bonuses.get(line.bonus)
        orders = self._values.orders.ids
        return Amount(
            bonus=line.bonus,
            outcome=line.outcome,
            earner=COMPANY if line.earner == self._values.size else self._id(line.earner),
            source="" if line.outcome == "rounding" or line.source < 0 else self._id(line.source),
            via="" if line.via < 0 else self._id(line.via),
            order="" if line.order < 0 or orders is None else str(orders[line.order]),
            level=line.level,
            paid_level=line.paid_level,
            rate=self._rate(word, line.rate_ppm) if line.rate_ppm else "",
            base=text_from_units(line.base, line.base_decimals) if line.base or line.rate_ppm else "",
            amount=text_from_units(line.amount, line.amount_decimals),
            plan_source=word.source if word is not None else "",
        )

    def _rate(self, word: BonusWord | None, rate_ppm: int) -> str:
        counts = word is not None and bool(word.base_volume) and word.base_decimals(self._run.plan.vocabulary) == 0
        binary = getattr(word, "binary", None)
        if binary is not None:
            counts = binary.cycle is not None or rate_ppm > RATE_ONE_PPM
        return f"{per_unit_text(rate_ppm)} each" if counts else rate_text(rate_ppm)

    def _company(self, own: list[PickedLine], total: str) -> MemberExplanation:
        empty = {"status": "", "kind": "", "joined": "", "scheme": "", "active": False}
        return MemberExplanation(
            **self._head,
            **empty,
            member=COMPANY,
            upline={},
            keeper={},
            volumes={},
            metrics={},
            ranks=[],
            bonuses=[self._summary(name, own, 0) for name in self._run.bonuses],
            amounts=[self.amount(line) for line in own],
            workings=[],
            missed=[],
            total=total,
        )

    def _bonuses(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[BonusSummary], list[PassedOver]]:
        summaries: list[BonusSummary] = []
        missed: list[PassedOver] = []
        for name in self._run.bonuses:
            not_shown = 0
            if name in self._run.plan.bonuses:
                lines = [line for line in own if line.bonus == name]
                found, not_shown = self.trail(name).missed(position, lines, limit)
                missed += found
            summaries.append(self._summary(name, own, not_shown, position))
        return summaries, missed

    def _workings(self, position: int, own: list[PickedLine]) -> list[Working]:
        found: list[Working] = []
        for name in self._run.plan.bonuses:
            found += self.trail(name).workings(position)
            found += workings_after(self._run, name, position, [line for line in own if line.bonus == name])
        return found + workings_of_payout(self._run, position)

    def _summary(self, name: str, own: list[PickedLine], not_shown: int, position: int = -1) -> BonusSummary:
        lines = [line for line in own if line.bonus == name]
        word = self._run.plan.bonuses.get(name)
        return BonusSummary(
            bonus=name,
            sources=len({line.source for line in lines if line.outcome not in OF_THE_EARNER}),
            lines=len(lines),
            amount=text_from_units(sum(line.amount for line in lines), self._run.amount_decimals),
            not_eligible=[] if word is None or position < 0 else self._reasons.not_eligible(word, position),
            not_shown=not_shown,
            plan_source=word.source if word is not None else "",
        )

    def _standing(self, ladder: str, position: int) -> RankStanding:
        word = self._run.plan.ladders[ladder]
        ranking = self._values.rankings[ladder]
        code = int(ranking.code[position])
        rungs = word.standing(self._values, position)
        held = ranking.names[code - 1] if code else "none"
        own = next((rung for rung in rungs if rung.rung == held), None)
        above = next((rung for rung in rungs if ranking.code_of(rung.rung) > code), None)
        barred = self._reasons.barred(position)
        plan = self._run.plan
        around = plan.source_of(plan.path_of(Node("ladder", ladder)))
        forced = next(
            (f"{row.reason}, approved by {row.approver}" for row in self._values.overrides
             if row.kind == "rank" and row.member == position and (row.ladder or "rank") == ladder and not barred),
            "",
        )  # fmt: skip
        return RankStanding(
            ladder=ladder,
            rank=held,
            barred="; ".join(need.sentence() for need in barred),
            forced=forced,
            earned=_highest(rungs, word.cumulative) if forced else held,
            title=self._title(ladder, position),
            below_title=self._below_title(ladder, position),
            kept=[] if forced or own is None or not own.kept else _met(own),
            waived=[] if forced or own is None else _waived(own),
            source=own.source or around if own is not None else "",
            next_rank=above.rung if above else "",
            next_needs=[[need_of(need) for need in needs] for needs in above.alternatives] if above else [],
            next_source=above.source or around if above else "",
        )

    def _title(self, ladder: str, position: int) -> str:
        title = self._values.titles.get(f"{ladder}.title")
        if title is None:
            return ""
        code = int(title.code[position])
        return title.names[code - 1] if code else "none"

    def _below_title(self, ladder: str, position: int) -> str:
        word = self._run.plan.ladders[ladder].title
        left = self._values.closing.sections.get(Kept(BELOW, ladder), [])
        periods = sum(int(rows.amounts[rows.member == position].sum()) for rows in left)
        if word is None or word.lose_after is None or not periods:
            return ""
        count = "1 period" if periods == 1 else f"{periods} periods in a row"
        return f"paid below it for {count}, lost after {word.lose_after}"

    def _id(self, position: int) -> str:
        return str(self._network.ids[position])

    def _parent(self, name: str, position: int) -> str:
        tree = whole_tree(self._values, name)
        parent = int(tree.leave(tree.parent)[position])
        return "" if parent < 0 else self._id(parent if tree.order is None else int(tree.order[parent]))

    def _keeper(self, name: str, position: int) -> str:
        tree = self._values.trees[name]
        assert tree.keeper is not None, "a derived tree knows every keeper"
        keeper = int(tree.leave(tree.keeper)[position])
        return "" if keeper < 0 else self._id(keeper if tree.order is None else int(tree.order[keeper]))


def _highest(rungs: list[RungStanding], cumulative: bool) -> str:
    held = "none"
    for rung in rungs:
        if rung.met:
            held = rung.rung
        elif cumulative:
            break
    return held


def _met(rung: RungStanding) -> list[str]:
    met = next((needs for needs in rung.alternatives if all(need.met for need in needs)), [])
    return [need_of(need).sentence() for need in met]


def _waived(rung: RungStanding) -> list[str]:
    # Of the alternative that is met; several may be, the first is as good as any.
    met = next((needs for needs in rung.alternatives if all(need.met for need in needs)), [])
    return [f"{need.word}: required {need.required}, waived: {need.waived}" for need in met if need.waived]


def _text(quantity: Quantity, position: int) -> str:
    return text_from_units(int(quantity.amounts[position]), quantity.decimals)
