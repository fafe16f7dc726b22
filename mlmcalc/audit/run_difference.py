"""Two runs side by side: totals, bonuses, ranks and members, and what each cause makes of the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from mlmcalc.audit.moved_amounts import BONUS, KEY, PAID, PAYOUT, added, total_of
from mlmcalc.errors import Finding

INTERACTION = "interaction"
"""What is left to the second run when every cause was replaced alone."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure in both runs, as decimal text; `difference` is the second less the first.

    Attributes
    ----------
    section : str
        ``volumes``, ``members``, ``amounts``, ``bonuses``, ``payout``, or the name of a ladder.
    """

    section: str
    name: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What one cause does.

    Attributes
    ----------
    name : str
        Such as ``orders``, ``moves`` or ``order 8``; of several that only go together, with a plus between them.
    what : str
        What changed, in words.
    after : sequence of str
        Causes that had to be replaced before, since this one alone was refused.
    amounts : polars.DataFrame
        ``member``, ``section``, ``name``, ``amount`` where it is not 0, as `mlmcalc.audit.moved_amounts` has them.
    """

    name: str
    what: str
    after: Sequence[str]
    amounts: pl.DataFrame

    @property
    def paid(self) -> Decimal:
        """What it changes of all that members earn."""
        return total_of(self._earned.drop_nulls("member"))

    @property
    def company(self) -> Decimal:
        """What it changes of what goes to the company."""
        return total_of(self._earned.filter(pl.col("member").is_null()))

    @property
    def payments(self) -> Decimal:
        """What it changes of all that is paid out; 0 where the plan says nothing of payout."""
        paid_out = (pl.col("section") == PAYOUT) & (pl.col("name") == PAID)
        return total_of(self.amounts.filter(paid_out))

    @property
    def members(self) -> int:
        """How many members it moves something of."""
        return self.amounts.get_column("member").drop_nulls().n_unique()

    @property
    def _earned(self) -> pl.DataFrame:
        return self.amounts.filter(pl.col("section") == BONUS)


@dataclass(frozen=True, slots=True, eq=False)
class RunDifference:
    """Two runs side by side.

    Attributes
    ----------
    before, after : mapping
        ``run``, ``digest``, ``period``, ``plan``, ``version`` and ``currency`` of each.
    pairs : sequence of Pair
        Control totals and counts by rank.
    rows : polars.DataFrame
        One row for each member and bonus, or step of its payout, that differ or that a cause moves: ``member`` (null:
        the company), ``section`` (``bonus`` or ``payout``), ``name``, ``before``, ``after``, ``difference``, then one
        column of amounts for each of `effects`.
    effects : sequence of Effect
        The causes, and at last the interaction; empty where nothing was attributed.
    tables : sequence of str
        The tables whose contents differ.
    findings : sequence of Finding
        What a reader must know about the figures.
    ranks : polars.DataFrame
        ``member``, ``ladder``, ``before``, ``after`` of every member that holds another rank; null: no rank, or no
        member of that run.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    pairs: Sequence[Pair]
    rows: pl.DataFrame
    effects: Sequence[Effect]
    tables: Sequence[str]
    findings: Sequence[Finding]
    ranks: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def is_equal(self) -> bool:
        """Whether both runs have the same content, line for line."""
        return self.before["digest"] == self.after["digest"]

    def of_member(self, member: str | None) -> pl.DataFrame:
        """Return the rows of one member, None for the company."""
        if member is None:
            return self.rows.filter(pl.col("member").is_null())
        return self.rows.filter(pl.col("member") == member)

    def by_member(self) -> pl.DataFrame:
        """Return what differs per member over all bonuses, the largest difference first."""
        earned = self.rows.filter(pl.col("section") == BONUS)
        sums = earned.drop("section", "name").group_by("member", maintain_order=True).agg(pl.all().sum())
        return sums.sort(pl.col("difference").abs(), descending=True, maintain_order=True)


def head_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what names a run, from its manifest."""
    plan = manifest["plan"]
    return {
        "run": manifest["run"],
        "digest": manifest["digest"],
        "period": manifest["period"]["label"],
        "plan": plan["name"],
        "version": plan["version"],
        "currency": manifest["totals"]["currency"],
    }


def total_pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Pair]:
    """Return the control totals of two manifests, side by side."""
    return [
        Pair(section, name, one, other, format(Decimal(other) - Decimal(one), "f"))
        for section, name, one, other in _figures(before["totals"], after["totals"])
    ]


def _figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    yield from _both("volumes", old["volumes"], new["volumes"])
    for name in ("members", "active", "earners", "lines"):
        yield "members", name, str(old[name]), str(new[name])
    yield from _both(
        "bonuses", *({name: part["paid"] for name, part in totals["bonuses"].items()} for totals in (old, new))
    )
    yield "amounts", "paid", old["paid"], new["paid"]
    yield "amounts", "company", old["company"], new["company"]
    yield from _both("payout", old["payout"], new["payout"])
    for ladder in {**old["ranks"], **new["ranks"]}:
        yield from _both(ladder, old["ranks"].get(ladder, {}), new["ranks"].get(ladder, {}))


def _both(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name in [*new, *(name for name in old if name not in new)]:
        yield section, name, str(old.get(name, 0)), str(new.get(name, 0))


def differing_rows(
    before: pl.DataFrame, after: pl.DataFrame, effects: Sequence[Effect], names: Sequence[str]
) -> pl.DataFrame:
    """Return the rows of a `RunDifference`.

    Parameters
    ----------
    before, after : polars.DataFrame
        ``member``, ``section``, ``name``, ``amount`` of each run.
    effects : sequence of Effect
        With the interaction.
    names : sequence of str
        Of bonuses, in the order of the plan, then of steps of the payout.
    """
    whole = added([(after, 1), (before, -1)])
    keys = pl.concat([whole.select(KEY), *(effect.amounts.select(KEY) for effect in effects)]).unique()
    parts = [("before", before), ("after", after), ("difference", whole)]
    rows = keys
    for name, amounts in [*parts, *((effect.name, effect.amounts) for effect in effects)]:
        rows = rows.join(amounts.rename({"amount": name}), on=KEY, how="left", nulls_equal=True)
    zero = pl.lit(0).cast(whole.schema["amount"])
    rows = rows.with_columns(pl.exclude(KEY).fill_null(zero))
    place = {name: number for number, name in enumerate(names)}
    number = pl.col("member").str.to_integer(strict=False, dtype=pl.Int64)
    return rows.sort(
        pl.col("member").is_null(),
        number.is_null(),
        number,
        "member",
        "section",
        pl.col("name").replace_strict(place, default=len(place), return_dtype=pl.Int64),
        "name",
    )


__all__ = ["INTERACTION", "Effect", "Pair", "RunDifference", "differing_rows", "head_of", "total_pairs"]
