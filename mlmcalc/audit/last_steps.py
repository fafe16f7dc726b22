"""What became of a bonus after its lines: last steps, exclusive bonuses, limits; and of the whole, until it is paid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mlmcalc.audit.explanation import Working, by_plan
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.money import RATE_ONE_PPM, rate_text, text_from_units
from mlmcalc.rules.earner_amount import NO_AMOUNT, EarnerAmount
from mlmcalc.rules.values import PAYOUT

if TYPE_CHECKING:
    from mlmcalc.payout.payout_word import Fee, Withheld
    from mlmcalc.payout.settlement import PayoutStep
    from mlmcalc.rules.bonus_word import BonusWord
    from mlmcalc.runs.commission_run import CommissionRun

_ALWAYS = ("paid", "guarantee")


def workings_after(run: CommissionRun, bonus: str, position: int, own: list[PickedLine]) -> list[Working]:
    """Return the steps of a bonus after its lines; none where its lines are all there is.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    position : int
    own : list of PickedLine
        The member's lines of the bonus.
    """
    places = run.amount_decimals
    by_lines = _sum(line for line in own if line.outcome in _ALWAYS)
    steps = [*_last_steps(run, bonus, position, own), *_changes(run, bonus, position)]
    if not steps:
        return []
    found = [Working(bonus, "by its lines", text_from_units(by_lines, places))]
    found += [Working(bonus, step, text_from_units(amount, places), note) for step, amount, note in steps]
    return [*found, Working(bonus, "left", text_from_units(_sum(own), places))]


def workings_of_payout(run: CommissionRun, position: int) -> list[Working]:
    """Return what became of what a member earned, step by step; none where the plan says nothing of it."""
    return [*_settled(run, position), *_exchanged(run, position)]


def _exchanged(run: CommissionRun, position: int) -> list[Working]:
    paid = None if run.payments is None else run.payments.of(position)
    if paid is None or paid.currency == run.plan.currency:
        return []
    left = f"; rounding left {paid.left}" if paid.left.strip("-0.") else ""
    note = f"{paid.plan_amount} {run.plan.currency} at {paid.rate}{left}"
    return [Working(PAYOUT.name, f"paid in {paid.currency}", paid.amount, note)]


def _settled(run: CommissionRun, position: int) -> list[Working]:
    row = None if run.settlement is None else run.settlement.row_of(position)
    if run.settlement is None or row is None:
        return []
    found = []
    adjusted = _adjustments(run, position)
    for step in run.settlement.steps:
        amount = text_from_units(int(step.amounts[row]), run.settlement.decimals)
        if step.step == "adjusted":
            # The first step of them is where all of them entered.
            found += adjusted
            adjusted = []
        elif step.amounts[row]:
            note = _payout_note(run, step, position)
            found.append(Working(PAYOUT.name, step.step.replace("_", " "), amount, note))
    return found


def _adjustments(run: CommissionRun, position: int) -> list[Working]:
    given = run.values.besides.adjustments
    return [
        Working(PAYOUT.name, "adjusted", text_from_units(one.amount, given.decimals), one.said())
        for one in given.of(position)
    ]


def _payout_note(run: CommissionRun, step: PayoutStep, position: int) -> str:
    from mlmcalc.payout.settlement import BELOW_MINIMUM

    word, note = run.plan.payout, step.name
    assert word is not None, "a settlement is of a plan that states one"
    if step.step == "held" and (by_hand := _held_by_hand(run, step.name, position)):
        return by_hand
    source = word.source
    gates = {"forfeited": word.forfeit, "held": word.hold}.get(step.step, ())
    gate = next((gate for gate in gates if gate.reason == step.name), None)
    costs: dict[str, tuple[Withheld | Fee, ...]] = {"withheld": word.withhold, "fee": word.fees}
    cost = next((cost for cost in costs.get(step.step, ()) if cost.name == step.name), None)
    if gate is not None:
        source = gate.source or source
    elif cost is not None:
        source = cost.source or source
        note += "" if cost.rate is None else f", {rate_text(int(cost.rate.rates_of(run.values, 0)[position]))}"
    elif step.name == BELOW_MINIMUM and word.minimum is not None:
        places = run.plan.rounding.money_decimals
        least = int(word.minimum.least_of(run.values, places, otherwise=0)[position])
        note += f" of {text_from_units(least, places)}"
    elif step.step != "deferred":
        return note
    return note + by_plan(source)


def _held_by_hand(run: CommissionRun, reason: str, position: int) -> str:
    rows = (row for row in run.values.overrides if row.kind == "hold" and row.member == position)
    return next((f"{reason}, approved by {row.approver}" for row in rows if row.reason == reason), "")


def _last_steps(run: CommissionRun, bonus: str, position: int, own: list[PickedLine]) -> Iterator[tuple[str, int, str]]:
    word = run.plan.bonuses[bonus]
    groups = {
        "cap on lines": [line for line in own if line.outcome == "cap_reached" and line.rate_ppm],
        "multiplier": [line for line in own if line.outcome == "multiplier"],
        "rounding": [line for line in own if line.outcome == "rounding"],
        "below minimum": [line for line in own if line.outcome == "below_minimum"],
        "cap": [line for line in own if line.outcome == "cap_reached" and not line.rate_ppm],
    }
    for step, lines in groups.items():
        # A bonus that is only rounded is said by its lines.
        if lines and (step != "rounding" or any(groups[name] for name in groups if name != "rounding")):
            yield step, _sum(lines), _note(run, word, step, position)


def _note(run: CommissionRun, word: BonusWord, step: str, position: int) -> str:
    if step == "multiplier" and word.multiplier is not None:
        rate = int(word.multiplier.rates_of(run.values, RATE_ONE_PPM)[position])
        return rate_text(rate) + (f" by {word.multiplier.tier}" if word.multiplier.tier else "")
    if step == "below minimum":
        return f"less than {word.minimum}"
    cap = word.cap
    if cap is None:
        return "match_cap" if step.startswith("cap") else ""
    if step == "cap on lines":
        parts = [f"per source at most {cap.per_source}"] if cap.per_source is not None else []
        return ", ".join(parts + ([_most(run, "per leg", cap.per_leg, position)] if cap.per_leg is not None else []))
    if step == "cap":
        parts = [_most(run, "per earner", cap.per_earner, position)] if cap.per_earner is not None else []
        return ", ".join(parts + ([f"all earners at most {cap.total}"] if cap.total is not None else []))
    return ""


def _most(run: CommissionRun, what: str, amount: EarnerAmount, position: int) -> str:
    places = run.plan.rounding.money_decimals
    most = int(amount.of(run.values, places, 1)[position])
    return f"{what} without a limit" if most == NO_AMOUNT else f"{what} at most {text_from_units(most, places)}"


def _changes(run: CommissionRun, bonus: str, position: int) -> Iterator[tuple[str, int, str]]:
    for cause, changes in run.changes.items():
        amount = changes[bonus].of(position) if bonus in changes else 0
        if not amount:
            continue
        if cause in run.plan.limits:
            limit = run.plan.limits[cause]
            yield cause_said(run, cause), amount, limit.note(run.values, position) + by_plan(limit.source)
            continue
        others = (name for name, difference in changes.items() if not difference.of(position))
        kept = next((name for name in others if run.bonuses[name].counts[position]), "another")
        source = by_plan(run.plan.choices[cause].source)
        yield "excluded", amount, f"{cause_said(run, cause)}: {kept} is kept{source}"


def changed_later(run: CommissionRun, lines: Iterable[PickedLine]) -> dict[str, str]:
    """Return by what the whole of a bonus was changed, or may have been, for those who have lines of it.

    Parameters
    ----------
    run : CommissionRun
    lines : iterable of PickedLine
    """
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        word = run.plan.bonuses[line.bonus]
        causes = found.setdefault(line.bonus, {})
        cap = word.cap
        steps = {
            "multiplier": word.multiplier is not None,
            "minimum": word.minimum is not None,
            "cap": cap is not None and (cap.per_earner is not None or cap.total is not None),
        }
        causes.update(dict.fromkeys(step for step, stated in steps.items() if stated))
        for cause, changes in run.changes.items():
            if line.earner < run.values.size and line.bonus in changes and changes[line.bonus].of(line.earner):
                causes[cause_said(run, cause)] = None
    return {bonus: "; ".join(causes) for bonus, causes in found.items() if causes}


def cause_said(run: CommissionRun, cause: str) -> str:
    """Return what a limit, or a choice of exclusive bonuses, is called."""
    if cause in run.plan.limits:
        return f"limit {cause}"
    choice = run.plan.choices[cause]
    return f"{choice.rule.replace('_', ' ')} {', '.join(choice.bonuses)}"


def _sum(lines: Iterable[PickedLine]) -> int:
    return sum(line.amount for line in lines)
