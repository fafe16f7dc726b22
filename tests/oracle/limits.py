"""Exclusive bonuses, and limits over several, in fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.last_steps import amount_of, down, had, shrink
from tests.oracle.scalars import ZERO, number, rate, round_to
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.commission import Payroll

Amounts = dict[Member, dict[str, Fraction]]


def chosen_from(choice: dict[str, Any]) -> list[str]:
    """Return the bonuses of a choice."""
    return choice.get("greater_of") or choice["first_of"]


def choose(payroll: Payroll, choice: dict[str, Any]) -> None:
    """Leave every member one bonus of a choice."""
    names = chosen_from(choice)
    have = {name: had(payroll.lines[name]) for name in names}
    for member in payroll.world.snapshot.ids:
        own = {name: have[name][member] for name in names if have[name].get(member, ZERO) != 0}
        if not own:
            continue
        kept = max(own, key=lambda name: own[name]) if "greater_of" in choice else next(iter(own))
        for name, amount in own.items():
            if name != kept:
                payroll.lines[name].append(payroll.change(name, member, -amount, "excluded"))


def cut(payroll: Payroll, word: dict[str, Any]) -> None:
    """Cut what one limit does not allow."""
    names = [name for name in payroll.bonuses if name in word.get("bonuses", payroll.bonuses)]
    totals = {name: had(payroll.lines[name]) for name in names}
    have = {member: {name: totals[name].get(member, ZERO) for name in names} for member in payroll.world.snapshot.ids}
    left = {member: dict(own) for member, own in have.items()}
    if "per_earner" in word:
        of_members(payroll, word, left)
    elif "share" in word:
        most = down(rate(word["share"]) * company(payroll, word["of"]), payroll.step)
        of_company(payroll, word, left, paid(left) - most, number(word.get("protect", "0")))
    elif word.get("per") == "company":
        volume, may = company(payroll, word["paid_volume"]), rate(word["at_most"]) * company(payroll, word["of"])
        if volume > may and paid(left) > 0:
            of_company(payroll, word, left, paid(left) - down(paid(left) * may / volume, payroll.step), ZERO)
    else:
        by_ratio(payroll, word, left)
    for member, own in have.items():
        for name, amount in own.items():
            if left[member][name] != amount:
                change = payroll.change(name, member, left[member][name] - amount, "limit_reached")
                payroll.lines[name].append(change)


def of_members(payroll: Payroll, word: dict[str, Any], have: Amounts) -> None:
    for member, own in have.items():
        most = amount_of(payroll.world, word["per_earner"], member)
        if most is not None:
            over = sum(own.values(), ZERO) - down(most, payroll.step)
            if over > 0:
                of_one(own, over, order_of(word), payroll.step)


def of_one(own: dict[str, Fraction], over: Fraction, order: list[str], step: Fraction) -> None:
    """Take so much from the bonuses of one member."""
    for name in order:
        taken = min(max(own[name], ZERO), over)
        own[name] -= taken
        over -= taken
    gained = {name: max(amount, ZERO) for name, amount in own.items()}
    left = shrink(gained, sum(gained.values(), ZERO) - over, step)
    for name, amount in gained.items():
        own[name] += left[name] - amount


def of_company(payroll: Payroll, word: dict[str, Any], have: Amounts, over: Fraction, protect: Fraction) -> None:
    if over <= 0:
        return
    step = payroll.step
    exposed = {member: max(max(sum(own.values(), ZERO), ZERO) - protect, ZERO) for member, own in have.items()}
    for name in order_of(word):
        able = {member: min(max(own[name], ZERO), exposed[member]) for member, own in have.items()}
        left = shrink(able, max(sum(able.values(), ZERO) - over, ZERO), step)
        for member, amount in able.items():
            taken = amount - left[member]
            have[member][name] -= taken
            exposed[member] -= taken
            over -= taken
    if over > 0:
        left = shrink(exposed, max(sum(exposed.values(), ZERO) - over, ZERO), step)
        for member, amount in exposed.items():
            of_one(have[member], amount - left[member], [], step)


def by_ratio(payroll: Payroll, word: dict[str, Any], have: Amounts) -> None:
    volume_of, of = (payroll.world.numbers(word[key]) for key in ("paid_volume", "of"))
    for member, own in have.items():
        volume, may = volume_of(member), rate(word["at_most"]) * max(of(member), ZERO)
        if volume > may:
            for name, amount in own.items():
                if amount > 0:
                    own[name] = min(amount, round_to(amount * may / volume, payroll.step, payroll.rounding["mode"]))


def order_of(word: dict[str, Any]) -> list[str]:
    cut = word.get("cut", "in_proportion")
    return cut["order"] if isinstance(cut, dict) else []


def paid(have: Amounts) -> Fraction:
    return sum((amount for own in have.values() for amount in own.values()), ZERO)


def company(payroll: Payroll, word: str) -> Fraction:
    numbers = payroll.world.numbers(word)
    return max(sum((numbers(member) for member in payroll.world.snapshot.ids), ZERO), ZERO)
