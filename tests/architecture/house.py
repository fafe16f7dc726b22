"""Reads a house: every module of the package with its room and its syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.architecture.law import FROZEN, PACKAGE

_MODULE_TEXT = re.compile(rf"({PACKAGE}(?:\.\w+)+)(?::\w+)?")


class Violation(NamedTuple):
    """A rule, where it is broken, and how."""

    rule: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}: {self.message}"


class Import(NamedTuple):
    """A dotted name that a module imports, and the line."""

    name: str
    line: int


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    path: Path
    place: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Syntax tree of the file."""
        return ast.parse(self.text, self.place)

    @property
    def room(self) -> str:
        """Folder or module directly in the package; `package` for the package's own ``__init__``."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else "package"

    @property
    def is_folder(self) -> bool:
        """Whether this is an ``__init__``."""
        return self.path.name == "__init__.py"

    def at(self, rule: str, line: int, message: str) -> Violation:
        """Return a violation at a line of this file."""
        return Violation(rule, f"{self.place}:{line}", message)


@dataclass(frozen=True)
class House:
    """All modules by dotted name, and the folder that holds package and tests."""

    root: Path
    modules: dict[str, Module]

    def imports(self, module: Module) -> Iterator[Import]:
        """Yield what a module imports: inside functions, for types only, and by a text that names a module, too."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(module, node)
                for alias in node.names:
                    whole = f"{base}.{alias.name}"
                    yield Import(whole if whole in self.modules else base, node.lineno)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = _MODULE_TEXT.fullmatch(node.value)
                if text and text[1] in self.modules:
                    yield Import(text[1], node.lineno)

    def ours(self, module: Module) -> Iterator[tuple[Module, int]]:
        """Yield the modules of the house that a module imports, and the line."""
        for name, line in self.imports(module):
            parts = name.split(".")
            while parts and ".".join(parts) not in self.modules:
                parts.pop()
            if parts and ".".join(parts) != module.name:
                yield self.modules[".".join(parts)], line

    @staticmethod
    def _base(module: Module, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = module.name.split(".") if module.is_folder else module.name.split(".")[:-1]
        kept = package[: len(package) - node.level + 1]
        return ".".join([*kept, node.module] if node.module else kept)


def read_house(root: Path) -> House:
    """Return the house whose package lies in a folder."""
    modules: dict[str, Module] = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        relative = path.relative_to(root)
        parts = list(relative.with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        name = ".".join(parts)
        if name.startswith(FROZEN):
            continue
        modules[name] = Module(name, path, relative.as_posix(), path.read_text(encoding="utf-8"))
    return House(root, modules)
