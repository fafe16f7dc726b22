"""The house keeps its law."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.architecture import law
from tests.architecture.bonus_rules import registered_modules
from tests.architecture.house import House, read_house
from tests.architecture.rules_of_the_house import RULES

ROOT = Path(__file__).parents[2]


@cache
def _house() -> House:
    return read_house(ROOT)


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps(rule: str):
    broken = RULES[rule](_house())
    assert not broken, "\n" + "\n".join(str(violation) for violation in broken)


def test_the_law_itself_has_no_circle():
    # Who may import whom must be an order, or "upward" means nothing.
    left = {room: set(allowed) for room, allowed in law.OURS.items()}
    while left:
        bottom = {room for room, allowed in left.items() if not allowed & left.keys()}
        assert bottom, f"these rooms may import one another: {sorted(left)}"
        left = {room: allowed for room, allowed in left.items() if room not in bottom}


def test_nothing_imports_the_command():
    assert not [room for room, allowed in law.OURS.items() if "cli" in allowed]


def test_the_rules_look_at_something():
    house = _house()
    assert {module.room for module in house.modules.values()} >= {"kernels", "genealogy", "rules", "runs", "cli"}
    assert registered_modules(house)
    assert sum(1 for module in house.modules.values() for _ in house.ours(module)) > 50
