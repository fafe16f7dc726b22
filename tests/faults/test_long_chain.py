"""Everybody recruited by the one before: 100,000 in one line are taken in, calculated and committed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.faults.company import PLAN, WORKSPACE
from tests.faults.month import Company
from tests.faults.typist import Typist

MEMBERS = 100_000


@pytest.mark.compiled
def test_a_chain_through_the_store(typist: Typist, tmp_path: Path):
    exports = tmp_path / "exports"
    exports.mkdir()
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "company.yaml").write_text(WORKSPACE)
    ids = pl.int_range(1, MEMBERS + 1, eager=True)
    members = pl.DataFrame({"member_id": ids, "sponsor_id": [None, *range(1, MEMBERS)], "joined": "2024-12-01"})
    members.write_csv(exports / "members.csv")
    orders = pl.DataFrame({"order_id": ids, "member_id": ids, "date": "2025-01-15", "qv": "100.00", "cv": "100.00"})
    orders.write_csv(exports / "orders-2025-01.csv")
    company = Company(tmp_path, typist)
    for words in (
        ("store", "init", "--by", "Olga"),
        ("import", "--period", "2025-01", "--by", "Olga"),
        ("period", "calculate", "2025-01", "--by", "Olga"),
        ("period", "approve", "2025-01", "--by", "Anna"),
        ("period", "commit", "2025-01", "--by", "Olga"),
    ):
        answer = company.type(*words)
        assert answer.status == 0, answer.err
    assert company.type("period", "pay", "2025-01", "--by", "Olga").status == 0
    bank = pl.read_csv(tmp_path / "payments/small-2025-01.csv")
    # 10, 5 and 3 of each 100 for the three above a buyer, who all are managers; the first buyers have fewer above.
    levels = (10, 5, 3)
    wanted = sum(amount * (MEMBERS - level) for level, amount in enumerate(levels, 1))
    assert round(bank["amount"].sum()) == wanted
    assert company.type("replay", "2025-01").status == 0
    assert len(company.seen()["payment"]) == bank.height
