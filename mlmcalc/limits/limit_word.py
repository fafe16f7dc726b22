"""What every limit says: over which bonuses, and in which order they are cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Name, Reference, Text
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.ledger.sharing import in_proportion, in_proportion_each, share_step
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

IN_PROPORTION = "in_proportion"


class CutOrder(Model):
    """Bonuses in the order in which they are cut; what none of them can bear is cut from the others in proportion."""

    order: Annotated[tuple[Name, ...], Field(min_length=1)]


def _cut(value: object) -> object:
    if value == IN_PROPORTION or isinstance(value, CutOrder):
        return value
    if isinstance(value, dict) and set(value) == {"order"}:
        return CutOrder.model_validate(value)
    raise ValueError("in_proportion is wanted here, or {order: [BONUS, ...]}")


Cut = Annotated[Literal["in_proportion"] | CutOrder, BeforeValidator(_cut)]


class LimitWord(Model):
    """The keys that all limits share."""

    bonuses: tuple[Name, ...] = Field(default=(), description="the bonuses it is over; all where none is named")
    cut: Cut = Field(default=IN_PROPORTION, description="in_proportion, or {order: [BONUS, ...]}")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def order(self) -> tuple[str, ...]:
        """The bonuses that are cut first, in their order; empty where all are cut in proportion."""
        return self.cut.order if isinstance(self.cut, CutOrder) else ()

    def names(self, known: Sequence[str]) -> list[str]:
        """Return the bonuses the limit is over, in the order of the plan."""
        return [name for name in known if not self.bonuses or name in self.bonuses]

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        read = (vocabulary.earnings_of(name) for name in self.names(vocabulary.bonuses))
        return set().union(*read)

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``limits.unknown`` for bonuses that the plan, or the limit, does not have."""
        findings = [
            unknown_bonus(name, vocabulary.bonuses, ("bonuses",))
            for name in self.bonuses
            if name not in vocabulary.bonuses
        ]
        own = self.names(vocabulary.bonuses)
        return findings + [unknown_bonus(name, own, ("cut", "order")) for name in self.order if name not in own]

    def changes(self, values: Values, have: Mapping[str, NDArray[np.int64]]) -> dict[str, MemberAmounts]:
        """Return what is taken from each bonus the limit is over, as a change of its amounts; 0 or less.

        Parameters
        ----------
        values : Values
        have : mapping of str to (n,) int64
            What every member has of every bonus, by position, in the run's amount decimals.
        """
        raise AssertionError("every limit cuts")

    def cut_members(
        self, names: Sequence[str], have: NDArray[np.int64], over: NDArray[np.int64], step: int
    ) -> NDArray[np.int64]:
        """Return what is left when each of some members has so much too much.

        Parameters
        ----------
        names : sequence of str
            The bonuses, in the order of the plan.
        have : (k, m) int64
            A row for each bonus.
        over : (m,) int64
            0 or more, at most what the member gained.
        step : int

        Returns
        -------
        (k, m) int64
        """
        gained = np.maximum(have, 0)
        left, over = gained.copy(), over.copy()
        for name in self.order:
            row = names.index(name)
            taken = np.minimum(left[row], over)
            left[row] -= taken
            over -= taken
        return have - gained + in_proportion_each(left, left.sum(axis=0) - over, step)

    def cut_company(
        self, names: Sequence[str], have: Mapping[str, NDArray[np.int64]], over: int, protect: int, values: Values
    ) -> dict[str, MemberAmounts]:
        """Return what is taken when all members together have so much too much.

        Parameters
        ----------
        names : sequence of str
        have : mapping of str to (n,) int64
        over : int
            Above 0.
        protect : int
            The first amount of each member, which is not touched.
        values : Values
        """
        # Whoever has no more than is protected keeps it all, and most have none.
        members = np.flatnonzero(together(names, have, values.size) > protect)
        some = picked(names, have, members)
        step, ids = step_of(values), values.network.ids
        exposed = some.sum(axis=0) - protect
        left = some.copy()
        for name in self.order:
            row = names.index(name)
            able = np.minimum(np.maximum(left[row], 0), exposed)
            held = np.flatnonzero(able)
            bears = able[held]
            taken = bears - in_proportion(bears, max(exact_sum(bears) - over, 0), step, ids, members[held])
            left[row, held] -= taken
            exposed[held] -= taken
            over -= exact_sum(taken)
        if over > 0:
            taken = exposed - in_proportion(exposed, max(exact_sum(exposed) - over, 0), step, ids, members)
            gained = np.maximum(left, 0)
            left += in_proportion_each(gained, gained.sum(axis=0) - taken, step) - gained
        return changed(names, members, left - some)


def together(names: Sequence[str], have: Mapping[str, NDArray[np.int64]], members: int) -> NDArray[np.int64]:
    """Return what every member has of some bonuses together, ``(n,)`` int64."""
    total = np.zeros(members, np.int64)
    for name in names:
        total += have[name]
    return total


def picked(
    names: Sequence[str], have: Mapping[str, NDArray[np.int64]], members: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return what some members have of some bonuses, ``(k, m)`` int64."""
    return np.array([have[name][members] for name in names], np.int64).reshape(len(names), members.size)


def changed(
    names: Sequence[str], members: NDArray[np.int64], difference: NDArray[np.int64]
) -> dict[str, MemberAmounts]:
    """Return by bonus what changes, of ``(k, m)`` differences of some members."""
    return {name: MemberAmounts(members, row).without_zeros() for name, row in zip(names, difference, strict=True)}


def step_of(values: Values) -> int:
    """Return the smallest part of an amount that is shared out, in the run's amount decimals."""
    return share_step(values.rounding, values.amount_decimals)


def company_total(values: Values, name: str) -> int:
    """Return the sum of a volume or metric over all members, 0 where it is below."""
    return max(exact_sum(values.quantity(name).amounts), 0)


def check_quantity(key: str, name: Reference, vocabulary: Vocabulary) -> list[Finding]:
    """Return ``limits.unknown`` for what is no volume, metric or number column."""
    if vocabulary.quantity_decimals(name) is None or name in vocabulary.required_metrics:
        known = (*vocabulary.volumes, *vocabulary.metrics)
        message = f"{name} is no volume or metric that a limit can be a share of."
        return [Finding("limits.unknown", message, nearest(name, known), path=(key,))]
    return []


def reads_quantity(name: Reference, vocabulary: Vocabulary) -> set[Node]:
    """Return the node of a quantity; none for a column."""
    node = vocabulary.node_of(name)
    return set() if node is None else {node}


def unknown_bonus(name: str, known: Sequence[str], path: tuple[str | int, ...]) -> Finding:
    """Return the finding about a bonus that is not there."""
    message = f"{name} is no bonus of this plan, or none of those this is over."
    return Finding("limits.unknown", message, nearest(name, known), path=path)
