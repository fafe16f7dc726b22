"""A plan with some rules of another version: what one changed rule does is found by changing it alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from mlmcalc.plan.load import bind_plan
from mlmcalc.plan.model import Plan

RulePath = tuple[str] | tuple[str, str]
"""Section and rule, such as ``("bonuses", "unilevel")``; the key alone for what is no section of rules."""

_RULES = frozenset({"volumes", "trees", "metrics", "points", "ladders", "bonuses", "limits"})
_RANKS = "ranks"
_NAMES = frozenset({"plan", "version", "effective"})
"""What names a version, and can change no amount by itself."""


def changed_rules(before: Plan, after: Plan) -> list[RulePath]:
    """Return the rules that two plans state differently, in the order of the second, what is gone last.

    A section whose rules stand in another order is one change, since the order of trees, ranks and bonuses has
    a meaning; so is a ladder whose ranks have other names.
    """
    old, new = before.document.value, after.document.value
    found: list[RulePath] = []
    for key in [*new, *(key for key in old if key not in new)]:
        one: Any = old.get(key)
        other: Any = new.get(key)
        if key in _NAMES or (one == other and _order(one) == _order(other)):
            continue
        if key in _RULES and isinstance(one, Mapping) and isinstance(other, Mapping) and _in_one_order(one, other):
            names = [*other, *(name for name in one if name not in other)]
            found += [(key, name) for name in names if not _same(one.get(name), other.get(name))]
        elif key == _RANKS and _rungs(one) and _rungs(one) == _rungs(other):
            found += [(key, name) for name, *pair in zip(_rungs(one), one, other, strict=True) if not _same(*pair)]
        else:
            found.append((key,))
    return found


def with_rules(before: Plan, after: Plan, paths: Collection[RulePath]) -> Plan:
    """Return the first plan with some rules as the second one states them.

    Parameters
    ----------
    before, after : Plan
    paths : collection of RulePath
        Of `changed_rules`.

    Raises
    ------
    InputRefused
        The rules do not go together.
    """
    old, new = before.document.value, after.document.value
    wholes = {path[0] for path in paths if len(path) == 1}
    value = _merged(old, new, wholes)
    for section in {path[0] for path in paths if len(path) > 1}:
        names = {path[1] for path in paths if len(path) > 1 and path[0] == section}
        if section == _RANKS:
            value[section] = [
                other if name in names else one
                for name, one, other in zip(_rungs(old[section]), old[section], new[section], strict=True)
            ]
        else:
            value[section] = _merged(old[section], new[section], names)
    return bind_plan(dataclasses.replace(before.document, value=value, text=""))


def _merged(old: Mapping[str, Any], new: Mapping[str, Any], taken: Collection[str]) -> dict[str, Any]:
    """Return a mapping with some keys of another one, a new key after the one it follows there."""
    keys = [key for key in old if key not in taken or key in new]
    order = list(new)
    for place, key in enumerate(order):
        if key in taken and key not in old:
            before = next((other for other in reversed(order[:place]) if other in keys), None)
            keys.insert(0 if before is None else keys.index(before) + 1, key)
    return {key: new[key] if key in taken else old[key] for key in keys}


def _in_one_order(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return [name for name in one if name in other] == [name for name in other if name in one]


def _same(one: Any, other: Any) -> bool:
    return one == other and _order(one) == _order(other)


def _order(value: Any) -> Any:
    """Return the keys of mappings, in their order, all the way down."""
    if isinstance(value, Mapping):
        return [(key, _order(part)) for key, part in value.items()]
    return [_order(part) for part in value] if isinstance(value, list) else None


def _rungs(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(rung, Mapping) for rung in value):
        return []
    return [str(rung.get("rank", "")) for rung in value]


__all__ = ["RulePath", "changed_rules", "with_rules"]
