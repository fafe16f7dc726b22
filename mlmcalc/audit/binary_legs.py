"""What the legs of a member came to under a ``binary`` bonus, step by step, and why a match was not paid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.bonuses.binary import Binary
from mlmcalc.bonuses.binary_period import BinaryPeriod
from mlmcalc.money import RATE_DECIMALS, text_from_units
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE
from mlmcalc.rules.values import Values
from mlmcalc.runs.commission_run import CommissionRun


class BinaryLegs:
    """One period of one binary bonus of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Binary
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Binary, reasons: Reasons) -> None:
        self._values: Values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons

    @cached_property
    def _period(self) -> BinaryPeriod:
        return self._word.period(self._values, self._bonus, self._values.rounding)

    @property
    def _decimals(self) -> int:
        return self._period.book.decimals

    @property
    def _exact_decimals(self) -> int:
        assert self._values.vocabulary is not None, "a bonus is bound by the names of its plan"
        return self._word.base_decimals(self._values.vocabulary) + RATE_DECIMALS

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return the match that a member was not paid, and that nothing was left out.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            Not looked at: there is one match.
        """
        found = self._period
        if found.pays[position] or found.offered[position] == 0:
            return [], 0
        outcome, reason = self._why(position)
        member = str(self._values.network.ids[position])
        base = int(found.match.steps[position] * found.match.terms.base[position] + found.match.firsts[position])
        missed = PassedOver(
            bonus=self._bonus,
            member=member,
            source=member,
            order="",
            level=0,
            paid_level=0,
            outcome=outcome,
            cause=outcome,
            reason=reason,
            base=text_from_units(base, self._exact_decimals - RATE_DECIMALS),
            offered=self._money(int(found.offered[position])),
            plan_source=self._word.source,
        )
        return [missed], 0

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return nothing: no order is paid, but what legs hold together."""
        return [], []

    def workings(self, position: int) -> list[Working]:
        """Return the period of a member's legs, in the order in which it is calculated."""
        found = self._period
        book = found.book
        legs = [book.carry_in, book.volume, book.overflow]
        if not any(column[position].any() for column in legs):
            return []
        steps = [*self._in(position), *self._match(position), *self._out(position)]
        return [Working(self._bonus, *step) for step in steps]

    def _in(self, position: int) -> Iterator[tuple[str, str, str]]:
        book = self._period.book
        for leg in self._legs():
            yield f"volume, leg {leg + 1}", self._volume(book.volume[position, leg]), f"{self._word.volume} below it"
        own = self._word.own
        if own is not None:
            for leg in self._legs():
                if book.overflow[position, leg]:
                    note = f"own volume above {own.above}, into {own.into}"
                    yield f"own overflow, leg {leg + 1}", self._volume(book.overflow[position, leg]), note
        for leg in self._legs():
            since = [lot.since for lot in book.lots if lot.amounts[position, leg]]
            if since:
                note = f"since {', '.join(label for label in since if label)}"
                yield f"carry in, leg {leg + 1}", self._volume(book.carry_in[position, leg]), note
        yield from self._flushed(position, ("below zero",))

    def _match(self, position: int) -> Iterator[tuple[str, str, str]]:
        found, word = self._period, self._word
        match = found.match
        by = "before carry" if word.pay_leg == "before_carry" else "with carry"
        if match.steps[position] and word.binary.cycle is None:
            strong = int(match.sides.deciding[position].argmax())
            yield "strong leg", str(strong + 1), f"the largest, {by}; a tie goes to the lowest"
        if match.firsts[position]:
            yield "first cycle", self._money(int(match.exact_firsts(match.firsts)[position])), "had once"
        if word.binary.cycle is not None:
            yield "cycles", str(int(match.steps[position])), f"{word.binary.cycle.strong} with {word.binary.cycle.weak}"
        yield "matched volume", self._volume(match.volume[position]), "on the weak side"
        if match.terms.worth[position] < 0:
            if word.binary.steps is not None:
                yield "step", "none", "both legs reach none, or it has no amount for this member"
            else:
                yield "rate", "none", "no rate for this member"
        if word.match_minimum is not None:
            note = "below it nothing is paid or used up" if found.below[position] else ""
            yield "minimum", word.match_minimum, note
        yield "match is worth", self._money(int(found.offered[position])), ""
        if found.pays[position]:
            yield from self._cap(position)
        elif found.offered[position]:
            outcome, reason = self._why(position)
            yield "paid", self._money(0), f"{outcome.replace('_', ' ')}: {reason}"

    def _cap(self, position: int) -> Iterator[tuple[str, str, str]]:
        found, cap = self._period, self._word.match_cap
        if cap is not None and found.cap is not None and found.cap[position] >= 0:
            limit = int(found.cap[position])
            decimals = {"volume": self._decimals, "cycles": 0, "money": self._exact_decimals}[cap.kind]
            text = self._money(limit) if cap.kind == "money" else text_from_units(limit, decimals)
            yield f"cap in {next(iter(cap.limits))}", text, f"then {cap.then}"
        yield "paid", self._money(int(found.paid[position])), ""

    def _out(self, position: int) -> Iterator[tuple[str, str, str]]:
        book = self._period.book
        for leg in self._legs():
            if book.matched[position, leg]:
                yield f"used up, leg {leg + 1}", self._volume(book.matched[position, leg]), ""
        yield from self._flushed(position, [reason for reason in book.flushed if reason != "below zero"])
        for leg in self._legs():
            total = sum(int(lot.amounts[position, leg]) for lot in self._period.lots)
            yield f"carry out, leg {leg + 1}", self._volume(total), ""

    def _flushed(self, position: int, reasons: tuple[str, ...] | list[str]) -> Iterator[tuple[str, str, str]]:
        for reason in reasons:
            lost = self._period.book.flushed.get(reason)
            if lost is None:
                continue
            for leg in self._legs():
                if lost[position, leg]:
                    yield f"flushed, leg {leg + 1}", self._volume(lost[position, leg]), reason

    def _why(self, position: int) -> tuple[str, str]:
        # Outcome and reason of a match that is not paid.
        found = self._period
        if found.reason[position] == ELIGIBLE:
            matched = self._volume(found.match.volume[position])
            return "below_minimum", f"matched volume: required at least {self._word.match_minimum}, actual {matched}"
        outcome = "not_active" if found.reason[position] == NOT_ACTIVE else "not_eligible"
        needs = self._reasons.not_eligible(self._word, position)
        each = self._word.each_side
        if needs or each is None or found.on_sides is None:
            return outcome, sentences(needs)
        counts = " and ".join(str(int(count)) for count in found.on_sides[position])
        return outcome, f"own enrolment on each leg: required at least {each.count}, actual {counts}"

    def _legs(self) -> range:
        return range(self._period.book.volume.shape[1])

    def _volume(self, amount: int) -> str:
        return text_from_units(int(amount), self._decimals)

    def _money(self, exact: int) -> str:
        rounding = self._values.rounding
        return text_from_units(rounding.to_unit(exact, self._exact_decimals), rounding.money_decimals)
