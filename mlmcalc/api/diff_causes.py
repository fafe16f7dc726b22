"""What differs between two runs' inputs, cause by cause, and the first run's inputs with some causes replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mlmcalc.api.diff_sides import Side
from mlmcalc.api.inputs import Inputs
from mlmcalc.api.needs import needs_of
from mlmcalc.plan.differences import plan_differences
from mlmcalc.plan.load import Plan
from mlmcalc.plan.mixed import RulePath, changed_rules, with_rules
from mlmcalc.plan.wording import rule_name
from mlmcalc.tables.adjustments import WANTED_OF_ADJUSTMENTS
from mlmcalc.tables.closed import WANTED_OF_CLOSED
from mlmcalc.tables.overrides import WANTED_OF_OVERRIDES
from mlmcalc.tables.row_changes import Versions, read_versions
from mlmcalc.tables.source import Wanted

MOVES, MEMBER_DATA, JOINS, LEAVERS = "moves", "members", "joins", "leavers"
PERIOD, PLAN = "period", "plan"
RETURNS, LATE = "returns", "late orders"
_KINDS_OF_ORDERS = {"new": LATE, "changed": "changed orders", "gone": "withdrawn orders"}
Finer = Literal["tables", "kinds", "each"]
_FEW = 3
"""Differences of two plans that are told with the cause."""
_TRADE = ("orders", "volumes")
_KEYS = {
    "members": "member_id",
    "orders": "order_id",
    "volumes": "member_id",
    "overrides": "member_id",
    "adjustments": "member_id",
    "closed": "member_id",
}
_SINGLE = {
    "orders": "order",
    "volumes": "volumes of",
    "overrides": "overrides of",
    "adjustments": "adjustments of",
    "closed": "closed results of",
}
_WANTED = {"overrides": WANTED_OF_OVERRIDES, "adjustments": WANTED_OF_ADJUSTMENTS, "closed": WANTED_OF_CLOSED}
_OF_MEMBERS = {MOVES: "move of", MEMBER_DATA: "data of", JOINS: "joining of", LEAVERS: "leaving of"}
_OF_ALL_PERIODS = ("members", "overrides")
"""Tables that are not of one period only: they are causes of their own between runs of different periods too."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that can be replaced.

    Attributes
    ----------
    name : str
        Such as ``orders``, ``moves``, ``plan`` or ``order 8``.
    kind : str
        The name of all causes of its kind together.
    what : str
        In words.
    tables : tuple of str
        Tables it replaces, wholly or in part.
    keys : tuple of str or None
        The members or orders it is about; None where it is about all that differ.
    rules : tuple of RulePath or None
        Rules of the plan it replaces; None where it is not about single ones.
    """

    name: str
    kind: str
    what: str
    tables: tuple[str, ...] = ()
    keys: tuple[str, ...] | None = None
    rules: tuple[RulePath, ...] | None = None


class Mixer:
    """Puts inputs together out of those of two runs.

    Parameters
    ----------
    before, after : Side
    finer : {"tables", "kinds", "each"}
        ``kinds``: orders that came late, were returned, changed and were withdrawn are causes of their own. ``each``:
        so is every order, member and rule that differs.
    limit : int
        The most rows of a table, or rules, that are told singly.
    """

    def __init__(self, before: Side, after: Side, finer: Finer = "tables", limit: int = 50) -> None:
        self._before = before
        self._after = after
        self._each = finer == "each"
        self._kinds = finer == "kinds"
        self._limit = limit
        self._versions: dict[str, Versions] = {}
        self._narrowed: dict[str, tuple[Versions, dict[str, str]]] = {}

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """Everything that differs, each once."""
        return (*self._of_plan(), *self._of_members(), *self._of_period(), *self._of_tables())

    def inputs(self, chosen: Collection[Cause]) -> tuple[Inputs, dict[str, str]]:
        """Return the first run's inputs with some causes replaced, and the SHA-256 of the tables taken as they are.

        Raises
        ------
        InputRefused
            Rules of the two plans do not go together.
        """
        tables, maps, seals = {}, {}, {}
        for name in {**self._before.inputs.tables, **self._after.inputs.tables}:
            replaced = [cause for cause in chosen if name in cause.tables]
            whole = len(replaced) == sum(name in cause.tables for cause in self.causes)
            side = self._after if replaced and whole else self._before
            if replaced and not whole:
                tables[name] = self._mixed(name, replaced)
            elif side.table(name) is not None:
                tables[name] = side.table(name)
                seals[name] = side.seals[name]
                if name in side.inputs.maps:
                    maps[name] = side.inputs.maps[name]
        side = self._after if any(cause.kind == PERIOD for cause in chosen) else self._before
        return Inputs(self._plan(chosen), tables, side.inputs.period, maps), seals

    def _plan(self, chosen: Collection[Cause]) -> Plan:
        replaced = [cause for cause in chosen if cause.kind == PLAN]
        if not replaced:
            return self._before.plan
        rules = [rule for cause in replaced for rule in cause.rules or ()]
        if len(rules) == len(self._rules):
            return self._after.plan
        return with_rules(self._before.plan, self._after.plan, rules)

    def _mixed(self, name: str, replaced: Sequence[Cause]) -> object:
        versions = self._of(name)
        if name != "members":
            return versions.mixed([key for cause in replaced for key in cause.keys or ()])
        rows = versions
        for cause in replaced:
            if cause.kind in (MOVES, MEMBER_DATA):
                parents, others = self._columns
                rows = rows.with_cells(parents if cause.kind == MOVES else others, cause.keys)
        _, changed = self._changed(name)
        for kind, said in ((JOINS, "new"), (LEAVERS, "gone")):
            for cause in replaced:
                if cause.kind == kind:
                    rows = rows.starting(rows.mixed(cause.keys or _those(changed, said)))
        return rows.before

    def _of_plan(self) -> Iterator[Cause]:
        rules = self._rules
        told: dict[str, list[str]] = {}
        for one in plan_differences(self._before.plan, self._after.plan) if rules else ():
            told.setdefault(one.rule, []).append(one.sentence())
        if self._each and len(rules) <= self._limit:
            for rule in rules:
                name = rule_name(*rule) if len(rule) > 1 else rule[0]
                yield Cause(f"plan: {name}", PLAN, "; ".join(told.get(name, [])), rules=(rule,))
        elif rules:
            said = [f"{name}: {sentence}" for name, sentences in told.items() for sentence in sentences]
            more = f"; and {len(said) - _FEW} more" if len(said) > _FEW else ""
            yield Cause(PLAN, PLAN, "; ".join(said[:_FEW]) + more, rules=tuple(rules))

    def _of_members(self) -> Iterator[Cause]:
        if not self._differs("members"):
            return
        versions, changed = self._changed("members")
        parents, others = self._columns
        keys = {
            MOVES: versions.changed_cells(parents),
            MEMBER_DATA: versions.changed_cells(others),
            JOINS: _those(changed, "new"),
            LEAVERS: _those(changed, "gone"),
        }
        columns = {MOVES: parents, MEMBER_DATA: others, JOINS: parents, LEAVERS: ()}
        for kind, found in keys.items():
            if self._each and len(found) <= self._limit:
                for key in found:
                    what = versions.told(key, columns[kind])
                    yield Cause(f"{_OF_MEMBERS[kind]} {key}", kind, what, ("members",), (key,))
            elif found:
                yield Cause(kind, kind, f"{len(found):,} member{_s(found)}", ("members",))

    def _of_period(self) -> Iterator[Cause]:
        if self._is_other_period:
            names = {**self._before.inputs.tables, **self._after.inputs.tables}
            tables = tuple(name for name in names if name not in _OF_ALL_PERIODS)
            what = f"{self._before.inputs.period} to {self._after.inputs.period}, with {', '.join(tables)}"
            yield Cause(PERIOD, PERIOD, what, tables)

    def _of_tables(self) -> Iterator[Cause]:
        names = [name for name in {**self._before.inputs.tables, **self._after.inputs.tables} if name != "members"]
        if self._is_other_period:
            names = [name for name in names if name in _OF_ALL_PERIODS]
        differs = [name for name in names if self._differs(name)]
        if set(_TRADE) <= set(differs):
            # One run has orders and the other one volumes: no run has both.
            yield Cause("orders and volumes", "orders", "one in place of the other", _TRADE)
            differs = [name for name in differs if name not in _TRADE]
        for name in differs:
            if name not in _KEYS:
                yield Cause(name, name, "", (name,))
                continue
            versions, changed = self._changed(name)
            if self._each and 0 < len(changed) <= self._limit:
                for key in changed:
                    told = versions.told(key)
                    yield Cause(f"{_SINGLE[name]} {key}", name, told, (name,), (key,))
            elif changed and self._kinds and name == "orders":
                yield from _kinds(versions, changed)
            elif changed:
                counts = [(said, len(_those(changed, said))) for said in ("changed", "new", "gone")]
                told = ", ".join(f"{count:,} {said}" for said, count in counts if count)
                yield Cause(name, name, told, (name,))

    @cached_property
    def _rules(self) -> list[RulePath]:
        return changed_rules(self._before.plan, self._after.plan)

    @property
    def _is_other_period(self) -> bool:
        return self._before.inputs.period != self._after.inputs.period

    def _differs(self, name: str) -> bool:
        return self._before.seals.get(name) != self._after.seals.get(name) or self._before.column_map(
            name
        ) != self._after.column_map(name)

    @cached_property
    def _columns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns of members that say where one stands, and all others that a plan reads."""
        needs = [needs_of(side.plan) for side in (self._before, self._after)]
        parents = dict.fromkeys(
            column for need in needs for parent, leg, _ in need.trees.values() for column in (parent, leg) if column
        )
        there = self._changed("members")[0].before.columns
        others = [name for name in there if name not in parents and name != "member_id"]
        return tuple(name for name in parents if name in there), tuple(others)

    def _changed(self, name: str) -> tuple[Versions, dict[str, str]]:
        """Return the rows of a table that may differ, and the keys that do."""
        if name not in self._narrowed:
            few = self._of(name).narrowed()
            self._narrowed[name] = (few, few.changed_keys())
        return self._narrowed[name]

    def _of(self, name: str) -> Versions:
        if name not in self._versions:
            sides = (self._before, self._after)
            self._versions[name] = read_versions(
                (sides[0].table(name), sides[1].table(name)),
                (sides[0].column_map(name), sides[1].column_map(name)),
                self._wanted(name),
                _KEYS[name],
                self._numbers,
            )
        return self._versions[name]

    @property
    def _numbers(self) -> set[str]:
        found = {"amount"}
        for side in (self._before, self._after):
            needs = needs_of(side.plan)
            own = {**needs.member_columns, **needs.order_columns}
            found |= {*needs.volume_columns, *(name for name, (kind, _) in own.items() if kind == "number")}
        return found

    def _wanted(self, name: str) -> Wanted:
        if name in _WANTED:
            return _WANTED[name]
        columns: dict[str, None] = {_KEYS[name]: None}
        for side in (self._before, self._after):
            needs = needs_of(side.plan)
            if name == "members":
                required, optional = needs.wanted_of_members()
            elif name == "orders":
                required, optional = needs.wanted_of_orders()
            else:
                required, optional = ("member_id", *needs.volume_columns), ()
            columns |= dict.fromkeys((*required, *optional))
        return Wanted(name, (_KEYS[name],), tuple(column for column in columns if column != _KEYS[name]))


def _kinds(versions: Versions, changed: dict[str, str]) -> Iterator[Cause]:
    """Yield a cause for each way in which orders differ."""
    returned = versions.keys_with("kind", "return")
    found: dict[str, list[str]] = {}
    for key, said in changed.items():
        kind = RETURNS if said == "new" and key in returned else _KINDS_OF_ORDERS[said]
        found.setdefault(kind, []).append(key)
    for kind, keys in found.items():
        what = f"{len(keys):,} order{_s(keys)}"
        yield Cause(kind, "orders", what, ("orders",), tuple(keys))


def _those(changed: dict[str, str], said: str) -> list[str]:
    return [key for key, kind in changed.items() if kind == said]


def _s(found: Sequence[str]) -> str:
    return "" if len(found) == 1 else "s"


__all__ = ["LATE", "PERIOD", "PLAN", "RETURNS", "Cause", "Finer", "Mixer"]
