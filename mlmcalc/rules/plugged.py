"""A company's own bonus: what the plan language cannot say, as a class of its own package.

The class sees the company through `Company`, read-only, and returns `Payments`. What it offers is the sum of what it
pays and of what it says is lost, so that it cannot leave the ledger out of balance; what it returns is checked like
the input of a stranger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.fields import Name, Reference
from mlmcalc.kernels.totals import exact_sum, total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.lines import OUTCOME_CODE
from mlmcalc.ledger.owed import Owed
from mlmcalc.rules.bonus_word import BonusWord, check_condition
from mlmcalc.rules.company import Company
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.sources import Base
from mlmcalc.rules.state import Keeps
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

_QUANTITY, _TREE = "a volume or metric of the plan", "a tree of the plan"
QuantityName = Annotated[Reference, _QUANTITY]
"""The name of a volume, ``VOLUME@TREE``, metric or points: the bonus is calculated after it."""
TreeName = Annotated[Name, _TREE]
"""The name of a tree: the bonus is calculated after it."""


@dataclass(frozen=True, slots=True, eq=False)
class Lost:
    """What was offered and is paid to nobody, for one reason.

    Attributes
    ----------
    outcome : str
        One of `mlmcalc.ledger.lines.OUTCOMES`.
    base : (k,) int64
    rate_ppm : (k,) int64
    level : int
    """

    outcome: str
    base: NDArray[np.int64]
    rate_ppm: NDArray[np.int64]
    level: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """What a bonus of a company's own pays; all columns are of one length, in the order of the lines.

    Attributes
    ----------
    earner, source : (k,) integers
        Positions.
    base : (k,) int64
        In units of the bonus's base decimals.
    rate_ppm : (k,) int64
        Rate in parts per million; 0 throughout with `amount`.
    amount : (k,) int64 or None
        Money, in units of ``10**-money_decimals``, where the amounts are no products.
    level : (k,) integers or None
    lost : sequence of Lost
    """

    earner: NDArray[Any]
    source: NDArray[Any]
    base: NDArray[Any]
    rate_ppm: NDArray[Any]
    amount: NDArray[Any] | None = None
    level: NDArray[Any] | None = None
    lost: Sequence[Lost] = ()


class PluggedBonus(BonusWord):
    """Base of the bonus words that a company's own package adds; the first of its fields is the word itself."""

    keeps_state: ClassVar[bool] = False
    """Whether it reads what it left in the period before; `Company.leave` is for those who say so."""

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it needs of the period before."""
        return (Keeps("plugin", name),) if self.keeps_state else ()

    def pay(self, company: Company) -> Payments:
        """Return what the bonus pays, and what is lost.

        Parameters
        ----------
        company : Company
            Everything a bonus may read.
        """
        raise NotImplementedError

    def workings(self, company: Company, position: int) -> Sequence[tuple[str, str]]:
        """Return the arithmetic behind what a member got, as steps and values, for ``explain``."""
        return ()

    @property
    def base_volume(self) -> str:
        """What the field ``base`` names, where it has one."""
        base = getattr(self, "base", None)
        return base if isinstance(base, str) else getattr(base, "volume", None) or ""

    def base_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of its bases: those of the field ``base`` where it has one, else those of money."""
        base = getattr(self, "base", None)
        if isinstance(base, Base):
            return base.decimals(vocabulary)
        decimals = vocabulary.quantity_decimals(base) if isinstance(base, str) else None
        return vocabulary.money_decimals if decimals is None else decimals

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what its fields name."""
        nodes: set[Node] = set()
        for _, value, kind in self._named():
            if isinstance(value, Condition | Base):
                nodes |= value.reads(vocabulary)
            elif isinstance(value, RateTable):
                nodes |= value.reads(vocabulary, tier=getattr(self, "tier", None))
            elif kind == _TREE:
                nodes.add(Node("tree", value))
            else:
                node = vocabulary.node_of(value)
                nodes |= {node} if node else set()
        return nodes

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the names in its fields, with paths relative to the bonus."""
        findings: list[Finding] = []
        for field, value, kind in self._named():
            if isinstance(value, Condition):
                findings += check_condition(field, value, vocabulary)
            elif isinstance(value, Base):
                findings += value.check(vocabulary)
            elif isinstance(value, RateTable):
                levels = any(isinstance(part, tuple) for part in _leaves(value.root))
                tier = getattr(self, "tier", None)
                found = value.check(vocabulary, None, tier, levels, self.base_decimals(vocabulary))
                findings += [replace(one, path=(field, *one.path)) for one in found]
            elif kind == _TREE and value not in vocabulary.trees:
                findings.append(_unknown(field, value, _TREE, vocabulary.trees))
            elif kind == _QUANTITY and vocabulary.quantity_decimals(value) is None:
                findings.append(_unknown(field, value, _QUANTITY, (*vocabulary.volumes, *vocabulary.metrics)))
        return findings

    def post(self, values: Values, account: BonusAccount) -> None:
        """Post what `pay` returns, after checking it.

        Raises
        ------
        IntegrityError
            ``bonuses.plugin``: what it returned is no payment of this company.
        InputRefused
            ``bonuses.overflow``.
        """
        payments = self.pay(Company(values, account.bonus))
        faults = list(_faults(payments, values.size))
        if faults:
            remedy = "Correct the package that adds this bonus; nothing was written."
            raise IntegrityError(
                [Finding("bonuses.plugin", f"bonus {account.bonus}: {fault}.", remedy) for fault in faults]
            )
        _post(payments, values, account)

    def _named(self) -> Iterator[tuple[str, Any, str]]:
        # The fields that name something of the plan, with what they name.
        for field, info in type(self).model_fields.items():
            value = getattr(self, field)
            marks = [mark for mark in info.metadata if mark in (_QUANTITY, _TREE)]
            if isinstance(value, Condition | Base | RateTable) or (marks and value):
                yield field, value, marks[0] if marks else ""


def _unknown(field: str, name: str, what: str, known: Any) -> Finding:
    return Finding("bonuses.name", f"{name} is not {what}.", nearest(name, known) or "There is none.", path=(field,))


def _leaves(table: Any) -> Iterator[Any]:
    if isinstance(table, dict):
        for part in table.values():
            yield from _leaves(part)
    else:
        yield table


def _faults(payments: Any, members: int) -> Iterator[str]:
    if not isinstance(payments, Payments):
        yield f"it returned {type(payments).__name__}, not Payments"
        return
    columns = {name: getattr(payments, name) for name in ("earner", "source", "base", "rate_ppm", "amount", "level")}
    given = {name: column for name, column in columns.items() if column is not None}
    for name, column in given.items():
        if not isinstance(column, np.ndarray) or column.dtype.kind not in "iu" or column.ndim != 1:
            yield f"{name} is no column of integers"
            return
    if len({column.size for column in given.values()}) > 1:
        yield "its columns differ in length"
        return
    for name in ("earner", "source"):
        column = given[name]
        if column.size and not 0 <= int(column.min()) <= int(column.max()) < members:
            yield f"{name} holds what is no position of a member"
    if payments.rate_ppm.size and int(payments.rate_ppm.min()) < 0:
        yield "a rate is below 0"
    if payments.amount is not None and payments.rate_ppm.any():
        yield "it gives amounts and rates for the same lines"
    for lost in payments.lost:
        if lost.outcome not in OUTCOME_CODE or lost.outcome in ("paid", "rounding"):
            yield f"{lost.outcome} is no outcome under which something is lost"
        elif lost.base.shape != lost.rate_ppm.shape or lost.base.dtype.kind != "i" or lost.rate_ppm.dtype.kind != "i":
            yield f"what is lost as {lost.outcome} is no two columns of integers"


def _post(payments: Payments, values: Values, account: BonusAccount) -> None:
    for lost in payments.lost:
        _bound(lost.base, lost.rate_ppm, values, account)
        account.offer_all(lost.base, lost.rate_ppm)
        account.lose_all(lost.level, lost.outcome, lost.base, lost.rate_ppm)
    owed = _owed(payments)
    if payments.amount is None:
        _bound(owed.base, owed.rate_ppm, values, account)
        account.offer_all(owed.base, owed.rate_ppm)
        account.pay(owed)
        return
    factor = 10 ** (account.exact_decimals - values.rounding.money_decimals)
    magnitude = total_magnitude(payments.amount.astype(np.int64)) * factor
    account.refuse_exact_overflow(magnitude, _largest(payments.amount, payments.earner, values))
    exact = payments.amount.astype(np.int64) * factor
    account.offer_exact(exact_sum(exact))
    account.pay(owed, exact=exact)


def _bound(base: NDArray[Any], rate: NDArray[Any], values: Values, account: BonusAccount) -> None:
    if base.size:
        account.refuse_overflow(total_magnitude(base.astype(np.int64)), int(rate.max()), "")


def _largest(amounts: NDArray[Any], earner: NDArray[Any], values: Values) -> str:
    return str(values.network.ids[int(earner[int(np.abs(amounts).argmax())])]) if amounts.size else ""


def _owed(payments: Payments) -> Owed:
    nothing = np.full(payments.earner.size, -1, np.int32)
    level = np.zeros(payments.earner.size, np.int32) if payments.level is None else payments.level
    return Owed(
        earner=payments.earner.astype(np.int32),
        source=payments.source.astype(np.int32),
        via=nothing,
        order=nothing,
        level=level.astype(np.int32),
        paid_level=level.astype(np.int16),
        base=payments.base.astype(np.int64),
        rate_ppm=payments.rate_ppm.astype(np.int64),
    )
