"""A placement on a terminal: what happened in all, and why one member sits where it sits."""

from __future__ import annotations

from mlmcalc.api.placement import Placement
from mlmcalc.api.seat_explanation import SeatExplanation
from mlmcalc.cli.sheets import Column, Sheet

_SAID = {
    "placed": "got a seat by the rule",
    "deadline": "got a seat by the rule, after the deadline",
    "held": "wait for a hand",
    "refused": "found no seat",
    "not_joined": "join later",
    "gone": "have left and get no seat",
    "removed": "removed for good",
    "entered": "positions entered",
    "re-entered": "positions entered again",
    "filled": "filled",
    "cycled": "cycled",
    "split": "boards made by a split",
}
SHOWN = 30


def placement_sheet(placement: Placement, target: str) -> Sheet:
    """Return the summary of a placement.

    Parameters
    ----------
    placement : Placement
    target : str
        The folder that was written, empty for none.
    """
    sheet, manifest = Sheet(), placement.manifest
    day = f", {manifest['date']}" if manifest["date"] else ""
    sheet.title(f"placement by {manifest['rules']['method']}{day}")
    sheet.facts({"members": f"{manifest['members']:,}", "digest": placement.digest[:16], "written to": target})
    if manifest["events"]:
        sheet.heading("what happened")
        rows = [[f"{count:,}", _SAID[kind]] for kind, count in manifest["events"].items()]
        sheet.table([Column("count", right=True), Column("")], rows)
    _levels(sheet, placement)
    _cycles(sheet, placement)
    return sheet


def seat_sheet(found: SeatExplanation) -> Sheet:
    """Return why a member sits where it sits."""
    sheet = Sheet()
    sheet.title(f"member {found.member}: {found.outcome}")
    sheet.facts(
        {
            "sponsor": found.sponsor,
            "below": found.placement,
            "leg": str(found.leg or ""),
            "level": "" if found.level is None else str(found.level),
            "place in order": f"{found.sequence:,}",
            "rule": found.rule,
        }
    )
    sheet.line("")
    sheet.line(found.why)
    if found.looks:
        sheet.heading("looked at")
        columns = [Column("level", right=True), Column("member"), Column("found", folds=True)]
        sheet.table(columns, [[look.level, look.member, look.found] for look in found.looks])
    return sheet


def _levels(sheet: Sheet, placement: Placement) -> None:
    if "placement" not in placement.tables:
        return
    levels = placement.placement.get_column("level").drop_nulls().value_counts().sort("level")
    sheet.heading("members by level")
    shown = levels.head(SHOWN)
    rows = [[level, f"{count:,}"] for level, count in shown.iter_rows()]
    if levels.height > SHOWN:
        rest = levels.slice(SHOWN)
        rows.append([f"{rest['level'][0]} to {rest['level'][-1]}", f"{rest['count'].sum():,}"])
    sheet.table([Column("level", right=True), Column("members", right=True)], rows)


def _cycles(sheet: Sheet, placement: Placement) -> None:
    if "cycles" not in placement.tables:
        return
    counts = placement.cycles.get_column("cycles").value_counts().sort("cycles")
    sheet.heading("members by cycles")
    columns = [Column("cycles", right=True), Column("members", right=True)]
    sheet.table(columns, [[cycles, f"{count:,}"] for cycles, count in counts.head(SHOWN).iter_rows()])
