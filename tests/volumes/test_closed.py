"""Closed results of another program as a volume of this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.cli.main import run_command
from mlmcalc.errors import InputRefused
from tests.bonuses.small import HEAD

MEMBERS = pl.DataFrame({"member_id": [1, 2, 3], "sponsor_id": [None, 1, 2]})
ORDERS = pl.DataFrame(
    {"order_id": [1, 2], "member_id": [1, 2], "date": ["2026-10-05"] * 2, "pv": ["1000", "100"], "kind": ["sale"] * 2}
)
WEEKS = ("2026-W40", "2026-W41", "2026-W42", "2026-W43")
"""Those that end in October 2026."""
MATCH = "bonuses: {match: {levels: [10%, 5%], base: weekly, tree: sponsor}}"


def given(*rows: tuple[str, str, str, int, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, ["plan", "bonus", "period", "member_id", "amount"], orient="row")


def every_week(bonus: str = "binary", member: int = 3, amount: str = "10.01") -> list[tuple[str, str, str, int, str]]:
    return [("weekly", bonus, week, member, amount) for week in WEEKS]


def plan(word: str = "{closed: weekly, bonuses: [binary]}", body: str = MATCH, grain: str = "source") -> str:
    head = HEAD.replace("PLACE", "line").replace("GRAIN", grain)
    return head.replace("  pv: {sum: pv}\n", f"  pv: {{sum: pv}}\n  weekly: {word}\n") + body + "\n"


def run(closed: Any = None, text: str = "", **more: Any) -> mlmcalc.Run:
    return mlmcalc.run(text or plan(), MEMBERS, ORDERS, period="2026-10", closed=closed, **more)


def paid(found: mlmcalc.Run) -> list[tuple[int, str]]:
    return [(member, str(amount)) for member, amount in found.statements.select("earner", "amount").rows()]


def codes(level: str, found: mlmcalc.Run | InputRefused) -> list[str]:
    if isinstance(found, InputRefused):
        return [one.code for one in found.findings if one.level == level]
    return found.findings["code"].to_list()


def refused(*about: Any, **more: Any) -> list[str]:
    with pytest.raises(InputRefused) as refusal:
        run(*about, **more)
    return codes("error", refusal.value)


def test_a_matching_bonus_on_what_the_weeks_paid():
    table = given(*every_week(), *every_week("pool", amount="99"))
    found = run(table)
    assert paid(found) == [(1, "2.00"), (2, "4.00")]
    assert found.members["weekly"].to_list() == [pl.Series(["0.00"]).str.to_decimal(scale=2)[0]] * 2 + [
        pl.Series(["40.04"]).str.to_decimal(scale=2)[0]
    ]
    assert codes("warning", found) == []
    assert {row["order"] for row in found.lines.to_dicts()} == {None}


def test_without_names_all_bonuses_count():
    table = given(*every_week(), *every_week("pool", amount="1"))
    assert paid(run(table, plan("{closed: weekly}"))) == [(1, "2.20"), (2, "4.40")]


def test_in_a_metric_a_condition_and_a_sum():
    body = """
metrics: {below: {sum: weekly, over: subtree, tree: sponsor}}
bonuses:
  a: {personal: 10%, base: both, eligible: {weekly: 20}}
  b: {personal: 10%, base: below}
"""
    text = plan(body=body).replace("  weekly:", "  both: {add: [pv, weekly]}\n  weekly:")
    found = run(given(*every_week(member=2, amount="5")), text)
    rows = [(earner, bonus, str(amount)) for earner, bonus, _, amount in found.statements.rows() if amount]
    assert rows == [(1, "b", "2.00"), (2, "a", "12.00"), (2, "b", "2.00")]


def test_a_derived_tree_moves_it():
    body = """
active: {pv: 100}
bonuses: {match: {levels: [10%], base: weekly@on, tree: on}}
"""
    text = plan(body=body).replace("trees:\n", "trees:\n").replace(
        "  sponsor: {parent: sponsor_id}\n",
        "  sponsor: {parent: sponsor_id}\n  on: {compress: sponsor, keep: {pv: 100}, volume: roll_up}\n",
    )  # fmt: skip
    assert paid(run(given(*every_week(member=3, amount="5")), text)) == [(1, "2.00")]


def test_lines_per_order_name_no_order_and_it_is_added_to_none_that_do():
    table = given(*every_week())
    assert paid(run(table, plan(grain="order"))) == [(1, "2.00"), (2, "4.00")]
    added = plan(grain="order").replace("  weekly:", "  both: {add: [pv, weekly]}\n  weekly:")
    assert refused(table, added) == ["volumes.share"]
    by = plan(body="bonuses: {match: {by: country, levels: {IT: [10%]}, base: weekly}}\norder_columns: {country: text}")
    assert refused(table, by) == ["bonuses.by"]


def test_without_the_table_it_is_refused():
    assert refused(None) == ["closed.none"]
    with pytest.raises(InputRefused) as refusal:
        run(None)
    assert refusal.value.findings[0].line is not None


@pytest.mark.parametrize("label", ["2026-W39", "2026-W44", "2026-09", "soon", "2026-10-01..2026-11-01"])
def test_a_period_that_ends_elsewhere_is_refused(label: str):
    assert refused(given(*every_week(), ("weekly", "binary", label, 1, "5"))) == ["closed.period"]


def test_a_period_of_another_calendar_that_ends_inside_counts():
    table = given(("weekly", "binary", "2026-09-04..2026-10-01", 3, "10"), ("weekly", "binary", "2026-10", 3, "30"))
    assert paid(run(table)) == [(1, "2.00"), (2, "4.00")]


@pytest.mark.parametrize(
    ("rows", "warned"),
    [
        ([*every_week(), ("other", "x", "2026-10", 1, "5")], ["closed.unread"]),
        ([("other", "x", "2026-10", 1, "5")], ["closed.unread", "closed.empty"]),
        (every_week("pool"), ["closed.empty"]),
        ([every_week()[0], every_week()[2], every_week()[3]], ["closed.gap"]),
        (every_week()[1:], ["closed.gap"]),
        (every_week()[:3], ["closed.gap"]),
    ],
)
def test_what_is_doubtful_is_told(rows: list, warned: list[str]):
    assert codes("warning", run(given(*rows))) == warned


def test_an_empty_table_is_told():
    assert codes("warning", run(given(*every_week()).clear())) == ["closed.empty"]


def test_nobody_reads_it():
    text = plan(body="bonuses: {a: {personal: 10%, base: pv}}").replace(
        "  weekly: {closed: weekly, bonuses: [binary]}\n", ""
    )
    found = run(given(*every_week()), text)
    assert codes("warning", found) == ["closed.unread"]
    assert found.digest == run(None, text).digest


def test_a_plan_names_a_bonus_once():
    assert refused(given(*every_week()), plan("{closed: weekly, bonuses: [a, a]}")) == ["volumes.twice"]


def test_sums_beyond_64_bits_are_refused():
    table = given(
        ("weekly", "a", "2026-10", 1, "60000000000000000"), ("weekly", "b", "2026-10", 1, "-60000000000000000")
    )
    assert refused(table, plan("{closed: weekly}")) == ["closed.overflow"]


def test_a_preview_and_explanations_know_it(tmp_path: Path):
    table = given(*every_week(member=3))
    late = pl.DataFrame({"order_id": [3], "member_id": [3], "date": ["2026-10-06"], "pv": ["10"], "kind": ["sale"]})
    body = MATCH.replace("base: weekly", "base: both")
    text = plan(body=body).replace("  weekly:", "  both: {add: [pv, weekly]}\n  weekly:")
    found = mlmcalc.preview(text, MEMBERS, ORDERS, period="2026-10", closed=table).with_orders(late)
    whole = mlmcalc.run(text, MEMBERS, pl.concat([ORDERS, late]), period="2026-10", closed=table)
    assert found.digest == whole.digest
    told = {one.volume: one.reason for one in whole.explain_order(3).counted}
    assert (told["weekly"], told["both"]) == ("results of weekly, no orders", "through pv")
    assert whole.explain(3).volumes["weekly"] == "40.04"


def test_the_command_and_the_workspace_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(plan(), encoding="utf-8")
    MEMBERS.write_csv("members.csv")
    ORDERS.write_csv("orders.csv")
    given(*every_week()).write_csv("weeks.csv")
    tables = ["--members", "members.csv", "--orders", "orders.csv", "--closed", "weeks.csv"]
    assert run_command(["run", "plan.yaml", *tables, "--period", "2026-10", "--out", "named", "--summary", "none"]) == 0
    words = "plan: plan.yaml\nmembers: members.csv\norders: orders.csv\nclosed: weeks.csv\n"
    Path("company.yaml").write_text(words + "expect: {closed: {rows: 4, sums: {amount: 40.04}}}\n", encoding="utf-8")
    assert run_command(["run", "--period", "2026-10", "--out", "described", "--summary", "none"]) == 0
    named, described = mlmcalc.load_run("named"), mlmcalc.load_run("described")
    assert named.digest == described.digest == run(given(*every_week())).digest
    (seal,) = [seal for seal in named.manifest["inputs"] if seal["name"] == "closed"]
    assert seal["totals"] == {"amount": "40.04"}
