"""Payments and balances of a committed period: one payment per member and generation, paid once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, update

from mlmcalc.money import text_from_units
from mlmcalc.store.bulk import insert_rows
from mlmcalc.store.rows import of_period
from mlmcalc.store.tables import BALANCE, PAYMENT
from mlmcalc.store.transaction import Reading, Writing


class Payment(NamedTuple):
    """What a member is to get for a period; its fields are the columns of the table, in their order.

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


class Balance(NamedTuple):
    """What stays with the company for a member, or he owes it, after a period; its fields are the columns.

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


def add_payments(tx: Writing, payments: Iterable[tuple[Any, ...]]) -> int:
    """Record payments of a closing that is recorded, and return how many.

    Parameters
    ----------
    tx : Writing
    payments : iterable of Payment
        Or of plain tuples of the same fields, as ``iter_rows`` of a frame yields them.

    Raises
    ------
    ConflictError
        ``store.conflict``: one of them is there already; the transaction takes back everything.
    """
    return insert_rows(tx.connection, PAYMENT.name, Payment._fields, payments)


def add_balances(tx: Writing, balances: Iterable[tuple[Any, ...]]) -> int:
    """Record balances of a closing that is recorded, and return how many.

    Parameters
    ----------
    tx : Writing
    balances : iterable of Balance
        Or of plain tuples of the same fields.

    Raises
    ------
    ConflictError
        ``store.conflict``: one of them is there already.
    """
    return insert_rows(tx.connection, BALANCE.name, Balance._fields, balances)


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
    return [Payment._make(row) for row in tx.connection.execute(query.order_by(*order))]


def amounts_of(tx: Reading, program: str, period: str, generation: int) -> dict[str, str]:
    """Return the amount of every payment as decimal text, by member."""
    query = select(PAYMENT.c.member_id, PAYMENT.c.units, PAYMENT.c.decimals)
    found = tx.connection.execute(query.where(*_of_generation(program, period, generation)))
    return {member: text_from_units(units, decimals) for member, units, decimals in found}


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
    return [Balance._make(row) for row in tx.connection.execute(query.order_by(*order))]


def payment_totals(tx: Reading, program: str, period: str, generation: int) -> dict[tuple[str, str], tuple[int, str]]:
    """Return how many payments there are, and their sum as decimal text, by state and currency."""
    query = (
        select(PAYMENT.c.state, PAYMENT.c.currency, PAYMENT.c.decimals, func.count(), func.sum(PAYMENT.c.units))
        .where(*_of_generation(program, period, generation))
        .group_by(PAYMENT.c.state, PAYMENT.c.currency, PAYMENT.c.decimals)
        .order_by(PAYMENT.c.state, PAYMENT.c.currency)
    )
    return {
        (state, currency): (count, text_from_units(int(units), decimals))
        for state, currency, decimals, count, units in tx.connection.execute(query)
    }


def pay_due(tx: Writing, program: str, period: str, generation: int, document: int) -> int:
    """Mark every payment that is due as paid by a document, and return how many; what is paid stays as it is."""
    return _change_due(tx, program, period, generation, {"state": "paid", "document": document})


def void_due(tx: Writing, program: str, period: str, generation: int, reason: str) -> int:
    """Mark every payment that is due as void, and return how many; what is paid stays as it is."""
    return _change_due(tx, program, period, generation, {"state": "void", "reason": reason})


def _change_due(tx: Writing, program: str, period: str, generation: int, row: dict[str, Any]) -> int:
    due = [*_of_generation(program, period, generation), PAYMENT.c.state == "due"]
    return tx.connection.execute(update(PAYMENT).where(*due).values(row)).rowcount


def _of_generation(program: str, period: str, generation: int) -> list[ColumnElement[bool]]:
    return [*of_period(PAYMENT, program, period), PAYMENT.c.generation == generation]
