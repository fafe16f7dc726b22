"""Whether a version of a plan still says what it said when a period was committed by it."""

from __future__ import annotations

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.plan.load import Plan
from mlmcalc.store.closings import closings
from mlmcalc.store.runs import run_of
from mlmcalc.store.transaction import Reading


def refuse_edited(tx: Reading, plan: Plan) -> None:
    """Refuse a plan whose file was edited since a period was committed by this version of it.

    Comments and the order of keys may change, and so may a version by which no commit stands.

    Raises
    ------
    InputRefused
        ``closing.plan_edited``.
    """
    for closing in closings(tx, plan.name, reopened=False):
        run = run_of(tx, closing.run)
        if run.plan_version == plan.version and run.plan_digest != plan.digest:
            message = (
                f"{plan.name} {plan.version} was edited: {closing.period} was committed by it when its digest was "
                f"{run.plan_digest[:16]}, now it is {plan.digest[:16]}."
            )
            remedy = "Give what is new a version: of its own, and effective: from when on; or take the edit back."
            raise InputRefused(Finding("closing.plan_edited", message, remedy, file=plan.file))
