"""The words of a plan as they were read, written down so that they need not be read again.

What a reader of plans makes of a document is kept as it is: models, tuples, mappings. Restoring it checks nothing and
needs no reader of documents.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

_ROOM = "mlmcalc."
_PLAIN = (str, int, bool, type(None))
_OF_ALL = ("model_config", "model_fields")


class NotKept(Exception):
    """Something of a run cannot be kept; the text says what."""


def kept_word(value: Any) -> Any:
    """Return a word of a plan, or part of one, as plain data.

    Raises
    ------
    NotKept
        It is of another package, or of a type that is not known here.
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list):
        return {"list": [kept_word(part) for part in value]}
    if isinstance(value, frozenset | set):
        return {"set": sorted((kept_word(part) for part in value), key=repr)}
    if isinstance(value, tuple):
        parts = [kept_word(part) for part in value]
        return {"tuple": parts} if type(value) is tuple else {"named": _name_of(type(value)), "tuple": parts}
    if isinstance(value, Mapping):
        return {"mapping": [[kept_word(key), kept_word(part)] for key, part in value.items()]}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return {"record": _name_of(type(value)), "has": {name: kept_word(part) for name, part in held.items()}}
    return {"word": _name_of(type(value)), "has": {name: kept_word(part) for name, part in _fields_of(value).items()}}


def restored_word(kept: Any) -> Any:
    """Return what `kept_word` was given.

    Raises
    ------
    NotKept
        It names something that is no word of a plan.
    """
    if not isinstance(kept, dict):
        return kept
    if "list" in kept:
        return [restored_word(part) for part in kept["list"]]
    if "set" in kept:
        return frozenset(restored_word(part) for part in kept["set"])
    if "named" in kept:
        return _type_of(kept["named"], "_fields")(*(restored_word(part) for part in kept["tuple"]))
    if "tuple" in kept:
        return tuple(restored_word(part) for part in kept["tuple"])
    if "mapping" in kept:
        return {restored_word(key): restored_word(part) for key, part in kept["mapping"]}
    if "day" in kept:
        return date.fromisoformat(kept["day"])
    held = {name: restored_word(part) for name, part in kept["has"].items()}
    if "record" in kept:
        return _type_of(kept["record"], "__dataclass_fields__")(**held)
    return _made(_type_of(kept["word"], "model_fields"), held)


def _fields_of(value: Any) -> dict[str, Any]:
    names = getattr(type(value), "model_fields", None)
    if names is None or getattr(value, "__pydantic_private__", None):
        raise NotKept(f"{type(value).__name__} is not known to what keeps a plan")
    return {name: getattr(value, name) for name in names}


def _made(model: type, held: dict[str, Any]) -> Any:
    # What was read once is not read again: a model is filled as it was, past its checks.
    if set(held) != _stated(model):
        raise NotKept(f"{model.__name__} says other things by now")
    made: Any = object.__new__(model)
    made.__dict__.update(held)
    for name, state in (("extra", None), ("fields_set", set(held)), ("private", None)):
        object.__setattr__(made, f"__pydantic_{name}__", state)
    return made


def _stated(model: type) -> set[str]:
    kinds = (kind for kind in model.__mro__ if kind.__module__.startswith(_ROOM))
    names = {name for kind in kinds for name in vars(kind).get("__annotations__", ()) if name not in _OF_ALL}
    return names or {"root"}


def _name_of(kind: type) -> str:
    if not kind.__module__.startswith(_ROOM):
        raise NotKept(f"{kind.__name__} is a word of another package")
    return f"{kind.__module__}:{kind.__qualname__}"


def _type_of(name: str, mark: str) -> Any:
    # Only what holds values is made of what a folder says: a model, a record, a named tuple.
    module, _, qualified = name.partition(":")
    found = getattr(importlib.import_module(module), qualified, None) if module.startswith(_ROOM) else None
    if not isinstance(found, type) or found.__module__ != module or not hasattr(found, mark):
        raise NotKept(f"{name} is no word of a plan")
    return found
