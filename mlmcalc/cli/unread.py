"""A process that reads no document needs no reader: the words of a kept plan are restored, not read.

`pydantic` takes longer to import than explaining a member takes. Where nothing is read, `without_reader` puts in its
place classes that only hold what they are given: a model's methods, which are all that an explanation uses, stay as
they are. It is for a process of its own, before any word of a plan is imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

_READERS = ("pydantic", "pydantic_core", "pydantic.fields", "pydantic.json_schema")
_THREADS = "OPENBLAS_NUM_THREADS"
_PLAIN = "NUMBA_DISABLE_JIT"


class Holder:
    """Stands for a model: it holds its fields, and reads nothing."""

    model_fields: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__))

    @classmethod
    def model_construct(cls, *root: Any, **fields: Any) -> Holder:
        """Return what holds this."""
        return cls(*root, **fields)

    def model_copy(self, update: dict[str, Any]) -> Holder:
        """Return the same with some fields changed."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__ | update)
        return made


class RootHolder(Holder):
    """Stands for a model of one value."""

    def __init__(self, root: Any) -> None:
        super().__init__(root=root)

    def __class_getitem__(cls, kind: Any) -> type:
        return cls


class _Nothing:
    """Stands for what only a reader would use."""

    def __init__(self, *about: Any, **more: Any) -> None:
        pass

    def __class_getitem__(cls, kind: Any) -> type:
        return cls


class _Refusal(Exception):
    """Stands for what only a reader would raise."""


def _field(default: Any = None, **about: Any) -> Any:
    return about["default_factory"]() if "default_factory" in about else default


def _decorator(*about: Any, **more: Any) -> Callable[[Any], Any]:
    return lambda function: function


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _KNOWN.get(name, _Nothing)


_KNOWN: dict[str, Any] = {
    "BaseModel": Holder,
    "RootModel": RootHolder,
    "Field": _field,
    "ConfigDict": dict,
    "field_validator": _decorator,
    "model_validator": _decorator,
    "ValidationError": _Refusal,
    "PydanticCustomError": _Refusal,
}


def without_reader(loops_compiled: bool) -> None:
    """Let the words of plans be imported without the reader of documents; nothing where a reader is there already.

    Parameters
    ----------
    loops_compiled : bool
        Whether loops run compiled: the compiler, too, takes longer to import than a few short loops take as they are.
    """
    if _READERS[0] in sys.modules:
        return
    for name in _READERS:
        sys.modules[name] = _StandIn(name)
    if not loops_compiled:
        os.environ[_PLAIN] = "1"


def with_reader() -> None:
    """Let documents be read again; every word of a plan is imported anew when it is next asked for."""
    if not isinstance(sys.modules.get(_READERS[0]), _StandIn):
        return
    os.environ.pop(_PLAIN, None)
    kept = ("mlmcalc", "mlmcalc.errors", "mlmcalc.cli", "mlmcalc._version")
    for name in [*_READERS, *(known for known in sys.modules if known.startswith("mlmcalc."))]:
        if name not in kept and not name.startswith("mlmcalc.cli."):
            sys.modules.pop(name, None)


def one_thread() -> None:
    """Keep numpy from starting threads for matrices, which nothing here multiplies: it halves its import."""
    os.environ.setdefault(_THREADS, "1")
