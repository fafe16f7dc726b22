"""A real company's month, as ``mlmcalc run`` in fixtures/real_month calculates it, against what the company paid.

The data lie beside the repository; without them there is nothing to compare with.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from mlmcalc.api.calculate import run_in_memory, silent
from mlmcalc.cases.calculate import ObservedRun
from mlmcalc.cases.observed import Observed
from mlmcalc.cli.sources import GivenFiles, resolve_sources
from tests.plugged import on_path

WORKSPACE = Path(__file__).resolve().parents[1] / "fixtures" / "real_month"
DATA = WORKSPACE.parents[2] / "shared" / "real_month"
PERIOD = "2017-01"

pytestmark = pytest.mark.skipif(not (DATA / "members.csv").is_file(), reason="the data of the real month are not here")


def rows(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def month() -> Observed:
    given = GivenFiles(plan=None, tables={}, period=PERIOD, workspace=WORKSPACE / "company.yaml")
    with on_path():
        return ObservedRun(run_in_memory(resolve_sources(given).inputs(), silent))


@pytest.fixture(scope="module")
def scheme() -> dict[str, str]:
    return {row["member_id"]: row["scheme"] for row in rows("members.csv")}


def paid_by_the_company(bonus: str) -> dict[str, Decimal]:
    return {row["member_id"]: Decimal(row["amount"]) for row in rows("expected_payouts.csv") if row["bonus"] == bonus}


def paid(month: Observed, bonus: str) -> dict[str, Decimal]:
    return {member: amount for (name, member), amount in month.statements.items() if name == bonus}


def agreeing(got: dict[str, Decimal], expected: dict[str, Decimal], what: str) -> int:
    """Return how many payouts agree to the cent, and print it; nobody else may be paid."""
    same = sum(got.get(member) == amount for member, amount in expected.items())
    more = sorted(set(got) - set(expected))
    print(f"{what}: {same} of {len(expected)}, {sum(got.values())} of {sum(expected.values())}")
    assert more == []
    return same


def test_compressed_tree(month: Observed):
    expected = rows("expected_compressed_tree.csv")
    tree, pv, tv = month.trees["compressed"], month.metrics["pv@compressed"], month.metrics["tv"]
    same = sum(
        (tree.get(row["member_id"]), pv[row["member_id"]], tv[row["member_id"]])
        == (row["parent_id"], Decimal(row["pv"]), Decimal(row["tv"]))
        for row in expected
    )
    print(f"compressed tree: {same} of {len(expected)} nodes with parent, PV and TV")
    assert same == len(expected) == len(tree) == 626


def test_personal(month: Observed):
    expected = paid_by_the_company("personal")
    assert agreeing(paid(month, "personal"), expected, "personal") == 587
    assert sum(expected.values()) == Decimal("25070.77")


def test_courtesy(month: Observed):
    expected = paid_by_the_company("courtesy")
    assert agreeing(paid(month, "courtesy"), expected, "courtesy") == 107
    assert sum(expected.values()) == Decimal("4971.80")


def test_team_of_the_eu(month: Observed, scheme: dict[str, str]):
    expected = {member: amount for member, amount in paid_by_the_company("team").items() if scheme[member] == "EU"}
    assert agreeing(paid(month, "team_eu"), expected, "team EU") == 13
    assert sum(expected.values()) == Decimal("427.19")


def test_override_of_the_default_scheme(month: Observed, scheme: dict[str, str]):
    expected = {
        member: amount for member, amount in paid_by_the_company("override").items() if scheme[member] == "DEFAULT"
    }
    assert agreeing(paid(month, "override_default"), expected, "override DEFAULT") == 111
    assert sum(expected.values()) == Decimal("40783.37")


def test_override_of_the_eu(month: Observed, scheme: dict[str, str]):
    """By a plug-in: one quirk of the old system has no general meaning."""
    expected = {member: amount for member, amount in paid_by_the_company("override").items() if scheme[member] == "EU"}
    assert agreeing(paid(month, "override_eu"), expected, "override EU") == 8
    assert sum(paid_by_the_company("override").values()) == Decimal("42999.13")


def test_team_of_the_default_scheme(month: Observed, scheme: dict[str, str]):
    expected = {member: amount for member, amount in paid_by_the_company("team").items() if scheme[member] == "DEFAULT"}
    assert agreeing(paid(month, "team_default"), expected, "team DEFAULT") == 169
    assert sum(expected.values()) == Decimal("5663.91")


def test_infinity(month: Observed):
    expected = paid_by_the_company("infinity")
    assert agreeing(paid(month, "infinity"), expected, "infinity") == 4
    assert sum(expected.values()) == Decimal("4894.16")


def test_forced_ranks_are_held(month: Observed):
    forced = {row["member_id"]: row["forced_rank"] for row in rows("members.csv") if row["forced_rank"]}
    ranks = month.ranks
    assert {member: ranks["rank", member] for member in forced} == forced


def test_ranks_as_the_tables_of_the_scheme_say(month: Observed, scheme: dict[str, str]):
    """Compare with a ladder judged here by itself: the three legs sorted, beside the columns of the company's table."""
    ranks, tree = month.ranks, month.trees["compressed"]
    ov, tv, pv = month.metrics["ov"], month.metrics["tv"], month.metrics["pv@compressed"]
    children = defaultdict(list)
    for member, parent in tree.items():
        children[parent].append(ov[member])
    forced = {row["member_id"] for row in rows("members.csv") if row["forced_rank"]}
    held = 0
    for member in tree:
        if member not in forced:
            largest, second, *rest = [*sorted(children[member], reverse=True), Decimal(0), Decimal(0)]
            own = rank(LADDERS[scheme[member]], pv[member], tv[member], largest, second, sum(rest, Decimal(0)))
            assert ranks["rank", member] == own, member
            held += own != "none"
    assert held + len(forced) == 245


Rung = tuple[str, int, int, tuple[int, ...]]


def rank(ladder: list[Rung], pv: Decimal, tv: Decimal, largest: Decimal, second: Decimal, rest: Decimal) -> str:
    best = "none"
    for name, least_pv, least_tv, legs in ladder:
        have = {0: [], 1: [largest], 2: [second, largest], 3: sorted([largest, second, rest])}[len(legs)]
        if pv >= least_pv and tv >= least_tv and all(size >= least for size, least in zip(have, legs, strict=True)):
            best = name
    return best


LADDERS: dict[str, list[Rung]] = {
    "DEFAULT": [
        ("MANAGER", 100, 750, ()),
        ("SENIOR_MANAGER", 100, 750, (750,)),
        ("SUPERVISOR", 100, 750, (750, 1500)),
        ("DIRECTOR", 100, 750, (1000, 1500, 2250)),
        ("SENIOR_DIRECTOR", 100, 750, (2250, 3750, 4500)),
        ("EXEC_DIRECTOR", 100, 750, (2250, 4500, 9000)),
        ("SENIOR_VICE", 100, 750, (3000, 9000, 15000)),
        ("EXEC_VICE", 100, 750, (6000, 15000, 18000)),
        ("PRESIDENT", 100, 750, (9000, 18000, 24000)),
    ],
    "EU": [
        ("MANAGER", 100, 500, ()),
        ("SENIOR_MANAGER", 100, 500, (750,)),
        ("SUPERVISOR", 100, 800, (800, 1600)),
        ("DIRECTOR", 100, 1000, (900, 1600, 2500)),
        ("SENIOR_DIRECTOR", 100, 1000, (2300, 3800, 4500)),
        ("SENIOR_VICE", 100, 1000, (2300, 9000, 10500)),
        ("EXEC_VICE", 100, 1000, (3000, 12000, 15000)),
        ("PRESIDENT", 100, 1000, (6000, 12000, 24000)),
    ],
}
