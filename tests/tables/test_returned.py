"""Returns that name the order they return."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.cli.main import run_command
from mlmcalc.errors import InputRefused
from tests.bonuses.small import HEAD

PLAN = HEAD.replace("PLACE", "line").replace("GRAIN", "order") + "bonuses: {a: {personal: 10%, base: pv}}\n"
MEMBERS = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1]})


def orders(*rows: tuple[Any, int, str, str, Any]) -> pl.DataFrame:
    """Return orders of (id, member, pv, day, order it returns)."""
    cells = [
        {
            "order_id": order,
            "member_id": member,
            "pv": pv,
            "date": day,
            "kind": "return" if pv.startswith("-") else "sale",
            "of_order": of,
        }
        for order, member, pv, day, of in rows
    ]
    return pl.DataFrame(cells, infer_schema_length=None)


SALE = (1, 1, "100", "2026-10-02", None)


def run(table: pl.DataFrame) -> mlmcalc.Run:
    return mlmcalc.run(PLAN, MEMBERS, table, period="2026-10")


def told(table: pl.DataFrame) -> list[str]:
    try:
        findings = run(table).findings.select("level", "code", "row").rows()
    except InputRefused as refusal:
        findings = [(one.level, one.code, one.row) for one in refusal.findings]
    return [f"{'~' if level == 'warning' else ''}{code} {row}" for level, code, row in findings]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(2, 1, "-100", "2026-10-03", 1)], []),
        ([(2, 1, "-40", "2026-10-03", 1), (3, 1, "-60", "2026-10-04", 1)], []),
        ([(2, 1, "-40", "2026-10-03", 1), (3, 1, "-60.01", "2026-10-04", 1)], ["orders.return_exceeds 4"]),
        ([(2, 1, "-100.01", "2026-10-03", 1)], ["orders.return_exceeds 3"]),
        ([(2, 1, "-0", "2026-10-03", 1)], []),
        ([(2, 1, "-5", "2026-10-03", 9)], ["~orders.return_unknown 3"]),
        ([(2, 1, "-5", "2026-10-03", 9), (3, 1, "-5", "2026-10-03", 8)], ["~orders.return_unknown 3"]),
        ([(2, 2, "-5", "2026-10-03", 1)], ["~orders.return_buyer 3"]),
        ([(2, 1, "5", "2026-10-03", 1)], ["orders.return_kind 3"]),
        ([(2, 1, "-5", "2026-10-03", 1), (3, 1, "-5", "2026-10-03", 2)], ["orders.return_exceeds 4"]),
        ([(2, 1, "-100", "2026-10-03", 1), (2, 1, "-100", "2026-10-03", 1)], ["~orders.duplicate 4"]),
        (
            [(2, 1, "-100", "2026-10-03", 1), (2, 1, "-100", "2026-10-03", 9)],
            ["orders.conflict 4", "~orders.return_unknown 4"],
        ),
    ],
)
@pytest.mark.parametrize("texts", [False, True])
def test_what_is_told_of_returns(rows: list, expected: list[str], texts: bool):
    table = orders(SALE, *rows)
    if texts:
        table = table.with_columns(pl.concat_str(pl.lit("o"), name).alias(name) for name in ("order_id", "of_order"))
    assert told(table) == expected


def test_returns_change_no_figure():
    table = orders(SALE, (2, 1, "-40", "2026-10-03", 1))
    assert run(table).digest == run(table.drop("of_order")).digest
    assert run(table.with_columns(of_order=pl.lit(None, pl.Int64))).digest == run(table.drop("of_order")).digest


def test_an_order_says_by_what_it_was_returned_and_a_return_what():
    later = orders(
        SALE, (2, 1, "-40", "2026-10-03", 1), (3, 1, "-10", "2026-10-09", 1), (4, 1, "-5", "2026-11-09", 1),
        (5, 1, "7", "2026-10-09", None),
    )  # fmt: skip
    found = run(later)
    assert found.explain_order(1).returned_by == ["2 on 2026-10-03", "3 on 2026-10-09"]
    assert (found.explain_order(2).returns, found.explain_order(2).returned_by) == ("1", [])
    assert (found.explain_order(5).returns, found.explain_order(5).returned_by) == ("", [])


def test_the_command_shows_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    MEMBERS.write_csv("members.csv")
    orders(SALE, (2, 1, "-40", "2026-10-03", 1)).write_csv("orders.csv")
    Path("plan.yaml").write_text(PLAN, encoding="utf-8")
    words = ["--members", "members.csv", "--orders", "orders.csv", "--period", "2026-10"]
    assert run_command(["run", "plan.yaml", *words, "--out", "run", "--summary", "none"]) == 0
    assert run_command(["explain", "--order", "1", "--run", "run"]) == 0
    assert "2 on 2026-10-03" in capsys.readouterr().out
    assert run_command(["explain", "--order", "2", "--run", "run"]) == 0
    assert "returns order" in capsys.readouterr().out


def test_a_column_of_almost_that_name_is_not_pointed_out():
    table = orders(SALE).rename({"of_order": "order"})
    assert told(table) == []
