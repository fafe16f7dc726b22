"""What each cause makes of a difference: replaced alone, calculated by the ordinary engine, less the first run."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from mlmcalc.api.calculate import Progress, calculated_of
from mlmcalc.api.diff_causes import Cause, Mixer
from mlmcalc.api.diff_sides import changed_input
from mlmcalc.api.inputs import prepare
from mlmcalc.api.outputs import payout_table, statements_table
from mlmcalc.audit.moved_amounts import added, amounts_of
from mlmcalc.audit.run_difference import INTERACTION, Effect
from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.tables.ids_out import IdColumn

_FIRST = ("joins", "moves", "leavers", "members", "plan", "period", "orders", "volumes")
"""What other causes need, the likeliest first."""
_FEW = 8
_WORD = re.compile(r"[^\s'\",:;()→]+")

Chosen = frozenset[Cause]


class Attribution:
    """The effects of all causes of a difference.

    Parameters
    ----------
    mixer : Mixer
    amounts : pair of polars.DataFrame
        ``member``, ``section``, ``name``, ``amount`` of the two runs.
    decimals : int
        Of these amounts.
    progress : callable
    older : bool
        Whether one of the runs was made with another arithmetic than causes are calculated with.
    """

    def __init__(
        self,
        mixer: Mixer,
        amounts: tuple[pl.DataFrame, pl.DataFrame],
        decimals: int,
        progress: Progress,
        older: bool = False,
    ) -> None:
        self.findings: list[Finding] = []
        self._mixer = mixer
        self._amounts = amounts
        self._decimals = decimals
        self._progress = progress
        self._older = older
        # Without another arithmetic, the first run calculated again is the first run.
        self._start = self._paid(frozenset()) if older else amounts[0]
        self._known: dict[Chosen, pl.DataFrame | Sequence[Finding]] = {frozenset(): amounts[0].clear()}

    def effects(self) -> list[Effect]:
        """Return the effect of every cause, and the interaction at last: together they are the whole, exactly."""
        causes = self._mixer.causes
        found = [self._of_arithmetic()] if self._older else []
        told: set[Cause] = set()
        for number, cause in enumerate(causes, 1):
            self._progress(cause.name, number, len(causes))
            if cause not in told:
                effect, together = self._effect(cause)
                told |= together
                found += [effect] if effect is not None else []
        before, after = self._amounts
        rest = added([(after, 1), (before, -1), *((effect.amounts, -1) for effect in found)])
        return [*found, Effect(INTERACTION, "", (), rest)]

    def _of_arithmetic(self) -> Effect:
        """Return what both runs change when they are calculated again with the arithmetic of today."""
        before, after = self._amounts
        again = self._paid(frozenset(self._mixer.causes))
        moved = added([(self._start, 1), (before, -1), (after, 1), (again, -1)])
        return Effect("arithmetic", "calculated again", (), moved)

    def _effect(self, cause: Cause) -> tuple[Effect | None, set[Cause]]:
        """Return the effect of a cause, alone or with what it needs, and the causes that it tells."""
        needed = self._needed(cause)
        if needed is None:
            refusal = self._moved(frozenset([cause]))
            assert not isinstance(refusal, pl.DataFrame), "it was refused"
            message = f"{cause.name} cannot be replaced ({refusal[0].code}), and what it changes is in the interaction."
            self.findings.append(Finding("diff.refused", message, level="warning"))
            return None, {cause}
        together = {cause}
        after = needed
        if not isinstance(self._moved(needed), pl.DataFrame):
            after = frozenset(one for one in needed if isinstance(self._moved(frozenset([one])), pl.DataFrame))
            after = after if isinstance(self._moved(after), pl.DataFrame) else frozenset()
            together |= needed - after
        reached, start = self._moved(needed | {cause}), self._moved(after)
        assert isinstance(reached, pl.DataFrame), "what it needs was found"
        assert isinstance(start, pl.DataFrame), "it was tried"
        names = [one.name for one in self._mixer.causes if one in together]
        what = ", ".join(one.what for one in self._mixer.causes if one in together and one.what)
        needs = [one.name for one in self._mixer.causes if one in after]
        return Effect("+".join(names), what, needs, added([(reached, 1), (start, -1)])), together

    def _needed(self, cause: Cause) -> Chosen | None:
        """Return the causes without which this one is refused; None where it is refused with all of them."""
        chosen: list[Cause] = []
        while not isinstance(found := self._moved(frozenset([cause, *chosen])), pl.DataFrame):
            left = [one for one in self._mixer.causes if one is not cause and one not in chosen]
            if not left:
                return None
            chosen += _likely(found, left)
        if len(chosen) <= _FEW:
            for one in list(chosen):
                fewer = [other for other in chosen if other is not one]
                if isinstance(self._moved(frozenset([cause, *fewer])), pl.DataFrame):
                    chosen = fewer
        return frozenset(chosen)

    def _moved(self, chosen: Chosen) -> pl.DataFrame | Sequence[Finding]:
        """Return what the first run with some causes replaced pays more than without, or why it is refused."""
        if chosen not in self._known:
            try:
                self._known[chosen] = added([(self._paid(chosen), 1), (self._start, -1)])
            except InputRefused as refusal:
                self._known[chosen] = refusal.findings
        return self._known[chosen]

    def _paid(self, chosen: Chosen) -> pl.DataFrame:
        inputs, seals = self._mixer.inputs(chosen)
        prepared = prepare(inputs, lambda step, number, count: None)
        now = {seal.name: seal.sha256 for seal in prepared.identity.inputs}
        changed = [name for name, sha256 in seals.items() if now.get(name) != sha256]
        if changed:
            raise IntegrityError(changed_input(name) for name in changed)
        calculated = calculated_of(prepared)
        ids = IdColumn(prepared.network.ids)
        return amounts_of(statements_table(calculated).frame(ids), payout_table(calculated).frame(ids), self._decimals)


def _likely(refusal: Sequence[Finding], left: Sequence[Cause]) -> list[Cause]:
    """Return causes that a refused one probably needs: those about a member that is named, or all of one kind."""
    words = {word for finding in refusal for word in _WORD.findall(f"{finding.message} {finding.member}".rstrip("."))}
    named = [cause for cause in left if cause.keys is not None and words.intersection(cause.keys)]
    if named:
        return named
    kind = min((cause.kind for cause in left), key=lambda kind: _FIRST.index(kind) if kind in _FIRST else len(_FIRST))
    return [cause for cause in left if cause.kind == kind]


__all__ = ["Attribution"]
