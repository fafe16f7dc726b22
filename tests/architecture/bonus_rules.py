"""A bonus is one file, one registration, one test; bonus files never import one another."""

from __future__ import annotations

import ast

from tests.architecture import law
from tests.architecture.house import House, Module, Violation


def _table(registry: Module) -> ast.Dict | None:
    """Return the mapping of words to ``file:Class`` that the registry's table is made of."""
    for node in registry.tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == law.BONUS_TABLE
            and isinstance(node.value, ast.Call)
        ):
            return next((argument for argument in node.value.args if isinstance(argument, ast.Dict)), None)
    return None


def registered_modules(house: House) -> set[str]:
    """Return the modules whose classes the registry's table names."""
    registry = house.modules.get(law.BONUS_REGISTRY)
    table = _table(registry) if registry else None
    if table is None:
        return set()
    places = [value.value for value in table.values if isinstance(value, ast.Constant)]
    return {f"{law.PACKAGE}.{law.BONUS_ROOM}.{place.partition(':')[0]}" for place in places if isinstance(place, str)}


def bonus_files(house: House) -> list[Violation]:
    """Return bonus files that nobody registered, that have no test, or that import another bonus.

    A file that a registered one imports is a part of that bonus, and its test covers it.
    """
    words = registered_modules(house)
    parts: set[str] = set()
    waiting = sorted(words)
    found = []
    while waiting:
        module = house.modules[waiting.pop()]
        for other, line in house.ours(module):
            if other.room != law.BONUS_ROOM or other.is_folder:
                continue
            if other.name in words:
                found.append(module.at("bonus_file", line, f"a bonus may not import the bonus {other.name}"))
            elif other.name not in parts:
                parts.add(other.name)
                waiting.append(other.name)
    for module in house.modules.values():
        if module.room != law.BONUS_ROOM or module.is_folder or module.name == law.BONUS_REGISTRY:
            continue
        if module.name not in words | parts:
            found.append(module.at("bonus_file", 1, f"not registered in {law.BONUS_TABLE}"))
        test = f"test_{module.path.stem}.py"
        if module.name in words and not (house.root / "tests" / law.BONUS_ROOM / test).is_file():
            found.append(module.at("bonus_file", 1, f"has no tests/{law.BONUS_ROOM}/{test}"))
    return found
