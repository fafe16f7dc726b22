"""The most that a plan can pay of every order column, or of what is no part of one, bonus by bonus."""

from __future__ import annotations

from dataclasses import dataclass

from mlmcalc.money import RATE_ONE_PPM, per_unit_text, rate_text
from mlmcalc.plan.model import Plan
from mlmcalc.rules.most import Most


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What all bonuses together can pay of one order column.

    Attributes
    ----------
    column : str
        An order column; a volume that is no part of one, or a metric; empty for what is a share of nothing.
    rate_ppm : int or None
        Parts per million of the column's sum; None where some bonus has no such bound.
    path : tuple of str
        What each bonus can take, in words.
    unbounded : tuple of str
        Bonuses on this column that no share of it bounds, with the reason.
    each : bool
        Whether the column is counted in whole units, of which each is paid an amount.
    """

    column: str
    rate_ppm: int | None
    path: tuple[str, ...]
    unbounded: tuple[str, ...]
    each: bool = False

    def sentence(self) -> str:
        """Return the worst case as one line."""
        ways = "; ".join((*self.path, *self.unbounded))
        if not self.column:
            return f"whatever the volume: {ways}"
        known = "no bound" if self.rate_ppm is None else f"at most {_most_text(self.rate_ppm, self.each)}"
        return f"of {self.column} {known}: {ways}"


def worst_cases(plan: Plan) -> list[WorstCase]:
    """Return the worst case of every order column that bonuses are paid on, and of what is paid on none.

    Every order counts for every volume made of its column, whatever its filters, and every step goes to whoever has the
    highest rate: no company pays more than this, most pay far less.
    """
    found: dict[str, list[tuple[str, Most]]] = {}
    for name, word in plan.bonuses.items():
        own = word.pays_at_most(plan.vocabulary)
        for column, factor in (_columns(plan, name, ()) or {"": None}).items():
            scaled = None if own.rate_ppm is None or factor is None else own.rate_ppm * factor // RATE_ONE_PPM
            found.setdefault(column, []).append((name, Most(scaled, own.how)))
    whole = {column: _is_whole(plan, column) for column in found}
    return [_of_column(column, parts, whole[column]) for column, parts in found.items()]


def _is_whole(plan: Plan, column: str) -> bool:
    return column in (*plan.volumes, *plan.vocabulary.metrics) and plan.vocabulary.quantity_decimals(column) == 0


def _most_text(rate_ppm: int, each: bool) -> str:
    return f"{per_unit_text(rate_ppm)} each" if each else rate_text(rate_ppm)


def _of_column(column: str, parts: list[tuple[str, Most]], each: bool) -> WorstCase:
    unbounded = tuple(f"{name}: {most.how}" for name, most in parts if most.rate_ppm is None)
    bounded = [(name, most) for name, most in parts if most.rate_ppm is not None]
    path = tuple(
        f"{name} {_most_text(most.rate_ppm or 0, each)}" + ("" if each else f" ({most.how})") for name, most in bounded
    )
    total = sum(most.rate_ppm or 0 for _, most in bounded)
    return WorstCase(column, None if unbounded else total, path, unbounded, each)


def _columns(plan: Plan, bonus: str, seen: tuple[str, ...]) -> dict[str, int | None]:
    """Return the columns a bonus's base is made of, with how many parts per million of each it can be at most."""
    word = plan.bonuses[bonus]
    if not word.earned_from:
        return _of_volume(plan, word.measured_by.partition("@")[0])
    found: dict[str, int | None] = {}
    for other in word.earned_from:
        if other in seen or other not in plan.bonuses:
            continue
        most = plan.bonuses[other].pays_at_most(plan.vocabulary).rate_ppm
        for column, factor in _columns(plan, other, (*seen, bonus)).items():
            part = None if most is None or factor is None else most * factor // RATE_ONE_PPM
            before = found.get(column, 0)
            found[column] = None if part is None or before is None else before + part
    return found


def _of_volume(plan: Plan, volume: str) -> dict[str, int | None]:
    word = plan.volumes.get(volume)
    if word is None:
        # A metric is counted in units of its own.
        return {volume: RATE_ONE_PPM} if volume in plan.vocabulary.metrics else {}
    if getattr(word, "times", None) not in (None, RATE_ONE_PPM):
        # Points made money: of the points there is no part to speak of.
        return {volume: RATE_ONE_PPM}
    if hasattr(word, "add"):
        parts = [_of_volume(plan, part) for part in word.add]
        return {column: max(part.get(column) or 0 for part in parts) for part in parts for column in part}
    share = getattr(word, "share", None)
    return {getattr(word, "sum", volume): RATE_ONE_PPM if share is None else share}
