"""The law of the house as data: which room may import what, and how long things may get.

A room is a folder of the package, or one module beside them; `package` is the package's own ``__init__``.
"""

from __future__ import annotations

PACKAGE = "mlmcalc"

_BASE = frozenset({"errors", "money", "fields", "periods"})
_WORDS = frozenset({"volumes", "trees", "metrics", "ranks", "bonuses", "limits", "payout"})
_WORD_READS = frozenset({"rules", "genealogy", "ledger", "kernels"}) | _BASE
_BELOW_API = (
    frozenset({"kernels", "genealogy", "rules", "ledger", "documents", "plan", "runs", "tables", "workspace", "audit"})
    | {"placement"}
    | _WORDS
    | _BASE
)

OURS: dict[str, frozenset[str]] = {
    "_version": frozenset(),
    "kernels": frozenset(),
    "errors": frozenset(),
    "money": frozenset({"errors"}),
    "periods": frozenset({"errors"}),
    "fields": frozenset({"errors", "money", "periods"}),
    "genealogy": frozenset({"kernels", "errors", "money", "periods"}),
    "rules": frozenset({"genealogy", "kernels", "ledger"}) | _BASE,
    "volumes": _WORD_READS,
    "trees": _WORD_READS,
    "metrics": _WORD_READS,
    "ranks": _WORD_READS,
    "bonuses": _WORD_READS,
    "limits": _WORD_READS,
    "payout": _WORD_READS,
    "ledger": frozenset({"kernels", "money", "errors"}),
    "documents": frozenset({"errors"}),
    "plan": _WORDS | frozenset({"rules", "documents"}) | _BASE,
    "runs": _WORDS | frozenset({"plan", "rules", "genealogy", "ledger", "kernels", "money", "errors", "periods"}),
    "tables": frozenset({"genealogy", "volumes", "ledger", "kernels", "money", "errors", "periods"}),
    # A document of its own, beside the plan: what it says is done by genealogy, before any run.
    "placement": frozenset({"documents", "genealogy"}) | _BASE,
    # Events of two clocks are frames from end to end: what becomes of them is read by tables like any other.
    "history": frozenset({"tables"}) | _BASE,
    "store": frozenset({"runs", "tables", "ledger", "history"}) | _BASE,
    "workspace": frozenset({"documents", "fields", "periods", "errors", "money"}),
    "plugin": frozenset({"rules"}) | _BASE,
    "audit": _WORDS
    | frozenset({"runs", "tables", "ledger", "plan", "rules", "genealogy", "money", "errors", "periods"}),
    "api": _BELOW_API,
    # Repeating runs by the arithmetic they were made with. Frozen copies of the package lie there: nobody imports one.
    "released": _BELOW_API | {"api"},
    # The life of a period: what a run becomes when people decide about it.
    "closing": _BELOW_API | {"api", "history", "store", "released"},
    "reports": frozenset({"plan", "audit", "tables"}) | _BASE,
    "cases": _BELOW_API | {"api"},
    "synthetic": _BELOW_API | {"api"},
    "package": _BELOW_API | {"api", "history", "store", "released", "closing"},
    "cli": _BELOW_API | {"api", "history", "store", "released", "closing", "cases", "synthetic", "package", "reports"},
}
"""Room to the rooms it may import; its own modules, and the version, everybody may."""

ALSO: dict[str, frozenset[str]] = {
    room: frozenset({"mlmcalc.volumes.orders"}) for room in ("trees", "metrics", "ranks", "bonuses")
}
"""Room to single modules of other rooms it may import besides, for their types."""

_MODELS = frozenset({"pydantic", "pydantic_core"})
_ARRAYS = frozenset({"numpy"})

THIRD_PARTY: dict[str, frozenset[str]] = {
    "kernels": frozenset({"numba", "llvmlite", "numpy"}),
    "fields": _MODELS,
    "money": frozenset({"iso4217"}),
    "genealogy": _ARRAYS,
    "rules": _ARRAYS | _MODELS,
    **dict.fromkeys(_WORDS, _ARRAYS | _MODELS),
    "ledger": _ARRAYS,
    "documents": frozenset({"yaml"}) | _MODELS,
    "plan": _MODELS,
    "runs": _ARRAYS,
    "tables": _ARRAYS | {"polars", "fastexcel", "xlsxwriter"},
    "placement": _MODELS,
    "workspace": _MODELS,
    "history": frozenset({"polars"}),
    "store": frozenset({"sqlalchemy", "alembic", "psycopg", "polars"}),
    "closing": _ARRAYS | {"polars"},
    "audit": _ARRAYS | {"polars"},
    "api": _ARRAYS | {"polars"},
    "cases": _ARRAYS | _MODELS | {"polars"},
    "reports": frozenset({"jinja2", "xlsxwriter", "polars"}),
    "synthetic": _ARRAYS | {"polars"},
    "cli": frozenset({"click", "rich"}),
}
"""Room to what it may import from outside the standard library; a room that is not named: nothing."""

FILE_LINES = 400
FUNCTION_LINES = 60
KERNEL_ARGUMENTS = 8

INTEGER_ROOMS = frozenset({"kernels", "money", "genealogy", "placement", "rules", "ledger", "trees"}) | (
    _WORDS - {"trees"}
)
"""Rooms where no float may appear."""

KERNEL_DECORATOR = "mlmcalc.kernels.compiled"
KERNEL_FOUNDATION = frozenset(
    {KERNEL_DECORATOR, *(f"mlmcalc.kernels.{file}" for file in ("cache", "compiling", "flat", "native"))}
)
"""What kernels stand on: these may import one another, kernels only the decorator."""

PATHS_ARE_JOINED = frozenset({"mlmcalc.kernels.cache"})
"""Modules of integer rooms where a slash joins paths."""

DOCSTRING_NOT_WANTED = frozenset(
    {"field_validator", "model_validator", "field_serializer", "model_serializer", "overload", "override", "setter"}
)
"""Decorators of what is no public surface of its own."""

FROZEN = "mlmcalc.released.arithmetic_"
"""How the names of frozen copies of the package begin; they keep the law of their time, and nobody imports them."""

BONUS_ROOM = "bonuses"
BONUS_REGISTRY = "mlmcalc.bonuses.registry"
BONUS_TABLE = "BONUS_WORDS"
