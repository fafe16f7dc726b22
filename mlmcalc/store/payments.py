"""Payments and balances of a committed period: one payment per member and generation, paid once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Table, func, insert, select, update

from mlmcalc.money import text_from_units
from mlmcalc.store.rows import of_period, rows_of
from mlmcalc.store.tables import BALANCE, PAYMENT
from mlmcalc.store.transaction import Reading, Writing

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Payment:
    """What a member is to get for a period.

    Attributes
    ----------
    program, period : str
    generation : int
    member_id, currency : str
    units, decimals : int
        The amount, in units of ``10**-decimals``.
    state : {"due", "held", "paid", "void"}
    reason : str
        Why it is held or void; empty otherwise.
    document : int or None
        Number of the document by which it was paid.
    """

    program: str
    period: str
    generation: int
    member_id: str
    currency: str
    units: int
    decimals: int
    state: str
    reason: str = ""
    document: int | None = None

    @property
    def amount(self) -> str:
        """The amount as decimal text."""
        return text_from_units(self.units, self.decimals)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stays with the company for a member, or he owes it, after a period.

    Attributes
    ----------
    program, period : str
    generation : int
    member_id : str
    kind : str
        Why it stays: such as ``below minimum``, ``held``, ``owed``.
    currency : str
    units, decimals : int
        The amount, in units of ``10**-decimals``; negative is owed by the member.
    """

    program: str
    period: str
    generation: int
    member_id: str
    kind: str
    currency: str
    units: int
    decimals: int

    @property
    def amount(self) -> str:
        """The amount as decimal text."""
        return text_from_units(self.units, self.decimals)


def add_payments(tx: Writing, payments: Iterable[Payment]) -> int:
    """Record payments of a closing that is recorded, and return how many.

    Raises
    ------
    ConflictError
        ``store.conflict``: one of them is there already; the transaction takes back everything.
    """
    return _add(tx, PAYMENT, payments, tuple(Payment.__dataclass_fields__))


def add_balances(tx: Writing, balances: Iterable[Balance]) -> int:
    """Record balances of a closing that is recorded, and return how many.

    Raises
    ------
    ConflictError
        ``store.conflict``: one of them is there already.
    """
    return _add(tx, BALANCE, balances, tuple(Balance.__dataclass_fields__))


def payments_of(
    tx: Reading,
    program: str | None = None,
    period: str | None = None,
    generation: int | None = None,
    state: str | None = None,
    member_id: str | None = None,
) -> list[Payment]:
    """Return payments by program, period, generation and member; of some of these, or all."""
    query = select(PAYMENT).where(*of_period(PAYMENT, program, period))
    for column, value in (
        (PAYMENT.c.generation, generation),
        (PAYMENT.c.state, state),
        (PAYMENT.c.member_id, member_id),
    ):
        query = query if value is None else query.where(column == value)
    order = (PAYMENT.c.program, PAYMENT.c.period, PAYMENT.c.generation, PAYMENT.c.member_id)
    return rows_of(tx, Payment, query.order_by(*order))


def balances_of(
    tx: Reading,
    program: str | None = None,
    period: str | None = None,
    generation: int | None = None,
    member_id: str | None = None,
) -> list[Balance]:
    """Return balances by program, period, generation and member; of some of these, or all."""
    query = select(BALANCE).where(*of_period(BALANCE, program, period))
    for column, value in ((BALANCE.c.generation, generation), (BALANCE.c.member_id, member_id)):
        query = query if value is None else query.where(column == value)
    order = (BALANCE.c.program, BALANCE.c.period, BALANCE.c.generation, BALANCE.c.member_id, BALANCE.c.kind)
    return rows_of(tx, Balance, query.order_by(*order))


def payment_totals(tx: Reading, program: str, period: str, generation: int) -> dict[tuple[str, str], tuple[int, str]]:
    """Return how many payments there are, and their sum as decimal text, by state and currency."""
    query = (
        select(PAYMENT.c.state, PAYMENT.c.currency, PAYMENT.c.decimals, func.count(), func.sum(PAYMENT.c.units))
        .where(*of_period(PAYMENT, program, period), PAYMENT.c.generation == generation)
        .group_by(PAYMENT.c.state, PAYMENT.c.currency, PAYMENT.c.decimals)
        .order_by(PAYMENT.c.state, PAYMENT.c.currency)
    )
    return {
        (state, currency): (count, text_from_units(int(units), decimals))
        for state, currency, decimals, count, units in tx.connection.execute(query)
    }


def pay_due(tx: Writing, program: str, period: str, generation: int, document: int) -> int:
    """Mark every payment that is due as paid by a document, and return how many; what is paid stays as it is."""
    conditions = [*of_period(PAYMENT, program, period), PAYMENT.c.generation == generation, PAYMENT.c.state == "due"]
    row = {"state": "paid", "document": document}
    return tx.connection.execute(update(PAYMENT).where(*conditions).values(row)).rowcount


def set_payment_state(
    tx: Writing, program: str, period: str, generation: int, members: Sequence[str], old: str, state: str, reason: str
) -> int:
    """Bring payments of some members from one state to another, and return how many; ``paid`` only by `pay_due`."""
    row = {"state": state, "reason": reason}
    changed = 0
    for start in range(0, len(members), 500):
        conditions = [*of_period(PAYMENT, program, period), PAYMENT.c.generation == generation, PAYMENT.c.state == old]
        chosen = PAYMENT.c.member_id.in_(members[start : start + 500])
        changed += tx.connection.execute(update(PAYMENT).where(*conditions, chosen).values(row)).rowcount
    return changed


def _add(tx: Writing, table: Table, rows: Iterable[Payment | Balance], names: tuple[str, ...]) -> int:
    count, left = 0, iter(rows)
    while some := [{name: getattr(row, name) for name in names} for row in islice(left, _AT_ONCE)]:
        tx.connection.execute(insert(table), some)
        count += len(some)
    return count
