"""The work sheet of an auditor's pack: an Excel workbook whose formulas recalculate the sampled lines.

Spreadsheets calculate in binary fractions, which hold no cent. So the formulas work on whole numbers only: bases and
amounts in their smallest units, rates in millionths; every number in between has at most 15 digits and is exact. What
would need more is not written as a formula, and says so. Texts of the run are written as texts: none becomes a formula
or a link.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from mlmcalc.audit.pack.work import Product, Statement, Trace, Work, WorkLine, rate_said
from mlmcalc.money import MODES

LINES, BASES, STATEMENTS = "Lines", "Bases", "Statements"
AGREES, DIFFERS = "agrees", "DIFFERS"
EXACT = "exact"
"""The mode of lines that are not rounded."""
_MILLION = 1_000_000
_HEADS = (
    ("no", 5), ("bonus", 16), ("outcome", 12), ("earner", 12), ("source", 12), ("order", 12), ("level", 6),
    ("base", 12), ("rate", 10), ("amount", 12), ("base, units", 14), ("rate, millionths", 12), ("divisor", 12),
    ("mode", 10), ("unit", 6), ("whole parts", 14), ("rest x rate", 16), ("quotient", 14), ("remainder", 12),
    ("recalculated, units", 14), ("rest of it", 12), ("amount, units", 14), ("rest of it", 12), ("difference", 11),
    ("of the rest", 11), ("check", 10), ("base check", 11),
)  # fmt: skip
_FIRST = 6
"""Row of the first line, as Excel counts."""
_README = (
    "This work sheet recalculates a sample of the lines of one run. Grey cells are what the run says; white ones are "
    "formulas.",
    "Lines: base (in its smallest units) x rate (in millionths), divided by the divisor, is the amount in units of "
    "money. The base is cut into whole parts of the divisor and a rest, so that no number has more than 15 digits and "
    "every one is exact. The remainder decides the rounding, by the mode of the plan.",
    "Mode exact: the plan rounds later, the line keeps what is left of the division; both are compared.",
    "Bases: what the base of a line is made of, row by row, from the input or from the run. "
    "Where a volume counts in part, each row is multiplied by its factor in millionths and the sum is rounded once.",
    "Statements: lines that are no products (what a cap or a limit took, a share of a pool, a rounding) with all lines "
    "of the same earner and bonus, which come to the statement, and how the rule came to it.",
    "A line that needs more than 15 digits has no formula and says so; it was recalculated in numbers of any size.",
)


def worksheet(work: Work) -> bytes:
    """Return the workbook; the same work gives the same bytes.

    Parameters
    ----------
    work : Work
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    # A day of its own making would change the bytes every time.
    book.set_properties({"title": "Work sheet", "created": datetime(2000, 1, 1)})
    writer = _Writer(book, work)
    writer.write()
    book.close()
    return target.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, work: Work) -> None:
        self.work = work
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F3F5F8", "valign": "bottom"}
        )
        self.given = book.add_format({"bg_color": "#EEF0F3"})
        self.number = book.add_format({"bg_color": "#EEF0F3", "num_format": "#,##0.00######"})
        self.whole = book.add_format({"bg_color": "#EEF0F3", "num_format": "0"})
        self.made = book.add_format({"num_format": "0"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.good = book.add_format({"font_color": "#17663A"})
        self.bad = book.add_format({"font_color": "#A01515", "bold": True})
        self.readme = book.add_worksheet("Read me")
        self.lines = book.add_worksheet(LINES)
        self.bases = book.add_worksheet(BASES)
        self.statements = book.add_worksheet(STATEMENTS)
        self.checks: dict[str, dict[int, str]] = {BASES: {}, STATEMENTS: {}}

    def write(self) -> None:
        """Write everything."""
        self._readme()
        self._bases()
        self._statements()
        self._lines()
        for sheet in (self.lines, self.bases, self.statements):
            for said, format_ in ((AGREES, self.good), (DIFFERS, self.bad)):
                rule = {"type": "cell", "criteria": "==", "value": f'"{said}"', "format": format_}
                sheet.conditional_format(0, 0, 20_000, len(_HEADS), rule)

    def _readme(self) -> None:
        self.readme.set_column(0, 0, 24)
        self.readme.set_column(1, 1, 100)
        _text(self.readme, 0, 0, "Work sheet for recalculation by hand", self.bold)
        for row, (name, value) in enumerate(self.work.facts, 2):
            _text(self.readme, row, 0, name)
            _text(self.readme, row, 1, value)
        for row, said in enumerate(_README, 3 + len(self.work.facts)):
            _text(self.readme, row, 1, said, self.wrapped)

    def _lines(self) -> None:
        sheet = self.lines
        _text(sheet, 0, 0, "Lines drawn, recalculated", self.bold)
        last = max(_FIRST + len(self.work.lines) - 1, _FIRST)
        for row, (said, column) in enumerate(((AGREES, "Z"), (DIFFERS, "Z")), 1):
            _text(sheet, row, 0, f"lines: {said}")
            count = sum((_check(line) == said) for line in self.work.lines)
            _formula(sheet, row, 7, f'=COUNTIF({column}{_FIRST}:{column}{last},"{said}")', self.made, count)
        for place, (name, width) in enumerate(_HEADS):
            sheet.set_column(place, place, width)
            _text(sheet, _FIRST - 2, place, name, self.head)
        sheet.freeze_panes(_FIRST - 1, 2)
        for row, line in enumerate(self.work.lines, _FIRST - 1):
            self._line(row, line)

    def _line(self, row: int, line: WorkLine) -> None:
        sheet = self.lines
        sheet.write_number(row, 0, line.number, self.given)
        texts = (line.bonus, line.outcome.replace("_", " "), line.earner, line.source, line.order)
        for place, text in enumerate(texts, 1):
            _text(sheet, row, place, text, self.given)
        sheet.write_number(row, 6, line.level, self.given)
        _shown(sheet, row, 7, line.base, self.number)
        _text(sheet, row, 8, rate_said(line.rate_ppm), self.given)
        _shown(sheet, row, 9, line.amount, self.number)
        product = line.product
        if product is not None and product.fits:
            self._product(row, product)
        elif product is not None:
            _text(sheet, row, 15, "needs more than 15 digits: recalculated in whole numbers of any size")
            _text(sheet, row, 25, f"{_check(line)} (no formula)")
        elif line.number in self.checks[STATEMENTS]:
            _text(sheet, row, 15, f"no product: see {STATEMENTS}")
            cell = self.checks[STATEMENTS][line.number]
            _formula(sheet, row, 25, f"={STATEMENTS}!{cell}", None, _check(line, self.work.statements))
        if line.number in self.checks[BASES]:
            agrees = next(trace.agrees for trace in self.work.traces if trace.number == line.number)
            cell = self.checks[BASES][line.number]
            _formula(sheet, row, 26, f"={BASES}!{cell}", None, AGREES if agrees else DIFFERS)

    def _product(self, row: int, product: Product) -> None:
        sheet, at = self.lines, row + 1
        for place, number in ((10, product.base), (11, product.rate_ppm), (12, product.divisor), (14, product.unit)):
            sheet.write_number(row, place, number, self.whole)
        _text(sheet, row, 13, product.mode or EXACT, self.given)
        for place, number in ((21, product.amount), (22, product.rest)):
            sheet.write_number(row, place, number, self.whole)
        base, rate, divisor = abs(product.base), abs(product.rate_ppm), product.divisor
        parts, rest = base // divisor, base % divisor * rate
        again, left = product.recalculated
        formulas = (
            (15, f"=(ABS(K{at})-MOD(ABS(K{at}),M{at}))/M{at}", parts),
            (16, f"=MOD(ABS(K{at}),M{at})*ABS(L{at})", rest),
            (17, f"=P{at}*ABS(L{at})+(Q{at}-MOD(Q{at},M{at}))/M{at}", parts * rate + rest // divisor),
            (18, f"=MOD(Q{at},M{at})", rest % divisor),
            (19, f"=SIGN(K{at})*SIGN(L{at})*{rounded(f'R{at}', f'S{at}', f'M{at}', f'N{at}')}*O{at}", again),
            (20, f'=IF(N{at}="{EXACT}",SIGN(K{at})*SIGN(L{at})*S{at},0)', left),
            (23, f"=T{at}-V{at}", again - product.amount),
            (24, f"=U{at}-W{at}", left - product.rest),
        )
        for place, formula, value in formulas:
            _formula(sheet, row, place, formula, self.made, value)
        said = AGREES if product.agrees else DIFFERS
        _formula(sheet, row, 25, f'=IF(AND(X{at}=0,Y{at}=0),"{AGREES}","{DIFFERS}")', None, said)

    def _bases(self) -> None:
        sheet = self.bases
        heads = (("line", 6), ("what", 22), ("where", 44), ("day", 12), ("kind", 9), ("column", 20), ("units", 16))
        heads += (("factor, millionths", 12), ("units x factor", 18))
        row = self._head(sheet, "What the bases of the lines are made of", heads)
        for trace in self.work.traces:
            row = self._trace(row, trace)

    def _trace(self, row: int, trace: Trace) -> int:
        sheet = self.bases
        sheet.write_number(row, 0, trace.number, self.bold)
        _text(sheet, row, 1, trace.about[:2000], self.bold)
        if not trace.parts:
            return row + 2
        first = row + 2
        for part in trace.parts:
            row += 1
            sheet.write_number(row, 0, trace.number)
            for place, text in enumerate((part.what, part.where, part.day, part.kind, part.column), 1):
                _text(sheet, row, place, text, self.given)
            if trace.fits:
                sheet.write_number(row, 6, part.units, self.whole)
                sheet.write_number(row, 7, part.factor_ppm, self.whole)
                _formula(sheet, row, 8, f"=G{row + 1}*H{row + 1}", self.made, part.units * part.factor_ppm)
            else:
                _text(sheet, row, 6, str(part.units), self.given)
        if not trace.fits:
            _text(sheet, row + 1, 1, "needs more than 15 digits: added up in whole numbers of any size")
            return row + 3
        return self._trace_sum(row + 1, first, trace)

    def _trace_sum(self, row: int, first: int, trace: Trace) -> int:
        sheet, last = self.bases, row
        shared = any(part.factor_ppm != _MILLION for part in trace.parts)
        _text(sheet, row, 1, f"sum, in units of 10^-{trace.decimals}")
        if shared:
            product = sum(part.units * part.factor_ppm for part in trace.parts)
            _formula(sheet, row, 8, f"=SUM(I{first}:I{last})", self.made, product)
            at = f"I{row + 1}"
            whole = f"(ABS({at})-MOD(ABS({at}),{_MILLION}))/{_MILLION}"
            again = rounded(whole, f"MOD(ABS({at}),{_MILLION})", str(_MILLION), f'"{trace.mode}"')
            _formula(sheet, row, 6, f"=SIGN({at})*{again}", self.made, trace.recalculated)
        else:
            _formula(sheet, row, 6, f"=SUM(G{first}:G{last})", self.made, trace.recalculated)
        self._compared(sheet, row + 1, 6, "base of the line", trace.units, trace.recalculated)
        self.checks[BASES][trace.number] = f"$G${row + 4}"
        return row + 5

    def _statements(self) -> None:
        heads = (("line", 6), ("outcome", 20), ("source", 24), ("lines", 9), ("units", 16))
        row = self._head(self.statements, "Statements of the lines that are no products", heads)
        for statement in self.work.statements:
            row = self._statement(row, statement)

    def _statement(self, row: int, statement: Statement) -> int:
        sheet = self.statements
        sheet.write_number(row, 0, statement.number, self.bold)
        _text(sheet, row, 1, statement.about[:2000], self.bold)
        first = row + 2
        for outcome, source, units, count in statement.rows:
            row += 1
            sheet.write_number(row, 0, statement.number)
            _text(sheet, row, 1, outcome, self.given)
            _text(sheet, row, 2, source, self.given)
            sheet.write_number(row, 3, count, self.whole)
            if statement.fits:
                sheet.write_number(row, 4, units, self.whole)
            else:
                _text(sheet, row, 4, str(units), self.given)
        if not statement.fits:
            _text(sheet, row + 1, 1, "needs more than 15 digits: added up in whole numbers of any size")
            return row + 3
        summed = sum(units for _, _, units, _ in statement.rows)
        _text(sheet, row + 1, 1, f"sum, in units of 10^-{statement.decimals}")
        _formula(sheet, row + 1, 4, f"=SUM(E{first}:E{row + 1})", self.made, summed)
        self._compared(sheet, row + 2, 4, "statement", statement.units, summed)
        self.checks[STATEMENTS][statement.number] = f"$E${row + 5}"
        return row + 6

    def _compared(self, sheet: Worksheet, row: int, place: int, what: str, stated: int, summed: int) -> None:
        column = "ABCDEFGHI"[place]
        _text(sheet, row, 1, what)
        sheet.write_number(row, place, stated, self.whole)
        _text(sheet, row + 1, 1, "difference")
        _formula(sheet, row + 1, place, f"={column}{row}-{column}{row + 1}", self.made, summed - stated)
        _text(sheet, row + 2, 1, "check")
        said = AGREES if summed == stated else DIFFERS
        _formula(sheet, row + 2, place, f'=IF({column}{row + 2}=0,"{AGREES}","{DIFFERS}")', None, said)

    def _head(self, sheet: Worksheet, title: str, heads: Sequence[tuple[str, int]]) -> int:
        _text(sheet, 0, 0, title, self.bold)
        for place, (name, width) in enumerate(heads):
            sheet.set_column(place, place, width)
            _text(sheet, 1, place, name, self.head)
        sheet.freeze_panes(2, 0)
        return 2


def rounded(quotient: str, remainder: str, divisor: str, mode: str) -> str:
    """Return a formula that rounds a division of whole numbers, by its mode.

    Parameters
    ----------
    quotient, remainder, divisor, mode : str
        Cells, or what stands for them; the mode is one of `MODES`, or anything else for no rounding.
    """
    half_up, half_even, _, up = MODES
    odd = f"AND(2*{remainder}={divisor},MOD({quotient},2)=1)"
    return (
        f'({quotient}+IF({mode}="{half_up}",IF(2*{remainder}>={divisor},1,0),'
        f'IF({mode}="{half_even}",IF(OR(2*{remainder}>{divisor},{odd}),1,0),'
        f'IF({mode}="{up}",IF({remainder}>0,1,0),0))))'
    )


def _check(line: WorkLine, statements: Sequence[Statement] = ()) -> str:
    if line.product is not None:
        return AGREES if line.product.agrees else DIFFERS
    own = [statement for statement in statements if statement.number == line.number]
    return AGREES if all(statement.agrees for statement in own) else DIFFERS


def _text(sheet: Worksheet, row: int, place: int, text: str, format_: Format | None = None) -> None:
    sheet.write_string(row, place, text, format_)


def _formula(sheet: Worksheet, row: int, place: int, formula: str, format_: Format | None, value: Any) -> None:
    # What it comes to is written beside it, for readers that calculate nothing.
    sheet.write_formula(row, place, formula, format_, value)


def _shown(sheet: Worksheet, row: int, place: int, amount: Decimal, format_: Format) -> None:
    # For the eye only: no formula reads it.
    sheet.write_number(row, place, float(amount), format_)
