"""``mlmcalc adjust``: an amount that people add to a payout, or take off it."""

from __future__ import annotations

from pathlib import Path

import click

from mlmcalc.cli.changed import show_changed
from mlmcalc.cli.desk_options import at_desk, period_option, program_option
from mlmcalc.cli.store_options import by_option, workspace_option


@click.command()
@click.argument("member", required=False)
@click.option("--type", "kind", metavar="NAME", help="What the payout calls it, such as manual.")
@click.option("--amount", metavar="AMOUNT", help="In the plan's currency; below zero it is taken off.")
@click.option("--reason", metavar="TEXT", help="Why.")
@click.option("--bonus", default="", metavar="NAME", help="Where it belongs to one.")
@click.option("--again", is_flag=True, help="A second one is meant, where the same stands already.")
@click.option("--withdraw", type=int, metavar="NUMBER", help="Take back an adjustment that is not committed yet.")
@period_option
@program_option
@workspace_option
@by_option
def adjust(
    member: str | None,
    kind: str | None,
    amount: str | None,
    reason: str | None,
    bonus: str,
    again: bool,
    withdraw: int | None,
    label: str | None,
    program: str | None,
    workspace: Path,
    by: str,
) -> None:
    """Add an amount to the payout of MEMBER, or take it off.

    It enters the period's next calculation; the same typed twice counts once. Where the period meant is committed, it
    goes into the open one and says which one it is about. Who enters it does not approve the period.
    """
    if withdraw is not None:
        if member or kind or amount:
            raise click.UsageError("--withdraw NUMBER stands alone.")
        with at_desk(workspace, by) as desk:
            from mlmcalc.closing.changes import take_back_adjustment

            show_changed(desk, f"adjustment {withdraw} is withdrawn", take_back_adjustment(desk, withdraw))
        return
    given = {"MEMBER": member, "--type": kind, "--amount": amount, "--reason": reason}
    missing = [name for name, value in given.items() if not value]
    if missing or not (member and kind and amount and reason):
        raise click.UsageError(f"Missing {', '.join(missing)}.")
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import adjust as adjust_payout

        name = desk.programs.named(program, label)
        made = adjust_payout(desk, name, member, kind, amount, reason, bonus, label, again)
        about = f", about {label}" if label is not None and label != made.period.label else ""
        show_changed(desk, f"adjustment {made.numbers[0]}: {amount} ({kind}) for {member}{about}", made)
