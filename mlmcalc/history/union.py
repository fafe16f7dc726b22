"""What several plans read of the same tables, taken together."""

from __future__ import annotations

from collections.abc import Sequence

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.tables.needs import Needs


def union_of_needs(needs: Sequence[Needs]) -> Needs:
    """Return the columns that any of several plans reads, each with the most decimals that one of them allows.

    Parameters
    ----------
    needs : sequence of Needs
        At least one.

    Raises
    ------
    InputRefused
        ``history.column_types``: two plans read one column as different things; ``history.time_zones``: they date
        instants in different time zones.
    """
    findings = []
    zones = sorted({need.time_zone for need in needs})
    if len(zones) > 1:
        message = f"the plans have several time zones ({', '.join(zones)}), and a day is kept once for all of them."
        findings.append(Finding("history.time_zones", message, "Give all plans of a company one time_zone."))
    schemes = [need.scheme_column for need in needs if need.scheme_column]
    own = {}
    for table in ("member_columns", "order_columns"):
        own[table] = {}
        for name, (kind, decimals) in ((name, typed) for need in needs for name, typed in getattr(need, table).items()):
            known = own[table].setdefault(name, (kind, decimals))
            if known[0] != kind:
                message = f"one plan reads {name} as {known[0]}, another as {kind}."
                findings.append(Finding("history.column_types", message, "Declare it alike in all plans.", column=name))
            own[table][name] = (known[0], max(known[1], decimals))
    if findings:
        raise InputRefused(dict.fromkeys(findings))
    for name in schemes:
        own["member_columns"].setdefault(name, ("text", 0))
    return Needs(
        trees={f"{place} {name}": tree for place, need in enumerate(needs) for name, tree in need.trees.items()},
        volume_columns={
            name: max(need.volume_columns.get(name, 0) for need in needs)
            for name in dict.fromkeys(name for need in needs for name in need.volume_columns)
        },
        member_columns=own["member_columns"],
        order_columns=own["order_columns"],
        first_order=any(need.first_order for need in needs),
        joined=any(need.joined for need in needs),
        time_zone=needs[0].time_zone,
    )
