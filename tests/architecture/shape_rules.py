"""How the code itself looks: lengths, docstrings, excepts, floats, kernels."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture import law
from tests.architecture.house import House, Module, Violation

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BROAD = {"Exception", "BaseException"}
_FLOAT_TEXTS = {"float", "float64", "float32", "f8", "f4"}
_FLOAT_MAKERS = {"double", "longdouble", "mean", "average", "divide", "true_divide"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_files(house: House) -> list[Violation]:
    """Return the files that grew too long."""
    return [
        module.at("long_file", count, f"{count} lines, at most {law.FILE_LINES}")
        for module in house.modules.values()
        if (count := len(module.text.splitlines())) > law.FILE_LINES
    ]


def _lines(function: Function) -> int:
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def long_functions(house: House) -> list[Violation]:
    """Return the functions that grew too long, docstrings not counted."""
    return [
        module.at("long_function", node.lineno, f"{node.name} has {_lines(node)} lines, at most {law.FUNCTION_LINES}")
        for module in house.modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, _FUNCTIONS) and _lines(node) > law.FUNCTION_LINES
    ]


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    for node in body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            if any(_last_name(decorator) in law.DOCSTRING_NOT_WANTED for decorator in node.decorator_list):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def missing_docstrings(house: House) -> list[Violation]:
    """Return public functions, classes and methods that do not say what they are."""
    return [
        module.at("no_docstring", node.lineno, f"{node.name} has no docstring")
        for module in house.modules.values()
        for node in _public(module.tree.body)
        if not ast.get_docstring(node)
    ]


def _suppresses_all(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or _last_name(node.func) != "suppress":
        return False
    return any(_last_name(kind) in _BROAD for kind in node.args)


def broad_excepts(house: House) -> list[Violation]:
    """Return whatever catches everything."""
    found = []
    for module in house.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                if any(kind is None or _last_name(kind) in _BROAD for kind in kinds):
                    found.append(module.at("broad_except", node.lineno, "catches every error"))
            elif _suppresses_all(node):
                found.append(module.at("broad_except", getattr(node, "lineno", 1), "suppresses every error"))
    return found


def _float_in(node: ast.AST, module: Module) -> str:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, float | complex):
            return f"the literal {node.value!r}"
        return f"the type {node.value!r}" if isinstance(node.value, str) and node.value in _FLOAT_TEXTS else ""
    if isinstance(node, ast.Name):
        return node.id if node.id in ("float", "complex") else ""
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr.startswith("float") or node.attr in _FLOAT_MAKERS else ""
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        return "" if module.name in law.PATHS_ARE_JOINED else "a division with /"
    return ""


def floats(house: House) -> list[Violation]:
    """Return floats, and what makes them, in the rooms where amounts are integers."""
    return [
        module.at("float", getattr(node, "lineno", 1), what)
        for module in house.modules.values()
        if module.room in law.INTEGER_ROOMS
        for node in ast.walk(module.tree)
        if (what := _float_in(node, module))
    ]


def kernel_shapes(house: House) -> list[Violation]:
    """Return kernels without an explicit signature, and kernels with too many arguments."""
    found = []
    for module in house.modules.values():
        for node in ast.walk(module.tree) if module.room == "kernels" else ():
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                name = _last_name(decorator)
                if name in ("njit", "jit") or (name == "kernel" and not getattr(decorator, "args", [])):
                    found.append(module.at("kernel_shape", node.lineno, f"{node.name} has no explicit signature"))
                elif name == "kernel" and len(node.args.args) > law.KERNEL_ARGUMENTS:
                    found.append(module.at("kernel_shape", node.lineno, f"{node.name} has too many arguments"))
    return found
