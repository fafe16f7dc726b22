"""Bonus words of other packages: installed, run, kept in the manifest, refused when they are wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlmcalc import plugin
from mlmcalc.errors import InputRefused, IntegrityError
from mlmcalc.plan import plugged
from tests.bonuses.small import CHAIN, HEAD, lines, lost, run
from tests.plugged import on_path

RELINKED = """
metrics:
  gv: {sum: pv, over: subtree}
ranks:
  - {rank: MANAGER, requires: {gv: 500}}
bonuses:
  override:
    relinked_override: {MANAGER: ["-", 10%]}
    tree: sponsor
    base: pv
    qualified: {rank: MANAGER}
"""
# 1 sells enough to be a manager; 2 and 3 are passed over: 3 to 5 hang under 2, the last one passed over.
ORDERS = [(10, 1, "600"), (11, 4, "50"), (12, 5, "70.25")]


class Loyalty(plugin.PluggedBonus):
    """A rate on own volume that grows with every full year, as on the page about plug-ins."""

    loyalty: plugin.Rate
    base: plugin.QuantityName
    years: plugin.QuantityName
    most: plugin.Count = 5

    def pay(self, company):
        years = np.clip(company.amounts(self.years) // 10 ** company.decimals(self.years), 0, self.most)
        base = company.amounts(self.base)
        paid = (company.reason(self.eligible) == plugin.ELIGIBLE) & (base > 0) & (years > 0)
        member = np.flatnonzero(paid)
        return plugin.Payments(member, member, base[member], years[member] * self.loyalty)

    def workings(self, company, position):
        return [("years", str(company.amounts(self.years)[position]))]


class Gift(plugin.PluggedBonus):
    """Five of money to everybody, of which those not eligible lose a percent of nothing, and a state."""

    gift: plugin.Amount
    keeps_state = True

    def pay(self, company):
        had = company.opening("given", company.money_decimals)
        amount = np.full(company.size, plugin.units_from_text(self.gift, company.money_decimals))
        company.leave("given", had + amount, company.money_decimals)
        everybody, nothing = np.arange(company.size), np.zeros(company.size, np.int64)
        missed = plugin.Lost("not_eligible", np.array([1000]), np.array([10_000]))
        return plugin.Payments(everybody, everybody, nothing, nothing, amount, lost=[missed])


class Wrong(plugin.PluggedBonus):
    """Returns whatever a test wants."""

    wrong: plugin.Text
    returned: object = None

    def pay(self, company):
        return RETURNED[self.wrong]


ZERO = np.zeros(1, np.int64)
RETURNED = {
    "nothing": None,
    "floats": plugin.Payments(ZERO, ZERO, ZERO * 1.5, ZERO),
    "lengths": plugin.Payments(ZERO, ZERO, np.zeros(2, np.int64), ZERO),
    "stranger": plugin.Payments(ZERO + 99, ZERO, ZERO, ZERO),
    "negative": plugin.Payments(ZERO, ZERO, ZERO, ZERO - 1),
    "both": plugin.Payments(ZERO, ZERO, ZERO, ZERO + 1, ZERO),
    "outcome": plugin.Payments(ZERO, ZERO, ZERO, ZERO, lost=[plugin.Lost("stolen", ZERO, ZERO)]),
    "huge": plugin.Payments(ZERO, ZERO, ZERO + 2**62, ZERO + 10**6),
    "huge amounts": plugin.Payments(ZERO, ZERO, ZERO, ZERO, ZERO + 2**62),
}


@pytest.fixture
def added(monkeypatch):
    """Let the classes of this file be words, as if a package had named them."""
    points = {
        word: EntryPoint(word, f"{__name__}:{name}", plugged.GROUP)
        for word, name in {"loyalty": "Loyalty", "gift": "Gift", "wrong": "Wrong", "renamed": "Gift"}.items()
    }
    monkeypatch.setitem(sys.modules, __name__.partition(".")[0], sys.modules[__name__])
    monkeypatch.setattr(plugged, "plugged_words", lambda: points)


def test_an_installed_package_pays():
    with on_path():
        found = run(RELINKED, CHAIN, ORDERS)
    assert lines(found) == [(1, 4, 2, 2, "5.00", "paid"), (1, 5, 2, 2, "7.03", "paid")]
    kept = found.manifest["plugins"]["relinked_override"]
    assert (kept["package"], kept["version"], len(kept["sha256"])) == ("mlmcalc-relinked-override", "1.0.0", 64)
    assert [(step.step, step.value) for step in found.explain(5).workings] == [("hangs under", "2")]


def test_without_the_package_the_plan_is_refused():
    with pytest.raises(InputRefused) as refused:
        run(RELINKED, CHAIN, ORDERS)
    assert refused.value.findings[0].code == "plan.word"


def test_the_command_finds_an_installed_package_and_notices_a_change(tmp_path):
    (tmp_path / "plan.yaml").write_text(HEAD.replace("PLACE", "line").replace("GRAIN", "source") + RELINKED)
    pl.DataFrame(CHAIN, ["member_id", "sponsor_id"], orient="row").write_csv(tmp_path / "members.csv")
    rows = [(order, member, "2026-10-05", "sale", amount) for order, member, amount in ORDERS]
    pl.DataFrame(rows, ["order_id", "member_id", "date", "kind", "pv"], orient="row").write_csv(tmp_path / "orders.csv")

    def mlmcalc_(*arguments, path):
        command = [sys.executable, "-c", "from mlmcalc.cli.main import main; main()", *arguments]
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{path}:{Path(__file__).parents[1]}",
            "HOME": str(tmp_path),
        }
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    inputs = ("plan.yaml", "--members", "members.csv", "--orders", "orders.csv", "--period", "2026-10", "--out", "out")
    with on_path() as folder:
        assert mlmcalc_("run", *inputs, path=folder).returncode == 0
        explained = mlmcalc_("explain", "1", "--run", "out", path=folder)
        assert "12.03" in explained.stdout
        assert "relinked_override" in mlmcalc_("schema", path=folder).stdout
        changed = tmp_path / "changed"
        changed.mkdir()
        for name in ("relinked_override", "mlmcalc_relinked_override-1.0.0.dist-info"):
            (changed / name).mkdir()
            for file in (folder / name).glob("*.*"):
                (changed / name / file.name).write_text(file.read_text().replace("% of nothing", "") + "\n")
        refused = mlmcalc_("explain", "1", "--run", "out", path=changed)
    assert refused.returncode == 5
    assert "api.input_changed" in refused.stderr


@pytest.mark.usefixtures("added")
def test_the_page_s_example():
    body = """
member_columns: {years: {decimals: 0}}
bonuses:
  loyalty: {loyalty: 1%, base: pv, years: years, most: 3, eligible: {pv: 100}}
"""
    members = [(1, None, {"years": 3}), (2, 1, {"years": 9}), (3, 1, {"years": 3}), (4, 1, {"years": 0})]
    found = run(body, members, [(1, 1, "200.00"), (2, 2, "100.00"), (3, 3, "99.99"), (4, 4, "100.00")])
    assert lines(found) == [(1, 1, 0, 0, "6.00", "paid"), (2, 2, 0, 0, "3.00", "paid")]


@pytest.mark.usefixtures("added")
def test_amounts_losses_and_state():
    found = run("\nbonuses:\n  gift: {gift: 5.00}\n", CHAIN, [(1, 1, "1")])
    assert [str(amount) for amount in found.statements["amount"]] == ["5.00"] * 5
    assert lost(found) == [(0, "not_eligible", "0.1")]
    assert found.calculated is not None
    rows = found.calculated.values.closing.opening().rows("plugin", "gift")
    assert rows.amounts.tolist() == [500] * 5


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("case", [case for case in RETURNED if not case.startswith("huge")])
def test_what_is_no_payment_refuses_the_run(case):
    with pytest.raises(IntegrityError) as refused:
        run(f"\nbonuses:\n  mine: {{wrong: {case}}}\n", CHAIN, [(1, 1, "1")])
    assert {finding.code for finding in refused.value.findings} == {"bonuses.plugin"}


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize("case", ["huge", "huge amounts"])
def test_what_leaves_64_bits_refuses_the_run(case):
    with pytest.raises(InputRefused) as refused:
        run(f"\nbonuses:\n  mine: {{wrong: {case}}}\n", CHAIN, [(1, 1, "1")])
    assert refused.value.findings[0].code == "bonuses.overflow"


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    ("bonus", "code"),
    [
        ("{loyalty: 1%, base: vp, years: pv}", "bonuses.name"),
        ("{loyalty: 1, base: pv, years: pv}", "plan.value"),
        ("{loyalty: 1%, base: pv, years: pv, eligible: {vp: 1}}", "rules.unknown_word"),
        ("{loyalty: 1%, base: pv, year: pv}", "plan.unknown_key"),
        ("{renamed: 1%}", "plan.plugin"),
    ],
)
def test_its_keys_are_checked_as_those_of_every_word(bonus, code):
    with pytest.raises(InputRefused) as refused:
        run(f"\nbonuses:\n  mine: {bonus}\n", CHAIN, [(1, 1, "1")])
    assert code in [finding.code for finding in refused.value.findings]


def test_what_it_sees_cannot_be_changed():
    found = run("\nbonuses:\n  own: {personal: 5%, base: pv}\n", CHAIN, [(1, 1, "1")])
    assert found.calculated is not None
    company = plugin.Company(found.calculated.values, "mine")
    for column in (company.ids, company.amounts("pv"), company.tree("sponsor").parent, company.earned("own")):
        with pytest.raises(ValueError, match="read-only"):
            np.asarray(column)[0] = 1
    assert json.dumps(found.manifest["plugins"]) == "{}"
