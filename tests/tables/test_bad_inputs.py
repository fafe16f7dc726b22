"""Every bad input gets its findings, all at once, with row and column; nothing else is ever raised."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from mlmcalc.errors import Finding, InputRefused, errors_of
from mlmcalc.periods import parse_period
from mlmcalc.tables.collector import LIMIT
from mlmcalc.tables.company import check_company, read_company
from tests.tables.bad import MEMBERS, ORDERS, PLAIN, Bad
from tests.tables.bad_cells import AMOUNTS, DAYS
from tests.tables.bad_files import COLUMNS, FILES, SOME, excel_book, excel_serial
from tests.tables.bad_rows import IDS, OTHERS, TREES
from tests.tables.shapes import parquet

BAD_INPUTS = [*FILES, *COLUMNS, *AMOUNTS, *DAYS, *IDS, *TREES, *OTHERS]
OCTOBER = parse_period("2026-10")


def _written(bad: Bad, folder: Path) -> dict[str, Any]:
    handed: dict[str, Any] = {}
    for label, table in bad.tables.items():
        if isinstance(table, bytes) or (isinstance(table, str) and not table.startswith("/")):
            path = folder / f"{label}{bad.suffix.get(label, '.csv')}"
            path.write_bytes(table if isinstance(table, bytes) else table.encode())
            handed[label] = path
        else:
            handed[label] = table
    return handed


def _short(finding: Finding) -> str:
    mark = "~" if finding.level == "warning" else ""
    return f"{mark}{finding.code} {finding.row or '-'} {finding.column or '-'}"


def _read(bad: Bad, folder: Path) -> list[Finding]:
    handed = _written(bad, folder)
    members = handed.pop("members")
    found = check_company(bad.needs, members, OCTOBER, **handed, maps=bad.maps)
    if errors_of(found):
        with pytest.raises(InputRefused) as refusal:
            read_company(bad.needs, members, OCTOBER, **handed, maps=bad.maps)
        assert sorted(map(_short, refusal.value.findings)) == sorted(map(_short, found))
    else:
        company = read_company(bad.needs, members, OCTOBER, **handed, maps=bad.maps)
        assert list(map(_short, company.findings)) == list(map(_short, found))
    return found


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_bad_input_gets_its_findings(bad: Bad, tmp_path: Path):
    found = _read(bad, tmp_path)
    assert sorted(map(_short, found)) == sorted(bad.expected.split(";"))
    for finding in found:
        assert finding.message.endswith(".")
        assert finding.remedy.endswith(".") or finding.remedy.endswith("?") or finding.level == "warning"
        assert finding.text().isprintable()


def test_there_are_enough_kinds_of_bad_input():
    names = [bad.name for bad in BAD_INPUTS]
    assert len(set(names)) == len(names) >= 60


def test_findings_beyond_the_limit_are_counted(tmp_path: Path):
    rows = "".join(f"{order},1,2026-10-01,x\n" for order in range(LIMIT + 234))
    found = _read(Bad("many", "", {"members": MEMBERS, "orders": "order_id,member_id,date,cv\n" + rows}), tmp_path)
    assert len(found) == LIMIT + 1
    assert "234 rows more" in found[-1].message
    assert found[-1].code == "tables.not_a_number"


def test_a_long_cycle_is_shown_short(tmp_path: Path):
    rows = "".join(f"{member},{(member + 1) % 50}\n" for member in range(50))
    found = _read(Bad("cycle", "", {"members": "member_id,sponsor_id\n" + rows, "orders": ORDERS}), tmp_path)
    cycles = [finding for finding in found if finding.code == "genealogy.cycle"]
    assert len(cycles) == 1
    assert "30 more" in cycles[0].message
    assert cycles[0].message.startswith("members 0 → 1 → 2 →")


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_refused_or_read(seed: int, tmp_path: Path):
    draw = random.Random(seed)
    suffix, content = draw.choice(
        [(".parquet", parquet(SOME)), (".xlsx", excel_book(excel_serial)), (".csv", ORDERS.encode())]
    )
    damaged = bytearray(content)
    if draw.random() < 0.5:
        damaged = damaged[: draw.randrange(len(damaged))]
    else:
        for _ in range(draw.randint(1, 6)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
    bad = Bad("damaged", "", {"members": MEMBERS, "orders": bytes(damaged)}, PLAIN, suffix={"orders": suffix})
    _read(bad, tmp_path)
