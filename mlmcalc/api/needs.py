"""What the tables must hold for a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mlmcalc.fields import Model
from mlmcalc.genealogy.network import ColumnType
from mlmcalc.plan.load import Plan
from mlmcalc.ranks.rungs import LEGS, Alternative, Requires, RungLists
from mlmcalc.rules.condition import Condition
from mlmcalc.tables.needs import Needs
from mlmcalc.trees.hung import Hung
from mlmcalc.trees.recorded import Recorded
from mlmcalc.volumes.sum_of_orders import SumOfOrders

_JOINED = ("joined", "days_since_joined", "months_since_joined", "periods_since_joined", "member.joined")


def needs_of(plan: Plan) -> Needs:
    """Return the columns a plan reads."""
    recorded = {name: word for name, word in plan.trees.items() if isinstance(word, Recorded)}
    volumes: dict[str, int] = {}
    for word in plan.volumes.values():
        if isinstance(word, SumOfOrders):
            volumes[word.sum] = max(word.decimals(plan.vocabulary), volumes.get(word.sum, 0))
    for name in volumes.keys() & plan.order_columns.keys():
        # What the plan declares of a column holds for its cells, however fine the volumes are.
        volumes[name] = min(volumes[name], plan.order_columns[name][1])
    words = words_of(plan)
    return Needs(
        trees={name: (word.parent, word.leg or "", word.width or 0) for name, word in recorded.items()},
        volume_columns=volumes,
        member_columns=_typed(plan.member_columns),
        order_columns=_typed(plan.order_columns),
        scheme_column=plan.schemes.by if plan.schemes else "",
        schemes=tuple(plan.schemes.names) if plan.schemes else (),
        first_order="first_order" in words,
        joined=bool(words.intersection(_JOINED))
        or any(isinstance(word, Hung) and word.needs_joined for word in plan.trees.values()),
        money_decimals=plan.rounding.money_decimals,
        time_zone=plan.time_zone,
    )


def words_of(plan: Plan) -> set[str]:
    """Return the words of every condition of a plan, wherever it stands."""
    sections = (plan.volumes, plan.trees, plan.metrics, plan.points, plan.ladders, plan.bonuses)
    sections += (plan.choices, plan.limits)
    return words_in([plan.active, plan.payout, *(word for section in sections for word in section.values())])


def words_in(value: Any) -> set[str]:
    """Return the words of every condition inside a word, a list or a mapping of words."""
    if isinstance(value, Condition):
        return value.words()
    if isinstance(value, Alternative):
        return {*value.needs, *([LEGS] if value.legs else [])}
    if isinstance(value, Model):
        return words_in([getattr(value, name) for name in type(value).model_fields])
    if isinstance(value, Requires | RungLists):
        return words_in(value.root)
    if isinstance(value, dict):
        return words_in(list(value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(words_in(one) for one in value))
    return set()


def _typed(columns: Mapping[str, tuple[str, int]]) -> dict[str, tuple[ColumnType, int]]:
    return {name: (cast("ColumnType", kind), decimals) for name, (kind, decimals) in columns.items()}
