"""How a run shows itself in a session and in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any


def one_line(manifest: Mapping[str, Any]) -> str:
    """Return a run as one line of text."""
    totals = manifest["totals"]
    paid = f"{amount_text(totals['paid'])} {totals['currency']}"
    return f"<Run {manifest['run']}: {totals['members']:,} members, {totals['lines']:,} lines, paid {paid}>"


def html_table(manifest: Mapping[str, Any]) -> str:
    """Return a run as an HTML table; every text in it is escaped."""
    totals = manifest["totals"]
    rows = [
        ("Members", f"{totals['members']:,}"),
        ("Active", f"{totals['active']:,}"),
        *((f"Volume {name}", amount_text(amount)) for name, amount in totals["volumes"].items()),
        *((f"Paid {bonus}", amount_text(row["paid"])) for bonus, row in totals["bonuses"].items()),
        (f"Paid, {totals['currency']}", amount_text(totals["paid"])),
        *((f"Not paid: {outcome}", amount_text(amount)) for outcome, amount in totals["breakage"].items()),
        ("Lines", f"{totals['lines']:,}"),
        ("Warnings", f"{manifest['warnings']['count']:,}"),
        ("Content digest", manifest["digest"][:16]),
    ]
    body = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th><td style="text-align:right">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption>Run {escape(manifest['run'])}</caption><tbody>{body}</tbody></table>"


def amount_text(amount: str) -> str:
    """Return decimal text with thousands set apart, at least two decimals shown and no more than needed."""
    whole, _, fraction = amount.partition(".")
    kept = fraction.rstrip("0").ljust(min(len(fraction), 2), "0")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}" + (f".{kept}" if kept else "")
