"""What one period leaves to the next: titles, carry, history, balances.

A word reads what the period before left of it, and leaves what the next one will need. Rows are told apart by section
(what kind of thing it is), name (of the ladder, metric or bonus) and key (whatever tells several of one member apart:
a leg, a rank, the label of a period).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, text_from_units


class Kept(NamedTuple):
    """What rows of state are about."""

    section: str
    name: str


@dataclass(frozen=True, slots=True)
class Keeps:
    """Rows of state that a word reads and leaves.

    Attributes
    ----------
    section, name : str
    keys : tuple of str or None
        The keys there may be; None: any.
    by_period : bool
        Whether the keys are labels of periods.
    """

    section: str
    name: str
    keys: tuple[str, ...] | None = None
    by_period: bool = False


@runtime_checkable
class Keeper(Protocol):
    """A word of a plan that keeps state."""

    def keeps(self, name: str, vocabulary: Any) -> tuple[Keeps, ...]:
        """Return what it keeps under the name the plan gives it; nothing where it keeps none."""
        ...


@runtime_checkable
class Leaver(Protocol):
    """A word that leaves state when everything else is known."""

    def leaves(self, vocabulary: Any) -> set[Any]:
        """Return the nodes that must be known at the end though the word itself does not read them before."""
        ...

    def leave(self, values: Any, name: str) -> None:
        """Leave what the next period begins with.

        Parameters
        ----------
        values : Values
            Of the whole period.
        name : str
            The name the plan gives the word.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class StateRows:
    """Rows of one section and name.

    Attributes
    ----------
    member : (k,) int32
        Position.
    key : (k,) int32
        Code into `keys`.
    since : (k,) int32
        Code into `periods`: the period in which the amount arose.
    amounts : (k,) int64
        In units of ``10**-decimals``.
    keys, periods : sequence of str
    decimals : int
    """

    member: NDArray[np.int32]
    key: NDArray[np.int32]
    since: NDArray[np.int32]
    amounts: NDArray[np.int64]
    keys: Sequence[str] = ("",)
    periods: Sequence[str] = ("",)
    decimals: int = 0

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.member.size

    def pick(self, chosen: NDArray) -> StateRows:
        """Return some of the rows, by mask or by index."""
        columns = (self.member[chosen], self.key[chosen], self.since[chosen], self.amounts[chosen])
        return StateRows(*columns, self.keys, self.periods, self.decimals)

    def of_key(self, key: str) -> StateRows:
        """Return the rows of one key."""
        code = self.keys.index(key) if key in self.keys else -1
        return self.pick(self.key == code)

    def in_decimals(self, decimals: int, kept: Kept) -> NDArray[np.int64]:
        """Return the amounts in other decimals, exactly.

        Raises
        ------
        InputRefused
            ``state.decimals``: an amount has more digits than are kept, or does not fit.
        """
        if decimals >= self.decimals:
            factor = 10 ** (decimals - self.decimals)
            if self.size and int(np.abs(self.amounts).max()) <= INT64_MAX // factor:
                return self.amounts * factor
            wrong = self.amounts[np.abs(self.amounts) > INT64_MAX // factor]
        else:
            quotient, rest = np.divmod(self.amounts, 10 ** (self.decimals - decimals))
            wrong = self.amounts[rest != 0]
            if not wrong.size:
                return quotient
        if not wrong.size:
            return self.amounts
        shown = text_from_units(int(wrong[0]), self.decimals)
        message = f"{kept.section} of {kept.name}: {shown} does not fit {decimals} decimals; {wrong.size} rows are so."
        raise InputRefused(Finding("state.decimals", message, "Correct the opening state, or state more decimals."))

    def per_member(self, size: int, decimals: int, kept: Kept) -> NDArray[np.int64]:
        """Return the sum of each member's rows, ``(size,)`` int64 by position.

        Raises
        ------
        InputRefused
            ``state.decimals``; ``state.overflow``.
        """
        amounts = self.in_decimals(decimals, kept)
        if total_magnitude(amounts) > INT64_MAX:
            message = f"{kept.section} of {kept.name} adds up to more than 64 bits hold."
            raise InputRefused(Finding("state.overflow", message, "Correct the opening state."))
        total = np.zeros(size, np.int64)
        np.add.at(total, self.member, amounts)
        return total


def no_rows() -> StateRows:
    """Return rows of which there are none."""
    nothing = np.empty(0, np.int32)
    return StateRows(nothing, nothing, nothing, np.empty(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What the period before left.

    Attributes
    ----------
    period : str
        Its label; empty where nothing came before.
    sections : dict of Kept to StateRows
    """

    period: str = ""
    sections: dict[Kept, StateRows] = field(default_factory=dict)

    def rows(self, section: str, name: str) -> StateRows:
        """Return the rows of a section and name; none where nothing was left."""
        return self.sections.get(Kept(section, name)) or no_rows()


@dataclass(slots=True, eq=False)
class Closing:
    """What this period leaves, filled while it is calculated.

    Attributes
    ----------
    period : str
        Label of this period.
    sections : dict of Kept to list of StateRows
    """

    period: str = ""
    sections: dict[Kept, list[StateRows]] = field(default_factory=dict)

    def leave(
        self,
        section: str,
        name: str,
        amounts: NDArray[np.int64],
        decimals: int,
        key: str = "",
        since: str = "",
        members: NDArray[np.integer] | None = None,
    ) -> None:
        """Leave one amount for every member, or for some; an amount of 0 is no row.

        Parameters
        ----------
        section, name : str
        amounts : (k,) int64
            In units of ``10**-decimals``.
        decimals : int
        key : str
        since : str
            Label of the period in which the amount arose; this one where nothing is said.
        members : (k,) integer, optional
            Whose amounts they are, ascending positions; everybody's in order of position where nothing is said.
        """
        some = np.flatnonzero(amounts)
        member = (some if members is None else members[some]).astype(np.int32)
        zero = np.zeros(member.size, np.int32)
        rows = StateRows(member, zero, zero, amounts[some], (key,), (since or self.period,), decimals)
        self.leave_rows(section, name, rows)

    def leave_rows(self, section: str, name: str, rows: StateRows) -> None:
        """Leave rows that differ in key and age."""
        if rows.size:
            self.sections.setdefault(Kept(section, name), []).append(rows)

    def opening(self) -> Opening:
        """Return what was left as the next period reads it."""
        return Opening(self.period, {kept: joined_rows(parts) for kept, parts in self.sections.items()})


def joined_rows(parts: Sequence[StateRows]) -> StateRows:
    """Return several blocks of rows of one section as one, in the decimals of the finest.

    Parameters
    ----------
    parts : sequence of StateRows
        At least one.
    """
    keys = sorted({key for part in parts for key in part.keys})
    periods = sorted({period for part in parts for period in part.periods})
    decimals = max(part.decimals for part in parts)

    def coded(codes: NDArray[np.int32], labels: Sequence[str], known: Sequence[str]) -> NDArray[np.int32]:
        return np.array([known.index(label) for label in labels], np.int32)[codes]

    return StateRows(
        np.concatenate([part.member for part in parts]),
        np.concatenate([coded(part.key, part.keys, keys) for part in parts]),
        np.concatenate([coded(part.since, part.periods, periods) for part in parts]),
        np.concatenate([part.in_decimals(decimals, Kept("state", "")) for part in parts]),
        keys,
        periods,
        decimals,
    )
