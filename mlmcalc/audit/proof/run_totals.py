"""The control totals in a manifest, counted again from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from mlmcalc.audit.proof.report import DECIMAL, SHOWN, Check, broken
from mlmcalc.audit.proof.run_sums import is_amount
from mlmcalc.tables.stored import StoredTables

_OWN = pl.col("earner").is_not_null()
COUNTED = ("totals.bonuses.", "totals.breakage.", "totals.payout.", "totals.payments.")
"""Totals of which none can stand in a manifest without rows in a table."""
_ZERO = Decimal(0)


def totals_check(stored: StoredTables, manifest: Mapping[str, Any], of: str) -> Check:
    """Return whether every control total that can be counted from the tables is what the manifest says."""
    found = _flat({"totals": counted_totals(stored, manifest), "balance": _balance(stored)} | _warnings(stored))
    said = _flat({name: manifest[name] for name in ("totals", "balance", "warnings")})
    findings = [
        broken("totals", f"{name} is {said.get(name, 'missing')}, the tables come to {value}.", stored.folder)
        for name, value in found.items()
        if not _alike(value, said.get(name))
    ]
    counted = [name for name in said if name.startswith(COUNTED)]
    findings += [
        broken("totals", f"{name} is {said[name]}, and nothing of it is in the tables.", stored.folder)
        for name in counted
        if name not in found
    ]
    more = len(findings) - SHOWN
    findings = findings[:SHOWN] + ([broken("totals", f"so do not {more:,} totals more.")] if more > 0 else [])
    return Check(of, "control totals come out of the tables", len(found), findings)


def counted_totals(stored: StoredTables, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the control totals of a run, counted from its tables; amounts as decimals.

    Parameters
    ----------
    stored : StoredTables
    manifest : mapping
        Its names of volumes and ladders are taken.
    """
    members, statements = stored.scan("members"), stored.scan("statements")
    # A plan may have a volume called paid: what members are paid stands last, whatever it is called then.
    own = pl.col(list(stored.schema("members"))[-1])
    paid = members.select(
        pl.len().alias("members"), pl.col("active").sum(), own.sum().alias("paid"), (own != 0).sum().alias("n")
    ).collect()
    bonuses = _bonuses(stored, statements)
    return {
        "members": paid["members"][0],
        "active": paid["active"][0],
        "paid": paid["paid"][0],
        "earners": paid["n"][0],
        "lines": sum(bonus["lines"] for bonus in bonuses.values()),
        "company": sum((bonus["company"] for bonus in bonuses.values()), _ZERO),
        "bonuses": bonuses,
        "volumes": _volumes(stored, members, manifest),
        "breakage": _sums(stored.scan("breakage"), "outcome"),
        "payout": _sums(stored.scan("payout"), "step"),
        "ranks": _ranks(stored, manifest),
    } | _payments(stored, manifest)


def _bonuses(stored: StoredTables, statements: pl.LazyFrame) -> dict[str, dict[str, Any]]:
    rows = (
        statements.group_by(pl.col("bonus").cast(pl.String))
        .agg(
            paid=pl.col("amount").filter(_OWN).sum(),
            company=pl.col("amount").filter(~_OWN).sum(),
            earners=(pl.col("amount").filter(_OWN) != 0).sum(),
            lines=pl.col("lines").sum(),
        )
        .collect(engine="streaming")
    )
    found = {row.pop("bonus"): row for row in rows.to_dicts()}
    nothing = {"paid": _ZERO, "company": _ZERO, "earners": 0, "lines": 0}
    # A bonus that paid nobody has no statement.
    names = stored.scan("balance").select(pl.col("bonus").cast(pl.String)).collect()["bonus"]
    return dict.fromkeys(names, nothing) | found


def _payments(stored: StoredTables, manifest: Mapping[str, Any]) -> dict[str, Any]:
    if "payments" not in manifest["columns"]:
        return {}
    sums = [pl.len().alias("members"), *(pl.col(name).sum() for name in ("plan_amount", "amount", "left"))]
    rows = stored.scan("payments").group_by(pl.col("currency").cast(pl.String)).agg(sums).collect().to_dicts()
    return {"payments": {row.pop("currency"): row for row in rows}}


def _volumes(stored: StoredTables, members: pl.LazyFrame, manifest: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name in _named(manifest, "volumes") if is_amount(stored.schema("members"), name)]
    return members.select(pl.col(name).sum() for name in names).collect().row(0, named=True) if names else {}


def _ranks(stored: StoredTables, manifest: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    found, columns = {}, stored.schema("members")
    for ladder in _named(manifest, "ranks"):
        ranks = columns.get(ladder)
        if not isinstance(ranks, pl.Enum) or f"{ladder}_" in columns:
            continue
        nobody = dict.fromkeys(["none", *ranks.categories], 0)
        counts = (
            stored.scan("members").group_by(pl.col(ladder).cast(pl.String).fill_null("none")).agg(pl.len()).collect()
        )
        found[ladder] = nobody | dict(counts.iter_rows())
    return found


def _named(manifest: Mapping[str, Any], total: str) -> list[str]:
    stated = manifest["totals"].get(total)
    return list(stated) if isinstance(stated, dict) else []


def _sums(rows: pl.LazyFrame, by: str) -> dict[str, Decimal]:
    sums = rows.group_by(pl.col(by).cast(pl.String)).agg(pl.col("amount").sum()).sort(by).collect()
    return dict(sums.iter_rows())


def _balance(stored: StoredTables) -> dict[str, dict[str, Decimal]]:
    rows = stored.scan("balance").with_columns(pl.col("bonus").cast(pl.String)).collect().to_dicts()
    return {row.pop("bonus"): row for row in rows}


def _warnings(stored: StoredTables) -> dict[str, Any]:
    rows = stored.scan("findings").select("code").collect()
    return {"warnings": {"count": rows.height, "codes": dict(rows.group_by("code").len().iter_rows())}}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return every single value of nested mappings by its path; rows of the balance by their bonus."""
    if isinstance(value, list):
        value = {str(row.get("bonus")): {key: part for key, part in row.items() if key != "bonus"} for row in value}
    if not isinstance(value, Mapping):
        return {path: value}
    found: dict[str, Any] = {}
    for key, part in value.items():
        found |= _flat(part, f"{path}.{key}".removeprefix("."))
    return found


def _alike(value: Any, said: Any) -> bool:
    if isinstance(said, str):
        return DECIMAL.fullmatch(said) is not None and value == Decimal(said)
    return type(value) is type(said) and value == said
