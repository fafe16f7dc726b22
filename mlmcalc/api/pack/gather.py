"""An auditor's pack of a stored run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.api.pack.calculated import Recalculated, statements_of
from mlmcalc.api.pack.inputs import cut_off_of, order_evidence, rows_of_inputs
from mlmcalc.api.pack.stored_lines import line_parts, of_statements, summed_and_drawn
from mlmcalc.api.recalculate import PLAN_FILE, Again, prepare_again
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.audit.pack import completeness, cut_off, decisions, flux, not_paid, recalculation, tie_out
from mlmcalc.audit.pack.cut_off import LateOrder
from mlmcalc.audit.pack.decisions import Acts
from mlmcalc.audit.pack.model import Pack, Section, absent, amount_said
from mlmcalc.audit.pack.sample import LineSample
from mlmcalc.audit.pack.work import Trace, Work, WorkLine
from mlmcalc.errors import InputRefused
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.money import text_from_units
from mlmcalc.plan.load import Plan, load_plan
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.runs.versions import ARITHMETIC_VERSION
from mlmcalc.tables.order_evidence import OrderEvidence
from mlmcalc.tables.stored import StoredTables
from mlmcalc.workspace.expectations import Expectations

SAMPLE, DAYS = 60, 3


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What is known beside the folder of a run.

    Attributes
    ----------
    company : str
    expect : Expectations
        What the company states about its tables.
    before : path or None
        The run of the period before; where none is named, the one its state comes from is taken.
    booked : tie_out.Booked or None
        From the closing documents.
    acts : Acts or None
        Of the period, from the store.
    late : sequence of LateOrder or None
        Orders of the period that were known after it ended; None where nobody knows.
    beyond : polars.DataFrame or None
        Orders of the days around the period, which its own input does not hold.
    """

    company: str = ""
    expect: Expectations = field(default_factory=Expectations)
    before: str | os.PathLike[str] | None = None
    booked: tie_out.Booked | None = None
    acts: Acts | None = None
    late: Sequence[LateOrder] | None = None
    beyond: pl.DataFrame | None = None


def gather_pack(
    folder: str | os.PathLike[str],
    beside: Beside | None = None,
    seed: int | None = None,
    sample: int = SAMPLE,
    days: int = DAYS,
) -> Pack:
    """Return an auditor's pack of a stored run.

    Sections that need the inputs are absent, and say so, where the inputs are no longer at hand.

    Parameters
    ----------
    folder : path
        Of the run.
    beside : Beside, optional
    seed : int, optional
        Of the samples; by default a number from the run's digest, which nobody could know before it was made.
    sample : int
        How many lines to draw.
    days : int
        How many days on each side of the ends of the period the cut-off list covers.

    Raises
    ------
    InputRefused
        ``tables.no_run``.
    IntegrityError
        ``tables.manifest``, ``tables.digest``, ``tables.missing``: the run is not as it was written;
        ``api.input_changed``: an input is not what it was made of.
    """
    desk = _Desk(Path(folder), beside or Beside(), seed, sample, days)
    return desk.pack()


class _Desk:
    """Everything that is read for one pack, once."""

    def __init__(self, folder: Path, beside: Beside, seed: int | None, sample: int, days: int) -> None:
        self.folder, self.beside, self.days = folder, beside, days
        self.manifest = sealed_manifest(folder)
        self.stored = StoredTables(folder, self.manifest)
        self.seed = int(self.manifest["digest"][:8], 16) if seed is None else seed
        self.plan: Plan = load_plan(folder / PLAN_FILE)
        self.again: Again | None = None
        self.reason = ""
        try:
            self.again = prepare_again(folder)
        except InputRefused as refusal:
            # The rest of the pack needs no inputs, and says what it could not look at.
            self.reason = f"The inputs are not at hand: {refusal.findings[0].message}"
        self.orders: OrderEvidence | None = None if self.again is None else order_evidence(self.again)
        self.breakage = self.stored.frame("breakage")
        self.lines, self.amount_decimals = self._sampled(sample)
        self.calculated = self._calculated()

    def pack(self) -> Pack:
        """Return all sections."""
        work, sampled = self._work()
        sections = [
            self._completeness(),
            self._cut_off(),
            self._tie_out(),
            sampled,
            self._not_paid(),
            self._decisions(),
            self._flux(),
            self._corrections(),
        ]
        return Pack(self.beside.company, self._facts(), self.seed, sections, work)

    def _calculated(self) -> Recalculated | None:
        made = self.manifest["versions"]["arithmetic"]
        if self.again is None:
            return None
        if made != ARITHMETIC_VERSION:
            # What another arithmetic comes to says nothing of this run; `mlmcalc replay` has the right one.
            self.reason = f"The run was made with arithmetic {made}, this version calculates with {ARITHMETIC_VERSION}."
            return None
        return Recalculated(self.again, self.lines, self.seed)

    def _sampled(self, size: int) -> tuple[list[WorkLine], int]:
        self.sums: tie_out.LineSums | None = None
        self.sample = LineSample(self.seed, size)
        self.no_lines = ""
        if self.manifest.get("detail") == "none" and self.again is None:
            self.no_lines = f"The run keeps no lines. {self.reason}"
            return [], 0
        self.sums, self.sample = summed_and_drawn(line_parts(self.folder, self.manifest), self.seed, size)
        drawn = self.sample.lines()
        if not drawn.height:
            return [], 0
        words = self.plan.bonuses.items()
        base_decimals = {name: word.base_decimals(self.plan.vocabulary) for name, word in words}
        decimals = _scale(drawn["amount"])
        return recalculation.work_lines(drawn, self.plan.rounding, base_decimals, decimals), decimals

    def _work(self) -> tuple[Work | None, Section]:
        if self.no_lines or not self.lines:
            reason = self.no_lines or "The run has no lines."
            return None, absent(recalculation.KEY, recalculation.TITLE, recalculation.QUESTION, reason)
        sums, largest = of_statements(line_parts(self.folder, self.manifest), self._wanted())
        traces: list[Trace] = []
        if self.calculated is not None:
            traces = self.calculated.traces(self.lines, self.orders, sums.drop("lines"))
        rules = [line for line in self.lines if line.product is None]
        about = {line.number: self.calculated.workings(line) for line in rules} if self.calculated else {}
        statements = statements_of(self.lines, sums, largest, self.amount_decimals, about)
        section = recalculation.recalculation(
            self.seed, self.sample.strata(), self.lines, traces, statements, self.reason
        )
        return Work(self._work_facts(), self.lines, traces, statements), section

    def _wanted(self) -> pl.DataFrame:
        # The statements of lines that are no products, and what sources earned that others are paid on.
        pairs: list[tuple[str | None, str]] = []
        for line in self.lines:
            word = self.plan.bonuses.get(line.bonus)
            if line.product is None:
                pairs.append((None if line.earner == COMPANY else line.earner, line.bonus))
            elif isinstance(word, SourceBonus) and line.source:
                pairs += [(line.source, bonus) for bonus in word.earned_from]
        rows = list(dict.fromkeys(pairs))
        return pl.DataFrame(rows, schema={"earner": pl.String, "bonus": pl.String}, orient="row")

    def _completeness(self) -> Section:
        if self.again is None:
            return absent(completeness.KEY, completeness.TITLE, completeness.QUESTION, self.reason)
        findings = self.stored.frame("findings")
        return completeness.completeness(rows_of_inputs(self.again, self.orders, findings, self.beside.expect))

    def _cut_off(self) -> Section:
        if self.again is None or self.orders is None:
            reason = self.reason or "The run was made of volumes per member, which have no dates."
            return absent(cut_off.KEY, cut_off.TITLE, cut_off.QUESTION, reason)
        period, beside = self.again.prepared.period, self.beside
        return cut_off.cut_off(cut_off_of(self.orders, period, self.days, beside.late, beside.beyond))

    def _tie_out(self) -> Section:
        return tie_out.tie_out(
            tie_out.Tables(
                self.stored.frame("statements"),
                _members(self.stored).select("member_id", "paid"),
                self.stored.frame("payout"),
                self.stored.frame("balance"),
                self.breakage,
                self.manifest["totals"],
                self.sums.frame() if self.sums is not None and self.lines else None,
                self.beside.booked,
            )
        )

    def _not_paid(self) -> Section:
        if self.calculated is None:
            return not_paid.not_paid(self.breakage, None, "", self.reason)
        steps, looked_at = self.calculated.not_paid(self.breakage)
        return not_paid.not_paid(self.breakage, steps, looked_at)

    def _decisions(self) -> Section:
        acts = self.beside.acts
        if self.calculated is None:
            return decisions.decisions(None, 0, (), acts, self.reason)
        forced = self.calculated.forced()
        manual = [one for one in self.calculated.adjustments() if not self._is_later(one)]
        rows = sum(seal["rows"] for seal in self.manifest["inputs"] if seal["name"] == "overrides")
        return decisions.decisions(forced, rows - len(forced), manual, acts)

    def _corrections(self) -> Section:
        if self.calculated is None:
            return absent(decisions.LATER, decisions.LATER_TITLE, decisions.LATER_QUESTION, self.reason)
        return decisions.corrections([one for one in self.calculated.adjustments() if self._is_later(one)])

    def _is_later(self, one: decisions.Adjustment) -> bool:
        return one.period not in ("", self.manifest["period"]["label"])

    def _flux(self) -> Section:
        place = self.beside.before or _state_folder(self.folder, self.manifest)
        if place is None:
            reason = "No period before is at hand: name its run with --before."
            return absent(flux.KEY, flux.TITLE, flux.QUESTION, reason)
        return flux.flux(_side(Path(place)), _side(self.folder))

    def _facts(self) -> dict[str, str]:
        manifest = self.manifest
        period, plan = manifest["period"], manifest["plan"]
        return {
            "run": manifest["run"],
            "plan": f"{plan['name']} {plan['version']}",
            "period": f"{period['label']} ({period['first']} to {period['last']})",
            "paid": f"{amount_said(Decimal(manifest['totals']['paid']))} {manifest['totals']['currency']}",
            "digest of the run": manifest["digest"],
            "digest of the manifest": manifest["manifest_sha256"],
            "digest of the plan": plan["digest"],
            "made with": f"mlmcalc {manifest['versions']['mlmcalc']}, arithmetic {manifest['versions']['arithmetic']}",
            "seed of the samples": str(self.seed),
        }

    def _work_facts(self) -> list[tuple[str, str]]:
        rounding = self.plan.rounding
        unit = text_from_units(rounding.unit, rounding.money_decimals)
        return [
            ("run", self.manifest["run"]),
            ("digest of the run", self.manifest["digest"]),
            ("seed", str(self.seed)),
            ("currency", self.manifest["totals"]["currency"]),
            ("rounding", f"each {rounding.place}, {rounding.mode.replace('_', ' ')}, to {unit}"),
        ]


def _members(stored: StoredTables) -> pl.DataFrame:
    # A plan may have taken the name: what was paid is the last column.
    members = stored.frame("members")
    last = members.columns[-1]
    return members if last == "paid" else members.drop("paid", strict=False).rename({last: "paid"})


def _side(folder: Path) -> flux.Side:
    manifest = sealed_manifest(folder)
    members = _members(StoredTables(folder, manifest)).select("member_id", "status", "paid")
    return flux.Side(manifest["run"], manifest["period"]["label"], manifest["totals"], members)


def _state_folder(folder: Path, manifest: Mapping[str, Any]) -> Path | None:
    place = manifest.get("locations", {}).get("state")
    path = None if place is None else folder / place
    return path if path is not None and path.is_dir() else None


def _scale(column: pl.Series) -> int:
    assert isinstance(column.dtype, pl.Decimal), "amounts are decimals"
    return column.dtype.scale
