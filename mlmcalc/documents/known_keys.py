"""Which keys a model knows at a place, and which of them somebody probably meant."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import AliasChoices, BaseModel, RootModel
from pydantic.fields import FieldInfo


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a remedy: the nearest known name, or all of them where none is near."""
    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name.lower(), [candidate.lower() for candidate in names], 1)
    if close:
        meant = next(candidate for candidate in names if candidate.lower() == close[0])
        return f"Did you mean {meant}?"
    return f"Known here: {', '.join(names)}." if names else "Leave it out."


def keys_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Return the keys that a model knows at a path below it, of all alternatives.

    Parameters
    ----------
    model : type
        A pydantic model.
    path : sequence of str or int
        Keys and list indices from the model's own value.
    """
    return [key for place in _places(model, path) for key in _keys(place)]


def choices_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Return the words of which one is wanted at a path below a model; none where it may be anything."""
    wanted = [one for place in _places(model, path) for one in _alternatives(place) if one is not type(None)]
    if not wanted or any(typing.get_origin(one) is not typing.Literal for one in wanted):
        return []
    return [str(word) for one in wanted for word in typing.get_args(one)]


def _places(model: type[BaseModel], path: Sequence[str | int]) -> list[Any]:
    places: list[Any] = [model]
    for step in path:
        places = [within for place in places for within in _within(place, step)]
    return places


def _alternatives(annotation: Any) -> list[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _alternatives(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(annotation) for one in _alternatives(part)]
    return [annotation]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_mapping(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _spelled(name: str, field: FieldInfo) -> str:
    """Return the key of a field as a document writes it."""
    if isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return field.alias or name


def _within(annotation: Any, step: str | int) -> list[Any]:
    found: list[Any] = []
    for one in _alternatives(annotation):
        arguments = [part for part in typing.get_args(one) if part is not Ellipsis]
        if isinstance(one, type) and issubclass(one, RootModel):
            found.extend(_within(one.model_fields["root"].annotation, step))
        elif _is_model(one):
            found.extend(field.annotation for name, field in one.model_fields.items() if step == _spelled(name, field))
        elif not arguments:
            continue
        elif _is_mapping(one):
            # A short form: one list, written without what it is of.
            found.extend(_within(arguments[-1], step) if isinstance(step, int) else [arguments[-1]])
        elif isinstance(step, int):
            found.append(arguments[-1])
        else:
            # A short form: the only item of a list, written without the list.
            found.extend(_within(arguments[-1], step))
    return found


def _keys(annotation: Any) -> list[str]:
    return [
        _spelled(name, field)
        for one in _alternatives(annotation)
        if _is_model(one) and not issubclass(one, RootModel)
        for name, field in one.model_fields.items()
    ]
