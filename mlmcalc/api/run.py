"""A finished run, as the library hands it over."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from mlmcalc.api import display
from mlmcalc.errors import Finding, InputRefused

if TYPE_CHECKING:
    from pathlib import Path

    from mlmcalc.api.inputs import Inputs
    from mlmcalc.audit.compare import Comparison
    from mlmcalc.audit.explanation import MemberExplanation, OrderExplanation
    from mlmcalc.runs.commission_run import CommissionRun
    from mlmcalc.tables.source import ColumnMap


class Run:
    """The commissions of one period.

    Frames are made when they are first asked for. Nothing is written unless `write` is called.

    Attributes
    ----------
    manifest : dict
        What went in, by which rules, what came out, and the digests that prove it.
    calculated : CommissionRun or None
        Every value behind the run; None for a run that was read back from a folder.
    folder : Path or None
        Where a run that was read back lies.
    inputs : Inputs or None
        What was handed over; None for a run that was read back.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        table: Callable[[str], pl.DataFrame],
        calculated: CommissionRun | None = None,
        folder: Path | None = None,
        inputs: Inputs | None = None,
    ) -> None:
        self.manifest = manifest
        self.calculated = calculated
        self.folder = folder
        self.inputs = inputs
        self._table = table

    @property
    def id(self) -> str:
        """``<plan>-<version>.<period>.<12 digits>``: the same plan and inputs give the same id.

        That of a trial has ``trial-`` before its digits.
        """
        return self.manifest["run"]

    @property
    def digest(self) -> str:
        """SHA-256 over the content digests of all tables: two runs with one digest paid the same, line for line."""
        return self.manifest["digest"]

    @property
    def totals(self) -> Mapping[str, Any]:
        """Control totals: members, volumes, paid per bonus, breakage, ranks; amounts as decimal text."""
        return self.manifest["totals"]

    @cached_property
    def lines(self) -> pl.DataFrame:
        """One row for each line: who earned what from whom, at which level, rate and base, with which outcome."""
        return self._table("lines")

    @cached_property
    def statements(self) -> pl.DataFrame:
        """One row for each earner and bonus; a null earner is the company."""
        return self._table("statements")

    @cached_property
    def members(self) -> pl.DataFrame:
        """One row for each member: place in every tree, status, ranks, volumes, metrics, and what it was paid."""
        return self._table("members")

    @cached_property
    def breakage(self) -> pl.DataFrame:
        """What was offered and not paid, per bonus, level and outcome."""
        return self._table("breakage")

    @cached_property
    def transfers(self) -> pl.DataFrame:
        """Volume that compression moved to a keeper; a null keeper is nobody."""
        return self._table("transfers")

    @cached_property
    def balance(self) -> pl.DataFrame:
        """Per bonus: offered = paid + breakage + cut + rounding."""
        return self._table("balance")

    @cached_property
    def state(self) -> pl.DataFrame:
        """What the period leaves to the next: hand it to the next run as its state; refused of a trial."""
        return self._of_whole_run("state")

    @cached_property
    def payout(self) -> pl.DataFrame:
        """What became of what each member earned, step by step; empty where the plan has no ``payout``.

        Refused of a trial.
        """
        return self._of_whole_run("payout")

    def _of_whole_run(self, name: str) -> pl.DataFrame:
        if "trial" in self.manifest:
            message = f"a trial has no table {name}."
            raise InputRefused(Finding("api.trial", message, "Calculate the whole period."))
        return self._table(name)

    @cached_property
    def payments(self) -> pl.DataFrame | None:
        """What each member is paid in its currency; None where no rates of exchange were given."""
        return self._table("payments") if "payments" in self.manifest["digests"] else None

    @cached_property
    def findings(self) -> pl.DataFrame:
        """The warnings about plan and data."""
        return self._table("findings")

    def qualification(self, member: int | str | None = None) -> pl.DataFrame:
        """Return what each rung of each ladder requires: required, actual, short by, met.

        Parameters
        ----------
        member : int or str, optional
            A member id; everybody by default.

        Returns
        -------
        polars.DataFrame
            ``member_id``, ``ladder``, ``rank``, ``alternative``, ``word``, ``required``, ``actual``, ``short_by``,
            ``waived``, ``met``, ``rung_met``.

        Raises
        ------
        InputRefused
            ``api.no_member``; ``api.too_many_members``; ``api.not_calculated`` for a run that was read back.
        """
        from mlmcalc.api.qualification import qualification_frame

        return qualification_frame(self.calculated, member)

    def explain(self, member: int | str, limit: int = 25) -> MemberExplanation:
        """Return why a member was paid what it was paid, and what it did not get from the sources near it.

        The run is calculated again; one that was read back from a folder from its inputs, which must be unchanged.

        Parameters
        ----------
        member : int or str
            A member id, or ``company``.
        limit : int
            The most sources, per bonus, for which to say what was not earned.

        Raises
        ------
        InputRefused
            ``api.no_member``, ``api.inputs_gone``.
        IntegrityError
            ``api.input_changed``.
        """
        from mlmcalc.api.explanations import explain_member, repeatable

        return explain_member(repeatable(self.calculated, self.manifest, self.folder), member, limit)

    def explain_order(self, order: int | str) -> OrderExplanation:
        """Return who got what from an order, and who was passed over, and why.

        Raises
        ------
        InputRefused
            ``api.no_order``, ``api.order_left_out``, ``api.no_orders``, ``api.inputs_gone``.
        IntegrityError
            ``api.input_changed``.
        """
        from mlmcalc.api.explanations import explain_order, repeatable

        return explain_order(repeatable(self.calculated, self.manifest, self.folder), order)

    def compare(
        self,
        paid: object,
        column_map: ColumnMap | None = None,
        explained: int = 25,
        names: Mapping[str, str] | None = None,
    ) -> Comparison:
        """Return the run beside what another system paid.

        Parameters
        ----------
        paid : path, polars frame, or anything polars makes a frame of
            ``member_id``, ``amount`` and, if bonuses are told apart, ``bonus``.
        column_map : ColumnMap, optional
            From its columns to ours.
        explained : int
            How many of the largest differences to explain.
        names : mapping of str to str, optional
            From a bonus of the plan to what the other system calls it; several may have one name.

        Raises
        ------
        InputRefused
            With every finding about the table; ``api.inputs_gone``.
        IntegrityError
            ``api.input_changed``.
        """
        from mlmcalc.api.explanations import compare_paid, repeatable

        repeated = repeatable(self.calculated, self.manifest, self.folder)
        return compare_paid(repeated, paid, column_map, explained, names)

    def write(self, folder: str | os.PathLike[str], format: Literal["parquet", "csv"] = "parquet") -> None:
        """Write the run into a new folder, which appears whole or not at all.

        Raises
        ------
        ConflictError
            ``tables.output_exists``.
        EnvironmentRefused
            ``tables.output_refused``.
        """
        from mlmcalc.api.folders import write_run

        plan_text = self.calculated.plan.text if self.calculated else ""
        write_run(self.manifest, lambda name: getattr(self, name), folder, format, plan_text, self.calculated)

    def __repr__(self) -> str:
        return display.one_line(self.manifest)

    def _repr_html_(self) -> str:
        return display.html_table(self.manifest)
