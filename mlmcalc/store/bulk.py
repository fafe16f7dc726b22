"""Very many rows into a table at once, inside the transaction that is open: the same checks, a fraction of the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_VALUES_AT_ONCE = 20_000
"""Values of one statement of SQLite, which takes at most 32,766."""


def insert_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows into a table, and return how many.

    Constraints and triggers of the table hold for each of them. A row that is refused refuses the transaction.

    Parameters
    ----------
    connection : Connection
        Inside a transaction.
    table : str
    columns : sequence of str
    rows : iterable of sequences
        Texts, integers and None, in the order of the columns.

    Raises
    ------
    DBAPIError
        What the database refuses; see `faults_refused`.
    """
    quote = connection.dialect.identifier_preparer.quote
    into = f"{quote(table)} ({', '.join(quote(name) for name in columns)})"
    if connection.dialect.name == "postgresql":
        return copy_rows(connection, f"COPY {into} FROM STDIN", rows)
    return sum(_insert_some(connection, into, len(columns), some) for some in _parts(rows, len(columns)))


def copy_rows(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> int:
    """Send rows to PostgreSQL by its ``COPY``, and return how many.

    Raises
    ------
    DBAPIError
        As SQLAlchemy raises it, whose way to the driver this goes around.
    """
    driver: Any = connection.connection.driver_connection
    dialect: Any = connection.dialect
    count = 0
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
    except dialect.dbapi.Error as fault:
        raise DBAPIError(statement, None, fault, hide_parameters=True) from fault
    return count


def _parts(rows: Iterable[Sequence[Any]], width: int) -> Iterator[list[Sequence[Any]]]:
    left = iter(rows)
    while some := list(islice(left, _VALUES_AT_ONCE // width)):
        yield some


def _insert_some(connection: Connection, into: str, width: int, some: Sequence[Sequence[Any]]) -> int:
    # One statement of many rows takes SQLite half the time of as many statements of one.
    one = f"({', '.join('?' * width)})"
    statement = f"INSERT INTO {into} VALUES {', '.join([one] * len(some))}"  # noqa: S608  names are quoted, values bound
    connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))
    return len(some)
