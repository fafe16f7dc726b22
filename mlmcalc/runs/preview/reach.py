"""How far a source reaches: the bonuses of which every source makes its lines by itself, with those above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.differential import Differential
from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.personal import Personal
from mlmcalc.plan.load import Plan
from mlmcalc.rules.eligibility import eligibility
from mlmcalc.rules.pairs import pair_columns
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Values


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose lines change with a member.

    Attributes
    ----------
    tree : str
        The tree in which a source reaches those above it; empty where its lines are its own.
    levels : int or None
        How far above a source an earner can stand at most; None for any distance.
    """

    tree: str = ""
    levels: int | None = 0


def reach_of(plan: Plan, name: str) -> Reach | None:
    """Return how far the sources of a bonus reach; None where its lines depend on more than single sources."""
    word = plan.bonuses[name]
    if type(word) not in (Differential, Levels, Personal):
        return None
    if word.cap is not None and (word.cap.per_leg is not None or word.cap.total is not None):
        return None
    _, _, rolled_in = (word.base.volume or "").partition("@")
    if isinstance(word, Personal):
        return None if rolled_in else Reach()
    tree = word.tree or plan.vocabulary.first_tree
    if rolled_in and (rolled_in != tree or plan.rounding.grain == "keeper"):
        return None
    if isinstance(word, Differential):
        return None if word.against == "immediate_leg" else Reach(tree, None)
    if word.generations is not None or word.guarantee is not None or word.complete:
        return None
    if word.otherwise not in ("lose", "company") or word.and_below is not None:
        return Reach(tree, None)
    # Whom a tree leaves out stands one level below its keeper; a group's leader one above the group.
    return Reach(tree, word.last_level + 2)


def judged_by(word: Levels | Differential, values: Values) -> list[NDArray[Any]]:
    """Return what decides, of every member, what it earns from those below it; ``(n,)`` each.

    Parameters
    ----------
    word : Levels or Differential
    values : Values
        Of a part of the company.
    """
    found: list[NDArray[Any]] = [eligibility(values, word.eligible)]
    if isinstance(word, Differential):
        found.append(_row(word, word.differential, values))
    else:
        found += [_row(word, table, values) for table in (word.levels, word.and_below) if table is not None]
        if word.and_below is not None:
            found.append(values.rankings["rank"].code)
        if word.pairs:
            found += list(pair_columns(values, word.pairs)[1].T)
    if word.until is not None and word.until.rank is not None:
        ranking = values.rankings["rank"]
        found.append(ranking.code >= ranking.code_of(word.until.rank))
    return found


def _row(word: Levels | Differential, table: RateTable, values: Values) -> NDArray[np.int32]:
    assert values.vocabulary is not None, "a rate table is bound by the names of its plan"
    ranking = values.rankings.get("rank")
    ranks = ranking.names if ranking is not None else ()
    return table.bind(values.vocabulary, word.by, word.tier, values.scheme_names, ranks, word.rank).row(values)
