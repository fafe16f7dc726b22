"""What the nested mappings of a rate table choose by, and what can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mlmcalc.money import RATE_DECIMALS, RATE_ONE_PPM, NotExact, rate_text, text_from_units, units_from_text
from mlmcalc.rules.needs import NO_RANK
from mlmcalc.rules.words import nearest

Layer = Literal["by", "scheme", "rank", "tier"]
RateTree: TypeAlias = int | tuple[int, ...] | Mapping[str, "RateTree"]
Path = tuple[str | int, ...]

NO_RATE = -1


class PerUnit(int):
    """A rate written as an amount of money for each unit of the base, such as ``20.00``; kept in parts per million."""


OTHER = "other"
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_DEPTH: dict[Layer, int] = {"by": 0, "scheme": 1, "rank": 2, "tier": 3}


@dataclass(frozen=True, slots=True)
class TableFault:
    """One thing wrong with a rate table."""

    code: str
    message: str
    remedy: str
    path: Path
    level: Literal["error", "warning"] = "error"


def layer_of(keys: Sequence[str], outermost: bool, schemes: Sequence[str], ranks: Sequence[str]) -> Layer | None:
    """Return what a mapping with these keys chooses by, None if its keys are of no one kind.

    Parameters
    ----------
    keys : sequence of str
    outermost : bool
        Whether the mapping must choose by the order column.
    schemes, ranks : sequence of str
    """
    if outermost:
        return "by"
    if all(_NUMBER.fullmatch(key) for key in keys):
        return "tier"
    if schemes and any(key in schemes for key in keys):
        return "scheme"
    named = {*ranks, NO_RANK}
    return "rank" if any(key.removesuffix("+") in named for key in keys) else None


def layers_of(table: RateTree, by: bool, schemes: Sequence[str], ranks: Sequence[str]) -> list[Layer]:
    """Return what any of the mappings of a table choose by, outermost first."""
    found: set[Layer] = set()

    def visit(part: RateTree, outermost: bool) -> None:
        if isinstance(part, Mapping):
            layer = layer_of(list(part), outermost, schemes, ranks)
            if layer is not None:
                found.add(layer)
            for below in part.values():
                visit(below, False)

    visit(table, by)
    return sorted(found, key=lambda layer: _DEPTH[layer])


def ranks_of_keys(keys: Sequence[str], ranks: Sequence[str]) -> dict[int, str]:
    """Return which key of a rank mapping each rank code falls under; codes without one are missing.

    ``Director+`` stands for Director and every higher rank up to the next one listed.
    """
    order = [NO_RANK, *ranks]
    chosen: dict[int, str] = {}
    running = ""
    for code, rank in enumerate(order):
        if rank in keys or f"{rank}+" in keys:
            key = rank if rank in keys else f"{rank}+"
            running = key if key.endswith("+") else ""
            chosen[code] = key
        elif running:
            chosen[code] = running
    return chosen


@dataclass(frozen=True, slots=True)
class _Plan:
    schemes: Sequence[str]
    ranks: Sequence[str]
    tier: tuple[str, int] | None
    levels: bool
    per_unit: bool


def table_faults(
    table: RateTree,
    *,
    by: bool,
    schemes: Sequence[str],
    ranks: Sequence[str],
    tier: tuple[str, int] | None,
    levels: bool,
    per_unit: bool = False,
) -> list[TableFault]:
    """Return what is wrong with a rate table, warnings too.

    Parameters
    ----------
    table : RateTree
    by : bool
        Whether the outermost mapping chooses by an order column.
    schemes, ranks : sequence of str
    tier : (str, int) or None
        Name and decimals of the quantity whose tiers the table may use.
    levels : bool
        Whether a list of rates is wanted, or a single one.
    per_unit : bool
        Whether a rate may be an amount for each unit of the base.
    """
    if by and not isinstance(table, Mapping):
        remedy = f"Write {{A: ..., B: ..., {OTHER}: ...}}."
        return [TableFault("rates_form", "With by: the rate table chooses by the values of the column.", remedy, ())]
    return list(_faults(table, (), -1, by, _Plan(schemes, ranks, tier, levels, per_unit)))


def _faults(part: RateTree, path: Path, depth: int, outermost: bool, plan: _Plan) -> Iterator[TableFault]:
    if not isinstance(part, Mapping):
        if plan.levels and isinstance(part, int):
            yield TableFault("rates_form", "A list of rates is wanted, one per level.", "Write [5%, 3%].", path)
        if not plan.levels and isinstance(part, tuple):
            yield TableFault("rates_form", "One rate is wanted here, not a list.", "Write 5%.", path)
        if not plan.per_unit:
            yield from _sign_faults(part, path)
        return
    keys = list(part)
    layer = layer_of(keys, outermost, plan.schemes, plan.ranks)
    if layer is None:
        known = [*plan.schemes, *plan.ranks, NO_RANK]
        message = f"{keys[0]} is no rank" + (" and no scheme" if plan.schemes else "") + " of this plan."
        yield TableFault("rates_key", message, nearest(keys[0].removesuffix("+"), known), (*path, keys[0]))
        return
    if _DEPTH[layer] <= depth:
        message = "The table is nested in another order than order column, scheme, rank, tier."
        yield TableFault("rates_order", message, "Turn the mappings inside out.", path)
    yield from _KEY_FAULTS[layer](keys, path, plan)
    for key, below in part.items():
        yield from _faults(below, (*path, key), _DEPTH[layer], False, plan)


def _sign_faults(part: int | tuple[int, ...], path: Path) -> Iterator[TableFault]:
    rates = part if isinstance(part, tuple) else (part,)
    for level, rate in enumerate(rates):
        if isinstance(rate, PerUnit):
            text = text_from_units(rate, RATE_DECIMALS).rstrip("0").rstrip(".")
            message = f"{text} has no percent sign, and the base is counted in more than whole units."
            percent = rate_text(rate) if rate < RATE_ONE_PPM else f"{text}%"
            where = (*path, level) if isinstance(part, tuple) else path
            yield TableFault("rates_sign", message, f"Write {percent}.", where)


def _by_faults(keys: Sequence[str], path: Path, plan: _Plan) -> Iterator[TableFault]:
    return iter(())


def _scheme_faults(keys: Sequence[str], path: Path, plan: _Plan) -> Iterator[TableFault]:
    for key in keys:
        if key not in plan.schemes:
            yield TableFault("rates_key", f"{key} is no scheme of this plan.", nearest(key, plan.schemes), (*path, key))
    missing = [scheme for scheme in plan.schemes if scheme not in keys]
    if missing:
        message = f"The table says nothing of the scheme{'' if len(missing) == 1 else 's'} {', '.join(missing)}."
        yield TableFault("scheme_without_rate", message, "Its members have no rate here.", path, "warning")


def _rank_faults(keys: Sequence[str], path: Path, plan: _Plan) -> Iterator[TableFault]:
    if not plan.ranks:
        message = "The table goes by rank, and this plan has no ranks."
        yield TableFault("rates_key", message, "State ranks, or one rate for all.", path)
        return
    known = {*plan.ranks, NO_RANK}
    for key in keys:
        rank = key.removesuffix("+")
        if rank not in known:
            remedy = nearest(rank, known) if plan.ranks else "It has no ranks: state ranks, or thresholds as numbers."
            yield TableFault("rates_key", f"{rank} is no rank of this plan.", remedy, (*path, key))
        elif key != rank and rank in keys:
            yield TableFault("rates_key", f"{rank} and {key} say the same twice.", f"Keep {key}.", (*path, key))
    if any(key.removesuffix("+") not in known for key in keys):
        return
    chosen = ranks_of_keys(keys, plan.ranks)
    listed = [code for code in chosen if code > 0]
    above = [plan.ranks[code - 1] for code in range(min(listed, default=len(plan.ranks)), len(plan.ranks) + 1)]
    missing = [rank for rank in above if 1 + list(plan.ranks).index(rank) not in chosen]
    if missing and listed:
        message = f"{', '.join(missing)} ha{'s' if len(missing) == 1 else 've'} no rate, though a lower rank has."
        remedy = f'Write "{plan.ranks[min(listed) - 1]}+" if the higher ranks have the same rates.'
        yield TableFault("rank_without_rate", message, remedy, path, "warning")


def _tier_faults(keys: Sequence[str], path: Path, plan: _Plan) -> Iterator[TableFault]:
    if plan.tier is None:
        remedy = "State tier:, the volume or metric that chooses."
        yield TableFault("rates_tier", "The table has tiers, but nothing says of what.", remedy, path)
        return
    name, decimals = plan.tier
    seen: dict[int, str] = {}
    for key in keys:
        try:
            threshold = units_from_text(key, decimals)
        except NotExact as fault:
            yield TableFault("rates_tier", f"{fault}.", f"{name} has {decimals} decimals.", (*path, key))
            continue
        if threshold < 0:
            yield TableFault("rates_tier", f"{key} is below 0.", "A value below 0 has the tier of 0.", (*path, key))
        if threshold in seen:
            message = f"{key} is the same threshold as {seen[threshold]}."
            yield TableFault("rates_tier", message, "Keep one of them.", (*path, key))
        seen[threshold] = key


_KEY_FAULTS = {"by": _by_faults, "scheme": _scheme_faults, "rank": _rank_faults, "tier": _tier_faults}
