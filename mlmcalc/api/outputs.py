"""The output tables of a finished run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import KINDS, STATUSES
from mlmcalc.kernels.grouping import order_by_group
from mlmcalc.ledger.exchange import RATE_PLACES
from mlmcalc.ledger.lines import OUTCOMES
from mlmcalc.money import INT64_MAX
from mlmcalc.payout.payments import Payments
from mlmcalc.payout.settlement import STEPS
from mlmcalc.rules.state import joined_rows
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.tables.tables_out import OutColumn, OutTable, OutType

PAYMENTS = "payments"
TABLES = ("statements", "members", "breakage", "transfers", "balance", "payout", "state", "findings")
_FEW = 1_000_000
"""Kinds of rows of state that are counted instead of compared."""
EQUATION_TERMS = ("offered", "paid", "breakage", "cut", "rounding")


def output_tables(run: CommissionRun, findings: Sequence[Finding]) -> dict[str, OutTable]:
    """Return every output table but the lines, by name.

    Parameters
    ----------
    run : CommissionRun
    findings : sequence of Finding
        The warnings about plan and data.
    """
    tables = [
        statements_table(run),
        members_table(run),
        breakage_table(run),
        transfers_table(run),
        balance_table(run),
        # A trial leaves nothing to any period, and nobody is paid by it.
        *([] if run.plan.trial is not None else [state_table(run), payout_table(run)]),
        findings_table(findings),
        *([] if run.payments is None else [payments_table(run.payments)]),
    ]
    return {table.name: table for table in tables}


def names_of_tables(digests: Collection[str]) -> list[str]:
    """Return the tables of a run other than its lines, in the order in which they are written.

    Parameters
    ----------
    digests : collection of str
        The tables that have a digest.
    """
    return [name for name in (*TABLES, PAYMENTS) if name in digests]


def statements_table(run: CommissionRun) -> OutTable:
    """Return one row for every earner and bonus with lines; a null earner is the company."""
    bonuses = list(run.bonuses)
    earners, codes, counts, amounts = [], [], [], []
    for code, result in enumerate(run.bonuses.values()):
        earner = np.flatnonzero(result.counts)
        earners.append(earner)
        codes.append(np.full(earner.size, code))
        counts.append(result.counts[earner])
        amounts.append(result.amounts[earner])
    earner, code = _joined(earners), _joined(codes)
    # They stand there by bonus, and keep that order.
    order = order_by_group(earner.astype(np.int32), run.values.size + 1)
    return OutTable(
        "statements",
        [
            OutColumn("earner", "member", earner[order]),
            OutColumn("bonus", "category", code[order], labels=bonuses),
            OutColumn("lines", "integer", _joined(counts)[order]),
            OutColumn("amount", "decimal", _joined(amounts)[order], decimals=run.amount_decimals),
        ],
    )


def breakage_table(run: CommissionRun) -> OutTable:
    """Return what was offered and not paid, per bonus, level and outcome."""
    rows = run.breakage
    bases = max((row.base_decimals for row in rows), default=0)
    amounts = max((row.amount_decimals for row in rows), default=0)
    bonuses = list(run.bonuses)
    return OutTable(
        "breakage",
        [
            OutColumn("bonus", "category", _codes((row.bonus for row in rows), bonuses), labels=bonuses),
            OutColumn("level", "integer", np.array([row.level for row in rows], np.int64)),
            OutColumn("outcome", "category", _codes((row.outcome for row in rows), OUTCOMES), labels=OUTCOMES),
            OutColumn("base", "decimal", [row.base * 10 ** (bases - row.base_decimals) for row in rows], bases),
            OutColumn(
                "amount", "decimal", [row.amount * 10 ** (amounts - row.amount_decimals) for row in rows], amounts
            ),
        ],
    )


def transfers_table(run: CommissionRun) -> OutTable:
    """Return every roll-up of volume: who gave what to which keeper; a null keeper is nobody."""
    parts = run.transfers
    decimals = max((part.decimals for part in parts), default=0)
    volumes, trees = sorted({part.volume for part in parts}), sorted({part.tree for part in parts})
    sizes = [part.member.size for part in parts]
    volume = np.repeat(_codes((part.volume for part in parts), volumes), sizes)
    tree = np.repeat(_codes((part.tree for part in parts), trees), sizes)
    amounts = _in_decimals([(part.amounts, part.decimals) for part in parts], decimals)
    return OutTable(
        "transfers",
        [
            OutColumn("volume", "category", volume, labels=volumes),
            OutColumn("tree", "category", tree, labels=trees),
            OutColumn("member", "member", _joined([part.member for part in parts])),
            OutColumn("keeper", "member", _joined([part.keeper for part in parts])),
            OutColumn("amount", "decimal", amounts, decimals, by_text=True),
        ],
    )


def balance_table(run: CommissionRun) -> OutTable:
    """Return the equation of every bonus: offered = paid + breakage + cut + rounding."""
    bonuses, equations = list(run.bonuses), run.equations
    decimals = max((equation.decimals for equation in equations), default=0)
    columns = [OutColumn("bonus", "category", np.arange(len(bonuses)), labels=bonuses)]
    for term in EQUATION_TERMS:
        amounts = [getattr(equation, term) * 10 ** (decimals - equation.decimals) for equation in equations]
        columns.append(OutColumn(term, "decimal", amounts, decimals))
    return OutTable("balance", columns)


def state_table(run: CommissionRun) -> OutTable:
    """Return what the period leaves to the next, by member in canonical order, then section, name, key and age."""
    closing = run.values.closing
    left = [(kept, joined_rows(parts)) for kept, parts in sorted(closing.sections.items())]
    member = _joined([rows.member for _, rows in left])
    sections, names = sorted({kept.section for kept, _ in left}), sorted({kept.name for kept, _ in left})
    section = _joined([np.full(rows.size, sections.index(kept.section)) for kept, rows in left])
    name = _joined([np.full(rows.size, names.index(kept.name)) for kept, rows in left])
    keys, key = _merged([(rows.key, rows.keys) for _, rows in left])
    ages, since = _merged([(rows.since, rows.periods) for _, rows in left])
    decimals = max((rows.decimals for _, rows in left), default=0)
    value = _in_decimals([(rows.amounts, rows.decimals) for _, rows in left], decimals)
    order = _by_member(member, run.values.size, ((section, sections), (name, names), (key, keys), (since, ages)))
    return OutTable(
        "state",
        [
            OutColumn("period", "category", np.zeros(order.size, np.int64), labels=[closing.period]),
            OutColumn("section", "category", section[order], labels=sections),
            OutColumn("name", "category", name[order], labels=names),
            OutColumn("member_id", "member", member[order]),
            OutColumn("key", "category", key[order], labels=keys),
            OutColumn("since", "category", since[order], labels=ages),
            OutColumn(
                "value", "decimal", [value[row] for row in order] if isinstance(value, list) else value[order], decimals
            ),
        ],
    )


def payout_table(run: CommissionRun) -> OutTable:
    """Return what became of what every member earned, step by step; no row where the plan says nothing of it."""
    steps = [] if run.settlement is None else run.settlement.steps
    names = sorted({step.name for step in steps})
    rows = [np.flatnonzero(step.amounts) for step in steps]
    sizes = [row.size for row in rows]
    amounts = _joined([step.amounts[row] for step, row in zip(steps, rows, strict=True)])
    member = _joined([] if run.settlement is None else [run.settlement.members[row] for row in rows])
    order = order_by_group(member.astype(np.int32), run.values.size)
    kinds = np.repeat(_codes((step.step for step in steps), STEPS), sizes)
    called = np.repeat(_codes((step.name for step in steps), names), sizes)
    decimals = run.plan.rounding.money_decimals
    return OutTable(
        "payout",
        [
            OutColumn("member", "member", member[order]),
            OutColumn("step", "category", kinds[order], labels=STEPS),
            OutColumn("name", "category", called[order], labels=names),
            OutColumn("amount", "decimal", amounts[order], decimals),
        ],
    )


def payments_table(payments: Payments) -> OutTable:
    """Return what every member is paid in its currency, and what rounding left, exactly."""
    places = payments.plan_decimals
    return OutTable(
        PAYMENTS,
        [
            OutColumn("member_id", "member", payments.members),
            OutColumn("plan_amount", "decimal", payments.plan_amounts, places),
            OutColumn("currency", "category", payments.currency, labels=payments.currencies),
            OutColumn("rate", "decimal", payments.rates[payments.currency], RATE_PLACES),
            OutColumn("amount", "decimal", payments.amounts, payments.decimals),
            OutColumn("left", "decimal", payments.left, payments.left_decimals),
        ],
    )


def findings_table(findings: Sequence[Finding]) -> OutTable:
    """Return the findings, one row each."""
    columns = [
        OutColumn(name, "text", [getattr(finding, name) for finding in findings])
        for name in ("level", "code", "message", "remedy", "file", "column", "member")
    ]
    columns += [
        OutColumn(name, "integer", [getattr(finding, name) for finding in findings])
        for name in ("row", "line", "position")
    ]
    columns.append(OutColumn("path", "text", [".".join(str(step) for step in finding.path) for finding in findings]))
    return OutTable("findings", columns)


def members_table(run: CommissionRun) -> OutTable:
    """Return one row per member in canonical order: place in every tree, standing, volumes, metrics and total."""
    values, network = run.values, run.values.network
    positions = np.arange(values.size, dtype=np.int32)
    columns = [OutColumn("member_id", "member", positions)]
    # As recorded, a tree still has those whose status takes them out: a trial that does not walk it does not show it.
    trees = network.trees | values.trees if run.plan.trial is None else values.trees
    for name, tree in trees.items():
        columns.append(OutColumn(f"{name}_parent", "member", _parent_positions(tree)))
        if tree.kept is not None:
            columns.append(OutColumn(f"{name}_kept", "flag", tree.leave(tree.kept)))
    active = values.may_earn if values.active is None else values.active
    columns += [
        OutColumn("status", "category", network.status, labels=STATUSES),
        OutColumn("kind", "category", network.kind, labels=KINDS),
        OutColumn("active", "flag", active),
    ]
    if len(values.scheme_names) > 1:
        columns.append(OutColumn("scheme", "category", values.scheme, labels=list(values.scheme_names)))
    for ladder, ranking in values.rankings.items():
        columns.append(OutColumn(ladder, "category", ranking.code.astype(np.int64) - 1, labels=list(ranking.names)))
        columns.append(OutColumn(f"{ladder}_forced", "flag", ranking.forced))
    for title, ranking in values.titles.items():
        columns.append(OutColumn(title, "category", ranking.code.astype(np.int64) - 1, labels=list(ranking.names)))
    quantities = {name: volume.total for name, volume in values.volumes.items()} | dict(values.metrics)
    for name, quantity in quantities.items():
        kind: OutType = "decimal" if quantity.decimals else "integer"
        columns.append(OutColumn(name, kind, quantity.amounts, quantity.decimals))
    columns.append(OutColumn("paid", "decimal", run.paid[:-1], run.amount_decimals))
    return OutTable("members", _without_clashes(columns))


def _without_clashes(columns: list[OutColumn]) -> list[OutColumn]:
    # A plan may call a metric `paid` or a volume `kind`: the later column steps back.
    taken: set[str] = set()
    unique = []
    for column in columns:
        name = column.name
        while name in taken:
            name += "_"
        taken.add(name)
        unique.append(OutColumn(name, column.type, column.values, column.decimals, column.labels))
    return unique


def _parent_positions(tree) -> np.ndarray:
    parent = tree.parent
    if tree.order is not None:
        parent = np.where(parent < 0, -1, tree.order[parent]).astype(np.int32)
    return tree.leave(parent)


def _codes(names: Iterable[str], labels: Sequence[str]) -> np.ndarray:
    code = {name: place for place, name in enumerate(labels)}
    return np.fromiter((code[name] for name in names), np.int64)


def _merged(parts: Sequence[tuple[np.ndarray, Sequence[str]]]) -> tuple[list[str], np.ndarray]:
    # An empty text is no label: it is null, and stands first.
    known = sorted({label for _, labels in parts for label in labels if label})
    code = {label: place for place, label in enumerate(known)} | {"": -1}
    return known, _joined([np.array([code[label] for label in labels])[codes] for codes, labels in parts])


def _by_member(member: np.ndarray, members: int, columns: Sequence[tuple[np.ndarray, Sequence[str]]]) -> np.ndarray:
    """Return rows ascending by member, then by columns of codes, -1 before the first label."""
    place, places = np.zeros(member.size, np.int64), 1
    for codes, labels in columns:
        place = place * (len(labels) + 1) + (codes + 1)
        places *= len(labels) + 1
    if places > _FEW:
        return np.lexsort((*(codes for codes, _ in reversed(columns)), member))
    # Few kinds of rows: they are brought together, and then the rows of each member.
    order = order_by_group(place.astype(np.int32), places)
    return order[order_by_group(member[order], members)]


def _in_decimals(parts: Sequence[tuple[np.ndarray, int]], decimals: int) -> np.ndarray | list[int]:
    # Large sums and long fractions may need more than 64 bits in common decimals.
    factors = [10 ** (decimals - places) for _, places in parts]
    fits = all(
        not amounts.size or np.abs(amounts).max() <= INT64_MAX // factor
        for (amounts, _), factor in zip(parts, factors, strict=True)
    )
    if fits:
        return _joined([amounts * factor for (amounts, _), factor in zip(parts, factors, strict=True)])
    return [int(amount) * factor for (amounts, _), factor in zip(parts, factors, strict=True) for amount in amounts]


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
