"""Orders read beside the members: the same findings in the same order, and one damaged column refuses the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import parse_period
from mlmcalc.tables import source
from mlmcalc.tables.collector import LIMIT, Collector
from mlmcalc.tables.company import read_company
from mlmcalc.tables.content import Content, Unreadable
from mlmcalc.tables.needs import Needs

OCTOBER = parse_period("2026-10")
NEEDS = Needs({"sponsor": ("sponsor_id", "", 0)}, {"qv": 2, "cv": 2}, order_columns={"box": ("flag", 0)})
MEMBERS = "member_id,sponsor_id,kind,joined\n1,,distributor,2020-01-01\n2,1,nobody,x\n3,7,,2021-01-01\n"
ORDERS = (
    "order_id,member_id,date,kind,qv,cv,box\n"
    "1,1,2026-10-01,sale,-5,1.005,true\n"
    "2,9,2026-13-01,gift,5,,maybe\n"
    "1,2,2026-10-02,return,1,1,\n"
    ",,2026-09-02,return,-1,-1,yes\n"
)


def _findings(folder: Path, threads: int, form: str) -> list[Finding]:
    paths = {}
    for name, text in (("members", MEMBERS), ("orders", ORDERS)):
        paths[name] = folder / f"{name}.{form}"
        if form == "csv":
            paths[name].write_text(text)
        else:
            pl.read_csv(text.encode(), infer_schema=False).write_parquet(paths[name])
    with pytest.raises(InputRefused) as refusal:
        read_company(NEEDS, paths["members"], OCTOBER, orders=paths["orders"], threads=threads)
    return list(refusal.value.findings)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_findings_and_their_order_do_not_depend_on_threads(tmp_path: Path, form: str):
    one, two = (_findings(tmp_path, threads, form) for threads in (1, 2))
    assert [finding.text() for finding in one] == [finding.text() for finding in two]
    assert [finding.code for finding in one] == [
        "tables.bad_day",
        "members.kind",
        "genealogy.orphan",
        "tables.blank_id",
        "orders.unknown_member",
        "tables.bad_day",
        "orders.kind",
        "tables.too_precise",
        "tables.blank_amount",
        "orders.sign",
        "orders.sign",
        "orders.sign",
        "tables.not_a_flag",
        "tables.blank_id",
        "orders.conflict",
        "orders.outside_period",
    ]


@pytest.mark.parametrize("place", range(4))
def test_a_damaged_column_refuses_the_table_whichever_it_is(
    tmp_path: Path, place: int, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "members.parquet"
    pl.read_csv(MEMBERS.encode(), infer_schema=False).write_parquet(path)
    opened = source.open_parquet

    def damaged(content: bytes, file: str) -> Content:
        whole = opened(content, file)

        def load(places: Sequence[int]) -> pl.DataFrame:
            if place in places:
                raise Unreadable(Finding("tables.unreadable", "a page is damaged.", file=file))
            return whole.load(places)

        return Content(whole.headings, load, types=whole.types)

    monkeypatch.setattr(source, "open_parquet", damaged)
    with pytest.raises(InputRefused) as refusal:
        read_company(NEEDS, path, OCTOBER, orders=pl.DataFrame({"order_id": [1]}))
    about_members = [finding for finding in refusal.value.findings if finding.file == str(path)]
    assert [finding.code for finding in about_members] == ["tables.unreadable"]


def test_what_one_collector_counted_another_goes_on_counting():
    first, second = Collector(), Collector()
    for collector in (first, second):
        kind = ("a.b", "file", "column")
        collector.many(kind, LIMIT, lambda index: Finding("a.b", str(index), "", file="file", column="column"))
    second.many(("a.b", "file", "column"), 5, lambda index: Finding("a.b", "more", "", file="file", column="column"))
    first.absorb(second)
    found = first.findings()
    assert len(found) == LIMIT + 1
    assert found[-1].message == f"{LIMIT + 5} rows more have this finding."
