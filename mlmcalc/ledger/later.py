"""Changes to a bonus that is closed: what another bonus excludes, and what a limit over several takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ledger.equation import BreakageRow
from mlmcalc.ledger.lines import CUTS, OUTCOME_CODE, LineBlock
from mlmcalc.ledger.owed import Owed
from mlmcalc.ledger.result import BonusResult
from mlmcalc.ledger.sharing import sum_of


def changed_later(
    result: BonusResult,
    difference: NDArray[np.int64],
    outcome: str,
    post: Callable[[LineBlock], None],
    base_decimals: int,
    amount_decimals: int,
) -> BonusResult:
    """Post one line for every member whose amount changes, and return the result with it, verified.

    Parameters
    ----------
    result : BonusResult
    difference : (n,) int64
        By position, in amount decimals.
    outcome : str
        One of `CUTS`, or a kind of breakage.
    post : callable
    base_decimals, amount_decimals : int

    Raises
    ------
    IntegrityError
        ``ledger.equation``.
    """
    earner = np.flatnonzero(difference).astype(np.int32)
    if not earner.size:
        return result
    owed = Owed.to_earners(earner)
    columns = {name: getattr(owed, name) for name in Owed.__slots__}
    code = np.full(earner.size, OUTCOME_CODE[outcome], np.uint8)
    post(LineBlock(result.bonus, **columns, amount=difference[earner], outcome=code,
                   base_decimals=base_decimals, amount_decimals=amount_decimals))  # fmt: skip
    amounts, counts = result.amounts.copy(), result.counts.copy()
    amounts[:-1] += difference
    counts[earner] += 1
    equation, breakage = result.equation, result.breakage
    change = sum_of(difference) * 10 ** (equation.decimals - amount_decimals)
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
