"""A small spreadsheet of exact fractions: reads a workbook's own XML and calculates its formulas anew."""

from __future__ import annotations

import re
import zipfile
from fractions import Fraction
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as Xml

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)|(?P<range>\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+)"
    r"|(?P<cell>(?:[A-Za-z]+!)?\$?[A-Z]+\$?\d+)|(?P<name>[A-Z]+(?=\())|(?P<sign><=|>=|<>|[-+*/=<>(),]))"
)


class Workbook:
    """Cells of all sheets; what was calculated before is not looked at.

    Attributes
    ----------
    formulas : dict of (sheet, cell) to str
    given : dict of (sheet, cell) to Fraction or str
    beside : dict of (sheet, cell) to str
        What the file says that a formula comes to.
    """

    def __init__(self, content: bytes) -> None:
        self.archive = zipfile.ZipFile(BytesIO(content))
        self.formulas: dict[tuple[str, str], str] = {}
        self.given: dict[tuple[str, str], Any] = {}
        self.beside: dict[tuple[str, str], str] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._texts = self._shared()
        names = [sheet.get("name", "") for sheet in self._xml("xl/workbook.xml").iterfind("m:sheets/m:sheet", SPACE)]
        for number, name in enumerate(names, 1):
            self._read(name, self._xml(f"xl/worksheets/sheet{number}.xml"))

    def value(self, sheet: str, cell: str) -> Any:
        """Return what a cell holds, its formula calculated; an empty one is 0."""
        key = (sheet, cell.replace("$", ""))
        if key not in self.formulas:
            return self.given.get(key, Fraction(0))
        if key not in self._values:
            self._values[key] = Formula(self, sheet, self.formulas[key]).value()
        return self._values[key]

    def column(self, sheet: str, letter: str) -> dict[int, Any]:
        """Return the filled cells of a column by row."""
        known = {*self.given, *self.formulas}
        rows = [
            int(cell[len(letter) :]) for name, cell in known if name == sheet and re.fullmatch(rf"{letter}\d+", cell)
        ]
        return {row: self.value(sheet, f"{letter}{row}") for row in sorted(rows)}

    def _xml(self, name: str) -> Xml.Element:
        return Xml.fromstring(self.archive.read(name))

    def _shared(self) -> list[str]:
        found = self._xml("xl/sharedStrings.xml").iterfind("m:si", SPACE)
        return ["".join(part.text or "" for part in text.iterfind(".//m:t", SPACE)) for text in found]

    def _read(self, sheet: str, tree: Xml.Element) -> None:
        for cell in tree.iterfind(".//m:c", SPACE):
            key, formula, value = (sheet, cell.get("r", "")), cell.find("m:f", SPACE), cell.find("m:v", SPACE)
            text = "" if value is None else value.text or ""
            if formula is not None:
                self.formulas[key], self.beside[key] = formula.text or "", text
            elif value is not None:
                self.given[key] = self._texts[int(text)] if cell.get("t") == "s" else Fraction(text)


class Formula:
    """One formula: comparisons, sums, products, and the few functions a work sheet uses."""

    def __init__(self, book: Workbook, sheet: str, text: str) -> None:
        self.book = book
        self.sheet = sheet
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(text):
            found = TOKEN.match(text, place)
            assert found is not None, text[place:]
            assert found.lastgroup is not None, text[place:]
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        self.at = 0

    def value(self) -> Any:
        found = self._compared()
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return found

    def _next(self, *wanted: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at][1] in wanted and self.tokens[self.at][0] == "sign":
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def _compared(self) -> Any:
        left = self._sum()
        sign = self._next("=", "<>", "<", ">", "<=", ">=")
        if not sign:
            return left
        right = self._sum()
        return {
            "=": left == right, "<>": left != right, "<": left < right, ">": left > right,
            "<=": left <= right, ">=": left >= right,
        }[sign]  # fmt: skip

    def _sum(self) -> Any:
        left = self._product()
        while sign := self._next("+", "-"):
            right = self._product()
            left = left + right if sign == "+" else left - right
        return left

    def _product(self) -> Any:
        left = self._atom()
        while sign := self._next("*", "/"):
            right = self._atom()
            left = left * right if sign == "*" else left / right
        return left

    def _atom(self) -> Any:
        if self._next("-"):
            return -self._atom()
        if self._next("("):
            found = self._compared()
            assert self._next(")")
            return found
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return Fraction(text)
        if kind == "text":
            return text[1:-1]
        if kind == "range":
            return self._range(text)
        if kind == "cell":
            sheet, _, cell = text.rpartition("!")
            return self.book.value(sheet or self.sheet, cell)
        assert kind == "name", text
        return self._call(text)

    def _range(self, text: str) -> list[Any]:
        first, last = (re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", end) for end in text.split(":"))
        assert first is not None, text
        assert last is not None, text
        assert first[1] == last[1], text
        return [self.book.value(self.sheet, f"{first[1]}{row}") for row in range(int(first[2]), int(last[2]) + 1)]

    def _call(self, name: str) -> Any:
        assert self._next("(")
        given = [self._compared()]
        while self._next(","):
            given.append(self._compared())
        assert self._next(")")
        if name == "IF":
            return given[1] if given[0] else given[2]
        return {
            "ABS": lambda one: abs(one),
            "SIGN": lambda one: Fraction((one > 0) - (one < 0)),
            "MOD": lambda one, by: one - by * (one // by),
            "AND": lambda *all_: all(all_),
            "OR": lambda *any_: any(any_),
            "SUM": lambda cells: sum(cells, Fraction(0)),
            "COUNTIF": lambda cells, wanted: Fraction(sum(cell == wanted for cell in cells)),
        }[name](*given)
