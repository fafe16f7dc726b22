"""What becomes of what was earned, member by member, in this order.

1. ``opening_balance`` of the period before, ``earned`` in this one, ``released`` from earlier ones; ``deferred`` is
   what is paid in a later one; ``adjusted`` by people, by type. Their sum is the balance.
2. ``forfeited``: the balance of those who lose it.
3. ``withheld`` of what was earned, as far as there is a balance.
4. ``forgiven``: debts that are not carried.
5. ``held``: the balance of those whose payment waits; ``carried``: a debt, or less than the minimum.
6. ``withheld`` of what is paid; ``fee``, as far as the payment covers it; ``paid``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.sharing import scaled, sum_of
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM, units_from_text
from mlmcalc.payout.sections import BALANCE, DEFERRED
from mlmcalc.rules.state import Kept, StateRows
from mlmcalc.rules.values import Values

if TYPE_CHECKING:
    # Most plans have no payout, and need not read how one is written.
    from mlmcalc.payout.payout_word import Fee, Gate, Payout, Withheld

STEPS = (
    "opening_balance",
    "earned",
    "released",
    "adjusted",
    "forgiven",
    "deferred",
    "forfeited",
    "withheld",
    "fee",
    "paid",
    "held",
    "carried",
)
INCOMING = STEPS[:5]
"""What adds to a balance; everything else says where it went, and both have one sum."""
NAME = "payout"
BELOW_MINIMUM, IN_DEBT = "below the minimum", "a debt"


@dataclass(frozen=True, slots=True, eq=False)
class PayoutStep:
    """One step.

    Attributes
    ----------
    step : str
        One of `STEPS`.
    name : str
        The bonus, the reason, or what the plan calls it.
    amounts : (k,) int64
        Of each of the settlement's members, in money.
    """

    step: str
    name: str
    amounts: NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Settlement:
    """What became of what was earned.

    Attributes
    ----------
    decimals : int
        Of money.
    members : (k,) int64
        Positions, ascending, of all who had or earned anything.
    steps : list of PayoutStep
        In the order in which they were taken.
    """

    decimals: int
    members: NDArray[np.int64]
    steps: list[PayoutStep] = field(default_factory=list)

    def row_of(self, position: int) -> int | None:
        """Return the row of a member in the amounts of all steps, None where it has none."""
        row = int(np.searchsorted(self.members, position))
        return row if row < self.members.size and self.members[row] == position else None

    def total(self, name: str) -> int:
        """Return the sum of a step over all members."""
        return sum(sum_of(step.amounts) for step in self.steps if step.step == name)

    def known_steps(self) -> list[str]:
        """Return the steps that somebody's balance took, in the order of `STEPS`."""
        taken = {step.step for step in self.steps}
        return [name for name in STEPS if name in taken]

    def verify(self) -> None:
        """Refuse the run where what came in is not what went out.

        Raises
        ------
        IntegrityError
            ``payout.equation``.
        """
        rest = np.zeros(self.members.size, np.int64)
        for step in self.steps:
            rest += step.amounts if step.step in INCOMING else -step.amounts
        if rest.any():
            position = int(self.members[np.flatnonzero(rest)[0]])
            message = f"the payout of the member at position {position} is out of balance."
            raise IntegrityError(Finding("payout.equation", message, "Nothing was written; report it."))


def settle(
    word: Payout, values: Values, earned: NDArray[np.int64], bonuses: Mapping[str, NDArray[np.int64]]
) -> Settlement:
    """Return what is paid out of what was earned, and leave what is not to the next period.

    Parameters
    ----------
    word : Payout
    values : Values
        Its closing state is added to.
    earned : (n,) int64
        The statement of every member, in money.
    bonuses : mapping of str to (n,) int64
        What is in it of each bonus, rounded to money.

    Raises
    ------
    InputRefused
        ``state.decimals``, ``state.overflow``, ``payout.deferred``, ``payout.overflow``.
    IntegrityError
        ``payout.equation``.
    """
    desk = _Desk(word, values, earned, bonuses)
    desk.collect()
    desk.forfeit()
    for rule in word.withhold:
        if rule.base == "earned":
            desk.withhold(rule, desk.base_of(rule))
    desk.forgive()
    desk.hold()
    desk.carry()
    desk.pay()
    desk.found.verify()
    return desk.found


def refuse_open_balance(values: Values) -> None:
    """Refuse a plan without ``payout`` after a period that left something to pay.

    Raises
    ------
    InputRefused
        ``payout.open_balance``.
    """
    left = sorted({kept.section for kept, rows in values.opening.sections.items() if rows.size})
    left = [section for section in left if section in (BALANCE, DEFERRED)]
    if left:
        message = f"The period before left members a {' and '.join(left)}, and this plan says nothing of payout."
        raise InputRefused(Finding("payout.open_balance", message, "State payout: in the plan, as {} at least."))


class _Desk:
    """The balance of every member while it is settled."""

    def __init__(
        self, word: Payout, values: Values, earned: NDArray[np.int64], bonuses: Mapping[str, NDArray[np.int64]]
    ) -> None:
        self.word = word
        self.values = values
        self.decimals = values.rounding.money_decimals
        opening = values.opening.rows(BALANCE, NAME).per_member(values.size, self.decimals, Kept(BALANCE, NAME))
        released = self._released()
        adjusted = values.besides.adjustments.by_type(values.size)
        some = np.zeros(values.size, np.bool_)
        for column in (opening, earned, *released.values(), *adjusted.values(), *bonuses.values()):
            some |= column != 0
        # Nobody else has anything that could be settled.
        members = np.flatnonzero(some)
        self.found = Settlement(self.decimals, members)
        self.opening, self.earned = opening[members], earned[members]
        self.released = {name: amounts[members] for name, amounts in released.items()}
        self.adjusted = {name: amounts[members] for name, amounts in adjusted.items()}
        self.bonuses = {name: amounts[members] for name, amounts in bonuses.items()}
        self.balance = np.zeros(members.size, np.int64)
        self.lost = np.zeros(members.size, np.bool_)

    @property
    def members(self) -> NDArray[np.int64]:
        return self.found.members

    def add(self, step: str, name: str, amounts: NDArray[np.int64]) -> None:
        if amounts.any():
            self.found.steps.append(PayoutStep(step, name, amounts))
            self.balance = self.balance + amounts if step in INCOMING else self.balance - amounts

    def leave(self, section: str, name: str, amounts: NDArray[np.int64], key: str) -> None:
        self.values.closing.leave(section, name, amounts, self.decimals, key=key, members=self.members)

    def collect(self) -> None:
        opening, released = self.opening, self.released
        whole = [opening, self.earned, *released.values(), *self.adjusted.values(), *self.bonuses.values()]
        if sum(total_magnitude(part) for part in whole) > INT64_MAX:
            message = "balances, earnings and adjustments could add up to more than 64 bits hold."
            raise InputRefused(Finding("payout.overflow", message, "Correct the opening state, or the adjustments."))
        self.add("opening_balance", "", opening)
        self.add("earned", "", self.earned)
        for name, amounts in released.items():
            self.add("released", name, amounts)
        for name, periods in self.word.later.items():
            amounts = self.bonuses[name]
            self.add("deferred", name, amounts)
            self.leave(DEFERRED, name, amounts, str(periods))
            self.earned, self.bonuses[name] = self.earned - amounts, np.zeros_like(amounts)
        for name, amounts in released.items():
            self.earned = self.earned + amounts
            self.bonuses[name] = self.bonuses.get(name, np.zeros_like(amounts)) + amounts
        # What people add was not earned: no percentage of what was earned is of it.
        for name, amounts in self.adjusted.items():
            self.add("adjusted", name, amounts)

    def _released(self) -> dict[str, NDArray[np.int64]]:
        # The key of a row says in how many periods it is paid, counted from the one that left it.
        found = {}
        for kept, rows in self.values.opening.sections.items():
            if kept.section != DEFERRED:
                continue
            # A table of state has one list of keys for all its sections.
            codes = np.flatnonzero(np.bincount(rows.key, minlength=len(rows.keys))).tolist()
            used = {rows.keys[code] for code in codes}
            if not all(key.isascii() and key.isdigit() and int(key) > 0 for key in used):
                message = f"What is deferred of {kept.name} does not say in how many periods it is paid."
                raise InputRefused(Finding("payout.deferred", message, "The key is a whole number from 1."))
            due = rows.of_key("1")
            found[kept.name] = due.per_member(self.values.size, self.decimals, kept)
            waiting = rows.pick(~np.isin(rows.key, [code for code, key in enumerate(rows.keys) if key == "1"]))
            keys = [str(int(key) - 1) if key in used else key for key in rows.keys]
            self.values.closing.leave_rows(
                DEFERRED,
                kept.name,
                StateRows(
                    waiting.member, waiting.key, waiting.since, waiting.amounts, keys, rows.periods, rows.decimals
                ),
            )
        return found

    def forfeit(self) -> None:
        for gate in self.word.forfeit:
            meets = self._meets(gate)
            self.lost |= meets
            self.add("forfeited", gate.reason, np.where(meets, np.maximum(self.balance, 0), 0))

    def base_of(self, rule: Withheld) -> NDArray[np.int64]:
        if not rule.of:
            return np.where(self.lost, 0, self.earned)
        nothing = np.zeros(self.members.size, np.int64)
        return np.where(self.lost, 0, sum((self.bonuses[name] for name in rule.of), nothing))

    def withhold(self, rule: Withheld, base: NDArray[np.int64]) -> None:
        share = self._share(rule, base)
        self.add("withheld", rule.name, np.minimum(share, np.maximum(self.balance, 0)))

    def forgive(self) -> None:
        negative = self.word.negative
        debt = np.maximum(-self.balance, 0)
        if negative == "forgive":
            self.add("forgiven", "", debt)
        elif negative != "carry":
            self.add("forgiven", "", np.maximum(debt - units_from_text(negative.carry, self.decimals), 0))

    def hold(self) -> None:
        held = np.zeros(self.members.size, np.int64)
        for reason, whose in [*self._held_by_hand(), *((gate.reason, self._meets(gate)) for gate in self.word.hold)]:
            waits = np.where(whose, np.maximum(self.balance, 0), 0)
            held += waits
            self.add("held", reason, waits)
        self.leave(BALANCE, NAME, held, "held")

    def _held_by_hand(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        holds = [(row.reason, row.member) for row in self.values.overrides if row.kind == "hold"]
        for reason in sorted({reason for reason, _ in holds}):
            yield reason, np.isin(self.members, [member for of, member in holds if of == reason])

    def carry(self) -> None:
        debt = np.minimum(self.balance, 0)
        self.add("carried", IN_DEBT, debt)
        small = np.zeros(self.members.size, np.int64)
        if self.word.minimum is not None:
            least = self.word.minimum.least_of(self.values, self.decimals, 0, self.members)
            small = np.where(self.balance < least, self.balance, 0)
            self.add("carried", BELOW_MINIMUM, small)
        self.leave(BALANCE, NAME, debt + small, "carried")

    def pay(self) -> None:
        payment = self.balance
        for rule in self.word.withhold:
            if rule.base == "paid":
                self.withhold(rule, payment)
        for fee in self.word.fees:
            if fee.amount is None:
                cost = self._share(fee, payment)
            else:
                cost = np.where(self._meets(fee) & (payment > 0), units_from_text(fee.amount, self.decimals), 0)
            self.add("fee", fee.name, np.minimum(cost, self.balance))
        self.add("paid", "", self.balance)

    def _share(self, rule: Withheld | Fee, base: NDArray[np.int64]) -> NDArray[np.int64]:
        assert rule.rate is not None, "a share has a rate"
        rate = rule.rate.rates_of(self.values, 0, self.members) * self._meets(rule)
        one = np.full(rate.size, RATE_ONE_PPM, np.int64)
        rounding = self.values.rounding
        # What is beyond 64 bits is more than there is.
        rate = np.minimum(rate, RATE_ONE_PPM)
        return scaled(np.maximum(base, 0), rate, one, rounding.unit, rounding.mode)

    def _meets(self, rule: Gate | Withheld | Fee) -> NDArray[np.bool_]:
        if rule.when is None:
            return np.ones(self.members.size, np.bool_)
        return rule.when.holds(self.values)[self.members]
