"""polars, joins level by level. As a command: ``python -m benchmarks.peers.polars_joins FOLDER OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from benchmarks.job import KEEP_CENTS, RATES_PPM, points


def load(folder: Path) -> pl.DataFrame:
    """Return members with their points."""
    return points(folder)


def answer(members: pl.DataFrame) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    levels = _by_depth(members)
    gv = _rolled_up(levels)
    keeper = _keepers(levels)
    paid = _walked(members, keeper)
    return (
        gv.join(paid, on="member_id", how="left")
        .select("member_id", "gv", pl.col("paid").fill_null(0))
        .sort("member_id")
    )


def _by_depth(members: pl.DataFrame) -> list[pl.DataFrame]:
    levels = [members.filter(pl.col("sponsor_id").is_null())]
    while levels[-1].height:
        levels.append(
            members.join(levels[-1].select("member_id"), left_on="sponsor_id", right_on="member_id", how="semi")
        )
    return levels[:-1]


def _rolled_up(levels: list[pl.DataFrame]) -> pl.DataFrame:
    done: list[pl.DataFrame] = []
    below: pl.DataFrame | None = None
    for level in reversed(levels):
        gv = level.select("member_id", "sponsor_id", gv="pv")
        if below is not None:
            gv = gv.join(below, on="member_id", how="left").with_columns(gv=pl.col("gv") + pl.col("add").fill_null(0))
        below = gv.group_by("sponsor_id").agg(add=pl.col("gv").sum()).rename({"sponsor_id": "member_id"})
        done.append(gv.select("member_id", "gv"))
    return pl.concat(done)


def _keepers(levels: list[pl.DataFrame]) -> pl.DataFrame:
    """Return ``member_id``, ``keeper``: the nearest kept member above."""
    done = [levels[0].select("member_id", keeper=pl.lit(None, pl.Int64))]
    above = levels[0].select("member_id", "pv").join(done[0], on="member_id")
    for level in levels[1:]:
        passed = above.select(
            sponsor_id="member_id", keeper=pl.when(pl.col("pv") >= KEEP_CENTS).then("member_id").otherwise("keeper")
        )
        above = level.join(passed, on="sponsor_id").select("member_id", "pv", "keeper")
        done.append(above.select("member_id", "keeper"))
    return pl.concat(done)


def _walked(members: pl.DataFrame, keeper: pl.DataFrame) -> pl.DataFrame:
    up = keeper.drop_nulls().rename({"member_id": "earner", "keeper": "next"})
    walk = members.filter(pl.col("pv") != 0).join(keeper, on="member_id").select("pv", earner="keeper").drop_nulls()
    paid: list[pl.DataFrame] = []
    for rate in RATES_PPM:
        cents = (pl.col("pv").abs() * rate + 500_000) // 1_000_000 * pl.col("pv").sign()
        paid.append(walk.group_by(member_id="earner").agg(paid=cents.sum()))
        walk = walk.join(up, on="earner").select("pv", earner="next")
    return pl.concat(paid).group_by("member_id").agg(pl.col("paid").sum())


def main() -> None:
    """Read the files of a folder and write the answer."""
    folder, out = sys.argv[1:3]
    answer(load(Path(folder))).write_parquet(out)


if __name__ == "__main__":
    main()
