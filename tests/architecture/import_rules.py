"""Who imports whom: upwards, in circles, and from outside."""

from __future__ import annotations

import sys

from tests.architecture import law
from tests.architecture.house import House, Violation


def upward_imports(house: House) -> list[Violation]:
    """Return imports of a room that the law does not name, and modules in no room."""
    found = []
    for module in house.modules.values():
        if module.room not in law.OURS:
            found.append(module.at("upward_import", 1, f"{module.room} is no room of the law"))
            continue
        allowed = law.OURS[module.room] | {module.room, "_version"}
        for other, line in house.ours(module):
            if other.room not in allowed and other.name not in law.ALSO.get(module.room, ()):
                found.append(module.at("upward_import", line, f"{module.room} may not import {other.name}"))
    return found


def kernels_alone(house: House) -> list[Violation]:
    """Return kernels that import anything of ours but the decorator: a change there would be seen by no cache."""
    return [
        module.at("kernel_import", line, f"a kernel may not import {other.name}")
        for module in house.modules.values()
        if module.room == "kernels"
        for other, line in house.ours(module)
        if other.name != law.KERNEL_DECORATOR and not {module.name, other.name} <= law.KERNEL_FOUNDATION
    ]


def frozen_imports(house: House) -> list[Violation]:
    """Return imports of a frozen copy of the package, which is run in a process of its own."""
    return [
        module.at("frozen_import", line, f"a frozen copy is imported by nobody: {name}")
        for module in house.modules.values()
        for name, line in house.imports(module)
        if name.startswith(law.FROZEN)
    ]


def third_party_imports(house: House) -> list[Violation]:
    """Return imports from outside that the room may not have."""
    found = []
    for module in house.modules.values():
        allowed = law.THIRD_PARTY.get(module.room, frozenset())
        for name, line in house.imports(module):
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names and top != law.PACKAGE and top not in allowed:
                found.append(module.at("third_party", line, f"{module.room} may not import {top}"))
    return found


def _reached(edges: dict[str, set[str]], first: str) -> set[str]:
    seen: set[str] = set()
    waiting = [first]
    while waiting:
        for other in edges[waiting.pop()] - seen:
            seen.add(other)
            waiting.append(other)
    return seen


def circles(house: House) -> list[Violation]:
    """Return the circles of modules that import one another, each once."""
    edges = {name: {other.name for other, _ in house.ours(module)} for name, module in house.modules.items()}
    reached = {name: _reached(edges, name) for name in edges}
    found = []
    done: set[str] = set()
    for name in sorted(edges):
        if name in reached[name] and name not in done:
            circle = sorted(other for other in reached[name] if name in reached[other])
            done.update(circle)
            found.append(house.modules[name].at("circle", 1, "import one another: " + ", ".join(circle)))
    return found
