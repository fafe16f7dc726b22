"""The part of a kept run that matters to one member: whom it has above and below it, and their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.audit.kept_plan import KeptPlan
from mlmcalc.audit.kept_words import restored_word
from mlmcalc.audit.scopes import Places, Scope
from mlmcalc.genealogy.network import Column, Network
from mlmcalc.genealogy.tree import Tree
from mlmcalc.ledger.adjustments import Adjustments, no_adjustments
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.rules.besides import Besides
from mlmcalc.rules.state import Closing, Kept, Opening, StateRows
from mlmcalc.rules.values import Entries, Override, Quantity, Ranking, Values, Volume
from mlmcalc.tables.kept import KeptColumns
from mlmcalc.volumes.orders import Orders

if TYPE_CHECKING:
    from mlmcalc.bonuses.pool_division import Division
    from mlmcalc.payout.payments import Payments
    from mlmcalc.payout.settlement import Settlement


class Excerpt:
    """The members of a kept run who matter to one of them, at new positions in the same order.

    Parameters
    ----------
    columns : KeptColumns
    scopes : mapping of str to Scope
        By recorded tree.

    Attributes
    ----------
    position : (k,) int64
        Positions of these members in the run, ascending.
    """

    def __init__(self, columns: KeptColumns, scopes: Mapping[str, Scope]) -> None:
        self._columns = columns
        self._facts = columns.facts
        self._scopes = scopes
        self.position: Places = np.unique(np.concatenate([scope.position for scope in scopes.values()]))
        self._taken: dict[int, NDArray[Any]] = {}

    def place_of(self, position: int) -> int:
        """Return where a member of the run stands in the excerpt."""
        return int(np.searchsorted(self.position, position))

    def paid(self, position: int) -> int:
        """Return what a member of the run was paid, in amount decimals."""
        return int(self._columns.take(self._facts["paid"], np.array([position]))[0])

    @property
    def stages(self) -> list[list[str]]:
        """Kind and name of the bonuses, choices and limits, in the order in which they were calculated."""
        return self._facts["stages"]

    @property
    def changes(self) -> dict[str, dict[str, MemberAmounts]]:
        """What choices and limits changed of each bonus, as a run has it."""
        kept = self._facts["changes"]
        return {
            cause: {bonus: self._member_amounts(changed) for bonus, changed in changes.items()}
            for cause, changes in kept.items()
        }

    def closed(self, bonus: str) -> NDArray[np.int64]:
        """Return what members had of a bonus whose cap all earners share, when it was closed."""
        return self._take(self._facts["closed"][bonus])

    @property
    def divisions(self) -> dict[str, Division]:
        """How every pool was divided among all its holders; of those who do not matter the position is -1."""
        return {name: self._division(kept) for name, kept in self._facts["divisions"].items()}

    @property
    def settlement(self) -> Settlement | None:
        """What became of what the members earned; None where the plan says nothing of it."""
        kept = self._facts["settlement"]
        if kept is None:
            return None
        from mlmcalc.payout.settlement import PayoutStep, Settlement

        rows, member = self._rows(kept["starts"])
        steps = [PayoutStep(step, name, self._columns.take(number, rows)) for step, name, number in kept["steps"]]
        return Settlement(kept["decimals"], member.astype(np.int64), steps)

    @property
    def payments(self) -> Payments | None:
        """What the members are paid in which currency; None where everybody is paid in the plan's."""
        kept = self._facts["payments"]
        if kept is None:
            return None
        from mlmcalc.payout.payments import Payments

        rows, member = self._rows(kept["starts"])
        columns = {name: self._columns.take(number, rows) for name, number in kept["columns"].items()}
        return Payments(
            members=member.astype(np.int64),
            currencies=kept["currencies"],
            rates=np.array(kept["rates"], np.int64),
            plan_decimals=kept["plan_decimals"],
            decimals=kept["decimals"],
            **columns,
        )

    def values(self, plan: KeptPlan) -> Values:
        """Return the values of these members as a finished run has them.

        Parameters
        ----------
        plan : KeptPlan
            Of the run.
        """
        facts = self._facts
        order = self._rows_of_orders()
        flags: dict[str, Any] = {name: self._take(number) for name, number in facts["flags"].items()}
        values = Values(
            network=self._network(),
            orders=self._orders(order),
            rounding=plan.rounding,
            scheme_names=facts["scheme_names"],
            overrides=self._overrides(),
            amount_decimals=facts["amount_decimals"],
            keep_entries=facts["keep_entries"],
            vocabulary=plan.vocabulary,
            volumes={name: self._volume(kept, order) for name, kept in facts["volumes"].items()},
            trees={name: self._tree(kept) for name, kept in facts["trees"].items()},
            metrics={name: self._quantity(kept) for name, kept in facts["metrics"].items()},
            rankings={name: self._ranking(kept) for name, kept in facts["rankings"].items()},
            titles={name: self._ranking(kept) for name, kept in facts["titles"].items()},
            earned={name: self._quantity(kept) for name, kept in facts["earned"].items()},
            besides=Besides(self._adjustments()),
            opening=Opening(facts["opening"], self._before(plan, "held") | self._state()),
            closing=Closing(facts["closing"], {kept: [rows] for kept, rows in self._before(plan, "below").items()}),
            **flags,
        )
        for name in plan.vocabulary.required_metrics:
            values.required_metrics[name] = plan.metrics[name].of_required(values, name)
        return values

    def _take(self, number: int) -> NDArray[Any]:
        if number not in self._taken:
            self._taken[number] = self._columns.take(number, self.position)
        return self._taken[number]

    def _member_amounts(self, kept: Mapping[str, int]) -> MemberAmounts:
        rows, member = self._rows(kept["starts"])
        return MemberAmounts(member.astype(np.int64), self._columns.take(kept["amounts"], rows))

    def _network(self) -> Network:
        kept = self._facts["network"]
        ids = kept["ids"]
        return Network(
            ids=_Texts(self._columns, ids, self.position) if self._columns.is_text(ids) else self._take(ids),
            **{name: self._take(kept[name]) for name in ("status", "kind", "joined")},
            columns={name: self._column(column, self.position) for name, column in kept["columns"].items()},
            trees={name: self._tree(tree) for name, tree in kept["trees"].items()},
            day=kept["day"],
            first_day=kept["first_day"],
        )

    def _division(self, kept: Mapping[str, Any]) -> Division:
        from mlmcalc.bonuses.pool_division import Division, Holders

        def whole(name: str) -> Any:
            number = kept["columns"].get(name)
            return None if number is None else self._columns.between(number, 0, self._columns.size(number))

        position = whole("position")
        local = np.minimum(np.searchsorted(self.position, position), self.position.size - 1)
        own = np.where(self.position[local] == position, local, -1).astype(np.int32)
        holders = Holders(own, whole("base"), whole("weight"), whole("most"), kept["unheld"], whole("place"))
        reason = self._take(kept["columns"]["reason"])
        score = self._take(kept["columns"]["score"]) if "score" in kept["columns"] else None
        fund = restored_word(kept["fund"])
        return Division(fund, holders, reason, score, whole("amount"), kept["left"], kept["point"])

    def _state(self) -> dict[Kept, StateRows]:
        """Return what the period before left of bonuses."""
        found = {}
        for kept in self._facts["state"]:
            rows, member = self._rows(kept["starts"])
            key, since, amounts = (self._columns.take(kept[name], rows) for name in ("key", "since", "amounts"))
            state = StateRows(member, key, since, amounts, kept["keys"], kept["periods"], kept["decimals"])
            found[Kept(kept["section"], kept["name"])] = state
        return found

    def _before(self, plan: KeptPlan, what: str) -> dict[Kept, StateRows]:
        """Return the ranks held before, or for how long members were paid below their titles, as state has them."""
        found = {}
        for name, kept in self._facts["before"].items():
            if what not in kept:
                continue
            held = self._take(kept[what])
            names = ["none", *plan.vocabulary.ladders[name]]
            member = np.flatnonzero(held).astype(np.int32)
            nothing = np.zeros(member.size, np.int32)
            if what == "below":
                found[Kept("title_below", name)] = StateRows(member, nothing, nothing, held[member].astype(np.int64))
                continue
            one = np.ones(member.size, np.int64)
            section = plan.ladders[name].remembers
            found[Kept(section, name)] = StateRows(member, held[member].astype(np.int32), nothing, one, names)
        return found

    def _column(self, kept: Mapping[str, Any], places: Places) -> Column:
        given = None if kept["given"] is None else self._columns.take(kept["given"], places)
        values = self._columns.take(kept["values"], places)
        return Column(kept["type"], values, kept["labels"], kept["decimals"], given)

    def _quantity(self, kept: Mapping[str, Any]) -> Quantity:
        return Quantity(self._take(kept["amounts"]), kept["decimals"])

    def _ranking(self, kept: Mapping[str, Any]) -> Ranking:
        return Ranking(self._take(kept["code"]), tuple(kept["names"]), self._take(kept["forced"]))

    def _adjustments(self) -> Adjustments:
        kept = self._facts["adjustments"]
        if kept is None:
            return no_adjustments()
        rows, member = self._rows(kept["starts"])
        codes = {name: self._columns.take(number, rows) for name, number in kept["codes"].items()}
        amounts = self._columns.take(kept["amounts"], rows)
        return Adjustments(member.astype(np.int32), amounts, codes, kept["labels"], kept["decimals"])

    def _overrides(self) -> list[Override]:
        rows = [Override(**row) for row in self._facts["overrides"]]
        place = {int(position): number for number, position in enumerate(self.position)}
        return [
            Override(place[row.member], row.kind, row.ladder, row.rank, row.metric, row.reason, row.approver)
            for row in rows
            if row.member in place
        ]

    def _tree(self, kept: Mapping[str, Any]) -> Tree:
        """Return a tree of these members; who stands elsewhere in it has no place."""
        scope = self._scopes[kept["root_tree"] or kept["name"]]
        own = np.searchsorted(self.position, scope.position)
        apart = np.ones(self.position.size, np.bool_)
        apart[own] = False
        first = kept["order"] is None
        # Elsewhere but in the first tree, those who stand elsewhere come last.
        local = own if first else np.arange(scope.index.size)
        order = None if first else np.concatenate([own, np.flatnonzero(apart)]).astype(np.int32)

        def column(name: str, nothing: int) -> NDArray[Any] | None:
            if kept[name] is None:
                return None
            held = self._columns.take(kept[name], scope.index)
            whole = np.full(self.position.size, nothing, held.dtype)
            whole[local] = held
            return whole

        def places(name: str) -> NDArray[np.int32] | None:
            found = column(name, -1)
            if found is None:
                return None
            inside = np.searchsorted(scope.index, found)
            inside = local[np.minimum(inside, local.size - 1)]
            return np.where(found >= 0, inside, -1).astype(np.int32)

        parent, depth = places("parent"), column("depth", 0)
        assert parent is not None, "every tree has parents"
        assert depth is not None, "every tree has depths"
        return Tree(
            name=kept["name"],
            parent=parent,
            depth=depth,
            kept=column("kept", 0),
            keeper=places("keeper"),
            policy=kept["policy"],
            order=order,
            leg=column("leg", 0),
            root_tree=kept["root_tree"],
        )

    def _volume(self, kept: Mapping[str, Any], order: Places) -> Volume:
        entries = kept["entries"]
        return Volume(
            self._quantity(kept["total"]),
            self._quantity(kept["own"]),
            None if entries is None else self._entries(entries, order),
            kept["keeper_tree"],
        )

    def _entries(self, kept: Mapping[str, int], order: Places) -> Entries:
        rows, member = self._rows(kept["starts"])
        number = self._columns.take(kept["order"], rows)
        local = np.where(number >= 0, np.searchsorted(order, number), -1).astype(np.int32)
        return Entries(member, local, self._columns.take(kept["amounts"], rows))

    def _rows(self, number: int) -> tuple[Places, NDArray[np.int32]]:
        # Which rows are about these members, and about whom each is.
        starts = self._columns.take(number, self.position)
        counts = self._columns.take(number, self.position + 1) - starts
        whose = np.repeat(np.arange(self.position.size, dtype=np.int32), counts)
        within = np.arange(whose.size) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(starts, counts) + within, whose

    def _rows_of_orders(self) -> Places:
        """Return the orders, by their rows in the run, that the volumes of these members come from."""
        kept = [volume["entries"] for volume in self._facts["volumes"].values() if volume["entries"] is not None]
        found = [self._columns.take(entries["order"], self._rows(entries["starts"])[0]) for entries in kept]
        rows = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
        return rows[rows >= 0].astype(np.int64)

    def _orders(self, rows: Places) -> Orders:
        kept = self._facts["orders"]
        ids = None if kept["ids"] is None else self._columns.labels(kept["ids"], rows)
        columns = {name: self._column(column, rows) for name, column in kept["columns"].items()}
        return Orders(np.full(rows.size, -1, np.int32), ids, None, None, None, columns)


class _Texts(Sequence[str]):
    """Texts of some places of a column, each read when it is asked for."""

    def __init__(self, columns: KeptColumns, number: int, places: Places) -> None:
        self._columns, self._number, self._places = columns, number, places

    def __len__(self) -> int:
        return self._places.size

    def __getitem__(self, place: Any) -> Any:
        return self._columns.texts(self._number, self._places[[place]])[0]
