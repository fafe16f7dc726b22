"""What each rung requires of members, and what they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from mlmcalc.api.explanations import place_of
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.runs.commission_run import CommissionRun

MOST_MEMBERS = 2000
"""Of how many members at once; each is judged by itself."""


def qualification_frame(calculated: CommissionRun | None, member: int | str | None) -> pl.DataFrame:
    """Return every requirement of every rung of the member's ladders, one row each, lowest rung first.

    Parameters
    ----------
    calculated : CommissionRun or None
    member : int, str or None
        None for every member, where there are not more than `MOST_MEMBERS`.

    Raises
    ------
    InputRefused
        ``api.not_calculated``, ``api.no_member``, ``api.too_many_members``.
    """
    if calculated is None:
        message = "this run was read back from a folder; its values are not kept."
        remedy = "Calculate it again, or use `mlmcalc explain`."
        raise InputRefused(Finding("api.not_calculated", message, remedy))
    ids = calculated.values.network.ids
    if member is None and len(ids) > MOST_MEMBERS:
        message = f"the requirements of {len(ids):,} members at once are too many."
        raise InputRefused(Finding("api.too_many_members", message, "Name a member."))
    positions = range(len(ids)) if member is None else [place_of(ids, member, "member")]
    rows = [row for position in positions for row in _rows(calculated, position)]
    id_type = pl.String if len(ids) and isinstance(ids[0], str) else pl.Int64
    texts = ("ladder", "rank", "word", "required", "actual", "short_by", "waived")
    schema = {"member_id": id_type, "ladder": pl.String, "rank": pl.String, "alternative": pl.Int64}
    schema |= {name: pl.String for name in texts if name not in schema} | {"met": pl.Boolean, "rung_met": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _rows(calculated: CommissionRun, position: int) -> Iterator[dict[str, Any]]:
    member = calculated.values.network.ids[position]
    for name, ladder in calculated.plan.ladders.items():
        for rung in ladder.standing(calculated.values, position):
            for number, requirements in enumerate(rung.alternatives, 1):
                for requirement in requirements:
                    yield {
                        "member_id": member if isinstance(member, str) else int(member),
                        "ladder": name,
                        "rank": rung.rung,
                        "alternative": number,
                        "word": requirement.word,
                        "required": requirement.required,
                        "actual": requirement.actual,
                        "short_by": requirement.short_by,
                        "waived": requirement.waived,
                        "met": requirement.met,
                        "rung_met": rung.met,
                    }
