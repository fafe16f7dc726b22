"""The plans of the documentation's examples are good plans to an editor that knows the schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmcalc.plan.schema import plan_schema
from tests.plan.test_schema import as_an_editor_reads, valid

EXAMPLES = sorted((Path(__file__).parents[2] / "fixtures" / "cases" / "language").rglob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_accepts_it(path: Path):
    schema = plan_schema()
    plan = as_an_editor_reads(path.read_text(encoding="utf-8")).get("plan")
    for key, part in plan.items() if isinstance(plan, dict) else ():
        assert valid(part, schema["properties"][key], schema), (key, part)
