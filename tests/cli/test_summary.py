import copy
import os
import sys

import pytest

import mlmcalc
from mlmcalc.cli.amounts import amount_text, share_text, shortened
from mlmcalc.cli.summary import Grid, summary_lines
from tests.api.small_company import MEMBERS, ORDERS, plan_text


@pytest.fixture(scope="module")
def manifest():
    return mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10").manifest


def visible(lines):
    import click

    return [click.unstyle(line) for line in lines]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_summary_fits(manifest, width):
    wide = copy.deepcopy(manifest)
    wide["totals"]["bonuses"]["a_bonus_with_a_name_that_takes_a_whole_line_of_a_terminal"] = {
        "paid": "123456789012.34", "company": "0", "earners": 1234567, "lines": 123456789,
    }  # fmt: skip
    lines = visible(summary_lines(wide, width))
    assert max(len(line) for line in lines) <= width
    text = "\n".join(lines)
    for word in ("members", "active", "volume pv", "retail", "all earners", "no upline", "Manager", "warnings"):
        assert word in text
    assert "123,456,789,012.34" in text


def test_what_the_company_keeps_is_told(manifest):
    assert "to the company" in "\n".join(summary_lines(manifest, 80))


def test_a_plan_without_a_base_has_no_shares(manifest):
    bare = copy.deepcopy(manifest)
    bare["totals"] |= {"volume": "", "bonuses": {}, "breakage": {}, "ranks": {}}
    assert "%" not in visible(summary_lines(bare, 80))[2]


def test_columns_are_left_out_before_they_are_cut():
    grid = Grid(["name", "amount", "share"], [["x" * 30, "1,000.00", "5.00%"]], spare=(2,))
    assert "5.00%" in grid.render(60)[1]
    assert "5.00%" not in grid.render(45)[1]
    assert "1,000.00" in grid.render(20)[1]


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        ("1234567.80", None, "1,234,567.80"),
        ("-0.05", None, "-0.05"),
        ("-1234", None, "-1,234"),
        ("10.00000000", None, "10.00"),
        ("10.12345000", None, "10.12345"),
        ("26.18310000", 2, "26.18"),
        ("0", 2, "0.00"),
        ("-1234.5", 0, "-1,234"),
    ],
)
def test_amounts(amount, decimals, text):
    assert amount_text(amount, decimals) == text


def test_shares_and_short_texts():
    assert share_text("1", "3") == "33.33%"
    assert share_text("1", "0.00") == ""
    # A period of returns alone: a share of less than nothing says nothing.
    assert share_text("4.40", "-20.00") == ""
    assert shortened("abcdef", 4) == "ab.."


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
@pytest.mark.parametrize("no_color", [False, True])
def test_colours_on_a_terminal_unless_unwanted(no_color):
    import pty

    script = "from mlmcalc.cli.main import run_command; run_command(['check', 'no-such-plan.yaml'])"
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {"TERM": "xterm-256color", "NO_COLOR": "1"} if no_color else {"TERM": "xterm-256color"}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", script], environment)
    content = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        content += part
    os.close(terminal)
    os.waitpid(child, 0)
    assert (b"\x1b[31m" in content) is not no_color


@pytest.mark.parametrize("width", [40, 80])
def test_what_was_cut_and_paid_out_is_told(manifest, width):
    bound = copy.deepcopy(manifest)
    bound["totals"]["cut"] = {"greater_of one_bonus, another_bonus, a_third_bonus": "12.00", "ceiling": "7.00"}
    bound["totals"]["payout"] = {"earned": "100.00", "below_minimum": "20.00", "paid": "80.00"}
    lines = visible(summary_lines(bound, width))
    assert max(len(line) for line in lines) <= width
    text = "\n".join(lines)
    for word in ("cut by", "ceiling", "7.00", "payout", "80.00"):
        assert word in text
