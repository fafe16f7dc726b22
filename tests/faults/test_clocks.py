"""Clocks: where a computer stands and what its clock says changes no amount, and never the order of what is known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.faults.company import PLAN, WORKSPACE
from tests.faults.month import IMPORT, LATE_IMPORT, NEXT_CALCULATE, Company, Month
from tests.faults.typist import Typist

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
BY = ("--by", "Olga")
HOUR = 3600


def company_of(folder: Path, typist: Typist, zone: str, calendar: str, orders: list[str], label: str) -> Company:
    """Make a company of a man and a woman who buys, at the instants that are given, for one euro more each time."""
    (folder / "exports").mkdir(parents=True)
    plan = PLAN.replace("Europe/Rome", zone).replace("period: month", f"period: {calendar}")
    (folder / "plan.yaml").write_text(plan.replace("2025-01-01", "2020-01-01"))
    (folder / "company.yaml").write_text(WORKSPACE)
    (folder / "exports/members.csv").write_text("member_id,sponsor_id,joined\n1,,2020-01-01\n2,1,2020-01-01\n")
    rows = [f"{number},2,{instant},{2**number},{2**number}" for number, instant in enumerate(orders)]
    (folder / f"exports/orders-{label}.csv").write_text("\n".join(["order_id,member_id,date,qv,cv", *rows]) + "\n")
    return Company(folder, typist)


def sold(company: Company, label: str, *options: str) -> int:
    """Return the sum of what the woman bought in a period, from a run of it: a bit for each order that counts."""
    orders = str(company.folder / f"exports/orders-{label}.csv")
    given = ("--members", str(company.folder / "exports/members.csv"), "--orders", orders, "--period", label)
    answer = company.type("run", "plan.yaml", *given, "--out", f"out-{label}", "--format", "csv", "--summary", "none")
    assert answer.status == 0, answer.err
    lines = (company.folder / f"out-{label}/members.csv").read_text().splitlines()
    row = dict(zip(lines[0].split(","), next(line for line in lines if line.startswith("2,")).split(","), strict=True))
    return int(float(row["pv"]))


def test_a_month_is_the_same_in_every_time_zone_of_a_computer(month: Month, tmp_path: Path):
    wanted = month.seen(IMPORT + 2)
    for zone in ZONES:
        company = month.before(IMPORT, tmp_path / zone.replace("/", "-"))
        there = {"TZ": zone}
        assert company.type("import", "--period", "2025-01", *BY, environment=there).status == 0
        assert company.type("period", "calculate", "2025-01", *BY, environment=there).status == 0
        found = company.seen()
        assert found == wanted
        assert company.type("replay", "2025-01", environment={"TZ": "Asia/Kolkata"}).status == 0


# Zone of the plan, calendar, label, and instants with whether they count.
EDGES = [
    # 31 March 2024: clocks in Rome go from 2 to 3; 27 October: 3 to 2.
    ("Europe/Rome", "month", "2024-03", {"2024-02-29T23:59:59+01:00": False, "2024-03-01T00:00:00+01:00": True,
        "2024-03-31T23:59:59+02:00": True, "2024-03-31T22:30:00Z": False, "2024-03-31T21:59:59Z": True}),
    ("Europe/Rome", "month", "2024-10", {"2024-09-30T22:00:00Z": True, "2024-09-30T21:59:59Z": False,
        "2024-10-27T02:30:00+02:00": True, "2024-10-27T02:30:00+01:00": True, "2024-10-31T22:59:59Z": True,
        "2024-10-31T23:00:00Z": False}),
    ("America/New_York", "week", "2024-W10", {"2024-03-04T04:59:59Z": False, "2024-03-04T05:00:00Z": True,
        "2024-03-11T03:59:59Z": True, "2024-03-11T04:00:00Z": False}),
    # A leap day is a day of its month, and of its week.
    ("Pacific/Apia", "month", "2024-02", {"2024-02-29T10:59:59Z": True, "2024-02-29T11:00:00Z": False,
        "2024-02-29 23:59:59": True, "2024-01-31T11:00:00Z": True, "2024-01-31T10:59:59Z": False}),
    ("UTC", "month", "2023-02", {"2023-02-28T23:59:59Z": True, "2023-03-01T00:00:00Z": False}),
    # Years of 53 weeks.
    ("Asia/Kolkata", "week", "2020-W53", {"2020-12-27T18:29:59Z": False, "2020-12-27T18:30:00Z": True,
        "2021-01-03T18:29:59Z": True, "2021-01-03T18:30:00Z": False}),
    ("UTC", "week", "2026-W53", {"2026-12-28": True, "2027-01-03": True, "2027-01-04": False, "2026-12-27": False}),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(EDGES)))
def test_an_order_counts_on_its_day_in_the_time_zone_of_the_plan(typist: Typist, tmp_path: Path, case: int):
    zone, calendar, label, orders = EDGES[case]
    company = company_of(tmp_path / "company", typist, zone, calendar, list(orders), label)
    wanted = sum(2**number for number, counts in enumerate(orders.values()) if counts)
    assert sold(company, label) == wanted


def test_the_weeks_around_the_end_of_a_year_follow_one_another(typist: Typist, tmp_path: Path):
    company = company_of(tmp_path / "company", typist, "UTC", "week", ["2020-12-28"], "2020-W53")
    assert company.type("store", "init", *BY).status == 0
    for label, status in (("2020-W52", 0), ("2021-W01", 3), ("2020-W53", 0), ("2020-W54", 3), ("2021-W01", 0)):
        assert company.type("period", "open", label, *BY).status == status
    for label in ("2021-W53", "2026-W54", "2024-02-30", "2024-13"):
        assert company.type("period", "open", label, *BY).status == 3


@pytest.mark.parametrize(
    "words", [("import", "--period", "2025-01"), ("period", "open", "2025-02"), ("record", "m.csv")]
)
def test_a_clock_that_was_set_back_is_refused(month: Month, tmp_path: Path, words: tuple[str, ...]):
    company = month.before(LATE_IMPORT, tmp_path / "company")
    (company.folder / "m.csv").write_text("member_id,column,value,from\n100040,sponsor_id,100001,2025-01-10\n")
    before = company.seen()
    for back in (1 * HOUR, 24 * HOUR, 3650 * 24 * HOUR):
        answer = company.type(*words, *BY, clock=-back)
        assert answer.status == 6, answer
        assert "store.clock_back" in answer.err
        assert company.seen() == before
    assert company.type("store", "doctor", clock=-HOUR).status == 6
    assert company.type(*words, *BY).status == 0


def test_what_is_calculated_does_not_depend_on_when(month: Month, tmp_path: Path):
    """A year later, and in a leap second's time, the same run comes out."""
    wanted = month.seen(NEXT_CALCULATE + 1)
    for later in (1, 366 * 24 * HOUR):
        company = month.before(NEXT_CALCULATE, tmp_path / str(later))
        assert company.type("period", "calculate", "2025-02", *BY, clock=later).status == 0
        assert company.seen() == wanted


def test_every_month_of_two_years_follows_the_one_before(typist: Typist, tmp_path: Path):
    days = [date(2023, 12, 1) + timedelta(days=number) for number in range(800)]
    labels = list(dict.fromkeys(f"{day:%Y-%m}" for day in days))
    company = company_of(tmp_path / "company", typist, "Pacific/Apia", "month", ["2023-12-01"], "2023-12")
    assert company.type("store", "init", *BY).status == 0
    for label in labels[:15]:
        assert company.type("period", "open", label, *BY).status == 0
    with company.open() as store, store.read() as tx:
        from mlmcalc.store.periods import periods

        found = periods(tx)
    ends = [date.fromisoformat(one.last) + timedelta(days=1) for one in found]
    assert [date.fromisoformat(one.first) for one in found[1:]] == ends[:-1]
    assert "2024-02-29" in [one.last for one in found]
