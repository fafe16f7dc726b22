"""The programs of a company: plans by name, each in versions by the day from which they are in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mlmcalc.documents.known_keys import nearest
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan, load_plan
from mlmcalc.workspace.load import Workspace


class Programs:
    """Every version of every plan of a company.

    Parameters
    ----------
    plans : iterable of Plan

    Raises
    ------
    InputRefused
        ``closing.versions``: two versions of a program begin on one day or are called the same, or a program has two
        calendars.
    """

    def __init__(self, plans: Iterable[Plan]) -> None:
        found: dict[str, list[Plan]] = {}
        for plan in plans:
            found.setdefault(plan.name, []).append(plan)
        self._versions: Mapping[str, Sequence[Plan]] = {
            name: sorted(versions, key=lambda plan: plan.head.effective) for name, versions in sorted(found.items())
        }
        findings = [finding for versions in self._versions.values() for finding in _clashes(versions)]
        if findings:
            raise InputRefused(findings)

    @property
    def names(self) -> list[str]:
        """The programs by name."""
        return list(self._versions)

    def named(self, program: str | None, label: str | None = None) -> str:
        """Return a program by its name, or the only one there is, or the only one whose calendar has a label.

        Raises
        ------
        InputRefused
            ``closing.program``: there is none of this name, or there are several and none is named;
            ``periods.label``: no program has such a period.
        """
        if program is None and len(self._versions) == 1:
            return self.names[0]
        if program is not None and program in self._versions:
            return program
        listed = ", ".join(self.names)
        if program is None:
            fitting = [] if label is None else self.fitting(label)
            if len(fitting) == 1:
                return fitting[0]
            remedy = f"Name one with --program: {listed}."
            raise InputRefused(Finding("closing.program", f"there are {len(self.names)} programs.", remedy))
        hint = nearest(program, self.names) or f"Programs: {listed}."
        raise InputRefused(Finding("closing.program", f"{program!r} is no program of this company.", hint))

    def versions(self, program: str) -> Sequence[Plan]:
        """Return the versions of a program, the oldest first."""
        return self._versions[self.named(program)]

    def period(self, program: str, label: str) -> Period:
        """Return the period of a label in the program's calendar.

        Raises
        ------
        InputRefused
            ``periods.label``.
        """
        return self.versions(program)[-1].calendar(label)

    def in_force(self, program: str, period: Period, version: str | None = None) -> Plan:
        """Return the version in force on a period's first day, or a named one.

        One whose first day falls inside the period begins with the next; the plan that is returned then has the warning
        ``closing.version_inside``.

        Raises
        ------
        InputRefused
            ``closing.version``: there is no such version, or none is in force yet.
        """
        versions = self.versions(program)
        if version is not None:
            chosen = next((plan for plan in versions if plan.version == version), None)
            if chosen is None:
                known = [plan.version for plan in versions]
                hint = nearest(version, known) or f"Versions: {', '.join(known)}."
                raise InputRefused(Finding("closing.version", f"{program} has no version {version!r}.", hint))
            return chosen
        begun = [plan for plan in versions if plan.head.effective <= period.first]
        if not begun:
            first = versions[0]
            message = f"no version of {program} is in force on {period.first}."
            remedy = f"The first, {first.version}, says from when on: effective. Or name it: --version {first.version}."
            raise InputRefused(Finding("closing.version", message, remedy, file=first.file))
        return _with_warning(begun[-1], [plan for plan in versions if period.first < plan.effective <= period.last])

    def fitting(self, label: str, program: str | None = None) -> list[str]:
        """Return the programs in whose calendar there is a period of a label: a named one, or all.

        Raises
        ------
        InputRefused
            ``closing.program``: there is none of this name; ``periods.label``: no program has such a period.
        """
        names = self.names if program is None else [self.named(program)]
        found, refused = [], []
        for name in names:
            try:
                self.period(name, label)
                found.append(name)
            except InputRefused as refusal:
                refused += refusal.findings
        if not found:
            raise InputRefused(dict.fromkeys(refused))
        return found

    def chosen(self, label: str, program: str | None = None, version: str | None = None) -> Plan:
        """Return the version that is in force in a period of a named program, or of the only one with such periods.

        Raises
        ------
        InputRefused
            As `named` and `in_force`.
        """
        name = self.named(program, label)
        return self.in_force(name, self.period(name, label), version)


def _with_warning(plan: Plan, later: Sequence[Plan]) -> Plan:
    if not later:
        return plan
    following = later[0]
    message = f"version {following.version} is in force from {following.effective} on, inside the period."
    remedy = f"The whole period is calculated by {plan.version}; name the other with --version if it is meant."
    finding = Finding("closing.version_inside", message, remedy, level="warning", file=following.file)
    return replace(plan, warnings=(*plan.warnings, finding))


def _clashes(versions: Sequence[Plan]) -> Iterator[Finding]:
    days: dict[date, Plan] = {}
    names: dict[str, Plan] = {}
    for plan in versions:
        before = days.setdefault(plan.head.effective, plan)
        same = names.setdefault(plan.version, plan)
        if before is not plan or same is not plan:
            other = (before if before is not plan else same).file
            message = f"{other} is a version of {plan.name} that is called the same, or begins on the same day."
            remedy = "Give every version its own version: and effective:, or leave one out."
            yield Finding("closing.versions", message, remedy, file=plan.file)
        if versions[0].head.period != plan.head.period:
            message = f"{plan.name} has a calendar of {versions[0].head.period} in {versions[0].file}, of another here."
            remedy = "Give the plan with another calendar another name."
            yield Finding("closing.versions", message, remedy, file=plan.file)


def programs_of(workspace: Workspace) -> Programs:
    """Return the programs of a workspace, every plan read and checked.

    Raises
    ------
    InputRefused
        ``workspace.no_plan``, ``closing.versions``, and as `load_plan`.
    """
    return Programs([load_plan(path) for path in workspace.plan_files()])
