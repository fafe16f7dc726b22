"""Who causes a bonus: the members, or their orders, with the base each brings and the place it is counted from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Model, Name, Reference
from mlmcalc.kernels.constant import nobody, picked, places_of
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.earned import EARNED_SCHEMA, is_earned
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary, Volume
from mlmcalc.rules.words import nearest


class Base(Model):
    """What a bonus pays on: a volume, a metric, points, a number column of members, or what other bonuses paid."""

    volume: Reference | None = None
    earned: tuple[Name, ...] = ()

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values this base is computed from."""
        if self.volume is None:
            return set().union(*(vocabulary.earnings_of(bonus) for bonus in self.earned))
        node = vocabulary.node_of(self.volume)
        return {node} if node else set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.base`` for every name that is no volume, metric, points, number column or bonus."""
        if self.volume is not None:
            name, _, tree = self.volume.partition("@")
            if name in vocabulary.metrics and not tree:
                return self._required(name, vocabulary)
            numbers = [column for column, (kind, _) in vocabulary.member_columns.items() if kind == "number"]
            if name in numbers and not tree:
                return []
            if name in vocabulary.bonuses and name not in vocabulary.volumes:
                remedy = f"Write base: {{earned: [{name}]}} for what it paid."
                return [Finding("bonuses.base", f"{name} is a bonus.", remedy, path=("base",))]
            if name not in vocabulary.volumes:
                known = (*vocabulary.volumes, *vocabulary.metrics, *numbers)
                found = _unknown(name, "is not a volume, metric or number column of this plan", known)
                if name in vocabulary.bonuses and not tree:
                    found = replace(found, remedy=f"Write {{earned: [{name}]}} for what that bonus pays.")
                return [found]
            if tree and vocabulary.trees.get(tree) not in ("roll_up", "drop"):
                return [_unknown(tree, "is not a tree that rolls volume up or drops it", _moving(vocabulary))]
            return []
        return [
            _unknown(name, "is not a bonus of this plan", vocabulary.bonuses)
            for name in self.earned
            if name not in vocabulary.bonuses
        ]

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the base."""
        if self.volume is None:
            return vocabulary.money_decimals
        return vocabulary.quantity_decimals(self.volume) or 0

    def _required(self, name: str, vocabulary: Vocabulary) -> list[Finding]:
        if name not in vocabulary.required_metrics:
            return []
        message = f"{name} depends on what a rung requires and means nothing here."
        return [Finding("bonuses.base", message, "Use it in the requires of a ladder.", path=("base",))]


def _moving(vocabulary: Vocabulary) -> list[str]:
    return [name for name, policy in vocabulary.trees.items() if policy in ("roll_up", "drop")]


def _unknown(name: str, fault: str, known: Iterable[str]) -> Finding:
    return Finding("bonuses.base", f"{name} {fault}.", nearest(name, known) or "There is none.", path=("base",))


def _base(value: Any) -> Any:
    if isinstance(value, str):
        return {"volume": value}
    if is_earned(value):
        return value
    if isinstance(value, Base):
        return value
    raise ValueError("a volume, metric or number column is wanted here, or earned: with a list of bonuses")


BaseField = Annotated[
    Base,
    BeforeValidator(_base),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                EARNED_SCHEMA,
            ]
        }
    ),
]


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The sources of a bonus, sorted by member and order.

    Attributes
    ----------
    member : (m,) int32
        Position of the member who caused it; under grain ``keeper`` the keeper.
    order : (m,) int32
        Row of the orders, -1 unless lines are kept per order.
    base : (m,) int64
        Not 0.
    place : (m,) int32
        Position from which the walk starts: the member, or the keeper its volume was rolled up to; -1 for nobody.
    via : (m,) int32
        The keeper if the volume was rolled up to another member, else -1.
    decimals : int
    """

    member: NDArray[np.int32]
    order: NDArray[np.int32]
    base: NDArray[np.int64]
    place: NDArray[np.int32]
    via: NDArray[np.int32]
    decimals: int

    def pick(self, chosen: NDArray[Any]) -> Sources:
        """Return some of the sources, by mask or by index."""
        chosen = places_of(chosen)
        member = self.member[chosen]
        return Sources(
            member,
            picked(self.order, chosen),
            self.base[chosen],
            member if self.place is self.member else self.place[chosen],
            picked(self.via, chosen),
            self.decimals,
        )

    def summed(self) -> Sources:
        """Return one source per member, with the sum of its bases; members whose sum is 0 are none."""
        if self.member.size == 0:
            return self
        starts = np.flatnonzero(np.r_[True, self.member[1:] != self.member[:-1]])
        nothing = nobody(starts.size)
        base = np.add.reduceat(self.base, starts)
        summed = Sources(self.member[starts], nothing, base, self.place[starts], self.via[starts], self.decimals)
        return summed.pick(base != 0)


def sources_of(values: Values, base: Base, allowed: NDArray[np.bool_], per_order: bool) -> Sources:
    """Return the sources of a bonus.

    Parameters
    ----------
    values : Values
    base : Base
    allowed : (n,) bool
        Whose volume may pay this bonus, by position.
    per_order : bool
        Whether the sources are single orders; a volume without entries has none to tell apart.

    Raises
    ------
    InputRefused
        ``bonuses.overflow``: what several bonuses paid does not fit 64 bits together.
    """
    if base.volume is None:
        return _whole(_earned(values, base.earned), allowed)
    if base.volume not in values.volumes:
        return _whole(values.quantity(base.volume), allowed)
    volume = values.volumes[base.volume]
    if not volume.keeper_tree:
        return _entries(volume, allowed) if per_order and volume.entries else _whole(volume.own, allowed)
    tree = values.trees[volume.keeper_tree]
    keeper = _positions(tree.order, tree.leave(tree.keeper))
    by_keeper = values.rounding.grain == "keeper"
    # Under grain keeper it is the keeper who must be allowed.
    counted = np.ones(values.size, np.bool_) if by_keeper else allowed
    if tree.policy == "drop":
        counted = counted & tree.leave(tree.kept)
    sources = _entries(volume, counted) if per_order and volume.entries else _whole(volume.own, counted)
    place = keeper[sources.member]
    if by_keeper:
        return _of_keepers(sources, place, allowed, per_order)
    via = np.where(place == sources.member, -1, place).astype(np.int32)
    return Sources(sources.member, sources.order, sources.base, place, via, sources.decimals)


def _earned(values: Values, names: tuple[str, ...]) -> Quantity:
    parts = [values.earned[name].amounts for name in names]
    if sum(total_magnitude(part) for part in parts) > INT64_MAX:
        message = f"what {', '.join(names)} paid could add up to more than 64 bits hold."
        raise InputRefused(Finding("bonuses.overflow", message, "Correct the volumes, or state fewer decimals."))
    return Quantity(np.stack(parts).sum(axis=0, dtype=np.int64), values.rounding.money_decimals)


def _of_keepers(sources: Sources, place: NDArray[np.int32], allowed: NDArray[np.bool_], per_order: bool) -> Sources:
    # The keeper is the source of all it holds; whoever has no keeper remains the source of its own.
    member = np.where(place >= 0, place, sources.member).astype(np.int32)
    no_keeper = nobody(member.size)
    moved = Sources(member, sources.order, sources.base, place, no_keeper, sources.decimals).pick(allowed[member])
    moved = moved.pick(np.lexsort((moved.order, moved.member)))
    return moved if per_order else moved.summed()


def _positions(order: NDArray[np.int32] | None, index: NDArray[np.int32]) -> NDArray[np.int32]:
    # Indices of a tree order as positions, -1 staying -1.
    return index if order is None else np.where(index >= 0, order[index], -1).astype(np.int32)


def _whole(quantity: Quantity, allowed: NDArray[np.bool_]) -> Sources:
    member = np.flatnonzero((quantity.amounts != 0) & allowed).astype(np.int32)
    nothing = nobody(member.size)
    return Sources(member, nothing, quantity.amounts[member], member, nothing, quantity.decimals)


def _entries(volume: Volume, allowed: NDArray[np.bool_]) -> Sources:
    entries = volume.entries
    assert entries is not None, "asked for entries that are not there"
    chosen = np.flatnonzero((entries.amounts != 0) & allowed[entries.member])
    member = entries.member[chosen]
    return Sources(
        member,
        entries.order[chosen],
        entries.amounts[chosen],
        member,
        nobody(member.size),
        volume.own.decimals,
    )
