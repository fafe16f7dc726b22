"""Every rule by name; the house and the planted violations go through the same functions."""

from __future__ import annotations

from collections.abc import Callable

from tests.architecture import bonus_rules, import_rules, shape_rules
from tests.architecture.house import House, Violation

RULES: dict[str, Callable[[House], list[Violation]]] = {
    "upward_import": import_rules.upward_imports,
    "third_party": import_rules.third_party_imports,
    "frozen_import": import_rules.frozen_imports,
    "circle": import_rules.circles,
    "kernel_import": import_rules.kernels_alone,
    "kernel_shape": shape_rules.kernel_shapes,
    "long_file": shape_rules.long_files,
    "long_function": shape_rules.long_functions,
    "no_docstring": shape_rules.missing_docstrings,
    "broad_except": shape_rules.broad_excepts,
    "float": shape_rules.floats,
    "bonus_file": bonus_rules.bonus_files,
}
