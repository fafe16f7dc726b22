"""Models checked against a document: what pydantic finds, said plainly and at its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mlmcalc.documents.document import Document
from mlmcalc.documents.known_keys import choices_at, keys_at, nearest
from mlmcalc.documents.sentences import MAPPINGS, sentence
from mlmcalc.errors import Finding

_M = TypeVar("_M", bound=BaseModel)
_Path = tuple[str | int, ...]


def validated(
    model: type[_M], value: Any, document: Document, path: _Path, room: str, hidden: Collection[str | int] = ()
) -> tuple[_M | None, list[Finding]]:
    """Return a model read from a value of a document, and everything wrong with it.

    Parameters
    ----------
    model : type
        A pydantic model.
    value : Any
        Mappings, lists and text.
    document : Document
        For lines and columns.
    path : tuple
        Where the value stands in the document.
    room : str
        First part of the codes: ``<room>.missing``, ``.unknown_key``, ``.choice``, ``.type`` and ``.value``.
    hidden : collection of str
        Keys of the value that stand in the document but not at this path, as a short form has them.

    Returns
    -------
    model or None, list of Finding
        None if there is a finding.
    """
    try:
        return model.model_validate(value), []
    except ValidationError as fault:
        errors = list(_flat(fault))
    findings = []
    for place, is_key, error in _by_place(errors, value):
        own = place[1:] if place and place[0] in hidden else place
        code, message, remedy = _said(error, model, place)
        finding = Finding(f"{room}.{code}", message, remedy, path=(*path, *own))
        findings.append(document.located(finding, key=is_key))
    return None, findings


def _flat(fault: ValidationError, prefix: tuple[str | int, ...] = ()) -> Iterator[dict[str, Any]]:
    """Return all errors, also those that a validator met while it checked a model of its own."""
    for error in fault.errors(include_url=False):
        location = (*prefix, *error["loc"])
        inner = (error.get("ctx") or {}).get("error")
        if isinstance(inner, ValidationError):
            yield from _flat(inner, location)
        else:
            yield {**error, "loc": location}


def _said(error: Mapping[str, Any], model: type[BaseModel], place: _Path) -> tuple[str, str, str]:
    if error["type"] == "missing":
        choices = choices_at(model, (*place, error["loc"][-1]))
        remedy = f"Add it, as {' or '.join(choices)}." if choices else "Add it."
        return "missing", f"The key {error['loc'][-1]} is missing.", remedy
    if error["type"] == "extra_forbidden":
        known = keys_at(model, place[:-1])
        return "unknown_key", f"The key {place[-1] if place else ''} is not known here.", nearest(str(place[-1]), known)
    fault, message, remedy = sentence(error)
    keys = keys_at(model, place) if error["type"] in MAPPINGS else []
    return fault, message, f"Write {{key: value}}, with keys of {', '.join(dict.fromkeys(keys))}." if keys else remedy


def _by_place(errors: Iterable[Any], value: Any) -> list[tuple[_Path, bool, Any]]:
    """Return one error per place, as (path in the value, whether its key is meant, error).

    A union reports every branch; the steps of its location that are no keys of the document name the branch. The branch
    that came furthest is the one that was meant.
    """
    plain: list[tuple[_Path, bool, Any]] = []
    unions: dict[_Path, dict[str, list[tuple[_Path, bool, Any]]]] = {}
    for error in errors:
        place, branch_at, branch = _placed(error, value)
        is_key = error["type"] in ("extra_forbidden",) or "[key]" in error["loc"]
        if branch_at is None:
            plain.append((place, is_key, error))
        else:
            unions.setdefault(branch_at, {}).setdefault(branch, []).append((place, is_key, error))
    for branches in unions.values():
        plain.extend(max(branches.values(), key=lambda found: (max(len(place) for place, _, _ in found), -len(found))))
    seen: set[tuple[_Path, str]] = set()
    unique = []
    for place, is_key, error in plain:
        key = (place, error["type"] if error["type"] != "missing" else str(error["loc"][-1]))
        if key not in seen:
            seen.add(key)
            unique.append((place, is_key, error))
    return unique


def _placed(error: Mapping[str, Any], value: Any) -> tuple[_Path, _Path | None, str]:
    location = error["loc"][:-1] if error["type"] == "missing" else error["loc"]
    place: list[str | int] = []
    branch_at: _Path | None = None
    branch = ""
    for step in location:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)
        ):
            value = value[step]
            place.append(step)
        elif branch_at is None and step != "[key]":
            branch_at, branch = tuple(place), str(step)
    return tuple(place), branch_at, branch
