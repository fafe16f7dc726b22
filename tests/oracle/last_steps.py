"""The last steps of a bonus: caps on lines, multiplier, minimum, caps on earners and on the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, is_number, number, round_to
from tests.oracle.snapshot import Member
from tests.oracle.walk import COMPANY

if TYPE_CHECKING:
    from tests.oracle.commission import Line, Payroll
    from tests.oracle.world import World


def take(payroll: Payroll, name: str, word: dict[str, Any], lines: list[Line]) -> None:
    """Add the lines of the last steps."""
    cap = word.get("cap", {})
    lines += cuts_of_lines(payroll, word, lines)
    if "guarantee" in word:
        from tests.oracle.commission import by_earner

        lines += payroll.guaranteed(name, word, by_earner(lines))
    if "multiplier" in word:
        for member, amount in had(lines).items():
            factor = rate_of(payroll.world, word["multiplier"], member, Fraction(1))
            if factor != 1:
                after = round_to(amount * factor, payroll.step, payroll.rounding["mode"])
                add(payroll, name, lines, member, after - amount, "multiplier")
    if not ("minimum" in word or "per_earner" in cap or "total" in cap):
        return
    if payroll.rounding["place"] == "bonus":
        from tests.oracle.commission import by_earner

        lines += payroll.differences(name, by_earner(lines))
    if "minimum" in word:
        for member, amount in had(lines).items():
            if 0 < amount < number(word["minimum"]):
                add(payroll, name, lines, member, -amount, "below_minimum")
    if "per_earner" in cap:
        for member, amount in had(lines).items():
            most = amount_of(payroll.world, cap["per_earner"], member)
            if most is not None:
                add(payroll, name, lines, member, min(amount, down(most, payroll.step)) - amount, "cap_reached")
    if "total" in cap:
        have = had(lines)
        over = sum(have.values(), ZERO) - down(number(cap["total"]), payroll.step)
        if over > 0:
            gained = {member: max(have.get(member, ZERO), ZERO) for member in payroll.world.snapshot.ids}
            left = shrink(gained, sum(gained.values(), ZERO) - over, payroll.step)
            for member, amount in gained.items():
                add(payroll, name, lines, member, left[member] - amount, "cap_reached")


def add(payroll: Payroll, name: str, lines: list[Line], member: Member, amount: Fraction, outcome: str) -> None:
    if amount != 0:
        lines.append(payroll.change(name, member, amount, outcome))


def had(lines: list[Line]) -> dict[Member, Fraction]:
    """Return what each member has so far."""
    total: dict[Member, Fraction] = defaultdict(Fraction)
    for line in lines:
        if line.earner != COMPANY:
            total[line.earner] += line.amount
    return dict(total)


def down(amount: Fraction, step: Fraction) -> Fraction:
    """Return the largest multiple of the step that is not above an amount, and not below 0."""
    return max(amount // step * step, ZERO)


def shrink(have: dict[Any, Fraction], left: Fraction, step: Fraction) -> dict[Any, Fraction]:
    """Return amounts in proportion to others with a smaller sum, by largest remainder; ties to the first."""
    total = sum(have.values(), ZERO)
    if total == 0 or left >= total:
        return dict(have)
    steps = left // step
    exact = {key: amount * steps / total for key, amount in have.items()}
    parts = {key: share.numerator // share.denominator for key, share in exact.items()}
    order = sorted(have, key=lambda key: parts[key] - exact[key])
    able = [key for key in order if exact[key] > parts[key] and (parts[key] + 1) * step <= have[key]]
    for key in able[: int(steps - sum(parts.values()))]:
        parts[key] += 1
    return {key: part * step for key, part in parts.items()}


def cuts_of_lines(payroll: Payroll, word: dict[str, Any], lines: list[Line]) -> list[Line]:
    """Return a line for each that a cap on its source, or on its leg, changes, with what it changes it by."""
    cap, own = word.get("cap", {}), [line for line in lines if line.earner != COMPANY]
    cut = dict.fromkeys(range(len(own)), ZERO)
    if "per_source" in cap:
        most = number(cap["per_source"])
        fill(own, cut, lambda line: (line.source, most), payroll.nearest_first)
    if "per_leg" in cap:
        snapshot = payroll.world.snapshot
        parent = payroll.world.whole_parents(payroll.world.tree(word.get("tree") or snapshot.first_tree).recorded)

        def leg(line: Line) -> tuple[Any, Fraction] | None:
            at = line.via or line.source
            if at == line.earner or at is None:
                return None
            most = amount_of(payroll.world, cap["per_leg"], line.earner)
            while at is not None and parent[at] != line.earner:
                at = parent[at]
            return None if most is None else ((line.earner, at), max(most, ZERO))

        def order(line: Line) -> Any:
            level, *rest = payroll.nearest_first(line)
            return level, snapshot.company.id_key(line.source or ""), *rest

        fill(own, cut, leg, order)
    return [replace(own[place], amount=-taken, outcome="cap_reached") for place, taken in cut.items() if taken != 0]


def fill(
    lines: list[Line],
    cut: dict[int, Fraction],
    group_of: Callable[[Line], tuple[Any, Fraction] | None],
    order: Callable[[Line], Any],
) -> None:
    groups: dict[Any, list[int]] = defaultdict(list)
    most: dict[Any, Fraction] = {}
    for place, line in enumerate(lines):
        found = group_of(line)
        if found is not None:
            groups[found[0]].append(place)
            most[found[0]] = found[1]
    for group, places in groups.items():
        before = ZERO
        for place in sorted(places, key=lambda place: order(lines[place])):
            amount = lines[place].amount - cut[place]
            after = before + amount
            cut[place] += amount - (min(after, most[group]) - min(before, most[group]))
            before = after


def rate_of(world: World, written: Any, member: Member, otherwise: Fraction) -> Fraction:
    """Return a rate by scheme, rank or tier; `otherwise` where the table has none."""
    tiered = isinstance(written, dict) and "steps" in written
    table = RateTable(world.plan, written["steps"] if tiered else written, "")
    tier = world.numbers(written["tier"])(member) if tiered and "tier" in written else ZERO
    rank = world.ranks["rank"][member] if "rank" in world.ranks else 0
    found = table.rate("", world.snapshot.scheme(member), rank, tier, 0)
    return otherwise if found is None else found


def amount_of(world: World, written: Any, member: Member) -> Fraction | None:
    """Return an amount for all, by rank, of a column or of a metric; None where nothing is stated."""
    if isinstance(written, dict) and set(written) == {"column"}:
        cell = world.snapshot.cell(member, written["column"])
        return max(number(cell), ZERO) if cell else None
    if isinstance(written, dict):
        table = RateTable(world.plan, {"none": [], **written}, "")
        found = table._of_rank({"none": [], **written}, world.ranks["rank"][member])
        return number(found) if found else None
    if is_number(written):
        return number(written)
    return max(world.numbers(written)(member), ZERO)
