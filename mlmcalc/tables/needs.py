"""What a plan needs to find in the tables; the plan is read elsewhere, the tables only know this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlmcalc.genealogy.network import ColumnType

CURRENCY = "currency"
"""The members' column that says in which currency each is paid."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The columns a plan reads, and how.

    Attributes
    ----------
    trees : mapping of str to (str, str, int)
        Recorded tree to its parent column, its leg column (empty: none) and its width (0: any); the first tree first.
    volume_columns : mapping of str to int
        Column of orders, or of the table of volumes, to the decimals it may have at most.
    member_columns, order_columns : mapping of str to (type, decimals)
        The company's own columns that the plan declares.
    scheme_column : str
        Member column that chooses the scheme, empty without schemes.
    schemes : tuple of str
        The names it may hold; every member has one.
    first_order : bool
        Whether the plan asks which order is the buyer's first.
    joined : bool
        Whether the plan cannot do without the members' day of joining.
    currency : bool
        Whether it matters in which currency members are paid.
    money_decimals : int
    time_zone : str
        IANA name; an instant with an offset is dated in it.
    """

    trees: Mapping[str, tuple[str, str, int]]
    volume_columns: Mapping[str, int] = field(default_factory=dict)
    member_columns: Mapping[str, tuple[ColumnType, int]] = field(default_factory=dict)
    order_columns: Mapping[str, tuple[ColumnType, int]] = field(default_factory=dict)
    scheme_column: str = ""
    schemes: tuple[str, ...] = ()
    first_order: bool = False
    joined: bool = False
    currency: bool = False
    money_decimals: int = 2
    time_zone: str = "UTC"

    def wanted_of_members(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the required and the optional columns of the table of members."""
        parents = [column for parent, leg, _ in self.trees.values() for column in (parent, leg) if column]
        own = [*self.member_columns, *([self.scheme_column] if self.scheme_column else [])]
        joined = ["joined"] if self.joined else []
        required = tuple(dict.fromkeys(["member_id", *parents, *joined, *own]))
        beside = ("joined", "status", "status_from", "kind", *([CURRENCY] if self.currency else []))
        return required, tuple(name for name in beside if name not in required)

    def wanted_of_orders(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the required and the optional columns of the table of orders."""
        required = tuple(dict.fromkeys(["order_id", "member_id", "date", *self.volume_columns, *self.order_columns]))
        return required, tuple(name for name in ("kind",) if name not in required)

    def own_columns_of_members(self) -> dict[str, tuple[ColumnType, int]]:
        """Return the company's own columns of members with their types; the scheme column is text.

        So is the currency that members are paid in, where it matters.
        """
        own = dict(self.member_columns)
        if self.scheme_column:
            own.setdefault(self.scheme_column, ("text", 0))
        if self.currency:
            own.setdefault(CURRENCY, ("text", 0))
        return own
