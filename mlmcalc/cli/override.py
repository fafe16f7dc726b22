"""``mlmcalc override``: what people decide for a period before it is committed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlmcalc.cli.changed import show_changed
from mlmcalc.cli.desk_options import (
    at_desk,
    format_option,
    period_option,
    program_option,
    put_json,
    reason_option,
)
from mlmcalc.cli.store_options import by_option, workspace_option

if TYPE_CHECKING:
    from mlmcalc.closing.desk import Desk


@click.group()
def override() -> None:
    """Decide something for a period before it is committed: ranks, waivers, holds, volumes.

    Each with a reason; who enters one does not approve the period. A period that was calculated is open again after it.
    """


@override.command(short_help="Force the rank of MEMBER.")
@click.argument("member")
@click.argument("rank")
@click.option("--ladder", default="rank", show_default=True)
@reason_option(required=True)
@period_option
@program_option
@workspace_option
@by_option
def rank(
    member: str, rank: str, ladder: str, reason: str, label: str | None, program: str | None, workspace: Path, by: str
) -> None:
    """Force RANK for MEMBER, or `none`."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import force_rank

        made = force_rank(desk, desk.programs.named(program, label), member, rank, reason, ladder, label)
        show_changed(desk, f"override {made.numbers[0]}: {ladder} {rank} for {member}", made)


@override.command(short_help="Waive what rungs require of MEMBER.")
@click.argument("member")
@click.argument("metric")
@click.option("--rank", default="", metavar="RANK", help="At this rank only.  [default: at every rank]")
@click.option("--ladder", default="rank", show_default=True)
@reason_option(required=True)
@period_option
@program_option
@workspace_option
@by_option
def waiver(
    member: str,
    metric: str,
    rank: str,
    ladder: str,
    reason: str,
    label: str | None,
    program: str | None,
    workspace: Path,
    by: str,
) -> None:
    """Count METRIC as met by MEMBER, whatever it is."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import waive

        made = waive(desk, desk.programs.named(program, label), member, metric, reason, rank, ladder, label)
        show_changed(desk, f"override {made.numbers[0]}: {metric} is waived for {member}", made)


@override.command(short_help="Hold the payment of MEMBER.")
@click.argument("member")
@reason_option(required=True)
@period_option
@program_option
@workspace_option
@by_option
def hold(member: str, reason: str, label: str | None, program: str | None, workspace: Path, by: str) -> None:
    """Hold the payment of MEMBER: it is carried to the next period."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import hold as hold_payment

        made = hold_payment(desk, desk.programs.named(program, label), member, reason, label)
        show_changed(desk, f"override {made.numbers[0]}: the payment of {member} is held", made)


@override.command(short_help="Take back the holds of MEMBER.")
@click.argument("member")
@reason_option(required=True)
@period_option
@program_option
@workspace_option
@by_option
def release(member: str, reason: str, label: str | None, program: str | None, workspace: Path, by: str) -> None:
    """Take back the holds of MEMBER in the period."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import release as release_payment

        made = release_payment(desk, desk.programs.named(program, label), member, reason, label)
        show_changed(desk, f"the payment of {member} is released", made)


@override.command(short_help="Correct the volume of MEMBER by an order of its own.")
@click.argument("member")
@click.option("--order", required=True, metavar="ID", help="Id of the correction, which no order has.")
@click.option("--date", "day", required=True, metavar="DAY", help="In the period.")
@click.option("--set", "values", required=True, multiple=True, metavar="COLUMN=VALUE", help="Such as qv=-25.00.")
@reason_option(required=True)
@period_option
@program_option
@workspace_option
@by_option
def volume(
    member: str,
    order: str,
    day: str,
    values: tuple[str, ...],
    reason: str,
    label: str | None,
    program: str | None,
    workspace: Path,
    by: str,
) -> None:
    """Add to the volume of MEMBER, or take from it, by an order with an id and a day of its own."""
    volumes = {}
    for word in values:
        column, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"Write --set COLUMN=VALUE, not {word!r}.")
        volumes[column.strip()] = value.strip()
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import correct_volume

        name = desk.programs.named(program, label)
        made = correct_volume(desk, name, member, order, day, volumes, reason, label)
        show_changed(desk, f"override {made.numbers[0]}: volume of {member} by order {order}", made)


@override.command(short_help="Take back override NUMBER.")
@click.argument("number", type=int)
@workspace_option
@by_option
def withdraw(number: int, workspace: Path, by: str) -> None:
    """Take back override NUMBER of a period that is not committed; it stays in the list of those withdrawn."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import take_back_override

        show_changed(desk, f"override {number} is withdrawn", take_back_override(desk, number))


@override.command(name="list", short_help="List overrides, those withdrawn too.")
@click.argument("label", metavar="[PERIOD]", required=False)
@program_option
@format_option
@workspace_option
def list_(label: str | None, program: str | None, form: str, workspace: Path) -> None:
    """List the overrides of PERIOD, or of all periods, those withdrawn too."""
    with at_desk(workspace, "list") as desk:
        rows = _rows(desk, label, program)
    if form == "json":
        put_json(rows)
        return
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    names = ("number", "period", "kind", "member", "what", "reason", "by", "approved by", "withdrawn by")
    folds = ("what", "reason", "by", "approved by", "withdrawn by")
    columns = [Column(name, right=name == "number", folds=name in folds) for name in names]
    sheet.table(columns, [list(row.values()) for row in rows])
    if not rows:
        sheet.line("no overrides")
    sheet.show()


def _rows(desk: Desk, label: str | None, program: str | None) -> list[dict[str, object]]:
    from mlmcalc.store.overrides import overrides

    name = None if program is None and label is None else desk.programs.named(program, label)
    with desk.store.read() as tx:
        return [
            {
                "number": one.number,
                "period": one.period,
                "kind": one.kind,
                "member": one.member_id,
                "what": ", ".join(f"{key} {value}" for key, value in one.values.items()),
                "reason": one.reason,
                "by": one.made_by,
                "approved by": one.approved_by or "",
                "withdrawn by": one.withdrawn_by or "",
            }
            for one in overrides(tx, name, label, withdrawn=True)
        ]
