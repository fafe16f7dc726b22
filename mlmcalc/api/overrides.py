"""Forced ranks, waivers and holds, against the plan they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlmcalc.api.needs import words_in
from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import Network
from mlmcalc.plan.load import Plan
from mlmcalc.rules.values import Override
from mlmcalc.rules.words import nearest
from mlmcalc.tables.overrides import OverrideRow


def bound_overrides(rows: Sequence[OverrideRow]) -> tuple[Override, ...]:
    """Return the rows of the table as the run takes them."""
    return tuple(
        Override(row.member, row.kind, row.ladder, row.rank, row.metric, row.reason, row.approver) for row in rows
    )


def override_findings(rows: Sequence[OverrideRow], plan: Plan, network: Network, file: str) -> list[Finding]:
    """Return what the plan does not know.

    Codes are ``overrides.unknown_ladder``, ``overrides.unknown_rank``, ``overrides.unknown_metric`` and
    ``payout.held`` (the plan says nothing of payout).
    """
    return [
        Finding(code, message, remedy, file=file, member=str(network.ids[row.member]))
        for row in rows
        for code, message, remedy in _faults(row, plan, _scheme_of(row.member, plan, network))
    ]


def _scheme_of(member: int, plan: Plan, network: Network) -> str:
    if plan.schemes is None:
        return ""
    column = network.columns[plan.schemes.by]
    return column.labels[int(column.values[member])]


def _faults(row: OverrideRow, plan: Plan, scheme: str) -> Iterator[tuple[str, str, str]]:
    if row.kind == "hold":
        if plan.payout is None:
            message = "a payment is held, and the plan says nothing of payout."
            yield "payout.held", message, "State payout: in the plan, as {} at least."
        return
    ladders = plan.vocabulary.ladders
    if row.ladder not in ladders:
        yield "overrides.unknown_ladder", f"{row.ladder} is no ladder of the plan.", nearest(row.ladder, ladders)
        return
    ranks = [*ladders[row.ladder], *(["none"] if row.kind == "rank" else [])]
    if row.rank and row.rank not in ranks:
        yield "overrides.unknown_rank", f"{row.rank} is no rank of {row.ladder}.", nearest(row.rank, ranks)
    elif row.rank not in ("", "none"):
        held = [rung.rank for rung in plan.ladders[row.ladder].rungs_of(scheme)]
        if row.rank not in held:
            remedy = f"Its ranks: {', '.join(held) or 'none'}."
            yield "overrides.unknown_rank", f"{row.rank} is no rank of scheme {scheme}, the member's own.", remedy
    waivable = waivable_words(plan, row.ladder)
    if row.kind == "waiver" and row.metric and row.metric not in waivable:
        message = f"no rung of {row.ladder} requires {row.metric}."
        yield "overrides.unknown_metric", message, nearest(row.metric, waivable)


def waivable_words(plan: Plan, ladder: str) -> list[str]:
    """Return the words that the rungs of a ladder require."""
    return sorted(words_in(plan.ladders[ladder]))
