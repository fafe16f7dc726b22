"""A file of exchange rates: ``currency``, ``rate``."""

from __future__ import annotations

import csv
from pathlib import Path

from mlmcalc.errors import EnvironmentRefused, Finding, InputRefused

_MOST_BYTES = 1_000_000
"""There are fewer than two hundred currencies."""


def read_rates(file: Path) -> dict[str, str]:
    """Return rates by currency; whether each is a rate of a currency is looked at when it is set.

    Raises
    ------
    InputRefused
        ``closing.rates``: no such columns, a row without a value, or a currency twice.
    EnvironmentRefused
        ``closing.rates_unreadable``.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise InputRefused(_fault(file, "this is no table of rates: it is too large"))
        text = file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        message = f"{fault.strerror}."
        raise EnvironmentRefused(Finding("closing.rates_unreadable", message, file=str(file))) from fault
    except UnicodeDecodeError as fault:
        raise InputRefused(_fault(file, "this is no UTF-8 text")) from fault
    separator = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(text.splitlines(), delimiter=separator)
    if not {"currency", "rate"} <= set(rows.fieldnames or ()):
        raise InputRefused(_fault(file, "the columns currency and rate are not there", row=1))
    rates: dict[str, str] = {}
    findings = []
    for row in rows:
        currency, rate = (str(row[name] or "").strip() for name in ("currency", "rate"))
        if not currency or not rate:
            findings.append(_fault(file, "a currency or a rate is empty", row=rows.line_num))
        elif currency in rates:
            findings.append(_fault(file, f"{currency} is there twice", row=rows.line_num))
        rates[currency] = rate
    if findings:
        raise InputRefused(findings)
    return rates


def _fault(file: Path, message: str, row: int | None = None) -> Finding:
    remedy = "Write a CSV with the columns currency and rate, one row for each currency."
    return Finding("closing.rates", f"{message}.", remedy, file=str(file), row=row)
