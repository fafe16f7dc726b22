"""Two runs side by side, and why they differ."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from mlmcalc.api.calculate import Progress, silent
from mlmcalc.api.diff_attribution import Attribution
from mlmcalc.api.diff_causes import Finer, Mixer
from mlmcalc.api.diff_sides import loaded, side_of
from mlmcalc.api.run import Run
from mlmcalc.audit.moved_amounts import BONUS, PAYOUT, amounts_of, decimals_of, total_of
from mlmcalc.audit.run_difference import Effect, RunDifference, differing_rows, head_of, total_pairs
from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.runs.versions import ARITHMETIC_VERSION


def diff(
    before: Run | str | os.PathLike[str],
    after: Run | str | os.PathLike[str],
    *,
    causes: bool = True,
    finer: Finer = "tables",
    limit: int = 50,
    progress: Progress | None = None,
) -> RunDifference:
    """Return what two runs pay differently, and how much of it each cause makes.

    Causes are the tables of the runs (orders, overrides, the state and so on), the plan, and of the members those who
    moved in a tree, joined, left, or whose own data differ. Each is replaced alone, in the first run's inputs, and that
    run calculated again, in about the time of one run; what it pays more than the first run is the cause's effect.
    What is left to the second run is the interaction, so that all together is the whole difference, member by member.
    A cause that is refused alone (an order of a member who is not there) is replaced after the one it needs.

    Parameters
    ----------
    before, after : Run, or the folder of one
    causes : bool
        Whether to attribute the difference.
    finer : {"tables", "kinds", "each"}
        ``kinds``: orders that came late, were returned, changed and were withdrawn are causes of their own. ``each``:
        so is every order, member and rule of the plan that differs.
    limit : int
        The most of a kind that are told singly.
    progress : callable, optional

    Raises
    ------
    InputRefused
        ``tables.no_run``; ``diff.currency``: the two are paid in different currencies.
    IntegrityError
        ``api.input_changed``: an input is not what was paid on; ``tables.digest`` and others: a run was changed;
        ``diff.sum``: statements do not come to the control totals.
    """
    runs = loaded(before), loaded(after)
    heads = [head_of(run.manifest) for run in runs]
    if heads[0]["currency"] != heads[1]["currency"]:
        message = f"the one is in {heads[0]['currency']}, the other in {heads[1]['currency']}."
        raise InputRefused(Finding("diff.currency", message, "Compare runs of one currency."))
    tables = [(run.statements, run.payout) for run in runs]
    decimals = decimals_of([table for both in tables for table in both])
    amounts = amounts_of(*tables[0], decimals), amounts_of(*tables[1], decimals)
    for run, paid in zip(runs, amounts, strict=True):
        _check_totals(run, paid)
    findings = _version_findings(runs)
    effects: Sequence[Effect] = ()
    if causes and heads[0]["digest"] != heads[1]["digest"]:
        effects, told = _attributed(runs, amounts, decimals, (finer, limit), progress or silent)
        findings += told
    names = [name for run in reversed(runs) for name in run.totals["bonuses"]]
    names += [name for run in reversed(runs) for name in run.totals["payout"]]
    digests = [run.manifest["digests"] for run in runs]
    return RunDifference(
        before=heads[0],
        after=heads[1],
        pairs=total_pairs(runs[0].manifest, runs[1].manifest),
        rows=differing_rows(*amounts, effects, list(dict.fromkeys(names))),
        effects=effects,
        tables=[name for name in digests[1] if name != "findings" and digests[0].get(name) != digests[1][name]],
        findings=findings,
        ranks=_other_ranks(runs),
    )


def _attributed(
    runs: tuple[Run, Run],
    amounts: tuple[pl.DataFrame, pl.DataFrame],
    decimals: int,
    single: tuple[Finer, int],
    progress: Progress,
) -> tuple[list[Effect], list[Finding]]:
    try:
        sides = [side_of(run) for run in runs]
    except InputRefused as refusal:
        gone = [finding for finding in refusal.findings if finding.code == "api.inputs_gone"]
        if not gone:
            raise
        message = f"not attributed to causes: {gone[0].message}"
        return [], [Finding("diff.not_attributed", message, level="warning", file=gone[0].file)]
    older = any(_arithmetic(run) != ARITHMETIC_VERSION for run in runs)
    attribution = Attribution(Mixer(sides[0], sides[1], *single), amounts, decimals, progress, older)
    return attribution.effects(), attribution.findings


def _check_totals(run: Run, amounts: pl.DataFrame) -> None:
    """Refuse statements and payouts that do not come to what the manifest says."""
    company = pl.col("member").is_null()
    wanted = {}
    for bonus, totals in run.totals["bonuses"].items():
        wanted[bonus] = [(BONUS, ~company, totals["paid"]), (BONUS, company, totals["company"])]
    for step, total in run.totals["payout"].items():
        wanted[step] = [*wanted.get(step, []), (PAYOUT, ~company, total)]
    for name, parts in wanted.items():
        of_name = amounts.filter(pl.col("name") == name)
        for section, chosen, total in parts:
            found = total_of(of_name.filter(chosen & (pl.col("section") == section)))
            if found != Decimal(total):
                message = f"{section} {name} comes to {found} in the tables, the control total is {total}."
                raise IntegrityError(Finding("diff.sum", message, "Restore the run.", file=str(run.folder or run.id)))


def _version_findings(runs: Sequence[Run]) -> list[Finding]:
    found = []
    one, other = (run.manifest["versions"] for run in runs)
    numbers = [versions["arithmetic"] for versions in (one, other)]
    if numbers != [ARITHMETIC_VERSION] * 2:
        message = (
            f"the runs are of arithmetic {numbers[0]} and {numbers[1]}, causes are calculated with {ARITHMETIC_VERSION}"
            ": what that changes by itself is a cause of its own."
        )
        found.append(Finding("diff.arithmetic", message, level="warning"))
    tables = [name for name in one["tables"] if one["tables"][name] != other["tables"].get(name)]
    if tables:
        message = f"the columns of {', '.join(tables)} are of different versions, so that digests say nothing there."
        found.append(Finding("diff.tables", message, level="warning"))
    return found


def _arithmetic(run: Run) -> int:
    return run.manifest["versions"]["arithmetic"]


def _other_ranks(runs: Sequence[Run]) -> pl.DataFrame:
    """Return who holds another rank, by ladder."""
    found = [pl.DataFrame(schema=dict.fromkeys(("member", "ladder", "before", "after"), pl.String))]
    for ladder in {name: None for run in runs for name in run.totals["ranks"]}:
        frames = [
            run.members.select(
                pl.col("member_id").cast(pl.String).alias("member"),
                (pl.col(ladder) if ladder in run.totals["ranks"] else pl.lit(None)).cast(pl.String).alias(when),
            )
            for run, when in zip(runs, ("before", "after"), strict=True)
        ]
        both = frames[0].join(frames[1], on="member", how="full", coalesce=True)
        other = both.filter(pl.col("before").ne_missing(pl.col("after")))
        found.append(other.select("member", pl.lit(ladder).alias("ladder"), "before", "after"))
    ranks = pl.concat(found)
    return ranks.sort(pl.col("member").str.to_integer(strict=False, dtype=pl.Int64), "member", nulls_last=True)


__all__ = ["diff"]
