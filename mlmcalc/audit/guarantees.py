"""What a guarantee moved from and to one member, worked out again."""

from __future__ import annotations

import numpy as np

from mlmcalc.audit.explanation import Working
from mlmcalc.bonuses.levels import Levels
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.money import rate_text, text_from_units
from mlmcalc.rules.values import Values
from mlmcalc.runs.commission_run import CommissionRun


def workings_of(run: CommissionRun, bonus: str, word: Levels, position: int) -> list[Working]:
    """Return the own group, what is short of the threshold, what was received and what was passed up.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Levels
        With a guarantee.
    position : int
    """
    values: Values = run.values
    assert word.guarantee is not None, "asked for what is not guaranteed"
    lines = BonusAccount(
        bonus,
        values.size,
        values.rounding,
        word.base_decimals(run.plan.vocabulary),
        values.amount_decimals,
        lambda block: None,
    )
    word.model_copy(update={"guarantee": None}).post(values, lines)
    passes = word.passes(values, lines)
    short = int(word.guarantee.short(values, lines)[position])
    own = int(lines.amounts[position])
    from_below = int(passes.amount[passes.receiver == position].sum())
    given = passes.amount[passes.giver == position]
    if not (own or from_below):
        return []
    places = values.amount_decimals
    group = values.quantity(word.guarantee.group)
    actual = text_from_units(int(group.amounts[position]), group.decimals)
    rule = f"{rate_text(word.guarantee.rate)} of what is missing to {word.guarantee.threshold}"
    above = passes.receiver[passes.giver == position]
    ids = values.network.ids
    if given.size:
        note = f"to {ids[int(above[0])]}: the smaller of what is due and what is received"
    else:
        note = "nobody above could receive it" if short else "the group reaches the threshold"
    moved = int(given.sum(dtype=np.int64))
    return [
        Working(bonus, "own group", actual, word.guarantee.group),
        Working(bonus, "due to the one above", text_from_units(short, places), rule),
        Working(bonus, "received on lines", text_from_units(own, places)),
        Working(bonus, "guaranteed from below", text_from_units(from_below, places)),
        Working(bonus, "passed up", text_from_units(moved, places), note),
    ]
