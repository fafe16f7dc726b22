"""Files and columns that cannot be read, or not as they stand."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter

from mlmcalc.tables.needs import Needs
from mlmcalc.tables.source import ColumnMap
from tests.tables.bad import MEMBERS, ORDERS, Bad, framed, members, orders
from tests.tables.shapes import parquet


def excel_book(fill: Callable[[Any, Any], None]) -> bytes:
    """Return a workbook that a function has filled."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    fill(book.add_worksheet("orders"), book)
    book.close()
    return content.getvalue()


def _orders_sheet(sheet: Any, day: Any, amount: Any) -> None:
    for row, cells in enumerate([("order_id", "member_id", "date", "cv"), (10, 1, day, amount)]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)


def _excel_error(sheet: Any, book: Any) -> None:
    _orders_sheet(sheet, "2026-10-01", 5)
    sheet.write_formula(2, 1, "=NA()", None, "#N/A")
    sheet.write_row(2, 2, ("2026-10-02", 5))
    sheet.write(2, 0, 11)


def excel_serial(sheet: Any, book: Any) -> None:
    """Write a day as the number behind it."""
    _orders_sheet(sheet, 46300, 5)


def _excel_sheets(sheet: Any, book: Any) -> None:
    _orders_sheet(sheet, "2026-10-01", 5)
    book.add_worksheet("more")


def _excel_moved(sheet: Any, book: Any) -> None:
    for row, cells in enumerate([("order_id", "member_id", "date", "cv"), (10, 1, "2026-10-01", "5,5")]):
        sheet.write_row(row + 3, 2, cells)


SOME = pl.DataFrame({"order_id": range(1000), "member_id": [1] * 1000, "date": ["2026-10-01"] * 1000, "cv": [5] * 1000})
_UTF16 = ORDERS.encode("utf-16")
_XLSX = {"orders": ".xlsx"}
_PARQUET = {"orders": ".parquet"}

FILES = [
    Bad("no such file", "tables.no_file - -", {"members": "/nowhere/members.csv"}, Needs({"t": ("sponsor_id", "", 0)})),
    Bad("a folder", "tables.no_file - -", {"members": "/"}, Needs({"t": ("sponsor_id", "", 0)})),
    Bad("unknown ending", "tables.format - -", {"members": MEMBERS, "orders": ORDERS}, suffix={"orders": ".xls"}),
    Bad("empty CSV", "tables.empty - -", {"members": MEMBERS, "orders": ""}),
    Bad("blank CSV", "tables.empty - -", {"members": MEMBERS, "orders": "\n\n  \n"}),
    Bad("empty Parquet", "tables.empty - -", {"members": MEMBERS, "orders": b""}, suffix=_PARQUET),
    Bad("blank first row", "tables.no_header 1 -", {"members": MEMBERS, "orders": "\n" + ORDERS}),
    Bad("byte-order mark", "~tables.byte_order_mark - -", {"members": MEMBERS, "orders": "\ufeff" + ORDERS}),
    Bad("UTF-16", "tables.encoding - -", {"members": MEMBERS, "orders": _UTF16}),
    Bad("UTF-16 without mark", "tables.encoding 1 -", {"members": MEMBERS, "orders": ORDERS.encode("utf-16-le")}),
    Bad(
        "Latin-1", "tables.encoding 3 -", {"members": MEMBERS, "orders": ORDERS.replace("6.50", "ü").encode("latin-1")}
    ),
    Bad("NUL byte", "tables.encoding 4 -", {"members": MEMBERS, "orders": ORDERS.replace("12,4", "12,4\0")}),
    Bad(
        "overlong UTF-8",
        "tables.encoding 2 -",
        {"members": MEMBERS, "orders": ORDERS.encode().replace(b"5.00", b"\xc0\xb5")},
    ),
    Bad("cut character", "tables.encoding 4 -", {"members": MEMBERS, "orders": ORDERS.encode().rstrip() + b"\xe2\x82"}),
    Bad("too many cells", "tables.ragged 3 -", {"members": MEMBERS, "orders": ORDERS.replace("6.50", "6,50")}),
    Bad(
        "too few cells",
        "tables.ragged 3 -;tables.blank_amount 3 cv",
        {"members": MEMBERS, "orders": ORDERS.replace(",6.50", "")},
    ),
    Bad(
        "cut last row",
        "tables.ragged 4 -;tables.bad_day 4 date;tables.blank_amount 4 cv",
        {"members": MEMBERS, "orders": ORDERS[:-14]},
    ),
    Bad(
        "open quotation",
        "tables.unreadable 4 -",
        {"members": MEMBERS, "orders": ORDERS.replace("2026-10-31", '"2026-10-31')},
    ),
    Bad("open quotation in the header", "tables.unreadable 1 -", {"members": MEMBERS, "orders": '"' + ORDERS}),
    Bad("CSV that is Excel", "tables.encoding 1 -", {"members": MEMBERS, "orders": excel_book(excel_serial)}),
    Bad("Excel that is CSV", "tables.unreadable - -", {"members": MEMBERS, "orders": ORDERS}, suffix=_XLSX),
    Bad(
        "cut Excel",
        "tables.unreadable - -",
        {"members": MEMBERS, "orders": excel_book(excel_serial)[:999]},
        suffix=_XLSX,
    ),
    Bad(
        "locked Excel",
        "tables.unreadable - -",
        {"members": MEMBERS, "orders": b"\xd0\xcf\x11\xe0" + b"x" * 600},
        suffix=_XLSX,
    ),
    Bad(
        "empty sheet",
        "tables.empty - -",
        {"members": MEMBERS, "orders": excel_book(lambda sheet, book: None)},
        suffix=_XLSX,
    ),
    Bad(
        "Excel error cell",
        "tables.excel_error 3 member_id;tables.blank_id 3 member_id",
        {"members": MEMBERS, "orders": excel_book(_excel_error)},
        suffix=_XLSX,
    ),
    Bad(
        "Excel serial day",
        "tables.wrong_type - date",
        {"members": MEMBERS, "orders": excel_book(excel_serial)},
        suffix=_XLSX,
    ),
    Bad(
        "Excel with two sheets",
        "~tables.sheets - -",
        {"members": MEMBERS, "orders": excel_book(_excel_sheets)},
        suffix=_XLSX,
    ),
    Bad(
        "Excel table not at A1",
        "tables.not_a_number 5 cv",
        {"members": MEMBERS, "orders": excel_book(_excel_moved)},
        suffix=_XLSX,
    ),
    Bad("Parquet that is CSV", "tables.unreadable - -", {"members": MEMBERS, "orders": ORDERS}, suffix=_PARQUET),
    Bad("cut Parquet", "tables.unreadable - -", {"members": MEMBERS, "orders": parquet(SOME)[:-200]}, suffix=_PARQUET),
    Bad("no table", "tables.unreadable - -", {"members": MEMBERS, "orders": 5}),
    Bad(
        "unequal columns",
        "tables.unreadable - -",
        {"members": MEMBERS, "orders": {"order_id": [1, 2], "member_id": [1]}},
    ),
    Bad(
        "orders and volumes",
        "tables.orders_and_volumes - -",
        {"members": MEMBERS, "orders": ORDERS, "volumes": "member_id,cv\n1,5\n"},
    ),
    Bad("neither orders nor volumes", "tables.no_orders - -", {"members": MEMBERS}),
]

COLUMNS = [
    orders("missing column", "tables.missing_column - cv", "10,1,2026-10-01", "order_id,member_id,date"),
    orders(
        "no order ids",
        "tables.missing_column - order_id;tables.blank_amount 2 cv",
        "1,2026-10-01,",
        "member_id,date,cv",
    ),
    orders(
        "near miss",
        "tables.missing_column - member_id;~tables.near_miss - memberid",
        "10,1,2026-10-01,5",
        "order_id,memberid,date,cv",
    ),
    orders(
        "near miss of an optional column",
        "~tables.near_miss - Kind",
        "10,1,2026-10-01,5,sale",
        "order_id,member_id,date,cv,Kind",
    ),
    members(
        "sponser_id", "tables.missing_column - sponsor_id;~tables.near_miss - sponser_id", "1,", "member_id,sponser_id"
    ),
    orders("heading twice", "tables.duplicate_column - cv", "10,1,2026-10-01,5,6", "order_id,member_id,date,cv,cv"),
    orders(
        "row of data as heading",
        "tables.missing_column - order_id;tables.missing_column - member_id;"
        "tables.missing_column - date;tables.missing_column - cv",
        "10,1,2026-10-01,5",
        "9,1,2026-10-01,5",
    ),
    Bad(
        "map names no column",
        "tables.map - Betrag;tables.missing_column - cv",
        {"members": MEMBERS, "orders": ORDERS.replace("cv", "betrag_eur")},
        maps={"orders": ColumnMap({"Betrag": "cv"})},
    ),
    Bad(
        "filter on no column",
        "tables.map - paid_on",
        {"members": MEMBERS, "orders": ORDERS},
        maps={"orders": ColumnMap(only_where=["paid_on"])},
    ),
    Bad(
        "map for no column of ours",
        "tables.missing_column - cv;~tables.map_unread - CV;~tables.map_unread - kindd",
        {"members": MEMBERS, "orders": ORDERS.replace("cv", "betrag")},
        maps={"orders": ColumnMap({"betrag": "CV"}, {"kindd": "sale"})},
    ),
    Bad(
        "constant that is no amount",
        "tables.not_a_number 2 cv;tables.not_a_number 3 cv;tables.not_a_number 4 cv",
        {"members": MEMBERS, "orders": ORDERS.replace("cv", "x")},
        maps={"orders": ColumnMap(constants={"cv": "five"})},
    ),
    framed("amounts of true and false", "tables.wrong_type - cv", cv=[True, False]),
    framed("lists as amounts", "tables.wrong_type - cv", cv=[[1], [2]]),
    framed("numbers as days", "tables.wrong_type - date", date=[20261001, 20261002]),
    framed("days as ids", "tables.wrong_type - member_id", member_id=[date(2026, 10, 1)] * 2),
    framed("days as kinds", "tables.wrong_type - kind", kind=[date(2026, 10, 1)] * 2),
    framed("bytes as kinds", "tables.wrong_type - kind", kind=[b"sale", b"sale"]),
]
