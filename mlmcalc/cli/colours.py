"""Colours, for those who want them."""

from __future__ import annotations

import os
from typing import Any

import click


def styled(text: str, **style: Any) -> str:
    """Return a text in a style of click; as it is where ``NO_COLOR`` is set. A pipe is stripped of styles by click."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)


def quiet(text: str) -> str:
    """Return a text in the colour of what is less important."""
    return styled(text, dim=True)
