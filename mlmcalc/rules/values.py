"""The graph of named values: what a word reads, and where its result goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlmcalc.money import Rounding
from mlmcalc.rules.besides import Besides
from mlmcalc.rules.state import Closing, Opening

NodeKind = Literal[
    "volume", "rolled", "tree", "active", "metric", "points", "ladder", "title", "bonus", "choice", "limit", "payout"
]


class Node(NamedTuple):
    """The name of one value of the graph: ``Node("metric", "gv")``, ``Node("rolled", "pv@active")``."""

    kind: NodeKind
    name: str


TITLES = ("title", "title_before")
"""The highest rank ever held, this period included, and without this period."""

ACTIVE = Node("active", "active")
"""The node of the plan's ``active``."""
PAYOUT = Node("payout", "payout")
"""The node of the plan's ``payout``."""


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """One integer per member.

    Attributes
    ----------
    amounts : (n,) int64
        By position, in units of ``10**-decimals``.
    decimals : int
    """

    amounts: NDArray[np.int64]
    decimals: int


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """A volume before it is summed per member: who, from which order, how much.

    Attributes
    ----------
    member : (m,) int32
        Position of the member the volume is credited to, ascending.
    order : (m,) int32
        Row of the orders, -1 where there is none; ascending within a member.
    amounts : (m,) int64
    """

    member: NDArray[np.int32]
    order: NDArray[np.int32]
    amounts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """A volume per member, with its entries where lines are kept per order.

    Attributes
    ----------
    total : Quantity
        What each member holds. After a roll-up: what each keeper holds, 0 for others.
    own : Quantity
        The same as `total`, but of the original members (before a roll-up or drop).
    entries : Entries or None
        Per order, of the original members; None unless some bonus needs single orders.
    keeper_tree : str
        Name of the tree a rolled-up volume belongs to, else empty.
    """

    total: Quantity
    own: Quantity
    entries: Entries | None = None
    keeper_tree: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The ranks of a ladder.

    Attributes
    ----------
    code : (n,) int16
        0 is no rank, otherwise 1 + index into `names`.
    names : sequence of str
        Lowest first; with schemes, the merged order.
    forced : (n,) bool
        Whose rank was forced.
    """

    code: NDArray[np.int16]
    names: Sequence[str]
    forced: NDArray[np.bool_]

    def code_of(self, name: str) -> int:
        """Return the code of a rank, 0 for ``none``."""
        return 0 if name == "none" else 1 + list(self.names).index(name)


@dataclass(frozen=True, slots=True)
class Override:
    """One row of the table of forced ranks, waivers and holds, in force on the period's last day.

    Attributes
    ----------
    member : int
        Position.
    kind : {"rank", "waiver", "hold"}
    ladder, rank, metric : str
        Empty where they say nothing.
    reason, approver : str
    """

    member: int
    kind: Literal["rank", "waiver", "hold"]
    ladder: str
    rank: str
    metric: str
    reason: str
    approver: str


@dataclass(slots=True, eq=False)
class Values:
    """Everything a word may read. A word returns its result; only the run stores it here.

    Attributes
    ----------
    network : Network
        Members and recorded trees (`mlmcalc.genealogy.network.Network`).
    orders : Orders
        Orders of the period (`mlmcalc.volumes.orders.Orders`).
    rounding : Rounding
    scheme : (n,) int16
        Index into `scheme_names`, 0 everywhere without schemes.
    may_earn : (n,) bool
        Status and kind allow this member to earn and to hold a rank.
    status_bars : (n,) bool
        The status, or joining later, forbids earning; then the outcome is ``not_active``.
    is_source : (n,) bool
        The status lets the member's volume pay bonuses.
    amount_decimals : int
        Of every amount of the run: those of money where lines are rounded, else those of the finest product.
    keep_entries : bool
        Whether some bonus needs the entries of volumes (lines per order, or rates by an order column).
    active : (n,) bool
        Meets the plan's ``active``; set once its condition can be judged.
    vocabulary : Vocabulary or None
        The names of the plan, with their words (`Vocabulary.definitions`); a ladder judges by them.
    walk_compressed : (n,) bool or None
        Whose status takes them out of every recorded tree; None where nobody's does.
    volumes : dict of str to Volume
        Rolled-up volumes too, under ``pv@active``.
    titles : dict of str to Ranking
        ``rank.title`` and ``rank.title_before``, and those of other ladders, where the plan asks for them.
    trees, metrics, rankings, earned : dict
        Tree, Quantity, Ranking and rounded money per earner (Quantity) of each bonus.
    opening : Opening
        What the period before left.
    besides : Besides
        What else the run is given.
    closing : Closing
        What this period leaves; a word adds what is its own.
    paid_orders : dict
        Of each bonus that a volume asks about, on which orders it was paid: name to a ``(m,)`` bool by row.
    required_metrics : dict
        Metrics whose value depends on what a rung requires: name to a callable ``(required_units) -> Quantity``.
    """

    network: Any
    orders: Any
    rounding: Rounding
    scheme: NDArray[np.int16]
    may_earn: NDArray[np.bool_]
    is_source: NDArray[np.bool_]
    status_bars: NDArray[np.bool_]
    scheme_names: Sequence[str] = ("",)
    overrides: Sequence[Override] = ()
    amount_decimals: int = 2
    keep_entries: bool = False
    active: NDArray[np.bool_] | None = None
    vocabulary: Vocabulary | None = None
    walk_compressed: NDArray[np.bool_] | None = None
    volumes: dict[str, Volume] = field(default_factory=dict)
    trees: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Quantity] = field(default_factory=dict)
    rankings: dict[str, Ranking] = field(default_factory=dict)
    titles: dict[str, Ranking] = field(default_factory=dict)
    earned: dict[str, Quantity] = field(default_factory=dict)
    paid_orders: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    required_metrics: dict[str, Any] = field(default_factory=dict)
    opening: Opening = field(default_factory=Opening)
    besides: Besides = field(default_factory=Besides)
    closing: Closing = field(default_factory=Closing)

    @property
    def size(self) -> int:
        """Number of members."""
        return self.may_earn.size

    def ranking(self, word: str) -> Ranking | None:
        """Return the ranking behind a ladder's name or a title; None for any other word."""
        if word in self.rankings:
            return self.rankings[word]
        if word in self.metrics or word in self.volumes or word in self.network.columns:
            return None
        return self.titles.get(f"rank.{word}" if word in TITLES else word)

    def quantity(self, name: str) -> Quantity:
        """Return a metric, a volume (``pv``, ``pv@active``) or a number column of members by name."""
        if name in self.metrics:
            return self.metrics[name]
        if name in self.volumes:
            return self.volumes[name].total
        column = self.network.columns[name]
        return Quantity(column.values, column.decimals)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a plan defines, by which its words check what they refer to.

    Attributes
    ----------
    volumes, metrics : mapping of str to int
        Name to decimals; points are among the metrics.
    points : frozenset of str
        Which metrics are points: bonuses that count and are not paid.
    trees : mapping of str to str
        Name to volume policy, empty text for recorded trees.
    ladders : mapping of str to sequence of str
        Ladder to rank names, lowest first; the ladder of ``ranks`` is called ``rank``.
    member_columns, order_columns : mapping of str to (type, decimals)
    bonuses, schemes : sequence of str
    required_metrics : frozenset of str
        Metrics with ``of: required``.
    asked_on_orders : frozenset of str
        Bonuses of which a volume asks on which orders they were paid.
    first_tree : str
    grain : str
    money_decimals : int
    line_unit : int
        What every line is a multiple of, in the money of the plan; 1 where lines are not rounded.
    decimals : int
        Of volumes that state none.
    paid_decimals : int
        Of what a bonus word pays: those of money; for points those of the plan.
    choices : mapping of str to Node
        Bonus to the choice it is one of; what it paid is known after that.
    definitions : mapping of Node to Any
        The word behind each node, the condition behind ``active``; a rolled-up volume has none.
    """

    volumes: Mapping[str, int]
    metrics: Mapping[str, int]
    trees: Mapping[str, str]
    ladders: Mapping[str, Sequence[str]]
    member_columns: Mapping[str, tuple[str, int]]
    order_columns: Mapping[str, tuple[str, int]]
    bonuses: Sequence[str]
    schemes: Sequence[str]
    scheme_column: str = ""
    required_metrics: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()
    asked_on_orders: frozenset[str] = frozenset()
    first_tree: str = ""
    grain: str = "source"
    money_decimals: int = 2
    line_unit: int = 1
    decimals: int = 2
    paid_decimals: int = 2
    choices: Mapping[str, Node] = field(default_factory=dict)
    definitions: Mapping[Node, Any] = field(default_factory=dict)

    def of_points(self) -> Vocabulary:
        """Return the names as points read them: they are counted in the plan's decimals, not in money."""
        return replace(self, paid_decimals=self.decimals, line_unit=1)

    def quantity_decimals(self, name: str) -> int | None:
        """Return the decimals of a volume, ``VOLUME@TREE``, metric or number column; None if there is no such name."""
        if name in self.metrics:
            return self.metrics[name]
        volume, _, tree = name.partition("@")
        if volume in self.volumes and (not tree or self.trees.get(tree) in ("roll_up", "drop")):
            return self.volumes[volume]
        kind, decimals = self.member_columns.get(name, ("", 0))
        return decimals if kind == "number" else None

    def title_of(self, word: str) -> Node | None:
        """Return the node of ``LADDER.title``, and of ``title`` (of ``rank``) if the plan gives nothing that name.

        ``title_before`` likewise; None for any other word.
        """
        ladder, dot, which = word.rpartition(".")
        own = (self.ladders, self.volumes, self.metrics, self.member_columns, (self.scheme_column,))
        if not dot:
            ladder = "rank"
            if any(word in names for names in own):
                return None
        return Node("title", f"{ladder}.{which}") if which in TITLES and ladder in self.ladders else None

    def ranking_of(self, word: str) -> Node | None:
        """Return the node of a ladder or a title; None for any other word."""
        return Node("ladder", word) if word in self.ladders else self.title_of(word)

    def ranks_of(self, ranking: Node | None) -> Sequence[str]:
        """Return the ranks behind the node of a ladder or a title, lowest first."""
        if ranking is None:
            return ()
        return self.ladders[ranking.name if ranking.kind == "ladder" else ranking.name.rpartition(".")[0]]

    def earnings_of(self, bonus: str) -> set[Node]:
        """Return the nodes after which it is known what a bonus paid."""
        return {Node("bonus", bonus), *([self.choices[bonus]] if bonus in self.choices else [])}

    def node_of(self, name: str) -> Node | None:
        """Return the graph node behind a quantity's name; None for a column or an unknown name."""
        if name in self.metrics:
            return Node("points" if name in self.points else "metric", name)
        if "@" in name:
            return Node("rolled", name)
        return Node("volume", name) if name in self.volumes else None
