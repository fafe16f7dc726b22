"""What was last found of a committed period: the run it came to when it was trued up."""

from __future__ import annotations

import json

from mlmcalc.closing.desk import called
from mlmcalc.store.closings import Closing
from mlmcalc.store.log import log_records
from mlmcalc.store.periods import StoredPeriod
from mlmcalc.store.transaction import Reading

TRUED_UP = "trueup"
"""Action in the log: a closed period was trued up; its details name the run that it comes to."""


def last_trueup(tx: Reading, period: StoredPeriod, closing: Closing) -> str:
    """Return the id of the run that a period came to when it was last trued up after this commit; empty if never."""
    found = ""
    for record in log_records(tx, called(period)):
        if record.action == TRUED_UP and record.subject == called(period) and record.at >= closing.made_at:
            found = json.loads(record.details)["run"]
    return found
