"""The account of one bonus: it turns what is owed into lines, and can say where all of the offered went."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.posting import pay_owed, post_amounts
from mlmcalc.ledger.equation import BreakageRow, Equation
from mlmcalc.ledger.line_caps import LineCaps
from mlmcalc.ledger.lines import CUTS, OUTCOME_CODE, LineBlock
from mlmcalc.ledger.owed import Owed
from mlmcalc.ledger.result import BonusResult, round_amounts
from mlmcalc.ledger.sharing import share_step, sum_of
from mlmcalc.money import INT64_MAX, MODE_CODE, RATE_DECIMALS, Rounding

Post = Callable[[LineBlock], None]
_NOTHING = np.empty(0, np.int64)


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
        # What arises after lines were rounded counts in the decimals of amounts.
        self._offered_later = 0
        self._lost_later: dict[tuple[int, str], int] = {}
        self._cut = 0
        self._rounded_away = 0
        self._rounded_lines = 0
        self._caps: LineCaps | None = None
        self._held_back: list[tuple[Owed, NDArray[np.int64], NDArray[np.uint8]]] = []

    @property
    def rounding(self) -> Rounding:
        """How this bonus is rounded; for points not as money is."""
        return self._rounding

    @property
    def exact_decimals(self) -> int:
        """Decimals of a base times a rate."""
        return self._exact_decimals

    @property
    def amounts(self) -> NDArray[np.int64]:
        """What every member has of this bonus so far, ``(n,)`` int64 by position, in amount decimals; only to read."""
        self.flush()
        return self._amounts[:-1]

    @property
    def all_amounts(self) -> NDArray[np.int64]:
        """What every earner has so far, index n the company; ``(n + 1,)`` int64, only to read."""
        self.flush()
        return self._amounts

    def begin_with(self, amounts: NDArray[np.int64]) -> None:
        """Begin with what earners have already, of which no line is posted: it counts as offered and paid.

        Parameters
        ----------
        amounts : (n + 1,) int64
            In amount decimals, index n the company.
        """
        self._amounts += amounts
        self._offered_later += sum_of(amounts[:-1])

    @property
    def step(self) -> int:
        """The smallest part of an amount that is scaled or shared, in units of ``10**-amount_decimals``."""
        return share_step(self._rounding, self.amount_decimals)

    def cap_lines(self, caps: LineCaps) -> None:
        """Hold lines back until `flush`, and cut them where together they come to more than allowed."""
        self._caps = caps

    def exact_of_money(self, units: int) -> int:
        """Return an amount of money as an exact amount of this bonus.

        Parameters
        ----------
        units : int
            In units of ``10**-money_decimals``.
        """
        return units * 10 ** (self._exact_decimals - self._rounding.money_decimals)

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

    def refuse_exact_overflow(self, magnitude: int, largest: str) -> None:
        """Refuse exact amounts so large that a sum of this bonus could leave int64.

        Parameters
        ----------
        magnitude : int
            Sum of the absolute values of all exact amounts, in units of ``10**-exact_decimals``.
        largest : str
            Id of the member with the largest.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``, with the bonus and the member.
        """
        self.refuse_overflow(-(-magnitude // 10**RATE_DECIMALS), 10**RATE_DECIMALS, largest)

    def offer_exact(self, amount: int) -> None:
        """Count what the plan offers: an exact amount, in units of ``10**-exact_decimals``."""
        self._offered += amount

    def lose_exact(self, level: int, outcome: str, base: int, amount: int) -> None:
        """Count a part of the offer that nobody is paid, as an exact amount, and why."""
        if base or amount:
            row = self._lost.setdefault((level, outcome), [0, 0])
            row[0] += base
            row[1] += amount

    def offer(self, base: int, rate_ppm: int) -> None:
        """Count what the plan offers: a sum of bases at a rate."""
        self._offered += base * rate_ppm

    def lose(self, level: int, outcome: str, base: int, rate_ppm: int) -> None:
        """Count a part of the offer that nobody is paid, and why."""
        if base:
            row = self._lost.setdefault((level, outcome), [0, 0])
            row[0] += base
            row[1] += base * rate_ppm

    def offer_all(self, base: NDArray[np.int64], rate_ppm: NDArray[np.int64]) -> None:
        """Count an offer of many bases, each at its own rate; ``(k,)`` each."""
        self._offered += _sum_products(base, rate_ppm)

    def lose_all(self, level: int, outcome: str, base: NDArray[np.int64], rate_ppm: NDArray[np.int64]) -> None:
        """Count as lost many bases, each at its own rate above 0; ``(k,)`` each."""
        above = np.flatnonzero(rate_ppm > 0)
        if (base[above] != 0).any():
            row = self._lost.setdefault((level, outcome), [0, 0])
            row[0] += sum_of(base[above])
            row[1] += _sum_products(base, rate_ppm)

    def pay(self, owed: Owed, exact: NDArray[np.int64] | None = None) -> None:
        """Round, post and count lines.

        Parameters
        ----------
        owed : Owed
            In canonical order.
        exact : (k,) int64 or None
            Exact amounts, in units of ``10**-exact_decimals``, where they are not base x rate; whoever gives them has
            called `refuse_exact_overflow`.
        """
        if owed.earner.size == 0:
            return
        base, rate = (owed.base, owed.rate_ppm) if exact is None else (exact, _NOTHING)
        amount, outcome = np.empty(base.size, np.int64), np.empty(base.size, np.uint8)
        rule = [*self._scale(), MODE_CODE[self._rounding.mode], self._unit()]
        rule += [OUTCOME_CODE["paid"], OUTCOME_CODE["to_company"], self.members]
        sums = (self._amounts, self._counts) if self._caps is None else (_NOTHING, _NOTHING)
        # The company's part is breakage at its exact amount; only members' rounding is a term of the equation.
        earner = np.ascontiguousarray(owed.earner)
        base, rate = np.ascontiguousarray(base), np.ascontiguousarray(rate)
        self._rounded_away += int(pay_owed(earner, base, rate, np.array(rule, np.int64), amount, outcome, *sums))
        if self._caps is None:
            self._post_lines(owed, amount, outcome)
        else:
            self._held_back.append((owed, amount, outcome))

    def flush(self) -> None:
        """Post the lines that were held back for `cap_lines`, each cut right after the line it shortens."""
        if self._caps is None or not self._held_back:
            return
        parts, self._held_back = self._held_back, []
        owed = Owed.joined([part[0] for part in parts])
        amount = np.concatenate([part[1] for part in parts])
        outcome = np.concatenate([part[2] for part in parts])
        cut = self._caps.cut(owed, amount, self.members)
        self._cut += sum_of(cut)
        repeated = np.repeat(np.arange(amount.size), 1 + (cut != 0))
        is_cut = np.zeros(repeated.size, bool)
        is_cut[1:] = repeated[1:] == repeated[:-1]
        self._count_and_post(
            owed.pick(repeated),
            np.where(is_cut, -cut[repeated], amount[repeated]),
            np.where(is_cut, OUTCOME_CODE["cap_reached"], outcome[repeated]).astype(np.uint8),
        )

    def adjust(self, owed: Owed, difference: NDArray[np.int64], outcome: str) -> None:
        """Post lines that change what was already posted, and count where the difference went.

        A cut (`CUTS`) goes to the term ``cut``; ``multiplier`` adds to the offer what it adds, and cuts what it takes;
        what is passed from one member to another (``guarantee``) must sum to zero; anything else is breakage.

        Parameters
        ----------
        owed : Owed
            Members only, in canonical order.
        difference : (k,) int64
            In amount decimals, whole units where lines are rounded.
        outcome : str
        """
        self.flush()
        gained, taken = sum_of(np.maximum(difference, 0)), -sum_of(np.minimum(difference, 0))
        if outcome in CUTS:
            self._cut += taken - gained
        elif outcome == "multiplier":
            self._offered_later += gained
            self._cut += taken
        elif outcome == "guarantee":
            assert gained == taken, "a guarantee neither makes nor loses money"
        else:
            key = (0, outcome)
            self._lost_later[key] = self._lost_later.get(key, 0) + taken - gained
        self._count_and_post(owed, difference, np.full(difference.size, OUTCOME_CODE[outcome], np.uint8))

    def adjust_earners(self, difference: NDArray[np.int64], outcome: str) -> None:
        """Post one line for every member whose amount changes, as `adjust` does.

        Parameters
        ----------
        difference : (n,) int64
            By position.
        outcome : str
        """
        earner = np.flatnonzero(difference).astype(np.int32)
        if earner.size:
            self.adjust(Owed.to_earners(earner), difference[earner], outcome)

    def round_amounts(self) -> None:
        """Post the rounding lines of a plan that rounds each bonus per earner; what follows changes whole units."""
        if self._rounding.place == "bonus":
            self.flush()
            self._rounded_lines += self.post_rounding(self._amounts.copy())

    def close(self) -> BonusResult:
        """Post the rounding lines of the bonus and return its result, verified.

        Raises
        ------
        IntegrityError
            ``ledger.equation``.
        """
        self.flush()
        self.round_amounts()
        decimals = max(self._exact_decimals, self.amount_decimals)
        to_exact = 10 ** (decimals - self._exact_decimals)
        to_amount = 10 ** (decimals - self.amount_decimals)
        breakage = self._breakage(decimals)
        equation = Equation(
            bonus=self.bonus,
            offered=self._offered * to_exact + self._offered_later * to_amount,
            paid=sum_of(self._amounts[:-1]) * to_amount,
            breakage=sum(row.amount * 10 ** (decimals - row.amount_decimals) for row in breakage),
            cut=self._cut * to_amount,
            rounding=self._rounded_away - self._rounded_lines * to_amount,
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
            outcome = np.full(earner.size, OUTCOME_CODE["rounding"], np.uint8)
            self._count_and_post(Owed.to_earners(earner), difference[earner], outcome)
        return sum_of(difference[:-1])

    def _breakage(self, decimals: int) -> tuple[BreakageRow, ...]:
        lost = {key: (base, amount, self._exact_decimals) for key, (base, amount) in self._lost.items()}
        for key, later in self._lost_later.items():
            base, amount, places = lost.get(key, (0, 0, decimals))
            amount = amount * 10 ** (decimals - places) + later * 10 ** (decimals - self.amount_decimals)
            lost[key] = (base, amount, decimals)
        return tuple(
            BreakageRow(self.bonus, level, outcome, base, self.base_decimals, amount, places)
            for (level, outcome), (base, amount, places) in sorted(lost.items(), key=_by_level_and_outcome)
            if base or amount
        )

    def _scale(self) -> tuple[int, int]:
        # base x rate x multiplier / divisor counts payable units, or exact units where lines are not rounded.
        if self._rounding.place == "line":
            excess = self._exact_decimals - self.amount_decimals
            return (10 ** max(-excess, 0), self._rounding.unit * 10 ** max(excess, 0))
        return (10 ** (self.amount_decimals - self._exact_decimals), 1)

    def _unit(self) -> int:
        return self._rounding.unit if self._rounding.place == "line" else 1

    def _count_and_post(self, owed: Owed, amount: NDArray[np.int64], outcome: NDArray[np.uint8]) -> None:
        post_amounts(owed.earner, amount, self._amounts, self._counts)
        self._post_lines(owed, amount, outcome)

    def _post_lines(self, owed: Owed, amount: NDArray[np.int64], outcome: NDArray[np.uint8]) -> None:
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


def _sum_products(base: NDArray[np.int64], rate_ppm: NDArray[np.int64]) -> int:
    # Every product fits (`BonusAccount.refuse_overflow`), their sum too.
    return sum_of(base * rate_ppm)


def _by_level_and_outcome(item: tuple[tuple[int, str], object]) -> tuple[int, int]:
    (level, outcome), _ = item
    return level, OUTCOME_CODE[outcome]
