"""What explain knows about one difference between a run and another system."""

from __future__ import annotations

import difflib
from collections import Counter
from decimal import Decimal

from mlmcalc.audit.explanation import Amount, MemberExplanation, RankStanding
from mlmcalc.audit.reasons import sentences
from mlmcalc.ledger.lines import OF_THE_EARNER
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun

_CHANGED = {
    "multiplier": "multiplied",
    "below_minimum": "below the minimum",
    "excluded": "excluded by another bonus",
    "limit_reached": "cut by a limit",
}


def known_of(
    run: CommissionRun,
    explanations: dict[int, MemberExplanation],
    key: tuple[int | str, str],
    ours: list[str],
    amounts: tuple[int, int],
    decimals: int,
) -> str:
    """Return what is known about a difference, as a phrase.

    Parameters
    ----------
    run : CommissionRun
    explanations : dict of int to MemberExplanation
        By position.
    key : (int or str, str)
        Position, or the id of one who is no member here; bonus, empty for whole statements.
    ours : list of str
        The plan's bonuses that count as this one.
    amounts : (int, int)
        Here and there, in units of ``10**-decimals``.
    decimals : int
    """
    member, bonus = key
    here, there = amounts
    if isinstance(member, str):
        return "not a member of this run"
    if bonus and not ours:
        near = difflib.get_close_matches(bonus, run.plan.bonuses, 1, 0.6)
        return "the plan has no bonus of this name" + (f"; it has {near[0]}" if near else "")
    found = explanations[member]
    lines = [line for line in found.amounts if line.bonus in ours and line.outcome != "rounding"]
    standings = [_standing(standing) for standing in found.ranks]
    parts = [", ".join(standings)] if standings else []
    rounding = run.values.rounding
    unit = rounding.divisor(decimals)
    if here and there and abs(here - there) <= max(len(lines), 1) * unit:
        parts.append("no more than rounding could make")
    if lines:
        parts.append(_earned(lines))
    elif bonus == PAYOUT:
        parts.append("the rounding of the whole payout")
    if (there and not here) or not lines:
        parts += _not_earned(found, ours)
    return "; ".join(parts) or "no volume here that this bonus pays on"


def _standing(standing: RankStanding) -> str:
    text = f"no {standing.ladder}" if standing.rank == "none" else f"{standing.ladder} {standing.rank}"
    return text + (f" (forced: {standing.forced})" if standing.forced else "")


def _earned(lines: list[Amount]) -> str:
    causing = [line for line in lines if line.outcome not in OF_THE_EARNER and (line.rate or line.outcome == "paid")]
    text = _number(len(lines), "line")
    if causing:
        text += f" from {_number(len({line.source for line in causing}), 'source')}"
    levels = sorted({line.paid_level for line in causing})
    if levels == [0] and all(line.source == line.earner for line in causing):
        text += ", its own"
    elif levels not in ([], [0]):
        text += f", level {levels[0]}" if len(levels) == 1 else f", levels {levels[0]} to {levels[-1]}"
    rates = sorted({line.rate for line in causing if line.rate}, key=_size)
    if rates:
        text += f", {rates[0]}" if len(rates) == 1 else f", {rates[0]} to {rates[-1]}"
    changed = Counter(line.outcome for line in lines)
    cut = changed["cap_reached"]
    text += f", {cut} cut by a cap" if cut else ""
    return text + "".join(f", {said}" for outcome, said in _CHANGED.items() if changed[outcome])


def _size(rate: str) -> Decimal:
    # ``5%``, or ``14.00 each``.
    return Decimal(rate.removesuffix("%").removesuffix(" each"))


def _not_earned(found: MemberExplanation, ours: list[str]) -> list[str]:
    unmet = [
        f"not eligible for {summary.bonus}: {sentences(summary.not_eligible)}"
        for summary in found.bonuses
        if summary.not_eligible and summary.bonus in ours
    ]
    if unmet:
        # One reason that bars a member from everything is said once.
        same = {text.partition(": ")[2] for text in unmet}
        return [f"not eligible: {same.pop()}"] if len(same) == 1 else unmet
    missed = [step for step in found.missed if step.bonus in ours]
    if not missed:
        return []
    counted = Counter(step.outcome.replace("_", " ") for step in missed)
    first = missed[0]
    text = ", ".join(f"{outcome} from {_number(count, 'source')}" for outcome, count in sorted(counted.items()))
    return [f"{text}, such as {first.source}: {first.reason}"]


def _number(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
