"""Trials: a run as far as a stage, or of some bonuses; the same figures, and nothing that could be paid or go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

import mlmcalc
from mlmcalc.cli.main import run_command
from mlmcalc.errors import InputRefused
from mlmcalc.plan.trial import STAGES, TrialWish, narrowed
from tests.api.small_company import MEMBERS, ORDERS, plan_text
from tests.bonuses.small import left
from tests.engine import frames
from tests.oracle.companies import PERIOD
from tests.oracle.plans import Case, cases

PLAN = plan_text() + "limits: {most: {per_earner: 15.00}}\npayout: {minimum: 5.00}\n"


def run(text: str = PLAN, **more: Any) -> mlmcalc.Run:
    return mlmcalc.run(text, MEMBERS, ORDERS, period="2026-10", **more)


def bonuses(found: mlmcalc.Run) -> list[str]:
    return list(found.totals["bonuses"])


def test_until_ranks_no_bonus_is_calculated():
    whole, found = run(), run(until="ranks")
    assert bonuses(found) == []
    assert not found.lines.height
    shared = [name for name in whole.members.columns if name != "paid"]
    assert found.members.select(shared).equals(whole.members.select(shared))
    assert found.qualification().equals(whole.qualification())
    assert found.manifest["trial"] == {
        "only": [],
        "until": "ranks",
        "left_out": ["bonus retail", "bonus unilevel", "bonus match", "bonus pool", "limit most"],
    }


def test_each_stage_knows_what_can_be_known_without_a_later_one():
    knows = {stage: set(run(until=stage).members.columns) for stage in STAGES}
    assert {"pv", "cv"} <= knows["volumes"]
    assert not {"gv", "rank", "active_kept"} & knows["volumes"]
    assert {"active_kept", "pv"} <= knows["trees"]
    assert "gv" not in knows["trees"]
    assert {"gv", "heads"} <= knows["metrics"]
    assert "rank" not in knows["metrics"]
    assert "rank" in knows["ranks"]
    whole = run()
    before = run(PLAN.replace("limits: {most: {per_earner: 15.00}}\n", ""))
    assert run(until="bonuses").statements.equals(before.statements)
    assert run(until="limits").statements.equals(whole.statements)
    assert run(until="limits").lines.drop("run").equals(whole.lines.drop("run"))


def test_some_bonuses_and_what_they_are_paid_on():
    whole = run(PLAN.replace("limits: {most: {per_earner: 15.00}}\n", ""))
    found = run(only=["match"])
    assert bonuses(found) == ["unilevel", "match"]
    kept = whole.statements.filter(pl.col("bonus").cast(pl.String).is_in(["unilevel", "match"]))
    assert found.statements.cast({"bonus": pl.String}).equals(kept.cast({"bonus": pl.String}))
    assert "limit most" in found.manifest["trial"]["left_out"]
    assert "rank" not in found.members.columns


def test_a_limit_acts_where_it_concerns_no_other_bonus():
    text = PLAN.replace("{most: {per_earner: 15.00}}", "{most: {per_earner: 1.00, bonuses: [retail]}}")
    found = run(text, only=["retail"])
    whole = run(text).statements.filter(pl.col("bonus").cast(pl.String) == "retail")
    assert found.statements.cast({"bonus": pl.String}).equals(whole.cast({"bonus": pl.String}))
    behind = text.replace("{most:", "{first: {per_earner: 9.00}, most:")
    assert set(run(behind, only=["retail"]).manifest["trial"]["left_out"]) >= {"limit first", "limit most"}


def test_a_choice_acts_where_all_its_bonuses_are_calculated():
    text = PLAN.replace("limits:", "exclusive: [{greater_of: [retail, pool]}]\nlimits:")
    alone = run(text, only=["retail"])
    both = run(text, only=["retail", "pool"])
    assert bonuses(alone) == ["retail"]
    assert "exclusive" not in str(alone.totals["cut"])
    plain = run(text.replace("limits: {most: {per_earner: 15.00}}\n", ""))
    kept = plain.statements.filter(pl.col("bonus").cast(pl.String).is_in(["retail", "pool"]))
    assert both.statements.cast({"bonus": pl.String}).equals(kept.cast({"bonus": pl.String}))


def test_it_is_marked_and_has_an_id_of_its_own():
    ids = [run().id, run(until="ranks").id, run(until="metrics").id, run(only=["retail"]).id]
    assert len(set(ids)) == 4
    assert [".trial-" in one for one in ids] == [False, True, True, True]
    assert "trial" not in run().manifest
    assert not {"state", "payout"} & set(run(until="bonuses").manifest["digests"])


@pytest.mark.parametrize("name", ["state", "payout"])
def test_nothing_that_could_be_paid_or_go_on(name: str):
    with pytest.raises(InputRefused, match=r"api\.trial"):
        getattr(run(until="bonuses"), name)


def test_an_open_balance_stays_where_it_is():
    kept = pl.DataFrame([left("balance", "payout", 2, "5", "held")])
    assert run(until="bonuses", state=kept).statements.equals(run(until="bonuses").statements)


def test_no_period_begins_with_it(tmp_path: Path):
    mlmcalc.run_to_folder(PLAN, MEMBERS, tmp_path / "trial", ORDERS, period="2026-10", until="bonuses")
    november = ORDERS.with_columns(pl.col("date").str.replace("-10-", "-11-"))
    with pytest.raises(InputRefused, match=r"state\.trial"):
        mlmcalc.run(PLAN, MEMBERS, november, period="2026-11", state=tmp_path / "trial")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"only": ["retial"]}, "trial.bonus"),
        ({"until": "payout"}, "trial.stage"),
        ({"until": "ranks", "only": ["retail"]}, "trial.both"),
    ],
)
def test_what_cannot_be_tried_is_refused(wish: dict[str, Any], code: str):
    with pytest.raises(InputRefused) as refusal:
        run(**wish)
    assert [found.code for found in refusal.value.findings] == [code]


def test_bonuses_are_a_list():
    with pytest.raises(TypeError, match="only"):
        run(only="retail")


def test_a_stored_trial_is_read_explained_and_repeated(tmp_path: Path):
    MEMBERS.write_csv(tmp_path / "members.csv")
    ORDERS.write_csv(tmp_path / "orders.csv")
    members, orders = tmp_path / "members.csv", tmp_path / "orders.csv"
    wishes: list[dict[str, Any]] = [{"until": "ranks"}, {"only": ["match"]}]
    for wish in wishes:
        folder = tmp_path / str(len(wish)) / next(iter(wish))
        folder.parent.mkdir(exist_ok=True)
        made = mlmcalc.run_to_folder(PLAN, members, folder, orders, period="2026-10", **wish)
        back = mlmcalc.load_run(folder)
        assert back.digest == made.digest == run(**wish).digest
        told = back.explain(1)
        assert told.ranks or wish != {"until": "ranks"}
        assert {row.bonus for row in told.bonuses} <= {"unilevel", "match"}


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    MEMBERS.write_csv("members.csv")
    ORDERS.write_csv("orders.csv")
    Path("plan.yaml").write_text(PLAN, encoding="utf-8")
    words = ["run", "plan.yaml", "--members", "members.csv", "--orders", "orders.csv", "--period", "2026-10"]
    assert run_command([*words, "--until", "ranks"]) == 0
    shown = capsys.readouterr().out
    assert "A trial, until ranks" in shown
    assert "Manager" in shown
    assert "all earners" not in shown
    assert run_command([*words, "--only", "unilevel, match", "--out", "other"]) == 0
    assert "A trial, only unilevel, match" in capsys.readouterr().out
    assert bonuses(mlmcalc.load_run("other")) == ["unilevel", "match"]
    assert run_command([*words]) == 0
    assert mlmcalc.load_run("runs/2026-10").digest == run().digest
    assert mlmcalc.load_run("runs/2026-10-trial").manifest["trial"]["until"] == "ranks"
    assert run_command([*words, "--only", "match", "--until", "ranks"]) == 2
    assert run_command([*words, "--only", "none", "--out", "no"]) == 3


@settings(max_examples=25)
@given(cases())
def test_whatever_is_tried_comes_out_as_in_the_whole_run(case: Case):
    plan = mlmcalc.load_plan(case.text())
    tables = frames(case.company)
    whole = mlmcalc.run(plan, **tables, period=PERIOD)
    for stage in STAGES:
        found = mlmcalc.run(plan, **tables, period=PERIOD, until=stage)
        shared = [name for name in found.members.columns if name != "paid"]
        assert found.members.select(shared).equals(whole.members.select(shared))
        assert stage != "limits" or found.statements.equals(whole.statements)
    name = next(iter(plan.bonuses))
    alone = mlmcalc.run(plan, **tables, period=PERIOD, only=[name])
    assert name in bonuses(alone)
    if not plan.limits and not plan.choices and plan.rounding.place != "payout":
        for bonus in bonuses(alone):
            own, there = (run.statements.filter(pl.col("bonus").cast(pl.String) == bonus) for run in (alone, whole))
            pairs = [dict(one.select("earner", "amount").iter_rows()) for one in (own, there)]
            assert pairs[0] == pairs[1]


def test_a_narrowed_plan_has_no_value_without_what_it_reads():
    plan = mlmcalc.load_plan(PLAN)
    for wish in [*(TrialWish(until=stage) for stage in STAGES), *(TrialWish((name,)) for name in plan.bonuses)]:
        found = narrowed(plan, wish)
        there = set(found.order)
        assert all(plan.reads_of(node) & set(plan.order) <= there for node in there)


def test_what_was_held_before_is_said_in_the_ranks_of_its_ladder():
    text = PLAN.replace("retail: {personal", "retail: {eligible: {title_before: Partner}, personal")
    whole, found = run(text), run(text, only=["retail"])
    assert found.members["rank"].equals(whole.members["rank"])
    assert "rank" not in run(text, until="metrics").members.columns


def test_a_tree_that_is_not_walked_is_not_shown():
    text = PLAN.replace("trees:\n", "statuses: {left: {walk: compressed}}\ntrees:\n")
    members = MEMBERS.with_columns(status=pl.Series(["active", "left", "active", "active", "active", "active"]))
    whole, found = (mlmcalc.run(text, members, ORDERS, period="2026-10", until=stage) for stage in ("ranks", "volumes"))
    assert "sponsor_parent" not in found.members.columns
    assert whole.members["sponsor_parent"].to_list()[2:4] == [1, 4]
