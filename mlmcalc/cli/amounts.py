"""Numbers as an operator reads them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal


def amount_text(amount: str, decimals: int | None = None) -> str:
    """Return decimal text with thousands set apart.

    Parameters
    ----------
    amount : str
    decimals : int, optional
        Shown for reading only; by default as many as the amount needs, at least two where it has two.
    """
    if decimals is not None:
        return f"{Decimal(amount).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN):,}"
    whole, _, fraction = amount.partition(".")
    kept = fraction.rstrip("0").ljust(min(len(fraction), 2), "0")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}" + (f".{kept}" if kept else "")


def share_text(part: str, whole: str) -> str:
    """Return one amount as a percentage of another, with two decimals; empty where the whole is not above zero."""
    if Decimal(whole) <= 0:
        return ""
    return f"{100 * Decimal(part) / Decimal(whole):.2f}%"


def shortened(text: str, width: int) -> str:
    """Return a text that takes no more than `width` characters."""
    return text if len(text) <= width else text[: max(width - 2, 0)] + ".."
