"""``binary``: the legs of a placement tree matched against each other (plan model, sections 6 and 11.10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.binary_carry import CARRY, leave_carry
from mlmcalc.bonuses.binary_period import PAIRS, BinaryPeriod, period_of
from mlmcalc.bonuses.binary_words import MOST_LEGS, BinaryKeys, amount_faults, size_faults
from mlmcalc.errors import Finding
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.totals import exact_sum, total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.ledger.result import round_amounts
from mlmcalc.money import Rounding
from mlmcalc.rules.amount_table import below
from mlmcalc.rules.bonus_word import check_condition
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE, NOT_ELIGIBLE
from mlmcalc.rules.sources import Base
from mlmcalc.rules.state import Keeps
from mlmcalc.rules.values import ACTIVE, Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

_REASONS = ((NOT_ACTIVE, "not_active"), (NOT_ELIGIBLE, "not_eligible"))


class Binary(BinaryKeys):
    """Pairs of volume from the legs below a member."""

    def base_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of matched volume; cycles are whole."""
        return 0 if self.binary.cycle is not None else self.volume_decimals(vocabulary)

    def volume_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of what the legs hold."""
        return vocabulary.quantity_decimals(self.volume) or 0

    @property
    def table_tier(self) -> str | None:
        """What chooses a tier of the table: for steps the matched volume itself."""
        return self.volume if self.binary.steps is not None else self.tier

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = {Node("tree", name) for name in (vocabulary.first_tree, self._tree_name(vocabulary)) if name}
        nodes |= self.reads_shared(vocabulary) | Base(volume=self.volume).reads(vocabulary)
        nodes |= self.binary.table.reads(vocabulary, self.table_tier)
        if self.first is not None:
            nodes |= self.first.pays.reads(vocabulary, self.tier)
        if self.match_cap is not None:
            nodes |= self.match_cap.table.reads(vocabulary, self.tier)
        if self.carry.limit is not None:
            nodes |= self.carry.limit.reads(vocabulary, self.tier)
        if self.carry.is_tested:
            nodes.add(ACTIVE)
        if self.own is not None and self.own.volume is not None:
            nodes |= Base(volume=self.own.volume).reads(vocabulary)
        if self.each_side is not None:
            nodes.add(Node("tree", self.each_side.tree or vocabulary.first_tree))
            nodes |= self.each_side.where.reads(vocabulary) if self.each_side.where is not None else set()
        return nodes

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it needs of the period before: carry by leg, and who has had the first cycle."""
        carry = Keeps(CARRY, name, tuple(str(leg + 1) for leg in range(self.legs_of(vocabulary))))
        return (carry,) if self.first is None else (carry, Keeps(PAIRS, name, ("",)))

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the bonus, paths relative to it."""
        findings = self.check_shared(vocabulary) + self._check_tree(vocabulary) + self._check_volumes(vocabulary)
        if any(found.path == ("volume",) for found in findings):
            return findings
        decimals, base = self.volume_decimals(vocabulary), self.base_decimals(vocabulary)
        table, path = self.binary.table, self.binary.path
        units = 0 if self.binary.percent is None else base
        found = table.check(vocabulary, None, self.table_tier, False, units)
        if self.binary.percent is None:
            found += list(amount_faults(table.root, ()))
        findings += [replace(one, path=("binary", *path, *one.path)) for one in found]
        if self.binary.steps is not None and "tier" not in table.layers(vocabulary, None):
            message = "Steps map what both sides reach to an amount."
            findings.append(Finding("bonuses.steps", message, "Write steps: {250: 40.00}.", path=("binary", "steps")))
        if self.first is not None:
            first = self.first.pays.check(vocabulary, None, self.tier, False, 0)
            first += list(amount_faults(self.first.pays.root, ()))
            findings += [replace(one, path=("first", "pays", *one.path)) for one in first]
        if self.tier is not None and vocabulary.quantity_decimals(self.tier) is None:
            known = (*vocabulary.volumes, *vocabulary.metrics)
            findings.append(_finding("tier", self.tier, "is no volume or metric of this plan", known))
        findings += list(size_faults(self._sizes(), decimals, 1)) + list(size_faults(self._floors(), decimals, 0))
        return findings + self._check_forms() + self._check_limits(vocabulary, decimals) + self._check_sides(vocabulary)

    def _sizes(self) -> dict[tuple[str, ...], str | None]:
        sizes: dict[tuple[str, ...], str | None] = {("unit",): self.unit}
        if self.binary.cycle is not None:
            sizes[("binary", "cycle", "strong")] = self.binary.cycle.strong
            sizes[("binary", "cycle", "weak")] = self.binary.cycle.weak
        if self.first is not None:
            sizes |= {("first", "strong"): self.first.strong, ("first", "weak"): self.first.weak}
        return sizes

    def _floors(self) -> dict[tuple[str, ...], str | None]:
        return {("match_minimum",): self.match_minimum, ("own", "above"): None if self.own is None else self.own.above}

    def _check_tree(self, vocabulary: Vocabulary) -> list[Finding]:
        with_legs = _trees_with_legs(vocabulary)
        if self.tree and self.tree not in with_legs:
            fault = (
                "is not a recorded tree with legs" if self.tree in vocabulary.trees else "is not a tree of this plan"
            )
            return [_finding("tree", self.tree, fault, with_legs)]
        if not with_legs:
            remedy = "Name the column of the leg: placement: {parent: placement_id, leg: placement_leg, width: 2}."
            return [Finding("bonuses.tree", "No tree of this plan has legs.", remedy, path=())]
        width = self._width(vocabulary)
        if width is not None and self.legs is not None and self.legs != width:
            message = f"The tree has {width} legs, and the bonus {self.legs}."
            return [Finding("bonuses.legs", message, "Leave out legs: they are the tree's.", path=("legs",))]
        if width is not None and not 2 <= width <= MOST_LEGS:
            message = f"A tree of {width} legs cannot be matched."
            return [
                Finding("bonuses.legs", message, f"It takes 2 to {MOST_LEGS}.", path=("tree",) if self.tree else ())
            ]
        return []

    def _check_volumes(self, vocabulary: Vocabulary) -> list[Finding]:
        findings = [replace(one, path=("volume",)) for one in Base(volume=self.volume).check(vocabulary)]
        if self.own is None or self.own.volume is None:
            return findings
        wrong = Base(volume=self.own.volume).check(vocabulary)
        findings += [replace(one, path=("own", "volume")) for one in wrong]
        if not findings and vocabulary.quantity_decimals(self.own.volume) != self.volume_decimals(vocabulary):
            message = f"{self.own.volume} has other decimals than {self.volume}."
            remedy = "Only volumes of equal decimals flow together."
            findings.append(Finding("bonuses.own", message, remedy, path=("own", "volume")))
        return findings

    def _check_forms(self) -> list[Finding]:
        findings = []

        def refuse(key: str, message: str, remedy: str) -> None:
            findings.append(Finding(f"bonuses.{key}", message, remedy, path=(key,)))

        if self.binary.cycle is not None and self.ratio != (1, 1):
            refuse("ratio", "A cycle says itself what it takes from each side.", "Leave out ratio.")
        if self.binary.percent is None and self.unit is not None:
            refuse("unit", "Cycles and steps have sizes of their own.", "Leave out unit.")
        if self.binary.cycle is None and self.first is not None:
            refuse("first", "Only cycles have a first one.", "Write binary: {cycle: ...}, or leave out first.")
        if self.match_cap is not None and self.match_cap.kind != "money":
            if self.binary.steps is not None:
                refuse("match_cap", "Of steps one is paid in a period.", "Cap the money.")
            elif self.match_cap.kind == "cycles" and self.binary.percent is not None and self.unit is None:
                refuse("match_cap", "A percentage has cycles only with unit.", "State unit, or cap volume or money.")
        return findings

    def _check_limits(self, vocabulary: Vocabulary, decimals: int) -> list[Finding]:
        findings = []
        if self.match_cap is not None:
            (key, table), kind = next(iter(self.match_cap.limits.items())), self.match_cap.kind
            places = {"volume": decimals, "cycles": 0, "money": vocabulary.paid_decimals}[kind]
            found = table.check(vocabulary, self.tier, 6 if key == "points" else places)
            findings += below("match_cap", below(key, found))
            texts = [name for name, (type_, _) in vocabulary.member_columns.items() if type_ == "text"]
            if self.match_cap.owner is not None and self.match_cap.owner not in texts:
                remedy = (
                    nearest(self.match_cap.owner, texts)
                    or f"Declare it: member_columns: {{{self.match_cap.owner}: text}}."
                )
                message = f"{self.match_cap.owner} is no text column of members."
                findings.append(Finding("bonuses.owner", message, remedy, path=("match_cap", "owner")))
        if self.carry.limit is not None:
            found = self.carry.limit.check(vocabulary, self.tier, decimals)
            findings += below("carry", below("limit", found))
        return findings

    def _check_sides(self, vocabulary: Vocabulary) -> list[Finding]:
        legs = self.legs_of(vocabulary)
        findings = []
        if self.own is not None and self.own.into.isdigit() and int(self.own.into) > legs:
            message = f"There is no leg {self.own.into}."
            findings.append(Finding("bonuses.own", message, f"The legs are 1 to {legs}.", path=("own", "into")))
        each = self.each_side
        if each is None:
            return findings
        findings += below("each_side", check_condition("where", each.where, vocabulary))
        if each.tree and each.tree not in vocabulary.trees:
            one = _finding("tree", each.tree, "is not a tree of this plan", vocabulary.trees)
            findings.append(replace(one, path=("each_side", "tree")))
        if each.legs is not None and each.legs > legs:
            message = f"The tree has {legs} legs."
            findings.append(Finding("bonuses.each_side", message, "Ask for fewer.", path=("each_side", "legs")))
        return findings

    def _tree_name(self, vocabulary: Vocabulary) -> str:
        return self.tree or next(iter(_trees_with_legs(vocabulary)), "")

    def _width(self, vocabulary: Vocabulary) -> int | None:
        return getattr(vocabulary.definitions.get(Node("tree", self._tree_name(vocabulary))), "width", None)

    def legs_of(self, vocabulary: Vocabulary) -> int:
        """Return how many legs are matched: the width of the tree, else `legs`, else two."""
        return self._width(vocabulary) or self.legs or 2

    def period(self, values: Values, bonus: str, rounding: Rounding) -> BinaryPeriod:
        """Return one period, calculated and in balance; nothing is posted or left to the next one.

        Parameters
        ----------
        values : Values
        bonus : str
        rounding : Rounding
            Of the account it is posted to.

        Raises
        ------
        InputRefused, IntegrityError
            As `mlmcalc.bonuses.binary_period.period_of`.
        """
        assert values.vocabulary is not None, "a bonus is bound by the names of its plan"
        # Legs are places as recorded: nobody moves because a status takes somebody out of other walks.
        tree: Tree = values.network.trees[self._tree_name(values.vocabulary)]
        return period_of(self, values, bonus, tree, self.legs_of(values.vocabulary), rounding)

    def post(self, values: Values, account: BonusAccount) -> None:
        """Post what is paid for what the legs match, and leave what they carry.

        Raises
        ------
        InputRefused, IntegrityError
            As `period`.
        """
        found = self.period(values, account.bonus, account.rounding)
        offered = np.flatnonzero(found.offered)
        if values.size:
            largest = int(found.members[found.offered.argmax()]) if offered.size else 0
            magnitude = total_magnitude(found.offered[offered])
            account.refuse_exact_overflow(magnitude, str(values.network.ids[largest]))
        account.offer_exact(exact_sum(found.offered[offered]))
        self._lose(found, offered, account)
        self._pay(found, offered, account)
        assert values.vocabulary is not None, "a bonus is bound by the names of its plan"
        decimals = self.volume_decimals(values.vocabulary)
        leave_carry(values.closing, account.bonus, found.members, found.lots, decimals)
        if self.first is not None:
            had = np.ones(found.had_first.size, np.int64)
            values.closing.leave(PAIRS, account.bonus, had, 0, members=found.had_first)

    def _lose(self, found: BinaryPeriod, offered: NDArray[np.int64], account: BonusAccount) -> None:
        match, reason = found.match, found.reason[offered]
        base = match.steps[offered] * match.terms.base[offered] + match.firsts[offered]
        exact = found.offered[offered]
        lost = [(reason == code, outcome) for code, outcome in _REASONS]
        lost.append(((reason == ELIGIBLE) & found.below[offered], "below_minimum"))
        for whose, outcome in lost:
            amount = exact_sum(exact[whose])
            if amount:
                account.lose_exact(0, outcome, exact_sum(base[whose]), amount)

    def _pay(self, found: BinaryPeriod, offered: NDArray[np.int64], account: BonusAccount) -> None:
        match, rows = found.match, offered[found.pays[offered]]
        members = found.members[rows].astype(np.int32)
        steps, parts = match.steps[rows], []
        if match.first is not None:
            firsts, each = match.firsts[rows], match.first.worth[rows]
            parts.append((firsts, each, firsts * np.maximum(each, 0)))
        terms = match.terms
        worth = steps * np.maximum(terms.worth[rows], 0)
        parts.append((steps * terms.base[rows], terms.rate[rows], worth))
        owed, exact, before = [], [], np.zeros(rows.size, np.int64)
        for base, rate, worth in parts:
            some = np.flatnonzero(worth)
            owed.append(replace(Owed.to_earners(members[some], base[some]), rate_ppm=rate[some]))
            exact.append(worth[some])
            before += _rounded(worth, account)
        lines, amounts = owed[0], exact[0]
        if len(owed) > 1:
            lines, amounts = Owed.joined(owed), np.concatenate(exact)
            order = np.argsort(lines.earner, kind="stable")
            lines, amounts = lines.pick(order), amounts[order]
        account.pay(lines, exact=amounts)
        is_cut = found.paid[rows] < found.offered[rows]
        less = np.minimum(_rounded(found.paid[rows], account) - before, 0) * is_cut
        cut = np.flatnonzero(less)
        if cut.size:
            account.adjust(Owed.to_earners(members[cut]), less[cut], "cap_reached")


def _rounded(exact: NDArray[np.int64], account: BonusAccount) -> NDArray[np.int64]:
    # As lines are rounded, in the decimals of amounts.
    if account.rounding.place != "line":
        return exact * 10 ** (account.amount_decimals - account.exact_decimals)
    rounded = round_amounts(exact, account.rounding, account.exact_decimals)
    return rounded // 10 ** (account.exact_decimals - account.amount_decimals)


def _trees_with_legs(vocabulary: Vocabulary) -> list[str]:
    trees = [(name, vocabulary.definitions.get(Node("tree", name))) for name in vocabulary.trees]
    return [name for name, word in trees if getattr(word, "leg", None) is not None]


def _finding(key: str, name: str, fault: str, known: Iterable[str]) -> Finding:
    return Finding(f"bonuses.{key}", f"{name} {fault}.", nearest(name, known) or "There is none.", path=(key,))
