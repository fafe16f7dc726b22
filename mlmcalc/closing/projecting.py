"""The projection of an open period: what it would come to on what is known so far, and what each member lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from mlmcalc.api.calculate import Progress, run_in_memory, silent
from mlmcalc.api.inputs import Inputs
from mlmcalc.api.run import Run
from mlmcalc.closing.desk import Desk, day_of, expected, refuse_closed
from mlmcalc.closing.gathering import gathered
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.ranks.standing import Requirement, RungStanding
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.store.clock import now_microseconds
from mlmcalc.store.periods import StoredPeriod

_LACKING = ("ladder", "rank", "next_rank", "requirement", "required", "actual", "short_by")


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What an open period would come to. It is no run of the store, and cannot be committed.

    Attributes
    ----------
    period : StoredPeriod
    result : Run
        In memory.
    as_of : str
        Day up to which things are known.
    provisional : bool
        Whether the period before is not committed either.
    """

    period: StoredPeriod
    result: Run
    as_of: str
    provisional: bool

    def lacking(self, member: int | str | None = None) -> pl.DataFrame:
        """Return what every member lacks for the next rank of each ladder, or one member.

        Of alternatives the one with the fewest open requirements is shown. Who holds the highest rank has no row.

        Parameters
        ----------
        member : int or str, optional

        Returns
        -------
        polars.DataFrame
            ``member_id``, ``ladder``, ``rank`` (held, or null), ``next_rank``, ``requirement``, ``required``,
            ``actual``, ``short_by``; all but the id are texts.

        Raises
        ------
        InputRefused
            ``closing.no_member``.
        """
        calculated = self.result.calculated
        assert calculated is not None, "a projection is in memory"
        ids = self.result.members.get_column("member_id")
        if member is not None and str(member) not in set(ids.cast(pl.String)):
            message = f"{member} is no member as of {self.as_of}."
            raise InputRefused(Finding("closing.no_member", message, "Name a member by its id.", member=str(member)))
        rows = [
            {"member_id": id, **row}
            for position, id in enumerate(ids.to_list())
            if member is None or str(id) == str(member)
            for row in _lacking(calculated, position)
        ]
        return pl.DataFrame(rows, schema={"member_id": ids.dtype, **dict.fromkeys(_LACKING, pl.String())})


def project(
    desk: Desk, program: str, label: str, as_of: str, *, version: str | None = None, progress: Progress = silent
) -> Projection:
    """Calculate an open period on what is known so far; no run is kept, and nothing of the period changes.

    Parameters
    ----------
    desk : Desk
    program, label : str
    as_of : str
        Day on which members stand where they stand, such as today; not after the period's last.
    version : str, optional
        Of the plan.
    progress : callable

    Raises
    ------
    InputRefused
        ``closing.committed``, ``closing.gap``, ``closing.state``, and as a run.
    """
    plan = desk.plan(program, label, version)
    with desk.store.read() as tx:
        period = expected(tx, plan, label)
        refuse_closed(period)
        day = max(min(day_of(as_of), period.last), period.first)
        given = gathered(tx, desk, plan, label, day, now_microseconds(), provisional=True)
    result = run_in_memory(Inputs(plan=plan, tables=given.tables, period=label), progress, "none")
    return Projection(period, result, day, provisional=not given.before.committed)


def _lacking(calculated: CommissionRun, position: int) -> Iterator[dict[str, str | None]]:
    for name, ladder in calculated.plan.ladders.items():
        ranking = calculated.values.rankings[name]
        code = int(ranking.code[position])
        held = ranking.names[code - 1] if code else None
        rungs = ladder.standing(calculated.values, position)
        following = _next_rung(rungs, held)
        for requirement in [] if following is None else _nearest(following):
            if not requirement.met:
                yield {
                    "ladder": name,
                    "rank": held,
                    "next_rank": None if following is None else following.rung,
                    "requirement": requirement.word,
                    "required": requirement.required,
                    "actual": requirement.actual,
                    "short_by": requirement.short_by,
                }


def _next_rung(rungs: list[RungStanding], held: str | None) -> RungStanding | None:
    names = [rung.rung for rung in rungs]
    place = names.index(held) + 1 if held in names else 0
    return rungs[place] if place < len(rungs) else None


def _nearest(rung: RungStanding) -> list[Requirement]:
    return min(rung.alternatives, key=lambda one: sum(not requirement.met for requirement in one), default=[])
