"""What explain knows about one difference between a run and another system."""

from __future__ import annotations

import difflib
from collections import Counter

from mlmcalc.audit.explanation import Amount, MemberExplanation
from mlmcalc.audit.reasons import sentences
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun


def known_of(
    run: CommissionRun,
    explanations: dict[int, MemberExplanation],
    key: tuple[int | str, str],
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
    amounts : (int, int)
        Here and there, in units of ``10**-decimals``.
    decimals : int
    """
    member, bonus = key
    here, there = amounts
    if isinstance(member, str):
        return "not a member of this run"
    if bonus and bonus not in run.bonuses:
        near = difflib.get_close_matches(bonus, run.plan.bonuses, 1, 0.6)
        return "the plan has no bonus of this name" + (f"; it has {near[0]}" if near else "")
    found = explanations[member]
    lines = [line for line in found.amounts if (not bonus or line.bonus == bonus) and line.outcome != "rounding"]
    standings = [f"{standing.ladder} {standing.rank}" for standing in found.ranks]
    standings += [f"{standing.rank} forced: {standing.forced}" for standing in found.ranks if standing.forced]
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
        parts += _not_earned(found, bonus)
    return "; ".join(parts) or "no volume here that this bonus pays on"


def _earned(lines: list[Amount]) -> str:
    levels = sorted({line.paid_level for line in lines})
    sources = len({line.source for line in lines})
    rates = sorted({line.rate for line in lines}, key=lambda rate: float(rate.rstrip("%") or 0))
    at = f"level {levels[0]}" if len(levels) == 1 else f"levels {levels[0]} to {levels[-1]}"
    if levels == [0]:
        at = "own volume"
    rate = rates[0] if len(rates) == 1 else f"{rates[0]} to {rates[-1]}"
    cut = Counter(line.outcome for line in lines)["cap_reached"]
    capped = f", {cut} cut by a cap" if cut else ""
    return f"{_number(len(lines), 'line')} from {_number(sources, 'source')}, {at}, {rate}{capped}"


def _not_earned(found: MemberExplanation, bonus: str) -> list[str]:
    unmet = [
        f"not eligible for {summary.bonus}: {sentences(summary.not_eligible)}"
        for summary in found.bonuses
        if summary.not_eligible and (not bonus or summary.bonus == bonus)
    ]
    if unmet:
        # One reason that bars a member from everything is said once.
        same = {sentences(summary.not_eligible) for summary in found.bonuses if summary.not_eligible}
        return [f"not eligible: {same.pop()}"] if len(same) == 1 else unmet
    missed = [step for step in found.missed if not bonus or step.bonus == bonus]
    if not missed:
        return []
    counted = Counter(step.outcome.replace("_", " ") for step in missed)
    first = missed[0]
    text = ", ".join(f"{outcome} from {_number(count, 'source')}" for outcome, count in sorted(counted.items()))
    return [f"{text}, such as {first.source}: {first.reason}"]


def _number(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
