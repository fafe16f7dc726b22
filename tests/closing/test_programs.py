"""Which version of which plan is in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmcalc.closing.programs import Programs, programs_of
from mlmcalc.errors import InputRefused
from mlmcalc.plan.load import load_plan
from mlmcalc.workspace.load import load_workspace
from tests.api.small_company import plan_text


def version(name: str, day: str, program: str = "alpine", calendar: str = "month") -> str:
    changes = {"version: 2026-01": f"version: {name}", "effective: 2026-01-01": f"effective: {day}\nperiod: {calendar}"}
    return plan_text(**changes, **{"plan: alpine": f"plan: {program}"})


def programs(*texts: str) -> Programs:
    return Programs([load_plan(text) for text in texts])


@pytest.mark.parametrize(
    ("label", "wanted"),
    [("2026-01", "v1"), ("2026-06", "v1"), ("2026-07", "v2"), ("2026-08", "v2"), ("2026-09", "v3")],
)
def test_the_version_in_force_on_the_first_day_is_taken(label: str, wanted: str):
    # v3 begins inside August, so August is still of v2.
    known = programs(version("v3", "2026-08-02"), version("v1", "2026-01-01"), version("v2", "2026-07-01"))
    assert known.in_force("alpine", known.period("alpine", label)).version == wanted


def test_a_version_may_be_named():
    known = programs(version("v1", "2026-01-01"), version("v2", "2026-07-01"))
    period = known.period("alpine", "2026-02")
    assert known.in_force("alpine", period, "v2").version == "v2"
    with pytest.raises(InputRefused, match="no version 'v9'"):
        known.in_force("alpine", period, "v9")


def test_before_the_first_version_nothing_is_in_force():
    known = programs(version("v1", "2026-02-01"))
    with pytest.raises(InputRefused, match=r"closing\.version"):
        known.in_force("alpine", known.period("alpine", "2026-01"))


def test_a_program_is_named_where_there_are_several():
    one = programs(version("v1", "2026-01-01"))
    assert one.named(None) == "alpine"
    two = programs(version("v1", "2026-01-01"), version("v1", "2026-01-01", "weekly", "week"))
    assert (two.names, two.named("weekly")) == (["alpine", "weekly"], "weekly")
    assert two.period("weekly", "2026-W41").first.isoformat() == "2026-10-05"
    assert (two.named(None, "2026-W41"), two.named(None, "2026-10")) == ("weekly", "alpine")
    for name in (None, "weakly"):
        with pytest.raises(InputRefused, match=r"closing\.program"):
            two.named(name)


@pytest.mark.parametrize(
    "other", [version("v1", "2026-07-01"), version("v2", "2026-01-01"), version("v2", "2026-07-01", calendar="week")]
)
def test_versions_that_clash_are_refused(other: str):
    with pytest.raises(InputRefused, match=r"closing\.versions"):
        programs(version("v1", "2026-01-01"), other)


def test_the_plans_of_a_workspace_are_read(tmp_path: Path):
    (tmp_path / "plans").mkdir()
    for name, day in (("v1", "2026-01-01"), ("v2", "2026-07-01")):
        (tmp_path / "plans" / f"{name}.yaml").write_text(version(name, day))
    (tmp_path / "company.yaml").write_text("plans: [plans/*.yaml]\nmembers: members.csv\n")
    assert [plan.version for plan in programs_of(load_workspace(tmp_path)).versions("alpine")] == ["v1", "v2"]


def test_a_version_that_begins_inside_the_period_is_warned_of():
    known = programs(version("v1", "2026-01-01"), version("v2", "2026-08-02"))
    plans = [known.in_force("alpine", known.period("alpine", label)) for label in ("2026-07", "2026-08", "2026-09")]
    assert [[one.code for one in plan.warnings] for plan in plans] == [[], ["closing.version_inside"], []]
    assert [plan.version for plan in plans] == ["v1", "v1", "v2"]
    assert known.in_force("alpine", known.period("alpine", "2026-08"), "v2").warnings == ()


def test_a_period_tells_which_program_is_meant_where_only_one_has_such_periods():
    two = programs(version("v1", "2026-01-01"), version("w1", "2026-01-01", "weekly", "week"))
    assert [two.chosen(label).name for label in ("2026-10", "2026-W41")] == ["alpine", "weekly"]
    assert two.fitting("2026-10") == ["alpine"]
    with pytest.raises(InputRefused, match=r"periods\.label"):
        two.chosen("2026-10", "weekly")
    with pytest.raises(InputRefused, match=r"periods\.label"):
        two.chosen("2026-10-01..2026-10-28")
    alike = programs(version("v1", "2026-01-01"), version("o1", "2026-01-01", "other"))
    assert alike.fitting("2026-10") == ["alpine", "other"]
    assert alike.chosen("2026-10", "other", "o1").name == "other"
    with pytest.raises(InputRefused, match=r"closing\.program"):
        alike.chosen("2026-10")
