"""The account of one bonus: it turns what is owed into lines, and can say where all of the offered went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.posting import cut_above_cap, post_amounts, round_products
from mlmcalc.ledger.equation import BreakageRow, Equation
from mlmcalc.ledger.lines import OUTCOME_CODE, LineBlock
from mlmcalc.money import INT64_MAX, MODE_CODE, RATE_DECIMALS, Rounding

Post = Callable[[LineBlock], None]


@dataclass(frozen=True, slots=True, eq=False)
class BonusResult:
    """What a bonus leaves behind besides its lines.

    Attributes
    ----------
    bonus : str
    amounts, counts : (n + 1,) int64
        Sum and number of lines of every earner by position; index n is the company. In the run's amount decimals.
    breakage : tuple of BreakageRow
    equation : Equation
    """

    bonus: str
    amounts: NDArray[np.int64]
    counts: NDArray[np.int64]
    breakage: tuple[BreakageRow, ...]
    equation: Equation

    def rounded(self, rounding: Rounding, decimals: int) -> NDArray[np.int64]:
        """Return what each member earned as money, in units of ``10**-money_decimals``, rounded to the plan's unit.

        Parameters
        ----------
        rounding : Rounding
        decimals : int
            Of `amounts`.

        Returns
        -------
        (n,) int64, without the company
        """
        rounded = round_amounts(self.amounts[:-1], rounding, decimals)
        return rounded // 10 ** (decimals - rounding.money_decimals)


@dataclass(frozen=True, slots=True, eq=False)
class Owed:
    """Products that become lines; columns as in `LineBlock`."""

    earner: NDArray[np.int32]
    source: NDArray[np.int32]
    via: NDArray[np.int32]
    order: NDArray[np.int32]
    level: NDArray[np.int32]
    paid_level: NDArray[np.int16]
    base: NDArray[np.int64]
    rate_ppm: NDArray[np.int32]

    def pick(self, chosen: NDArray) -> Owed:
        """Return some of the products, by mask or by index."""
        return Owed(*(getattr(self, name)[chosen] for name in Owed.__slots__))

    @classmethod
    def joined(cls, parts: Sequence[Owed]) -> Owed:
        """Return the products of all parts, one after another."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


class BonusAccount:
    """Posts the lines of one bonus and keeps its control totals.

    Parameters
    ----------
    bonus : str
    members : int
        Number of members; this index stands for the company.
    rounding : Rounding
    base_decimals, amount_decimals : int
        Of the base, and of every amount of the run.
    post : callable
        Receives each `LineBlock`.
    """

    def __init__(
        self, bonus: str, members: int, rounding: Rounding, base_decimals: int, amount_decimals: int, post: Post
    ) -> None:
        self.bonus = bonus
        self.members = members
        self.base_decimals = base_decimals
        self.amount_decimals = amount_decimals
        self._rounding = rounding
        self._post = post
        self._exact_decimals = base_decimals + RATE_DECIMALS
        self._amounts = np.zeros(members + 1, np.int64)
        self._counts = np.zeros(members + 1, np.int64)
        self._most = 0
        self._offered = 0
        self._lost: dict[tuple[int, str], list[int]] = {}
        self._cut = 0
        self._rounded_away = 0

    def refuse_overflow(self, magnitude: int, rate_ppm: int, largest: str) -> None:
        """Refuse bases so large that a sum of this bonus could leave int64.

        Parameters
        ----------
        magnitude : int
            Sum of the absolute values of all bases.
        rate_ppm : int
            The most that one base can be multiplied by, all levels together.
        largest : str
            Id of the member with the largest base.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``, with the bonus and the member.
        """
        multiplier, divisor = self._scale()
        # All calls count together, and what an earner has may be rounded up by one unit.
        self._most += magnitude * max(rate_ppm, 1) * multiplier
        rounded_up = self._rounding.divisor(self.amount_decimals)
        if max(self._most + rounded_up, magnitude * 10**RATE_DECIMALS, divisor) > INT64_MAX:
            raise InputRefused(
                Finding(
                    "bonuses.overflow",
                    f"the volumes of bonus {self.bonus} could add up to more than 64 bits hold.",
                    "Correct the volume, or state fewer decimals.",
                    member=largest,
                )
            )

    def offer(self, base: int, rate_ppm: int) -> None:
        """Count what the plan offers: a sum of bases at a rate."""
        self._offered += base * rate_ppm

    def lose(self, level: int, outcome: str, base: int, rate_ppm: int) -> None:
        """Count a part of the offer that nobody is paid, and why."""
        if base:
            row = self._lost.setdefault((level, outcome), [0, 0])
            row[0] += base
            row[1] += base * rate_ppm

    def offer_all(self, base: NDArray[np.int64], rate_ppm: NDArray[np.int32]) -> None:
        """Count an offer of many bases, each at its own rate; ``(k,)`` each."""
        self._offered += _sum_products(base, rate_ppm)

    def lose_all(self, level: int, outcome: str, base: NDArray[np.int64], rate_ppm: NDArray[np.int32]) -> None:
        """Count as lost many bases, each at its own rate above 0; ``(k,)`` each."""
        above = rate_ppm > 0
        if (base[above] != 0).any():
            row = self._lost.setdefault((level, outcome), [0, 0])
            row[0] += _sum(base[above])
            row[1] += _sum_products(base, rate_ppm)

    def pay(self, owed: Owed, cap: int | None = None) -> None:
        """Round, post and count lines.

        Parameters
        ----------
        owed : Owed
            In canonical order. With a cap, all lines of a source must come in one call.
        cap : int or None
            The most one source may cause, in the plan's money; it fills by level, then order.
        """
        if owed.earner.size == 0:
            return
        amount = np.empty(owed.base.size, np.int64)
        company = owed.earner == self.members
        own, foreign = ~company, company
        multiplier, divisor = self._scale()
        rule = np.array([multiplier, divisor, MODE_CODE[self._rounding.mode], self._unit()], np.int64)
        taken = round_products(owed.base, owed.rate_ppm, rule, amount)
        if foreign.any():
            # The company's part is breakage at its exact amount; only members' rounding is a term of the equation.
            exact = owed.base[foreign] * owed.rate_ppm[foreign] * multiplier
            taken -= int((exact - amount[foreign] // self._unit() * divisor).sum())
        self._rounded_away += int(taken)
        outcome = np.where(own, OUTCOME_CODE["paid"], OUTCOME_CODE["to_company"]).astype(np.uint8)
        self._emit(owed, amount, outcome, cap)

    def close(self) -> BonusResult:
        """Post the rounding lines of the bonus and return its result, verified.

        Raises
        ------
        IntegrityError
            ``ledger.equation``.
        """
        rounded_lines = 0
        if self._rounding.place == "bonus":
            rounded_lines = self.post_rounding(self._amounts.copy())
        decimals = max(self._exact_decimals, self.amount_decimals)
        to_exact = 10 ** (decimals - self._exact_decimals)
        to_amount = 10 ** (decimals - self.amount_decimals)
        breakage = tuple(
            BreakageRow(self.bonus, level, outcome, base, self.base_decimals, amount, self._exact_decimals)
            for (level, outcome), (base, amount) in sorted(self._lost.items(), key=_by_level_and_outcome)
            if base or amount
        )
        equation = Equation(
            bonus=self.bonus,
            offered=self._offered * to_exact,
            paid=_sum(self._amounts[:-1]) * to_amount,
            breakage=sum(row.amount for row in breakage) * to_exact,
            cut=self._cut * to_amount,
            rounding=self._rounded_away - rounded_lines * to_amount,
            decimals=decimals,
        )
        equation.verify()
        return BonusResult(self.bonus, self._amounts, self._counts, breakage, equation)

    def close_payout(self, totals: NDArray[np.int64]) -> BonusResult:
        """Post the rounding of whole statements and return it as the result of a pseudo-bonus, verified.

        Parameters
        ----------
        totals : (n + 1,) int64
            Exact statement of every earner.
        """
        rounded_lines = self.post_rounding(totals)
        equation = Equation(self.bonus, 0, rounded_lines, 0, 0, -rounded_lines, self.amount_decimals)
        return BonusResult(self.bonus, self._amounts, self._counts, (), equation)

    def post_rounding(self, totals: NDArray[np.int64]) -> int:
        """Post one line for every earner whose total is no whole number of units; return the members' sum of them."""
        rounded = round_amounts(totals, self._rounding, self.amount_decimals)
        difference = rounded - totals
        earner = np.flatnonzero(difference).astype(np.int32)
        if earner.size:
            nothing = np.full(earner.size, -1, np.int32)
            zero = np.zeros(earner.size, np.int64)
            self._count_and_post(
                Owed(
                    earner,
                    earner,
                    nothing,
                    nothing,
                    zero.astype(np.int32),
                    zero.astype(np.int16),
                    zero,
                    zero.astype(np.int32),
                ),
                difference[earner],
                np.full(earner.size, OUTCOME_CODE["rounding"], np.uint8),
            )
        return _sum(difference[:-1])

    def _scale(self) -> tuple[int, int]:
        # base x rate x multiplier / divisor counts payable units, or exact units where lines are not rounded.
        if self._rounding.place == "line":
            excess = self._exact_decimals - self.amount_decimals
            return (10 ** max(-excess, 0), self._rounding.unit * 10 ** max(excess, 0))
        return (10 ** (self.amount_decimals - self._exact_decimals), 1)

    def _unit(self) -> int:
        return self._rounding.unit if self._rounding.place == "line" else 1

    def _emit(self, owed: Owed, amount: NDArray[np.int64], outcome: NDArray[np.uint8], cap: int | None) -> None:
        if cap is None:
            self._count_and_post(owed, amount, outcome)
            return
        order = np.lexsort((owed.order, owed.level, owed.source))
        order = order[owed.earner[order] < self.members]
        cut = np.zeros(amount.size, np.int64)
        # No running total leaves int64, so a cap beyond it cuts nothing.
        limit = min(cap * 10 ** (self.amount_decimals - self._rounding.money_decimals), INT64_MAX)
        cut_above_cap(owed.source, order, amount, limit, cut)
        self._cut += _sum(cut)
        repeated = np.repeat(np.arange(amount.size), 1 + (cut != 0))
        is_cut = np.zeros(repeated.size, bool)
        is_cut[1:] = repeated[1:] == repeated[:-1]
        posted = owed.pick(repeated)
        self._count_and_post(
            posted,
            np.where(is_cut, -cut[repeated], amount[repeated]),
            np.where(is_cut, OUTCOME_CODE["cap_reached"], outcome[repeated]).astype(np.uint8),
        )

    def _count_and_post(self, owed: Owed, amount: NDArray[np.int64], outcome: NDArray[np.uint8]) -> None:
        post_amounts(owed.earner, amount, self._amounts, self._counts)
        columns = {name: getattr(owed, name) for name in Owed.__slots__}
        self._post(
            LineBlock(
                bonus=self.bonus,
                **columns,
                amount=amount,
                outcome=outcome,
                base_decimals=self.base_decimals,
                amount_decimals=self.amount_decimals,
            )
        )


def round_amounts(amounts: NDArray[np.int64], rounding: Rounding, decimals: int) -> NDArray[np.int64]:
    """Return amounts rounded to the plan's unit, in the same decimals.

    Parameters
    ----------
    amounts : (k,) int64
        In units of ``10**-decimals``.
    """
    divisor = rounding.divisor(decimals)
    rounded = np.empty_like(amounts)
    rule = np.array([1, divisor, MODE_CODE[rounding.mode], divisor], np.int64)
    round_products(amounts, np.ones(amounts.size, np.int32), rule, rounded)
    return rounded


def _sum(amounts: NDArray[np.int64]) -> int:
    # Exact whatever the size: high and low halves are summed apart.
    return (int((amounts >> 32).sum()) << 32) + int((amounts & 0xFFFFFFFF).sum())


def _sum_products(base: NDArray[np.int64], rate_ppm: NDArray[np.int32]) -> int:
    # Every product fits (`BonusAccount.refuse_overflow`), their sum too.
    return _sum(base * rate_ppm)


def _by_level_and_outcome(item: tuple[tuple[int, str], list[int]]) -> tuple[int, int]:
    (level, outcome), _ = item
    return level, OUTCOME_CODE[outcome]
