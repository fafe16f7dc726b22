"""Placement as published: rules and figures of the companies, from `fixtures/placement`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import mlmcalc

FOLDER = Path(__file__).parents[2] / "fixtures" / "placement"


def below(placement: pl.DataFrame, member: str | None, leg: int | None = None) -> int:
    """Count whoever is below a member, on one leg or on both, by walking down."""
    children = placement.filter(pl.col("placement_id") == member)
    if leg is not None:
        children = children.filter(pl.col("leg") == leg)
    return sum(1 + below(placement, child) for child in children.get_column("member_id"))


@pytest.mark.parametrize(("trace", "members"), [("S1", 7), ("S3", 15)])
def test_legs_of_an_executed_binary(trace: str, members: int) -> None:
    folder = FOLDER / "smart_binary"
    table = pl.read_csv(folder / f"members_{trace}.csv").head(members)
    placement = mlmcalc.place(table, folder / "placement.yaml").placement
    for member, left, right in pl.read_csv(folder / f"expected_{trace}.csv").iter_rows():
        assert (below(placement, member, 1), below(placement, member, 2)) == (left, right)


def test_a_third_below_one_upline_is_refused() -> None:
    folder = FOLDER / "smart_binary"
    table = pl.read_csv(folder / "members_S1.csv").head(3)
    third = pl.DataFrame({"member_id": "Z", "sponsor_id": "R", "placement_id": "R", "sequence": 4})
    with pytest.raises(mlmcalc.InputRefused) as refusal:
        mlmcalc.place(pl.concat([table, third]), folder / "placement.yaml")
    assert [(finding.code, finding.member) for finding in refusal.value.findings] == [("placement.width", "Z")]


def test_positions_of_a_2_by_15_matrix() -> None:
    size = 65_536
    members = pl.DataFrame({"member_id": range(size), "sponsor_id": [None] + [0] * (size - 1)})
    placement = mlmcalc.place(members, FOLDER / "livegood" / "placement.yaml")
    counted = placement.placement.filter(pl.col("level") > 0).group_by("level").len().sort("level")
    expected = pl.read_csv(FOLDER / "livegood" / "expected.csv")
    assert counted.get_column("len").to_list() == expected.get_column("positions").to_list()
    assert counted.get_column("len").cum_sum().to_list() == expected.get_column("cumulative").to_list()
    assert [(finding.code, finding.member) for finding in placement.findings] == [("placement.full", "65535")]


def test_a_member_goes_to_the_end_of_the_line_that_its_sponsor_chose() -> None:
    folder = FOLDER / "outer_line"
    placement = mlmcalc.place(folder / "members.csv", folder / "placement.yaml").placement
    expected = pl.read_csv(folder / "expected.csv")
    seats = placement.drop_nulls("placement_id").select(expected.columns)
    assert seats.rows() == expected.rows()
