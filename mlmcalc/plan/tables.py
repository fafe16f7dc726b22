"""The rate tables of a bonus, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlmcalc.fields import Model
from mlmcalc.rules.rates import RateTable

_BOUNDS = frozenset({"multiplier", "maximum", "match_cap", "carry", "cap"})
"""Keys whose tables bound or scale what is paid; where they say nothing, nothing is bounded."""


class Written(NamedTuple):
    """A table of a plan.

    Attributes
    ----------
    path : tuple of str
        From the word on; a short form is written at the nearest part of it that exists.
    table : RateTable
    chooser : tuple of str or None
        Where the word stands whose ``tier`` its tiers are of; None where they are of what is paid itself.
    """

    path: tuple[str, ...]
    table: RateTable
    chooser: tuple[str, ...] | None

    @property
    def pays(self) -> bool:
        """Whether it says what is paid, not what bounds or scales it."""
        return not _BOUNDS.intersection(self.path)


def tables_of(word: Model, path: tuple[str, ...] = (), chooser: tuple[str, ...] | None = None) -> Iterator[Written]:
    """Yield every rate table of a word.

    Parameters
    ----------
    word : Model
    path : tuple of str
        Where the word stands.
    chooser : tuple of str or None
        Where the nearest word around it with a ``tier`` stands.
    """
    fields = type(word).model_fields
    if "tier" in fields:
        chooser = path
    for field in fields:
        value, place = getattr(word, field), (*path, field)
        if isinstance(value, RateTable):
            yield Written(place, value, None if field == "steps" and "tier" not in fields else chooser)
        elif isinstance(value, Model):
            yield from tables_of(value, place, chooser)
