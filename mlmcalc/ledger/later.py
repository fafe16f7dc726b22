"""Changes to a bonus that is closed: what another bonus excludes, and what a limit over several takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mlmcalc.ledger.equation import BreakageRow
from mlmcalc.ledger.lines import CUTS, OUTCOME_CODE, LineBlock
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.ledger.owed import Owed
from mlmcalc.ledger.result import BonusResult


def changed_later(
    result: BonusResult,
    difference: MemberAmounts,
    outcome: str,
    post: Callable[[LineBlock], None],
    base_decimals: int,
    amount_decimals: int,
) -> BonusResult:
    """Post one line for every member whose amount changes, and return the result with it, verified.

    Parameters
    ----------
    result : BonusResult
    difference : MemberAmounts
        None of them 0, in amount decimals.
    outcome : str
        One of `CUTS`, or a kind of breakage.
    post : callable
    base_decimals, amount_decimals : int

    Raises
    ------
    IntegrityError
        ``ledger.equation``.
    """
    earner = difference.members.astype(np.int32)
    if not earner.size:
        return result
    owed = Owed.to_earners(earner)
    columns = {name: getattr(owed, name) for name in Owed.__slots__}
    code = np.full(earner.size, OUTCOME_CODE[outcome], np.uint8)
    post(LineBlock(result.bonus, **columns, amount=difference.amounts, outcome=code,
                   base_decimals=base_decimals, amount_decimals=amount_decimals))  # fmt: skip
    amounts, counts = result.amounts.copy(), result.counts.copy()
    amounts[difference.members] += difference.amounts
    counts[difference.members] += 1
    equation, breakage = result.equation, result.breakage
    change = difference.total * 10 ** (equation.decimals - amount_decimals)
    if outcome in CUTS:
        equation = replace(equation, paid=equation.paid + change, cut=equation.cut - change)
    else:
        equation = replace(equation, paid=equation.paid + change, breakage=equation.breakage - change)
        breakage = _with(breakage, BreakageRow(result.bonus, 0, outcome, 0, base_decimals, -change, equation.decimals))
    equation.verify()
    return BonusResult(result.bonus, amounts, counts, breakage, equation)


def _with(rows: tuple[BreakageRow, ...], row: BreakageRow) -> tuple[BreakageRow, ...]:
    # In the order that an account gives them: by level, then outcome.
    if not row.amount:
        return rows
    return tuple(sorted((*rows, row), key=lambda one: (one.level, OUTCOME_CODE[one.outcome])))
