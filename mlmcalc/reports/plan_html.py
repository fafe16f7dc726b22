"""A plan as one HTML file, to be read on a screen or printed."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from mlmcalc.plan.page import Page


def plan_html(page: Page) -> str:
    """Return a plan's page as HTML: one file without scripts, that loads nothing from anywhere.

    Everything a plan says is escaped, and the page's own policy allows no script, no address and no style but its own.
    """
    folder = files("mlmcalc.reports").joinpath("templates")
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(folder.joinpath("plan.html.j2").read_text(encoding="utf-8"))
    return template.render(page=page, style=style, digest=digest)
