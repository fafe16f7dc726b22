"""Why a member was paid, and why not; who got what from an order, and who was passed over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlmcalc.audit.explanation import Amount, MemberExplanation, Need, OrderExplanation, PassedOver, RankStanding
from mlmcalc.audit.level_trace import Step, Tracer
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.bonuses.levels import Levels, Prepared
from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.money import RATE_DECIMALS, rate_text, text_from_units
from mlmcalc.periods import day_text
from mlmcalc.rules.bonus_word import BonusWord
from mlmcalc.rules.requirements import Requirement
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.volumes.orders import ORDER_KINDS

LEFT_OUT = {
    "blocked_by_rank": "the walk ended at a rank below",
    "no_upline": "nobody is above",
    "passed_on": "the level went to the next above who could take it",
    "no_rate": "the rate table has no rate here for this rank",
    "compressed": "has no place in the tree walked",
    "beyond": "all levels were taken by those in between",
}


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
        self._run_id = run_id
        self._period = period

    def member(self, position: int, lines: list[PickedLine], limit: int = 25) -> MemberExplanation:
        """Return everything about one member.

        Parameters
        ----------
        position : int
        lines : list of PickedLine
            The lines whose earner it is.
        limit : int
            The most sources for which to say what it did not get, for each bonus.
        """
        values, network, plan = self._values, self._network, self._run.plan
        missed, not_shown = self._missed(position, limit)
        amounts = [self._amount(line) for line in lines if line.earner == position]
        total = sum(line.amount for line in lines if line.earner == position)
        joined = int(network.joined[position])
        assert values.active is not None, "active is judged in every run"
        return MemberExplanation(
            run=self._run_id,
            plan=f"{plan.name} {plan.version}",
            period=self._period,
            currency=plan.currency,
            member=self._id(position),
            status=STATUSES[network.status[position]],
            kind=KINDS[network.kind[position]],
            joined="" if joined == NO_DAY else day_text(joined),
            scheme=values.scheme_names[values.scheme[position]],
            active=bool(values.active[position]),
            upline={name: self._parent(name, position) for name in network.trees},
            keeper={name: self._keeper(name, position) for name, tree in values.trees.items() if tree.kept is not None},
            volumes={name: _text(volume.total, position) for name, volume in values.volumes.items()},
            metrics={name: _text(metric, position) for name, metric in values.metrics.items()},
            ranks=[self._standing(ladder, position) for ladder in plan.ladders],
            eligibility={name: self._unmet(word, position) for name, word in plan.bonuses.items()},
            amounts=amounts,
            missed=missed,
            total=text_from_units(total, self._run.amount_decimals),
            not_shown=not_shown,
        )

    def order(self, row: int, lines: list[PickedLine]) -> OrderExplanation:
        """Return who got what from an order.

        Parameters
        ----------
        row : int
            Row of the orders.
        lines : list of PickedLine
            Lines about the order, and lines whose source is the buyer.
        """
        orders, plan = self._values.orders, self._run.plan
        buyer = int(orders.member[row])
        whole_source = self._values.rounding.grain != "order"
        steps = [self._passed_over(name, word, row, buyer) for name, word in plan.bonuses.items()]
        wanted = [line for line in lines if line.order == row or (line.order < 0 and line.source == buyer)]
        return OrderExplanation(
            run=self._run_id,
            plan=f"{plan.name} {plan.version}",
            period=self._period,
            currency=plan.currency,
            order=str(orders.ids[row]),
            buyer=self._id(buyer),
            date=day_text(int(orders.day[row])),
            kind=ORDER_KINDS[orders.kind[row]],
            volumes={
                name: text_from_units(int(column.values[row]), column.decimals)
                for name, column in orders.columns.items()
                if column.type == "number"
            },
            whole_source=whole_source,
            amounts=[self._amount(line) for line in wanted],
            passed_over=[step for found in steps for step in found],
        )

    def _passed_over(self, name: str, word: BonusWord, row: int, buyer: int) -> Iterator[PassedOver]:
        if not isinstance(word, Levels) or word.base.volume is None:
            return
        for prepared in word.prepare(self._values):
            sources = prepared.part.sources
            chosen = np.flatnonzero((sources.order == row) | ((sources.order < 0) & (sources.member == buyer)))
            tracer = self._tracer(word, prepared)
            for source in chosen:
                for step in tracer.steps(int(source)):
                    if step.outcome != "paid":
                        yield self._missed_step(name, word, prepared, int(source), step)

    def _missed(self, position: int, limit: int) -> tuple[list[PassedOver], int]:
        found: list[PassedOver] = []
        not_shown = 0
        for name, word in self._run.plan.bonuses.items():
            if not isinstance(word, Levels):
                continue
            for prepared in word.prepare(self._values):
                near = self._near(word, prepared, position)
                not_shown += max(0, len(near) - limit)
                tracer = self._tracer(word, prepared)
                for source in near[:limit]:
                    found += self._missed_from(name, word, prepared, tracer, source, position)
        return found, not_shown

    def _missed_from(
        self, name: str, word: Levels, prepared: Prepared, tracer: Tracer, source: int, position: int
    ) -> list[PassedOver]:
        steps = tracer.steps(source)
        own = [step for step in steps if step.position == position]
        if any(step.outcome == "paid" for step in own):
            return []
        if not own:
            blocked = any(step.outcome == "blocked_by_rank" for step in steps)
            own = [Step(position, 0, None, "blocked_by_rank" if blocked else "no_rate", 0)]
        return [self._missed_step(name, word, prepared, source, step) for step in own]

    def _near(self, word: Levels, prepared: Prepared, position: int) -> list[int]:
        # Sources below the member, nearest first, no further than the rate table reaches.
        tree = prepared.walk.tree
        recorded = self._values.trees[tree.root_tree or tree.name]
        index = position if tree.order is None else int((tree.order == position).argmax())
        below = recorded.depth[index + 1 :] <= recorded.depth[index]
        end = index + 1 + (int(below.argmax()) if below.any() else below.size)
        inside = np.flatnonzero((prepared.index > index) & (prepared.index < end))
        if tree.kept is not None and not tree.kept[index]:
            distance = recorded.depth[prepared.index[inside]] - recorded.depth[index]
        else:
            distance = prepared.starts.level[prepared.index[inside]] - tree.depth[index]
        reach = prepared.part.rates.shape[1] + word.first_level - 1
        near = inside[distance <= reach]
        return [int(row) for row in near[np.argsort(distance[distance <= reach], kind="stable")]]

    def _tracer(self, word: Levels, prepared: Prepared) -> Tracer:
        tree = prepared.walk.tree
        return Tracer(prepared, word.first_level, self._values.trees[tree.root_tree or tree.name])

    def _missed_step(self, name: str, word: Levels, prepared: Prepared, source: int, step: Step) -> PassedOver:
        sources = prepared.part.sources
        base = int(sources.base[source])
        offered = self._values.rounding.to_unit(base * step.rate_ppm, sources.decimals + RATE_DECIMALS)
        return PassedOver(
            bonus=name,
            member=self._id(step.position) if step.position >= 0 else "",
            source=self._id(int(sources.member[source])),
            order=self._order(int(sources.order[source])),
            level=step.level,
            paid_level=step.paid_level,
            outcome=step.outcome,
            reason=self._reason(word, step),
            base=text_from_units(base, sources.decimals),
            offered=text_from_units(offered, self._values.rounding.money_decimals),
            plan_source=word.source,
        )

    def _reason(self, word: BonusWord, step: Step) -> str:
        if step.outcome in ("not_active", "not_eligible"):
            unmet = self._unmet(word, step.position)
            return "; ".join(need.sentence() for need in unmet) or "source and earner do not meet the bonus's pairs"
        if step.outcome == "no_rate" and step.paid_level is None:
            return LEFT_OUT["beyond"]
        return LEFT_OUT.get(step.outcome, "")

    def _unmet(self, word: BonusWord, position: int) -> list[Need]:
        values = self._values
        status = STATUSES[self._network.status[position]]
        if values.status_bars[position]:
            return [Need("status", "one that may earn", status, "", False)]
        if not values.may_earn[position]:
            return [Need("kind", "distributor", KINDS[self._network.kind[position]], "", False)]
        if word.eligible is None:
            return []
        alternatives = word.eligible.requirements(values, position)
        if any(all(need.met for need in needs) for needs in alternatives):
            return []
        fewest = min(alternatives, key=lambda needs: sum(not need.met for need in needs))
        return [_need(need) for need in fewest if not need.met]

    def _standing(self, ladder: str, position: int) -> RankStanding:
        word = self._run.plan.ladders[ladder]
        ranking = self._values.rankings[ladder]
        code = int(ranking.code[position])
        rungs = word.standing(self._values, position)
        held = ranking.names[code - 1] if code else "none"
        above = [rung for rung in rungs if ranking.code_of(rung.rung) > code]
        forced = next(
            (f"{row.reason}, approved by {row.approver}" for row in self._values.overrides
             if row.kind == "rank" and row.member == position and (row.ladder or "rank") == ladder),
            "",
        )  # fmt: skip
        return RankStanding(
            ladder=ladder,
            rank=held,
            forced=forced,
            next_rank=above[0].rung if above else "",
            next_needs=[[_need(need) for need in needs] for needs in above[0].alternatives] if above else [],
        )

    def _amount(self, line: PickedLine) -> Amount:
        word = self._run.plan.bonuses.get(line.bonus)
        return Amount(
            bonus=line.bonus,
            outcome=line.outcome,
            earner=COMPANY if line.earner == self._values.size else self._id(line.earner),
            source="" if line.source in (-1, self._values.size) else self._id(line.source),
            via="" if line.via < 0 else self._id(line.via),
            order=self._order(line.order),
            level=line.level,
            paid_level=line.paid_level,
            rate=rate_text(line.rate_ppm),
            base=text_from_units(line.base, line.base_decimals),
            amount=text_from_units(line.amount, line.amount_decimals),
            plan_source=word.source if word is not None else "",
        )

    def _order(self, row: int) -> str:
        return "" if row < 0 else str(self._values.orders.ids[row])

    def _id(self, position: int) -> str:
        return str(self._network.ids[position])

    def _parent(self, name: str, position: int) -> str:
        tree = self._network.trees[name]
        parent = int(tree.leave(tree.parent)[position])
        return "" if parent < 0 else self._id(parent if tree.order is None else int(tree.order[parent]))

    def _keeper(self, name: str, position: int) -> str:
        tree = self._values.trees[name]
        keeper = int(tree.leave(tree.keeper)[position])
        return "" if keeper < 0 else self._id(keeper if tree.order is None else int(tree.order[keeper]))


def _need(need: Requirement) -> Need:
    return Need(need.word, need.required, need.actual, need.short_by, need.met, need.waived)


def _text(quantity, position: int) -> str:
    return text_from_units(int(quantity.amounts[position]), quantity.decimals)
