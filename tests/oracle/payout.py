"""From statements to what is paid out, member by member."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.kept import Left, opened
from tests.oracle.last_steps import amount_of, rate_of
from tests.oracle.scalars import ZERO, number, rate, round_to
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.commission import Payroll

Row = tuple[Member, str, str, Fraction]
Exchanged = tuple[Member, Fraction, str, Fraction, Fraction, Fraction]
"""Member, amount in the plan's currency, currency, rate, amount, what rounding left."""
DIGITS = {"JPY": 0, "EUR": 2, "KWD": 3, "USD": 2}


def rows(payroll: Payroll, statements: dict[tuple[Member, str], Fraction]) -> list[Row]:
    """Return the steps of every member; none where the plan says nothing of payout."""
    if "payout" not in payroll.world.plan:
        return []
    earned: dict[Member, Fraction] = defaultdict(Fraction)
    for (member, _bonus), amount in statements.items():
        earned[member] += amount
    found: list[Row] = []
    for member in payroll.world.snapshot.ids:
        found += Desk(payroll, member, earned[member]).steps()
    return [row for row in found if row[3] != 0]


def payments(payroll: Payroll, statements: dict[tuple[Member, str], Fraction]) -> list[Exchanged]:
    """Return what each member is paid in its currency; nothing where no rates of exchange are given."""
    snapshot, plan = payroll.world.snapshot, payroll.world.plan
    if not snapshot.company.rates:
        return []
    due: dict[Member, Fraction] = defaultdict(Fraction)
    if "payout" in plan:
        for member, step, _name, amount in rows(payroll, statements):
            due[member] += amount if step == "paid" else ZERO
    else:
        for (member, _bonus), amount in statements.items():
            due[member] += amount
    rates = {row["currency"]: (number(row["rate"]), int(row.get("digits") or DIGITS[row["currency"]]))
             for row in snapshot.company.rates}  # fmt: skip
    found = []
    for member in snapshot.ids:
        currency = snapshot.cell(member, "currency") or plan["currency"]
        if due[member] == 0:
            continue
        if currency == plan["currency"]:
            found.append((member, due[member], currency, Fraction(1), due[member], ZERO))
            continue
        factor, digits = rates[currency]
        amount = round_to(due[member] * factor, Fraction(1, 10**digits), payroll.rounding["mode"])
        found.append((member, due[member], currency, factor, amount, due[member] * factor - amount))
    return found


def left(payroll: Payroll, statements: dict[tuple[Member, str], Fraction]) -> list[Left]:
    """Return the balances and the deferred amounts that the next period begins with."""
    sums: dict[tuple[str, str, Member, str], Fraction] = defaultdict(Fraction)
    for member, step, name, amount in rows(payroll, statements):
        if step in ("held", "carried"):
            sums["balance", "payout", member, step] += amount
        elif step == "deferred":
            sums["deferred", name, member, payroll.world.plan["payout"]["later"][name]] += amount
    company = payroll.world.snapshot.company
    found = [
        Left(section, name, member, key, company.period, value) for (section, name, member, key), value in sums.items()
    ]
    if "payout" in payroll.world.plan:
        waiting = [one for name in payroll.bonuses for one in opened(company, "deferred", name) if one.key != "1"]
        found += [replace(one, key=str(int(one.key) - 1)) for one in waiting]
    return found


def released(payroll: Payroll, member: Member) -> dict[str, Fraction]:
    """Return what bonuses of earlier periods are paid to a member in this one."""
    company = payroll.world.snapshot.company
    return {
        name: sum(
            (one.value for one in opened(company, "deferred", name) if (one.member, one.key) == (member, "1")), ZERO
        )
        for name in payroll.bonuses
    }


def adjusted(payroll: Payroll, member: Member) -> dict[str, Fraction]:
    """Return what people gave a member or took, by type."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for row in payroll.world.snapshot.company.adjustments:
        if row["member_id"] == member:
            sums[row["type"]] += number(row["amount"])
    return sums


def holds(payroll: Payroll, member: Member) -> list[str]:
    """Return the reasons for which people hold a member's payment at the period's end."""
    company = payroll.world.snapshot.company
    last = company.last.isoformat()
    return sorted(
        row["reason"]
        for row in company.overrides
        if (row["member_id"], row["override"]) == (member, "hold")
        and (row.get("from") or "0000-00-00") <= last <= (row.get("to") or "9999-99-99")
    )


class Desk:
    """One member's balance."""

    def __init__(self, payroll: Payroll, member: Member, earned: Fraction) -> None:
        self.payroll, self.world, self.member = payroll, payroll.world, member
        self.word: dict[str, Any] = payroll.world.plan["payout"]
        company = self.world.snapshot.company
        opening = sum((one.value for one in opened(company, "balance", "payout") if one.member == member), ZERO)
        self.released = released(payroll, member)
        self.balance, self.earned = opening + earned + sum(self.released.values(), ZERO), earned
        self.rows: list[Row] = [(member, "opening_balance", "", opening), (member, "earned", "", earned)]
        self.rows += [(member, "released", name, amount) for name, amount in self.released.items()]
        for name, amount in adjusted(payroll, member).items():
            self.rows.append((member, "adjusted", name, amount))
            self.balance += amount

    def out(self, step: str, name: str, amount: Fraction) -> None:
        self.rows.append((self.member, step, name, amount))
        self.balance -= amount

    def meets(self, rule: dict[str, Any]) -> bool:
        return "when" not in rule or self.world.holds(rule["when"], self.member)

    def share(self, rule: dict[str, Any], base: Fraction) -> Fraction:
        written = rule["rate"]
        if isinstance(written, dict) and "column" in written:
            cell = self.world.snapshot.cell(self.member, written["column"])
            rest = written["rates"].get("other", "0%")
            factor = rate(written["rates"].get(cell, rest) if cell else rest)
        else:
            factor = rate_of(self.world, written, self.member, ZERO)
        if not self.meets(rule):
            return ZERO
        rounding = self.payroll.rounding
        return round_to(max(base, ZERO) * min(factor, Fraction(1)), self.payroll.unit, rounding["mode"])

    def steps(self) -> list[Row]:
        word, of_bonus = self.word, {name: own.get(self.member, ZERO) for name, own in self.bonuses().items()}
        for name in word.get("later", {}):
            self.out("deferred", name, of_bonus[name])
            self.earned, of_bonus[name] = self.earned - of_bonus[name], ZERO
        for name, amount in self.released.items():
            self.earned, of_bonus[name] = self.earned + amount, of_bonus.get(name, ZERO) + amount
        lost = False
        for gate in word.get("forfeit", []):
            if self.meets(gate):
                lost = True
                self.out("forfeited", gate["reason"], max(self.balance, ZERO))
        for rule in word.get("withhold", []):
            if rule.get("base", "earned") == "earned" and not lost:
                named = rule.get("of", "total")
                base = self.earned if named == "total" else sum((of_bonus[name] for name in named), ZERO)
                self.out("withheld", rule["name"], min(self.share(rule, base), max(self.balance, ZERO)))
        self.forgive(word.get("negative", "carry"))
        for reason in holds(self.payroll, self.member)[:1]:
            self.out("held", reason, max(self.balance, ZERO))
        for gate in word.get("hold", []):
            if self.meets(gate):
                self.out("held", gate["reason"], max(self.balance, ZERO))
        if self.balance < 0:
            self.out("carried", "a debt", self.balance)
        least = amount_of(self.world, word["minimum"], self.member) if "minimum" in word else None
        if least is not None and self.balance < least:
            self.out("carried", "below the minimum", self.balance)
        self.pay()
        return self.rows

    def bonuses(self) -> dict[str, dict[Member, Fraction]]:
        from tests.oracle.commission import by_earner

        lines = self.payroll.lines
        return {
            name: {member: self.payroll.round(amount) for member, amount in by_earner(own).items()}
            for name, own in lines.items()
        }

    def forgive(self, negative: Any) -> None:
        debt = max(-self.balance, ZERO)
        forgiven = debt if negative == "forgive" else ZERO
        if isinstance(negative, dict):
            forgiven = max(debt - number(negative["carry"]), ZERO)
        self.rows.append((self.member, "forgiven", "", forgiven))
        self.balance += forgiven

    def pay(self) -> None:
        payment = self.balance
        for rule in self.word.get("withhold", []):
            if rule.get("base") == "paid":
                self.out("withheld", rule["name"], min(self.share(rule, payment), self.balance))
        for fee in self.word.get("fees", []):
            if "amount" in fee:
                cost = number(fee["amount"]) if self.meets(fee) and payment > 0 else ZERO
            else:
                cost = self.share(fee, payment)
            self.out("fee", fee["name"], min(cost, self.balance))
        self.out("paid", "", self.balance)
