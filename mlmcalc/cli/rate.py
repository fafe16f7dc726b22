"""``mlmcalc rate``: exchange rates of a period."""

from __future__ import annotations

from pathlib import Path

import click

from mlmcalc.cli.changed import show_changed
from mlmcalc.cli.desk_options import at_desk, format_option, period_argument, program_option, put_json
from mlmcalc.cli.store_options import by_option, workspace_option


@click.group()
def rate() -> None:
    """State the exchange rates of a period: how much of a currency one unit of the plan's currency is.

    With rates, members are paid in the currency that their column `currency` names. The next calculation freezes them
    in its run. A period that was calculated is open again after a change.
    """


@rate.command(name="set", short_help="State the rate of one CURRENCY.")
@period_argument
@click.argument("currency")
@click.argument("value", metavar="RATE")
@program_option
@workspace_option
@by_option
def set_(label: str, currency: str, value: str, program: str | None, workspace: Path, by: str) -> None:
    """State that one unit of the plan's currency is RATE of CURRENCY in PERIOD, such as 161.205 of JPY."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import set_rates

        made = set_rates(desk, desk.programs.named(program, label), label, {currency: value})
        show_changed(desk, f"{currency} at {value}", made)


@rate.command(name="import", short_help="State all rates of a table.")
@period_argument
@click.argument("file", type=click.Path(path_type=Path))
@program_option
@workspace_option
@by_option
def import_(label: str, file: Path, program: str | None, workspace: Path, by: str) -> None:
    """State the rates of FILE, a CSV with the columns currency and rate, for PERIOD: all of them or none."""
    with at_desk(workspace, by) as desk:
        from mlmcalc.closing.changes import set_rates
        from mlmcalc.closing.rate_file import read_rates

        rates = read_rates(file)
        made = set_rates(desk, desk.programs.named(program, label), label, rates)
        show_changed(desk, f"{len(rates)} rates", made)


@rate.command(name="list", short_help="List the rates of PERIOD.")
@period_argument
@program_option
@format_option
@workspace_option
def list_(label: str, program: str | None, form: str, workspace: Path) -> None:
    """List the rates of PERIOD."""
    with at_desk(workspace, "list") as desk:
        from mlmcalc.store.rates import rates_of

        name = desk.programs.named(program, label)
        with desk.store.read() as tx:
            rates = dict(rates_of(tx, name, label))
    if form == "json":
        put_json(rates)
        return
    from mlmcalc.cli.sheets import Column, Sheet

    sheet = Sheet()
    sheet.table([Column("currency"), Column("rate", right=True)], list(rates.items()))
    if not rates:
        sheet.line(f"no rates for {name} {label}")
    sheet.show()
