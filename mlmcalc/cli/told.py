"""Inputs of a run that come from the store: as of a day, as known at an instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import click

from mlmcalc.cli.clocks import instant_of
from mlmcalc.cli.store_options import login_name, store_of

if TYPE_CHECKING:
    from mlmcalc.api.inputs import Inputs
    from mlmcalc.cli.sources import Sources

_TOLD = ("members", "orders", "volumes", "overrides")


def told_inputs(sources: Sources, inputs: Inputs, as_of: date | None, known_at: str | None) -> Inputs:
    """Return the inputs of a run with members, orders and overrides as the store knew them.

    What else a run reads, such as the state, is where the workspace says.

    Parameters
    ----------
    sources : Sources
    inputs : Inputs
        As they would be without the store.
    as_of : datetime.date or None
    known_at : str or None

    Raises
    ------
    click.UsageError
        There is no workspace, or a table was named that is to come from the store.
    InputRefused, EnvironmentRefused, IntegrityError
        As `inputs_at` and the store.
    """
    if sources.workspace is None or inputs.period is None:
        raise click.UsageError("--as-of and --known-at need a workspace: it names the store.")
    named = [f"--{name}" for name in _TOLD if name in sources.given.tables]
    if named:
        raise click.UsageError(f"--as-of and --known-at read the store; leave out {', '.join(named)}.")
    from mlmcalc.closing.told import inputs_at
    from mlmcalc.plan.load import Plan, load_plan

    assert inputs.plan is not None, "a workspace names a plan"
    plan = inputs.plan if isinstance(inputs.plan, Plan) else load_plan(inputs.plan)
    with store_of(sources.workspace) as store:
        with store.read() as tx:
            known = inputs_at(tx, plan, plan.calendar(inputs.period), as_of, instant_of(known_at, plan.time_zone))
        with store.write(login_name()) as tx:
            # A run is repeated from these: the store must know that they are its own.
            for stored in known.objects.values():
                tx.add_object(stored)
    others = {name: table for name, table in inputs.tables.items() if name not in _TOLD}
    maps = {name: one for name, one in inputs.maps.items() if name not in _TOLD}
    return replace(known.inputs, tables={**known.inputs.tables, **others}, maps=maps)
