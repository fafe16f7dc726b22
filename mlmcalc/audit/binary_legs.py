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
        found, row = self._period, self._period.row_of(position)
        if row is None or found.pays[row] or found.offered[row] == 0:
            return [], 0
        outcome, reason = self._why(row, position)
        member = str(self._values.network.ids[position])
        base = int(found.match.steps[row] * found.match.terms.base[row] + found.match.firsts[row])
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
            offered=self._money(int(found.offered[row])),
            plan_source=self._word.source,
        )
        return [missed], 0

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return nothing: no order is paid, but what legs hold together."""
        return [], []

    def workings(self, position: int) -> list[Working]:
        """Return the period of a member's legs, in the order in which it is calculated."""
        row, book = self._period.row_of(position), self._period.book
        if row is None or not any(column[row].any() for column in (book.carry_in, book.fresh)):
            return []
        steps = [*self._in(row), *self._match(row, position), *self._out(row)]
        return [Working(self._bonus, *step) for step in steps]

    def _in(self, row: int) -> Iterator[tuple[str, str, str]]:
        book = self._period.book
        for leg in self._legs():
            yield f"volume, leg {leg + 1}", self._volume(book.volume[row, leg]), f"{self._word.volume} below it"
        own = self._word.own
        if own is not None:
            for leg in self._legs():
                if book.overflow[row, leg]:
                    note = f"own volume above {own.above}, into {own.into}"
                    yield f"own overflow, leg {leg + 1}", self._volume(book.overflow[row, leg]), note
        for leg in self._legs():
            since = [lot.since for lot in book.lots if lot.amounts[row, leg]]
            if since:
                note = f"since {', '.join(label for label in since if label)}"
                yield f"carry in, leg {leg + 1}", self._volume(book.carry_in[row, leg]), note
        yield from self._flushed(row, ("below zero",))

    def _match(self, row: int, position: int) -> Iterator[tuple[str, str, str]]:
        found, word = self._period, self._word
        match = found.match
        by = "before carry" if word.pay_leg == "before_carry" else "with carry"
        if match.steps[row] and word.binary.cycle is None:
            strong = int(match.sides.deciding[row].argmax())
            yield "strong leg", str(strong + 1), f"the largest, {by}; a tie goes to the lowest"
        if match.firsts[row]:
            yield "first cycle", self._money(int(match.exact_firsts(match.firsts)[row])), "had once"
        if word.binary.cycle is not None:
            yield "cycles", str(int(match.steps[row])), f"{word.binary.cycle.strong} with {word.binary.cycle.weak}"
        yield "matched volume", self._volume(match.volume[row]), "on the weak side"
        if match.terms.worth[row] < 0:
            if word.binary.steps is not None:
                yield "step", "none", "both legs reach none, or it has no amount for this member"
            else:
                yield "rate", "none", "no rate for this member"
        if word.match_minimum is not None:
            note = "below it nothing is paid or used up" if found.below[row] else ""
            yield "minimum", word.match_minimum, note
        yield "match is worth", self._money(int(found.offered[row])), ""
        if found.pays[row]:
            yield from self._cap(row)
        elif found.offered[row]:
            outcome, reason = self._why(row, position)
            yield "paid", self._money(0), f"{outcome.replace('_', ' ')}: {reason}"

    def _cap(self, row: int) -> Iterator[tuple[str, str, str]]:
        found, cap = self._period, self._word.match_cap
        if cap is not None and found.cap is not None and found.cap[row] >= 0:
            limit = int(found.cap[row])
            decimals = {"volume": self._decimals, "cycles": 0, "money": self._exact_decimals}[cap.kind]
            text = self._money(limit) if cap.kind == "money" else text_from_units(limit, decimals)
            yield f"cap in {next(iter(cap.limits))}", text, f"then {cap.then}"
        yield "paid", self._money(int(found.paid[row])), ""

    def _out(self, row: int) -> Iterator[tuple[str, str, str]]:
        book = self._period.book
        for leg in self._legs():
            if book.matched[row, leg]:
                yield f"used up, leg {leg + 1}", self._volume(book.matched[row, leg]), ""
        yield from self._flushed(row, [reason for reason in book.flushed if reason != "below zero"])
        for leg in self._legs():
            total = sum(int(lot.amounts[row, leg]) for lot in self._period.lots)
            yield f"carry out, leg {leg + 1}", self._volume(total), ""

    def _flushed(self, row: int, reasons: tuple[str, ...] | list[str]) -> Iterator[tuple[str, str, str]]:
        for reason in reasons:
            lost = self._period.book.flushed.get(reason)
            if lost is None:
                continue
            for leg in self._legs():
                if lost[row, leg]:
                    yield f"flushed, leg {leg + 1}", self._volume(lost[row, leg]), reason

    def _why(self, row: int, position: int) -> tuple[str, str]:
        # Outcome and reason of a match that is not paid.
        found = self._period
        if found.reason[row] == ELIGIBLE:
            matched = self._volume(found.match.volume[row])
            return "below_minimum", f"matched volume: required at least {self._word.match_minimum}, actual {matched}"
        outcome = "not_active" if found.reason[row] == NOT_ACTIVE else "not_eligible"
        needs = self._reasons.not_eligible(self._word, position)
        each = self._word.each_side
        if needs or each is None or found.on_sides is None:
            return outcome, sentences(needs)
        counts = " and ".join(str(int(count)) for count in found.on_sides[row])
        return outcome, f"own enrolment on each leg: required at least {each.count}, actual {counts}"

    def _legs(self) -> range:
        return range(self._period.book.volume.shape[1])

    def _volume(self, amount: int) -> str:
        return text_from_units(int(amount), self._decimals)

    def _money(self, exact: int) -> str:
        rounding = self._values.rounding
        return text_from_units(rounding.to_unit(exact, self._exact_decimals), rounding.money_decimals)
