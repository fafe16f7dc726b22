"""Companies changed in ways whose effect is known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.oracle.plans import Case
from tests.oracle.snapshot import Company, Row

MEMBER_IDS = ("member_id", "sponsor_id", "placement_id")

Name = Callable[[str], str]


def of_tables(company: Company, change: Callable[[list[Row]], list[Row]]) -> Company:
    """Return a company with every table changed."""
    return replace(
        company,
        members=change(company.members),
        orders=None if company.orders is None else change(company.orders),
        volumes=None if company.volumes is None else change(company.volumes),
        overrides=change(company.overrides),
        adjustments=change(company.adjustments),
        closed=change(company.closed),
    )


def renamed(company: Company, member: Name, order: Name) -> Company:
    """Return the company under other ids."""

    def cell(name: str, text: str) -> str:
        if not text:
            return text
        if name in MEMBER_IDS:
            return member(text)
        return order(text) if name == "order_id" else text

    def under(rows: list[Row]) -> list[Row]:
        return [{name: cell(name, text) for name, text in row.items()} for row in rows]

    return replace(of_tables(company, under), state=under(company.state))


def together(one: Company, other: Company) -> Company:
    """Return two companies as one, side by side; their ids must differ."""
    return replace(
        one,
        members=one.members + other.members,
        orders=None if one.orders is None else one.orders + (other.orders or []),
        volumes=None if one.volumes is None else one.volumes + (other.volumes or []),
        overrides=one.overrides + other.overrides,
        adjustments=one.adjustments + other.adjustments,
        closed=one.closed + other.closed,
        state=one.state + other.state,
    )


def without_adjustments(company: Company) -> Company:
    """Return the company without what enters or holds a payout."""
    overrides = [row for row in company.overrides if row["override"] != "hold"]
    return replace(company, overrides=overrides, adjustments=[])


def with_returns(company: Company) -> Company:
    """Return the company with a return of every sale, and a sale for every return, on the same day."""

    def opposite(row: Row) -> Row:
        def negative(text: str) -> str:
            return text if text == "0" else text.removeprefix("-") if text.startswith("-") else "-" + text

        order_id = str(int(row["order_id"]) + 1000) if company.integer_ids else row["order_id"] + "~"
        kind = "sale" if row["kind"] == "return" else "return"
        return {**row, "order_id": order_id, "kind": kind, "qv": negative(row["qv"]), "cv": negative(row["cv"])}

    orders = company.orders or []
    return replace(company, orders=orders + [opposite(row) for row in orders])


def with_leaf(company: Company, under: str) -> Company:
    """Return the company with one more member, who has left and never ordered."""
    name = "999999" if company.integer_ids else "zzz"
    leaf = {**dict.fromkeys(company.members[0], ""), "member_id": name, "sponsor_id": under, "status": "left"}
    leaf |= {"market": company.members[0].get("market", ""), "joined": "2026-01-15"}
    if "placement_id" in leaf:
        leaf["placement_id"] = under
    return replace(company, members=[*company.members, leaf])


def spliced(company: Company, above: str) -> Company:
    """Return the company with a member, who has left and never ordered, put between a member and its sponsor."""
    changed = with_leaf(company, next(row["sponsor_id"] for row in company.members if row["member_id"] == above))
    name = changed.members[-1]["member_id"]
    members = [{**row, "sponsor_id": name} if row["member_id"] == above else row for row in changed.members]
    return replace(changed, members=members)


def times_ten(value: Any) -> Any:
    """Return amounts of a plan or of rows ten times as large: texts that are plain numbers above all names."""
    if isinstance(value, dict):
        return {key: inner if key in ("count", "levels") else times_ten(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [times_ten(inner) for inner in value]
    return str(int(value) * 10) if value.lstrip("-").isdigit() else value


def with_plan(case: Case, **changes: Any) -> Case:
    return replace(case, plan={**case.plan, **changes})
