"""A plan that has been read, checked and bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mlmcalc.documents.document import Document
from mlmcalc.errors import Finding
from mlmcalc.money import Rounding
from mlmcalc.periods import Period, parse_period
from mlmcalc.plan.corrections import Corrections
from mlmcalc.plan.head import Head, Schemes, StatusRule
from mlmcalc.plan.plugged import Plugged
from mlmcalc.ranks.titles import TitleOf
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.state import Keeper, Keeps
from mlmcalc.rules.values import ACTIVE, PAYOUT, Node, Vocabulary


@dataclass(frozen=True, slots=True)
class Trial:
    """To what a plan is narrowed.

    Attributes
    ----------
    only : tuple of str
        The bonuses that were asked for; empty where a stage was.
    until : str
        The stage; empty where bonuses were.
    left_out : tuple of str
        Kind and name of every value that is not calculated.
    """

    only: tuple[str, ...]
    until: str
    left_out: tuple[str, ...]

    @property
    def wish(self) -> str:
        """What was asked for, in words."""
        return f"until {self.until}" if self.until else f"only {', '.join(self.only)}"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One version of a compensation plan.

    Attributes
    ----------
    head : Head
    rounding : Rounding
    volumes, trees, metrics, points, ladders, bonuses : mapping of str to word
        In the order of the document; the ladder of ``ranks`` is called ``rank``.
    choices, limits : mapping of str to word
        Exclusive bonuses by what they say, and limits by name; in the order of the document.
    payout : Payout or None
        None where everything earned is paid.
    member_columns, order_columns : mapping of str to (type, decimals)
        The company's own columns, as declared.
    vocabulary : Vocabulary
    order : tuple of Node
        Every value, after all that it reads; rolled-up volumes and ``active`` among them.
    plugged : mapping of str to Plugged
        The bonus words of other packages that the plan uses.
    digest : str
        SHA-256 of what the document says, whatever its layout.
    warnings : tuple of Finding
    document : Document
    trial : Trial or None
        Where it is narrowed to some of its values; None for a whole plan.
    """

    head: Head
    rounding: Rounding
    volumes: Mapping[str, Any]
    trees: Mapping[str, Any]
    metrics: Mapping[str, Any]
    points: Mapping[str, Any]
    ladders: Mapping[str, Any]
    bonuses: Mapping[str, Any]
    choices: Mapping[str, Any]
    limits: Mapping[str, Any]
    payout: Any
    member_columns: Mapping[str, tuple[str, int]]
    order_columns: Mapping[str, tuple[str, int]]
    vocabulary: Vocabulary
    order: tuple[Node, ...]
    plugged: Mapping[str, Plugged]
    digest: str
    warnings: tuple[Finding, ...]
    document: Document
    trial: Trial | None = None

    def __repr__(self) -> str:
        """Return name, version and digest."""
        return f"Plan({self.name!r}, version {self.version!r}, {self.digest[:12]})"

    @property
    def name(self) -> str:
        """The plan's name."""
        return self.head.plan

    @property
    def version(self) -> str:
        """The plan's version."""
        return self.head.version

    @property
    def effective(self) -> date:
        """First day the version is in force."""
        return self.head.effective

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return self.head.currency

    @property
    def time_zone(self) -> str:
        """IANA name."""
        return self.head.time_zone

    @property
    def decimals(self) -> int:
        """Decimals of volumes that state no other."""
        return self.head.decimals

    @property
    def active(self) -> Condition | None:
        """Who counts as active; None: every member whose status is ``active``."""
        return self.head.active

    @property
    def schemes(self) -> Schemes | None:
        """Column and names of the schemes."""
        return self.head.schemes

    @property
    def statuses(self) -> dict[str, StatusRule]:
        """What members of each status other than ``active`` may do."""
        words = self.head.statuses
        return {"suspended": words.suspended, "left": words.left, "merged": words.merged}

    @property
    def corrections(self) -> Corrections:
        """What is done about what is learnt after a period was paid."""
        return self.head.corrections.bound(self.rounding.money_decimals)

    def calendar(self, label: str) -> Period:
        """Return the period of a label in the plan's calendar.

        Raises
        ------
        InputRefused
            ``periods.label``.
        """
        return parse_period(label, self.head.period)

    @property
    def keeps(self) -> tuple[Keeps, ...]:
        """What the plan's words need of the period before, and leave to the next."""
        nodes = [node for node in self.order if node.kind in ("metric", "points", "ladder", "title", "bonus")]
        words = [(node.name, self.word(node)) for node in nodes] + [(PAYOUT.name, self.payout)]
        return tuple(
            kept for name, word in words if isinstance(word, Keeper) for kept in word.keeps(name, self.vocabulary)
        )

    @property
    def text(self) -> str:
        """The document as written."""
        return self.document.text

    @property
    def file(self) -> str:
        """The document's file, as the user named it."""
        return self.document.file

    def word(self, node: Node) -> Any:
        """Return the word behind a node; None for a rolled-up volume, and for ``active`` where the plan states none."""
        if node == ACTIVE:
            return self.active
        if node.kind == "title":
            return TitleOf(self.ladders[node.name.rpartition(".")[0]], node.name)
        words = {
            "volume": self.volumes,
            "tree": self.trees,
            "metric": self.metrics,
            "points": self.points,
            "ladder": self.ladders,
            "bonus": self.bonuses,
            "choice": self.choices,
            "limit": self.limits,
            "payout": {} if self.payout is None else {PAYOUT.name: self.payout},
        }
        return words[node.kind][node.name] if node.kind in words else None

    def reads_of(self, node: Node) -> set[Node]:
        """Return the values that one is calculated from."""
        if node.kind == "rolled":
            volume, _, tree = node.name.partition("@")
            return {Node("volume", volume), Node("tree", tree)}
        if node.kind == "title":
            ladder, _, which = node.name.rpartition(".")
            return {Node("ladder", ladder)} if which == "title" else set()
        word = self.word(node)
        return set() if word is None else word.reads(self.vocabulary)

    def path_of(self, node: Node) -> tuple[str | int, ...]:
        """Return where a node's word stands in the document."""
        if node in (ACTIVE, PAYOUT):
            return (node.name,)
        if node.kind == "choice":
            return ("exclusive", list(self.choices).index(node.name))
        if node.kind in ("ladder", "title"):
            ladder = node.name.rpartition(".")[0] if node.kind == "title" else node.name
            return ("ranks",) if ladder == "rank" else ("ladders", ladder)
        sections = {
            "volume": "volumes",
            "rolled": "trees",
            "tree": "trees",
            "metric": "metrics",
            "points": "points",
            "bonus": "bonuses",
            "limit": "limits",
        }
        return (sections[node.kind], node.name.partition("@")[2] if node.kind == "rolled" else node.name)

    def source_of(self, path: tuple[str | int, ...]) -> str:
        """Return where the company's own document says what stands at a path: the nearest ``source`` around it."""
        found, value = "", self.document.value
        for step in (None, *path):
            try:
                value = value if step is None else value[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                break
            own = value.get("source") if isinstance(value, dict) else None
            if isinstance(own, str) and own:
                found = own
        return found
