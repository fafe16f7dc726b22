"""Holding tanks, preferences, removals, explanations and what is refused, as a company meets them."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import mlmcalc

MATRIX = "placement:\n  method: matrix\n  width: 2\n"
BINARY = "placement:\n  method: binary\n  leg: weaker_count\n"
DAY = date(2026, 10, 31)


def table(text: str) -> pl.DataFrame:
    """Return a table of texts from words; - is blank."""
    lines = [",".join(line.split()) for line in text.strip().splitlines()]
    return pl.read_csv(io.StringIO("\n".join(lines)), null_values="-", infer_schema=False)


def seats(placement: mlmcalc.Placement) -> dict[str, tuple[str | None, int | None]]:
    """Return member above and leg of everybody."""
    return {row[0]: (row[2], row[3]) for row in placement.placement.rows()}


def codes(members: pl.DataFrame, rules: str, **options) -> list[tuple[str, str]]:
    """Return code and member of what is refused."""
    with pytest.raises(mlmcalc.InputRefused) as refusal:
        mlmcalc.place(members, rules, **options)
    return [(finding.code, finding.member) for finding in refusal.value.findings if finding.level == "error"]


def test_spillover_goes_below_the_sponsor_breadth_first() -> None:
    members = table("member_id sponsor_id\nR -\nA R\nB R\nC R\nD A\nE R")
    assert seats(mlmcalc.place(members, MATRIX)) == {
        "R": (None, None),
        "A": ("R", 1),
        "B": ("R", 2),
        "C": ("A", 1),
        "D": ("A", 2),
        "E": ("B", 1),
    }


def test_the_order_of_joining_is_day_then_id_or_a_sequence() -> None:
    members = table("member_id sponsor_id joined\nR - 2026-01-01\nA R 2026-03-01\nC R 2026-02-01\nB R 2026-02-01")
    found = seats(mlmcalc.place(members, MATRIX))
    assert [found[member] for member in "BCA"] == [("R", 1), ("R", 2), ("B", 1)]
    members = table("member_id sponsor_id sequence\nR - 1\nA R 30\nB R 20\nC R 10")
    found = seats(mlmcalc.place(members, MATRIX))
    assert [found[member] for member in "CBA"] == [("R", 1), ("R", 2), ("C", 1)]


def test_hands_win_and_the_rule_fills_what_they_leave() -> None:
    members = table("member_id sponsor_id placement_id leg\nR - - -\nA R R right\nB R A 1\nC R - -\nD R - -")
    found = mlmcalc.place(members, MATRIX)
    assert seats(found)["C"] == ("R", 1)
    assert seats(found)["D"] == ("C", 1)
    assert found.placement.get_column("rule").to_list() == ["given", "given", "matrix", "matrix", "root"]


def test_the_leg_with_fewer_members_and_the_outer_line() -> None:
    members = table("member_id sponsor_id\nR -\nA R\nB R\nC R\nD R")
    found = seats(mlmcalc.place(members, BINARY))
    assert [found[member] for member in "ABCD"] == [("R", 1), ("R", 2), ("A", 1), ("B", 1)]
    found = seats(mlmcalc.place(members, "placement:\n  method: binary\n  leg: outer_left\n"))
    assert [found[member] for member in "ABCD"] == [("R", 1), ("A", 1), ("B", 1), ("C", 1)]


def test_the_weaker_leg_by_volume_from_a_column_or_a_table() -> None:
    text = "placement:\n  method: binary\n  leg: weaker_volume\n  volume: gv\n"
    rows = "R - - - 0\nA R R left 100.50\nB R R right 20\nC R - - 90\nD R - - 1"
    members = table("member_id sponsor_id placement_id leg gv\n" + rows)
    found = seats(mlmcalc.place(members, text))
    # B's side has 20, and 110 once C is there.
    assert found["C"] == ("B", 1)
    assert found["D"] == ("A", 1)
    volumes = members.select("member_id", "gv")
    assert seats(mlmcalc.place(members.drop("gv"), text, volumes=volumes)) == found
    assert codes(members.with_columns(gv=pl.lit("-1")), text)[0][0] == "placement.volume"
    twice = pl.concat([volumes, volumes.head(1)])
    assert ("placement.repeated", "") in codes(members.drop("gv"), text, volumes=twice)


def test_members_wait_for_a_hand_until_the_deadline() -> None:
    rules = BINARY + "  holding: {days: 30, then: outer_right}\n"
    rows = "R - - - 2026-01-01\nA R - - 2026-10-01\nB R R left 2026-10-20\nC R - - 2026-10-02\nD A - - 2026-10-15"
    members = table("member_id sponsor_id placement_id leg joined\n" + rows + "\nE R - - 2026-11-05")
    found = mlmcalc.place(members, rules, date=DAY)
    assert seats(found)["A"] == ("R", 2)
    assert seats(found)["B"] == ("R", 1)
    # On 31 October 30 days have passed since the 1st, not since the 2nd.
    assert [seats(found)[member] for member in "CDE"] == [(None, None)] * 3
    assert found.events.select("kind", "member_id", "day").rows() == [
        ("deadline", "A", "2026-10-31"),
        ("held", "C", "2026-11-01"),
        ("held", "D", "2026-11-14"),
        ("not_joined", "E", "2026-11-05"),
    ]
    assert "2026-11-14" in found.explain("D").why
    assert codes(members, rules) == [("placement.no_day", "")]
    blank = members.with_columns(joined=pl.when(pl.col("member_id") != "C").then("joined"))
    assert codes(blank, rules, date=DAY) == [("placement.no_deadline", "C")]


def test_a_recruit_of_one_who_waits_looks_below_the_next_sponsor() -> None:
    rules = MATRIX + "  holding: {days: 5}\n"
    rows = "R - 2026-01-01\nA R 2026-10-30\nB A 2026-10-01"
    found = mlmcalc.place(table("member_id sponsor_id joined\n" + rows), rules, date=DAY)
    assert seats(found) == {"R": (None, None), "A": (None, None), "B": ("R", 1)}
    assert found.explain("B").why.startswith("Its sponsor A has no seat, so it looked below R")


def test_preferences_and_what_stands_for_a_blank_one() -> None:
    rules = "placement:\n  method: binary\n  leg: preferred\n  preference: side\n  blank: outer_right\n"
    members = table("member_id sponsor_id side\nR - -\nA R right\nB R -\nC R left")
    found = mlmcalc.place(members, rules)
    assert [seats(found)[member] for member in "ABC"] == [("R", 2), ("A", 2), ("R", 1)]
    named = dict(found.placement.select("member_id", "rule").rows())
    assert [named[member] for member in "ABC"] == ["preferred", "outer_right", "preferred"]
    assert codes(members.with_columns(side=pl.lit("middle")), rules)[0][0] == "placement.preference"


def test_who_has_left_gets_no_new_seat() -> None:
    members = table("member_id sponsor_id status\nR - active\nA R left\nB A active")
    found = mlmcalc.place(members, MATRIX)
    assert seats(found)["B"] == ("R", 1)
    assert found.explain("A").outcome == "gone"


REMOVAL = """
member_id sponsor_id placement_id leg  status status_from
R         -          -            -    active -
A         R          R            1    left   2026-06-01
B         R          R            2    active -
C         A          A            1    active -
D         A          A            2    active -
E         C          C            2    active -
"""


def test_removed_for_good_the_first_child_moves_up() -> None:
    rules = MATRIX + "  remove: {status: left, days: 90}\n"
    found = mlmcalc.place(table(REMOVAL), rules, date=DAY)
    # C takes A's seat with E below it; leg 2 of C is E's, so D takes the first free seat below C.
    assert seats(found) == {
        "R": (None, None),
        "B": ("R", 2),
        "C": ("R", 1),
        "D": ("C", 1),
        "E": ("C", 2),
    }
    assert found.moves.rows() == [
        ("placement", "C", "A", 1, "R", 1, "moved_up"),
        ("placement", "D", "A", 2, "C", 1, "moved_up"),
        ("sponsor", "C", "A", None, "R", None, "sponsor_removed"),
        ("sponsor", "D", "A", None, "R", None, "sponsor_removed"),
    ]
    early = mlmcalc.place(table(REMOVAL), rules, date=date(2026, 7, 1))
    assert early.moves.height == 0
    assert seats(early)["C"] == ("A", 1)


def test_removed_for_good_children_go_back_to_holding() -> None:
    who = pl.DataFrame({"member_id": ["A"]})
    rules = MATRIX + "  remove: {children: holding}\n"
    found = mlmcalc.place(table(REMOVAL), rules, remove=who)
    # C and D lose their seats and are placed again, in order; E stays below C.
    assert seats(found)["C"] == ("R", 1)
    assert seats(found)["D"] == ("C", 1)
    assert seats(found)["E"] == ("C", 2)
    assert found.moves.filter(pl.col("tree") == "placement").rows() == [
        ("placement", "C", "A", 1, None, None, "lost_seat"),
        ("placement", "D", "A", 2, None, None, "lost_seat"),
    ]
    assert found.events.rows()[0][1:3] == ("removed", "A")
    days = table(REMOVAL).with_columns(joined=pl.lit("2026-01-01"))
    waits = mlmcalc.place(days, rules + "  holding: {days: 30}\n", remove=who, date=DAY)
    assert seats(waits)["C"] == (None, None)
    assert seats(waits)["E"] == ("C", 2)
    assert waits.placement.filter(pl.col("member_id") == "E").get_column("level").to_list() == [None]
    assert waits.events.get_column("reason").to_list() == [None, "lost_seat", "lost_seat"]


def test_an_inactive_member_loses_its_seat_and_goes_back_to_holding() -> None:
    rules = MATRIX + "  remove: {members: holding}\n  holding: {days: 30}\n"
    who = pl.DataFrame({"member_id": ["A"]})
    members = table(REMOVAL).drop("status", "status_from").with_columns(joined=pl.lit("2026-01-01"))
    found = mlmcalc.place(members, rules, remove=who, date=DAY)
    assert seats(found)["A"] == (None, None)
    assert seats(found)["C"] == ("R", 1)
    assert found.explain("A").why == "Lost its seat by a removal, and waits for a hand."
    # It stays the sponsor of its recruits.
    assert found.moves.filter(pl.col("tree") == "sponsor").height == 0
    assert found.moves.rows()[0] == ("placement", "A", "R", 1, None, None, "lost_seat")
    assert found.events.rows() == [(1, "held", "A", None, None, None, "lost_seat")]
    # In the next go it is in the table without a seat, held from the day of the removal.
    later = members.with_columns(
        held_from=pl.when(pl.col("member_id") == "A").then(pl.lit("2026-10-31")),
        placement_id=pl.when(pl.col("member_id") != "A").then("placement_id").replace({"A": "R"}),
        leg=pl.when(pl.col("member_id") == "C").then(pl.lit("1")).when(pl.col("member_id") != "D").then("leg"),
    ).with_columns(placement_id=pl.when(pl.col("member_id") == "D").then(pl.lit("C")).otherwise("placement_id"))
    assert "2026-11-30" in mlmcalc.place(later, rules, date=date(2026, 11, 29)).explain("A").why
    assert seats(mlmcalc.place(later, rules, date=date(2026, 11, 30)))["A"] == ("B", 1)
    early = later.with_columns(held_from=pl.lit("2025-01-01"))
    assert {code for code, _ in codes(early, rules, date=DAY)} == {"placement.held_from"}


def test_the_heir_of_a_top_is_a_top() -> None:
    found = mlmcalc.place(table(REMOVAL), MATRIX + "  within: whole\n", remove=pl.DataFrame({"member_id": ["R"]}))
    assert seats(found)["A"] == (None, None)
    assert seats(found)["B"] == ("C", 1)
    assert found.placement.filter(pl.col("level") == 0).get_column("member_id").to_list() == ["A"]


def test_a_seat_below_oneself_is_refused() -> None:
    members = table("member_id sponsor_id placement_id leg\nR - - -\nA R B left\nB A - -")
    for rules in (MATRIX, BINARY, "placement:\n  method: binary\n  leg: balance\n"):
        found = mlmcalc.place(members, rules)
        assert [(finding.code, finding.member) for finding in found.findings] == [("placement.circle", "B")]
        assert seats(found)["A"] == ("B", 1)


def test_the_whole_has_one_top() -> None:
    members = table("member_id sponsor_id\nR -\nS -\nA S")
    whole = MATRIX + "  within: whole\n"
    assert codes(members, whole) == [("placement.tops", "")]
    assert seats(mlmcalc.place(members, whole + "  top: R\n"))["A"] == ("R", 1)
    assert seats(mlmcalc.place(members, whole + "  without_sponsor: place\n"))["S"] == ("R", 2)
    assert codes(members, whole + "  top: Q\n") == [("placement.unknown_top", "")]
    who = pl.DataFrame({"member_id": ["R"]})
    assert codes(members, whole + "  top: R\n", remove=who) == [("placement.unknown_top", "")]


BAD = """
member_id sponsor_id placement_id leg
R         -          -            -
A         R          R            left
B         R          R            left
C         X          -            -
D         R          R            -
E         R          R            -
F         R          G            1
G         R          F            1
H         R          A            3
I         R          Q            2
"""


def test_everything_wrong_with_the_members_is_found() -> None:
    assert set(codes(table(BAD), BINARY)) >= {
        ("genealogy.leg_taken", "B"),
        ("genealogy.orphan", "C"),
        ("genealogy.cycle", "F"),
        ("genealogy.leg", "H"),
        ("genealogy.orphan", "I"),
        ("placement.width", "E"),
    }
    members = table("member_id sponsor_id sequence\nR - 1\nA R 2\nB R 2\nC R -")
    assert codes(members, BINARY) == [("placement.sequence", "C"), ("placement.sequence", "B")]
    assert codes(table("member_id sponsor_id\nR -"), BINARY, remove=pl.DataFrame({"member_id": ["Z"]})) == [
        ("placement.unknown_member", "Z")
    ]
    volumes = pl.DataFrame({"member_id": ["R"]})
    assert codes(table("member_id sponsor_id\nR -"), BINARY, volumes=volumes) == [("placement.unread", "")]


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("method: matrix", "missing"),
        ("method: matrix\n  width: 1", "value"),
        ("method: matrix\n  width: 2\n  depth: 0", "value"),
        ("method: matrix\n  width: 2\n  leg: balance", "contradiction"),
        ("method: matrix\n  width: 2\n  again: false", "contradiction"),
        ("method: binary", "missing"),
        ("method: binary\n  leg: balance\n  width: 3", "contradiction"),
        ("method: binary\n  leg: balance\n  depth: 3", "contradiction"),
        ("method: binary\n  leg: weaker_volume", "missing"),
        ("method: binary\n  leg: preferred", "missing"),
        ("method: binary\n  leg: balance\n  volume: pv", "contradiction"),
        ("method: binary\n  leg: balance\n  preference: side", "contradiction"),
        ("method: binary\n  leg: weakest", "choice"),
        ("method: binary\n  leg: balance\n  top: R", "contradiction"),
        ("method: binary\n  leg: weaker_volume\n  volume: pv\n  decimals: 12", "value"),
        ("method: board\n  width: 2", "missing"),
        ("method: board\n  width: 2\n  depth: 40", "value"),
        ("method: board\n  width: 2\n  depth: 2\n  holding: {days: 3}", "contradiction"),
        ("method: matrix\n  width: 2\n  remove: {days: 3}", "missing"),
        ("method: matrix\n  width: 2\n  holding: {days: 99999}", "value"),
        ("method: matrix\n  width: 2\n  wide: 3", "unknown_key"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(rules: str, code: str) -> None:
    with pytest.raises(mlmcalc.InputRefused) as refusal:
        mlmcalc.load_placement(f"placement:\n  {rules}\n")
    assert [finding.code for finding in refusal.value.findings] == [f"placement.{code}"]
    assert refusal.value.findings[0].line is not None


def test_a_board_of_seven_splits_in_two() -> None:
    members = table("member_id sponsor_id\nM1 -\n" + "\n".join(f"M{number} M1" for number in range(2, 9)))
    rules = "placement:\n  method: board\n  width: 2\n  depth: 2\n  within: whole\n  again: true\n"
    found = mlmcalc.place(members, rules)
    assert [row[1:6] for row in found.events.rows()[6:]] == [
        ("entered", "M7", 1, 1, 7),
        ("filled", "M1", 1, 1, 1),
        ("cycled", "M1", 1, 1, 1),
        ("split", "M2", 1, 2, 1),
        ("split", "M3", 1, 3, 2),
        ("re-entered", "M1", 2, 2, 4),
        ("entered", "M8", 1, 2, 5),
    ]
    assert found.cycles.rows()[0] == ("M1", 2, 1)
    with pytest.raises(mlmcalc.InputRefused):
        found.explain("M1")


def test_a_full_matrix_enters_again_at_the_next_free_place() -> None:
    members = table("member_id sponsor_id\nM1 -\n" + "\n".join(f"M{number} M1" for number in range(2, 9)))
    rules = "placement:\n  method: recycle\n  width: 2\n  depth: 2\n  within: whole\n"
    found = mlmcalc.place(members, rules)
    assert [row[1:7] for row in found.events.rows()[6:]] == [
        ("entered", "M7", 1, "M3", 1, 2),
        ("filled", "M1", 1, None, None, None),
        ("cycled", "M1", 1, None, None, None),
        ("re-entered", "M1", 2, "M4", 1, 1),
        ("entered", "M8", 1, "M4", 1, 2),
    ]
    assert found.cycles.rows()[0] == ("M1", 2, 1)


@pytest.mark.parametrize("method", ["board", "recycle"])
def test_a_cycle_has_the_day_of_the_one_who_filled_it(method: str) -> None:
    joined = "\n".join(f"M{number} M1 2026-10-0{number}" for number in range(2, 9))
    members = table(f"member_id sponsor_id joined\nM1 - 2026-10-01\n{joined}")
    found = mlmcalc.place(members, f"placement: {{method: {method}, width: 2, depth: 2, within: whole}}\n")
    days = dict(found.events.filter(found.events["kind"] != "entered").select("kind", "day").rows())
    assert days["filled"] == days["cycled"] == days["re-entered"] == "2026-10-07"
    assert found.events["day"].to_list()[0] == "2026-10-01"


def test_a_placement_is_written_whole(tmp_path: Path) -> None:
    found = mlmcalc.place(table(REMOVAL), MATRIX)
    found.write(tmp_path / "placement", "csv")
    assert sorted(path.name for path in (tmp_path / "placement").iterdir()) == [
        "events.csv",
        "findings.csv",
        "manifest.json",
        "moves.csv",
        "placement.csv",
        "placement.yaml",
    ]
    again = mlmcalc.place(tmp_path / "placement" / "placement.csv", MATRIX)
    assert seats(again) == seats(found)
    with pytest.raises(mlmcalc.ConflictError):
        found.write(tmp_path / "placement")
