"""Two versions of a plan, compared rule by rule, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlmcalc.money import rate_text
from mlmcalc.plan.model import Plan
from mlmcalc.plan.wording import rule_name, said, step_name

Kind = Literal["new", "gone", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two plans say differently.

    Attributes
    ----------
    section : str
        Section of the plan, such as ``bonuses``; empty for its head.
    rule : str
        Name of the rule inside it, such as ``unilevel``; of the key for the head.
    kind : {"new", "gone", "changed", "moved"}
    what : str
        Which part of the rule, in words; empty where it is the whole rule.
    before, after : str
        What was said and what is said now; empty where nothing is.
    line_before, line_after : int
        Line in each document, 0 where it does not stand there.
    """

    section: str
    rule: str
    kind: Kind
    what: str
    before: str
    after: str
    line_before: int
    line_after: int

    def sentence(self) -> str:
        """Return the difference as one line."""
        what = f"{self.what}: " if self.what else ""
        if self.kind == "new":
            return f"{what}new: {self.after}"
        if self.kind == "gone":
            return f"{what}gone, was: {self.before}"
        if self.kind == "moved":
            return f"{what}{self.before} → {self.after}"
        return f"{what}{self.before} → {self.after}"


_Path = tuple[str | int, ...]


def plan_differences(before: Plan, after: Plan) -> list[Difference]:
    """Return what two plans say differently, in the order of the second one, what is gone last in its section.

    The same rule in another layout, with other quotes, or with a default that is only written out, is no difference.
    """
    comparer = _Comparer(before, after)
    old, new = _ranked(before.document.value), _ranked(after.document.value)
    return list(comparer.mappings((), old, new))


class _Comparer:
    def __init__(self, before: Plan, after: Plan) -> None:
        self._before = before
        self._after = after

    def values(self, path: _Path, old: Any, new: Any) -> Iterator[Difference]:
        """Yield the differences of two values at one place."""
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self.mappings(path, old, new)
        elif isinstance(old, list) and isinstance(new, list) and _comparable(old, new):
            yield from self._lists(path, old, new)
        elif said(old) != said(new):
            yield self._difference("changed", path, old, new)

    def mappings(self, path: _Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
        """Yield the differences of two mappings, and that the order of rungs changed."""
        for key, value in new.items():
            if key in old:
                yield from self.values((*path, key), old[key], value)
            elif not self._is_default(self._before, (*path, key), value):
                yield from self._whole("new", (*path, key), value)
        for key, value in old.items():
            if key not in new and not self._is_default(self._after, (*path, key), value):
                yield from self._whole("gone", (*path, key), value)
        if path and path[0] == "ranks" and _is_ladder(old) and _is_ladder(new):
            both = [rank for rank in new if rank in old]
            if both != [rank for rank in old if rank in new]:
                order = (", ".join(mapping) for mapping in (old, new))
                yield self._difference("moved", (*path, "order"), *order)

    def _lists(self, path: _Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
        for place in range(max(len(old), len(new))):
            at = (*path, place)
            if place >= len(old):
                yield self._difference("new", at, "", new[place])
            elif place >= len(new):
                yield self._difference("gone", at, old[place], "")
            else:
                yield from self.values(at, old[place], new[place])

    def _whole(self, kind: Kind, path: _Path, value: Any) -> Iterator[Difference]:
        # A section or a ladder that is wholly new is told rule by rule.
        if len(path) == 1 and isinstance(value, Mapping):
            for key, part in value.items():
                yield from self._whole(kind, (*path, key), part)
            return
        yield self._difference(kind, path, *(("", value) if kind == "new" else (value, "")))

    def _difference(self, kind: Kind, path: _Path, old: Any, new: Any) -> Difference:
        first, *rest = path
        section, rule, inside = "", str(first), rest
        if first in _NAMED and rest:
            section, rule, inside = str(first), str(rest[0]), rest[1:]
        words = [step_name(path[: len(path) - len(inside) + place], step) for place, step in enumerate(inside)]
        return Difference(
            section=section,
            rule=rule_name(section, rule),
            kind=kind,
            what=", ".join(word for word in words if word),
            before=said(old),
            after=said(new),
            line_before=0 if kind == "new" else self._before.document.place(_written(self._before, path))[0],
            line_after=0 if kind == "gone" else self._after.document.place(_written(self._after, path))[0],
        )

    def _is_default(self, other: Plan, path: _Path, value: Any) -> bool:
        # What the other plan does not write it may mean all the same.
        if len(path) == 1:
            word: Any = other.head
        elif len(path) == 3 and str(path[0]) in _WORDS:
            word = getattr(other, _WORDS[str(path[0])]).get(path[1])
        else:
            return False
        field = type(word).model_fields.get(str(path[-1])) if word is not None else None
        if field is None or field.is_required():
            return False
        default = field.get_default(call_default_factory=True)
        return default not in (None, "") and said(value) in (said(default), _rate(default))


_NAMED = ("volumes", "trees", "metrics", "points", "ranks", "ladders", "bonuses", "limits")
_WORDS = {"volumes": "volumes", "trees": "trees", "metrics": "metrics", "points": "points", "bonuses": "bonuses"}


def _rate(value: Any) -> str:
    return rate_text(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _comparable(old: list[Any], new: list[Any]) -> bool:
    """Return whether two lists are told apart place by place: lists of rates are, lists of names as wholes."""
    return all(isinstance(part, str) and (part.endswith("%") or part == "-") for part in (*old, *new)) or all(
        isinstance(part, Mapping) for part in (*old, *new)
    )


def _ranked(value: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose ladders are mappings from rank to rung."""
    changed = dict(value)
    if "ranks" in changed:
        changed["ranks"] = _ladder(changed["ranks"])
    if isinstance(changed.get("ladders"), Mapping):
        changed["ladders"] = {name: _ladder(word) for name, word in changed["ladders"].items()}
    return changed


def _ladder(word: Any) -> Any:
    if isinstance(word, list):
        return {rung["rank"]: {key: part for key, part in rung.items() if key != "rank"} for rung in word}
    if isinstance(word, Mapping):
        return {key: _ladder(part) if isinstance(part, list | Mapping) else part for key, part in word.items()}
    return word


def _is_ladder(value: Mapping[str, Any]) -> bool:
    return bool(value) and all(isinstance(rung, Mapping) and "requires" in rung for rung in value.values())


def _written(plan: Plan, path: _Path) -> _Path:
    """Return a path among rungs by rank as the path of the document."""
    found: list[str | int] = []
    at: Any = plan.document.value
    for step in path:
        if isinstance(at, list) and isinstance(step, str):
            places = [place for place, rung in enumerate(at) if isinstance(rung, Mapping) and rung.get("rank") == step]
            if not places:
                break
            step = places[0]
        found.append(step)
        if isinstance(at, Mapping):
            at = at.get(str(step))
        else:
            at = at[step] if isinstance(at, list) and isinstance(step, int) and step < len(at) else None
    return tuple(found)
