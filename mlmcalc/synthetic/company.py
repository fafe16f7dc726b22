"""A whole synthetic company: frames as a shop would export them, and a folder that `mlmcalc run` understands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import Period, day_text, parse_period
from mlmcalc.synthetic.draws import Draws
from mlmcalc.synthetic.people import KINDS, MARKETS, SHAPES, STATUSES, People, Shape, draw_people
from mlmcalc.synthetic.trade import Trade, draw_trade
from mlmcalc.tables.decimals_out import decimal_series
from mlmcalc.tables.folder import StagedFolder, environment_refused

Ids = Literal["integer", "text"]
Format = Literal["parquet", "csv"]
LARGEST = 100_000_000
_FIRST_MEMBER, _FIRST_ORDER = 100_001, 5_000_001
# Written out, because the default of a library may change from version to version.
_ROW_GROUP = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticCompany:
    """A company that does not exist.

    Attributes
    ----------
    members : polars.DataFrame
        ``member_id``, ``sponsor_id``, ``placement_id``, ``placement_leg``, ``joined``, ``status``, ``status_from``,
        ``kind``, ``market``.
    orders : polars.DataFrame
        ``order_id``, ``member_id``, ``date``, ``kind``, ``qv``, ``cv``, ``country``.
    overrides : polars.DataFrame
        A few forced ranks and waivers.
    period : Period
    seed : int
    shape : {"bush", "deep", "chain", "star"}
    """

    members: pl.DataFrame
    orders: pl.DataFrame
    overrides: pl.DataFrame
    period: Period
    seed: int
    shape: Shape

    def __repr__(self) -> str:
        """Return the company's size in one line."""
        return (
            f"SyntheticCompany({self.members.height:,} members, {self.orders.height:,} orders, {self.period.label}, "
            f"seed {self.seed}, {self.shape})"
        )

    @property
    def plan(self) -> str:
        """The text of the plan that suits the company."""
        return _document("summit.yaml").replace("2026-01-01", f"{self.period.first.year - 1}-01-01")

    def workspace(self, file_format: Format = "parquet") -> str:
        """Return the text of the workspace document, for input files of a format."""
        sums = [str(self.orders[name].cast(pl.Decimal(38, 2)).sum()) for name in ("qv", "cv")]
        marks = {"FORMAT": file_format, "MEMBERS": self.members.height, "ORDERS": self.orders.height}
        text = _document("company.yaml")
        for mark, value in (marks | {"POINTS": sums[0], "MONEY": sums[1]}).items():
            text = text.replace(mark, str(value))
        return text

    def write(self, folder: str | os.PathLike[str], file_format: Format = "parquet") -> Path:
        """Write members, orders, overrides, plan and workspace into a new folder, whole or not at all.

        Parameters
        ----------
        folder : path
            Must not exist.
        file_format : {"parquet", "csv"}
            Of members and orders; the overrides are always CSV.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ConflictError
            ``tables.output_exists``.
        EnvironmentRefused
            ``tables.output_refused``.
        """
        with StagedFolder(folder) as staged:
            for name, frame in (("members", self.members), ("orders", self.orders)):
                path = staged.path / f"{name}.{file_format}"
                with environment_refused(staged.target):
                    _write_frame(frame, path, file_format)
                staged.written(path)
            staged.write_text("overrides.csv", self.overrides.write_csv(line_terminator="\n"))
            staged.write_text("plan.yaml", self.plan)
            staged.write_text("company.yaml", self.workspace(file_format))
            staged.commit()
        return staged.target


def generate_company(
    members: int,
    seed: int,
    *,
    period: str = "2026-10",
    shape: Shape = "bush",
    ids: Ids = "integer",
    orders_per_member: int = 3,
) -> SyntheticCompany:
    """Return a company whose sponsoring, churn and orders look like those of a real one.

    Sponsoring is heavy-tailed and fades with age, a third of the members are customers, nearly a third of all has left,
    most volume comes from few, some orders come back. Nothing but the arguments decides: the same arguments give the
    same company on every machine.

    Parameters
    ----------
    members : int
        From 1 to 100,000,000.
    seed : int
        From 0.
    period : str
        A month, ``2026-10``; from 1980 on.
    shape : {"bush", "deep", "chain", "star"}
        ``deep`` has thousands of levels; a ``chain`` is one line of everybody; in a ``star`` all have the same sponsor.
    ids : {"integer", "text"}
        Ids of members and orders.
    orders_per_member : int
        On average; from 0 to 40. The total is exactly so many times the members.

    Raises
    ------
    InputRefused
        ``synthetic.range`` for what lies outside; ``periods.label``.
    """
    month = parse_period(period, "month")
    _check(members, seed, shape, ids, orders_per_member, month)
    draws = Draws(seed)
    people = draw_people(draws, members, month, shape)
    trade = draw_trade(draws, people, month, orders_per_member)
    member_ids = _ids(draws, "member", _FIRST_MEMBER, members, ids, people.market)
    order_ids = _ids(draws, "order", _FIRST_ORDER, trade.buyer.size, ids, None)
    frame = _members_frame(people, member_ids)
    return SyntheticCompany(
        frame,
        _orders_frame(trade, member_ids, order_ids),
        _overrides_frame(people, member_ids, month),
        month,
        seed,
        shape,
    )


def _check(members: int, seed: int, shape: str, ids: str, orders_per_member: int, month: Period) -> None:
    faults = [
        (not 1 <= members <= LARGEST, f"{members} members", f"Ask for 1 to {LARGEST:,}."),
        (not 0 <= orders_per_member <= 40, f"{orders_per_member} orders per member", "Ask for 0 to 40."),
        (members * orders_per_member >= 2**31, f"{members * orders_per_member:,} orders", "Stay below 2,147,483,648."),
        (month.first.year < 1980, f"the period {month.label}", "Take one from 1980-01 on."),
        (seed < 0, f"seed {seed}", "Take a whole number from 0."),
        (shape not in SHAPES, f"shape {shape}", f"Take one of {', '.join(SHAPES)}."),
        (ids not in ("integer", "text"), f"ids {ids}", "Take integer or text."),
    ]
    findings = [Finding("synthetic.range", f"{what}: not possible.", remedy) for wrong, what, remedy in faults if wrong]
    if findings:
        raise InputRefused(findings)


def _ids(draws: Draws, what: str, first: int, size: int, ids: Ids, market: NDArray[np.int64] | None) -> pl.Series:
    # Numbers were given out in order, and some were never used.
    numbers = pl.Series(first + np.arange(size) + np.cumsum(draws.chance(f"{what} gap", 120, size)))
    if ids == "integer":
        return numbers
    prefix = pl.Series(["A"]).new_from_index(0, size) if market is None else _texts(MARKETS, market)
    return prefix + numbers.cast(pl.String).str.zfill(8)


def _texts(names: tuple[str, ...], codes: NDArray[np.int64]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(codes.astype(np.uint32))


def _days(days: NDArray[np.int64]) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _references(ids: pl.Series, ordinals: NDArray[np.int64]) -> pl.Series:
    codes = pl.Series(ordinals).cast(pl.Int64).to_frame("code")
    known = codes.select(pl.when(pl.col("code") >= 0).then(pl.col("code"))).to_series()
    return ids.gather(known)


def _members_frame(people: People, member_ids: pl.Series) -> pl.DataFrame:
    dated = pl.Series(people.status_from >= 0)
    frame = pl.DataFrame(
        {
            "member_id": member_ids,
            "sponsor_id": _references(member_ids, people.sponsor),
            "placement_id": _references(member_ids, people.placement),
            "placement_leg": pl.Series(["left", "right"]).gather(
                pl.Series(people.leg.astype(np.int64) - 1).replace(-1, None)
            ),
            "joined": _days(people.joined),
            "status": _texts(STATUSES, people.status),
            "status_from": _days(people.status_from),
            "kind": _texts(KINDS, people.kind),
            "market": _texts(MARKETS, people.market),
        }
    )
    return frame.with_columns(pl.when(dated).then(pl.col("status_from")))


def _orders_frame(trade: Trade, member_ids: pl.Series, order_ids: pl.Series) -> pl.DataFrame:
    amount = pl.Decimal(12, 2)
    return pl.DataFrame(
        {
            "order_id": order_ids,
            "member_id": member_ids.gather(trade.buyer),
            "date": _days(trade.day),
            "kind": _texts(("sale", "return"), trade.returned.astype(np.int64)),
            "qv": decimal_series("qv", trade.qv, 2).cast(amount),
            "cv": decimal_series("cv", trade.cv, 2).cast(amount),
            "country": _texts(MARKETS, trade.country),
        }
    )


def _overrides_frame(people: People, member_ids: pl.Series, period: Period) -> pl.DataFrame:
    """Return three distributors with a forced rank, and two with a waiver."""
    fit = np.flatnonzero((people.kind == 0) & (people.status == 0) & (people.joined < period.first_day))
    fit = fit[fit.size // 10 :]
    start, end = day_text(period.first_day), day_text(period.last_day)
    rows = []
    for place, ordinal in enumerate(fit[:: max(1, fit.size // 5)][:5].tolist()):
        row = {"member_id": member_ids[ordinal], "override": "rank", "rank": "Silver", "metric": None, "ladder": None}
        if place in (1, 3):
            row |= {"override": "waiver", "rank": None, "metric": "side"}
        reason = "maternity leave" if place in (1, 3) else "taken over from an acquired company"
        rows.append(row | {"from": start, "to": end, "reason": reason, "approver": "compensation board"})
    names = ("override", "rank", "metric", "ladder", "from", "to", "reason", "approver")
    schema = {"member_id": member_ids.dtype} | dict.fromkeys(names, pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _write_frame(frame: pl.DataFrame, path: Path, file_format: Format) -> None:
    if file_format == "csv":
        frame.write_csv(path, line_terminator="\n")
    else:
        frame.write_parquet(path, compression="zstd", compression_level=1, statistics=True, row_group_size=_ROW_GROUP)


def _document(name: str) -> str:
    return files("mlmcalc.synthetic").joinpath("plans", name).read_text(encoding="utf-8")
