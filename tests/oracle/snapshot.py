"""The company as the plan's period sees it: members, orders and recorded trees, before any value is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.oracle.scalars import day, flag, months_between, number

Row = dict[str, str]
Member = str

NOT_JOINED = "not_joined"
STATUS_DEFAULT = {"walk": "through", "source": "true", "earner": "false"}


@dataclass(frozen=True)
class Company:
    """What the oracle is given, every cell as text.

    Attributes
    ----------
    orders, volumes : list of rows or None
        One of the two.
    first, last : date
        The period, both days included.
    integer_ids : bool
        Whether ids order as numbers.
    state : list of rows
        What the period before left, without its label.
    adjustments, closed, rates : list of rows
    period, previous : str
        Labels of the period and the one before.
    """

    members: list[Row]
    first: date
    last: date
    orders: list[Row] | None = None
    volumes: list[Row] | None = None
    overrides: list[Row] = field(default_factory=list)
    integer_ids: bool = False
    state: list[Row] = field(default_factory=list)
    adjustments: list[Row] = field(default_factory=list)
    closed: list[Row] = field(default_factory=list)
    rates: list[Row] = field(default_factory=list)
    period: str = ""
    previous: str = ""

    def id_key(self, text: str) -> Any:
        return int(text) if self.integer_ids else text


@dataclass(frozen=True)
class Tree:
    """A tree over some of the members; `up` is the parent of a member in it, the keeper of one who is not."""

    nodes: frozenset[Member]
    up: dict[Member, Member | None]
    policy: str
    recorded: str

    @cached_property
    def children(self) -> dict[Member, list[Member]]:
        below: dict[Member, list[Member]] = {member: [] for member in self.up}
        for member in self.nodes:
            parent = self.up[member]
            if parent is not None:
                below[parent].append(member)
        return below

    def above(self, member: Member) -> list[Member]:
        """Return the ancestors, nearest first; of a member left out, from its keeper."""
        found = []
        at = self.up[member]
        while at is not None:
            found.append(at)
            at = self.up[at]
        return found

    def places(self, member: Member) -> list[tuple[Member, int]]:
        """Return every member whose subtree holds this one's volume, with the distance; itself at 0."""
        lift = 0 if member not in self.nodes and self.policy == "stay_same_level" else 1
        return [(member, 0)] + [(at, distance + lift) for distance, at in enumerate(self.above(member))]

    def kept(self, keep: frozenset[Member], policy: str) -> Tree:
        """Return the tree of those in `keep`, each attached to its nearest kept ancestor."""
        nodes = self.nodes & keep
        up = {member: next((at for at in self.above(member) if at in nodes), None) for member in self.up}
        return Tree(nodes, up, policy, self.recorded)


class Snapshot:
    """Members, trees and orders, with what the plan says about statuses and kinds."""

    def __init__(self, plan: dict[str, Any], company: Company) -> None:
        self.plan = plan
        self.company = company
        self.member = {row["member_id"]: row for row in company.members}
        self.ids = sorted(self.member, key=company.id_key)
        self.recorded = {
            name: self.walked(name, self.uplines(name)) for name, word in plan["trees"].items() if "parent" in word
        }
        self.first_tree = next(iter(plan["trees"]))

    def cell(self, member: Member, column: str) -> str:
        return self.member[member].get(column, "")

    def joined(self, member: Member) -> date | None:
        return day(self.cell(member, "joined"))

    def has_joined(self, member: Member) -> bool:
        joined = self.joined(member)
        return joined is None or joined <= self.company.last

    def kind(self, member: Member) -> str:
        return self.cell(member, "kind") or "distributor"

    def status(self, member: Member) -> str:
        if not self.has_joined(member):
            return NOT_JOINED
        since = day(self.cell(member, "status_from"))
        if since is not None and since > self.company.last:
            return "active"
        return self.cell(member, "status") or "active"

    def allowed(self, member: Member, what: str) -> str:
        """Return what the member's status says on ``walk``, ``source`` or ``earner``."""
        status = self.status(member)
        if status in ("active", NOT_JOINED):
            return {"walk": "through", "source": "true", "earner": "true" if status == "active" else "false"}[what]
        return self.plan.get("statuses", {}).get(status, {}).get(what, STATUS_DEFAULT[what])

    def is_source(self, member: Member) -> bool:
        return flag(self.allowed(member, "source"))

    def barred(self, member: Member) -> bool:
        """Return whether the status bars the member from earning."""
        return not flag(self.allowed(member, "earner"))

    def may_hold_rank(self, member: Member) -> bool:
        return self.kind(member) == "distributor" and not self.barred(member)

    def scheme(self, member: Member) -> str:
        schemes = self.plan.get("schemes")
        return self.cell(member, schemes["by"]) if schemes else ""

    def uplines(self, tree: str) -> dict[Member, Member | None]:
        """Return the parents of a recorded tree, whatever the status of anybody."""
        column = self.plan["trees"][tree]["parent"]
        return {member: self.cell(member, column) or None for member in self.ids}

    def walked(self, name: str, up: dict[Member, Member | None]) -> Tree:
        """Return a tree of everybody without those whose status takes them out."""
        everyone = Tree(frozenset(up), up, "stay", name)
        walked = frozenset(member for member in up if self.allowed(member, "walk") == "through")
        return everyone.kept(walked, "stay")

    # orders

    @cached_property
    def first_orders(self) -> set[str]:
        """Return the ids of each buyer's earliest sale on or before the period's end."""
        earliest: dict[str, tuple[str, Any, str]] = {}
        for row in self.company.orders or []:
            if row.get("kind") == "return" or row["date"] > self.company.last.isoformat():
                continue
            key = (row["date"], self.company.id_key(row["order_id"]), row["order_id"])
            buyer = row["member_id"]
            earliest[buyer] = min(earliest.get(buyer, key), key)
        return {key[2] for key in earliest.values()}

    @cached_property
    def orders(self) -> list[Row]:
        """Return the orders of the period; a table of volumes is one order per row, without an id."""
        if self.company.orders is None:
            return [{"order_id": "", "kind": "sale", "date": "", **row} for row in self.company.volumes or []]
        first, last = self.company.first.isoformat(), self.company.last.isoformat()
        return [row for row in self.company.orders if first <= row["date"] <= last]

    def since_joined(self, member: Member, until: date, unit: str) -> Fraction | None:
        joined = self.joined(member)
        if joined is None:
            return None
        if unit == "periods":
            return Fraction(self._periods_since(joined))
        return Fraction((until - joined).days if unit == "days" else months_between(joined, until))

    def _periods_since(self, joined: date) -> int:
        first, last = self.company.first, self.company.last
        if self.plan.get("period", "month") == "month":
            return (last.year - joined.year) * 12 + last.month - joined.month
        periods = 0
        while joined < first - timedelta(days=periods * ((last - first).days + 1)):
            periods += 1
        while joined > last - timedelta(days=periods * ((last - first).days + 1)):
            periods -= 1
        return periods

    def credited(self, buyer: Member, credit: str) -> Member | None:
        """Return whose volume an order is."""
        if credit == "buyer" or self.kind(buyer) == "distributor":
            return buyer
        line = self.recorded[self.first_tree].above(buyer)
        return next((at for at in line if self.kind(at) == "distributor"), None)

    def column_number(self, member: Member, column: str) -> Fraction:
        return number(self.cell(member, column))
