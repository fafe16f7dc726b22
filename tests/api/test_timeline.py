"""One member across four months: what changed, what was carried, where a balance comes from."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.api.timeline import balance_chain, run_chain
from mlmcalc.audit.timeline.model import Why
from mlmcalc.errors import InputRefused
from tests.api.four_months import MONTHS, write_months
from tests.forging import forge, reseal, set_cell


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> list[Path]:
    return write_months(tmp_path_factory.mktemp("months"))


def of(made: list[Path], member: str, **more: Any):
    return {moment.seen.period: moment for moment in mlmcalc.timeline(made, member, **more).moments}


def test_every_period_follows_from_the_one_before(made):
    for member in ("ann", "bob", "cid", "dee"):
        assert mlmcalc.timeline(made[::-1], member, why=True).breaks == []


def test_ranks_titles_and_what_was_earned(made):
    ann = of(made, "ann")
    assert [moment.seen.ranks["rank"] for moment in ann.values()] == ["Silver", "none", "Silver", "Gold"]
    assert [moment.seen.titles["rank.title"] for moment in ann.values()] == ["Silver", "Silver", "Silver", "Gold"]
    assert [moment.seen.active for moment in ann.values()] == [True, False, True, True]
    assert [str(moment.seen.earned.get("rebate", 0)) for moment in ann.values()] == ["12.00", "0", "15.00", "60.00"]
    assert ann["2026-02"].changes == ["rank down: Silver to none", "not active any more"]
    assert ann["2026-04"].changes == ["rank up: Silver to Gold", "rank title up: Silver to Gold", "plan 1 became 2"]
    assert ann["2026-04"].seen.volumes == {"pv": Decimal("600.00")}


def test_joining_moving_and_leaving(made):
    assert not of(made, "cid")["2026-01"].seen.there
    assert of(made, "cid")["2026-02"].changes == ["joined"]
    assert "sponsor: moved from ann to bob" in of(made, "cid")["2026-04"].changes
    assert "left" in of(made, "dee")["2026-04"].changes
    assert mlmcalc.timeline(made[1:], "dee").moments[0].changes == []


def test_a_balance_comes_from_the_periods_that_fed_it(made):
    ann = of(made, "ann")
    # 12.00 of January is below the minimum; February adds nothing; March adds 15.00 + what the legs bring, and waits.
    assert ann["2026-01"].balance_from == [("2026-01", Decimal("12.00"))]
    assert ann["2026-02"].seen.opening == Decimal("12.00")
    assert ann["2026-02"].balance_from == [("2026-01", Decimal("12.00"))]
    march = ann["2026-03"].seen
    assert march.sum_of("held") == Decimal("12.00") + march.total
    assert ann["2026-03"].balance_from == [("2026-01", Decimal("12.00")), ("2026-03", march.total)]
    assert ann["2026-04"].seen.paid == march.sum_of("held") + ann["2026-04"].seen.total
    assert ann["2026-04"].balance_from == []
    assert balance_chain(made[3], "ann") == list(ann["2026-03"].balance_from)
    assert balance_chain(made[1], "ann") == [("2026-01", Decimal("12.00"))]
    assert balance_chain(made[0], "ann") == []


def why(made: list[Path], member: str) -> dict[str, Why]:
    explained = {period: moment.seen.why for period, moment in of(made, member, why=True).items()}
    return {period: found for period, found in explained.items() if found is not None}


def test_the_volume_of_legs_ties_over_the_periods(made):
    ann = why(made, "ann")
    assert list(ann) == list(MONTHS)
    march = {leg.leg: leg for leg in ann["2026-03"].legs}
    assert march["1"].carried_in == Decimal("600.00")
    assert march["2"].volume == march["2"].matched == Decimal("30.00")
    assert march["1"].carried_out == Decimal("570.00") == ann["2026-04"].legs[0].carried_in
    assert all(leg.difference == 0 for found in ann.values() for leg in found.legs)


def test_why_the_rank(made):
    february = why(made, "ann")["2026-02"].ranks[0]
    assert (february.rank, february.next_rank) == ("none", "Silver")
    assert [(need.word, need.short_by) for need in february.next_needs[0]] == [("pv", "60.00")]


def test_a_run_is_followed_back_through_its_states(made):
    assert run_chain(made[3]) == made
    assert run_chain(made[3], most=2) == made[2:]
    assert run_chain(made[0]) == made[:1]


def test_a_break_is_shown(made, tmp_path):
    from shutil import copytree

    copies = [Path(copytree(run, tmp_path / run.name)) for run in made]
    state = pl.read_parquet(copies[0] / "state.parquet")
    row = state.with_row_index().filter((pl.col("section") == "balance") & (pl.col("member_id") == "ann"))["index"][0]
    forge(copies[0], "state", set_cell(row, "value", Decimal("13.00")))
    found = mlmcalc.timeline(copies, "ann")
    assert found.breaks == ["2026-02: opening balance 12.00, closing balance of 2026-01 13.00"]
    assert mlmcalc.timeline(copies, "bob").breaks == []
    gap = mlmcalc.timeline([copies[0], copies[2]], "ann")
    assert gap.breaks == ["2026-03: 2026-03 does not follow 2026-01: periods between them are missing here"]
    assert gap.moments[1].balance_from[0] == ("2026-01", Decimal("12.00"))


def test_another_run_of_the_month_before_is_a_break(made, tmp_path):
    from shutil import copytree

    other = Path(copytree(made[0], tmp_path / "other"))
    reseal(other, lambda manifest: manifest.update(run="alpine-1.2026-01.000000000000"))
    found = mlmcalc.timeline([other, *made[1:]], "ann")
    assert [text.partition(":")[0] for text in found.breaks] == ["2026-02"]
    assert "it began with the state of" in found.breaks[0]


def test_two_runs_of_a_month_and_an_unknown_member_are_refused(made, tmp_path):
    from shutil import copytree

    twice = Path(copytree(made[0], tmp_path / "twice"))
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.timeline([*made, twice], "ann")
    assert refusal.value.findings[0].code == "api.two_runs"
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.timeline(made, "zoe")
    assert refusal.value.findings[0].code == "api.no_member"
