"""What is valid in a plan but doubtful: rules that cannot work as their author meant them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mlmcalc.errors import Finding
from mlmcalc.money import RATE_DECIMALS, RATE_ONE_PPM, rate_text, text_from_units, units_from_text
from mlmcalc.plan.model import Plan
from mlmcalc.plan.reachable import read_names
from mlmcalc.plan.tables import Written, tables_of
from mlmcalc.plan.wording import rule_name
from mlmcalc.plan.worst_case import worst_cases
from mlmcalc.ranks.rungs import Alternative
from mlmcalc.rules.needs import Goal, Interval, Need, number_interval, rank_interval
from mlmcalc.rules.rate_layers import NO_RATE, PerUnit, RateTree, layer_of
from mlmcalc.rules.values import Node, NodeKind
from mlmcalc.rules.words import meaning

_SECTION = {"volume": "volumes", "tree": "trees", "metric": "metrics", "points": "points", "ladder": "ladders"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubtful place.

    Attributes
    ----------
    code : str
        ``lint.<doubt>``, stable.
    what : str
        The rule, in words: ``rank Partner``.
    message : str
    file : str
    line : int
    """

    code: str
    what: str
    message: str
    file: str
    line: int


def doubts_of(plan: Plan) -> list[Doubt]:
    """Return what is doubtful in a plan, by line.

    Codes are ``lint.never_held``, ``lint.falls_with_rank``, ``lint.falls_with_tier``,
    ``lint.over_the_whole``, ``lint.unused``, ``lint.unused_tier`` and those of the plan's own warnings.
    """
    found = [*_ladders(plan), *_tables(plan), *_over_the_whole(plan), *_unused(plan)]
    found += [_of_warning(warning) for warning in plan.warnings]
    return sorted(found, key=lambda doubt: (doubt.line, doubt.code, doubt.message))


def _doubt(plan: Plan, code: str, path: tuple[str | int, ...], message: str) -> Doubt:
    section, rule, *_ = ("", *map(str, path)) if len(path) == 1 else map(str, path)
    return Doubt(f"lint.{code}", rule_name(section, rule), message, plan.file, plan.document.place(path)[0])


def _of_warning(warning: Finding) -> Doubt:
    what = ".".join(str(step) for step in warning.path)
    return Doubt(warning.code, what, f"{warning.message} {warning.remedy}".strip(), warning.file, warning.line or 0)


def _ladders(plan: Plan) -> Iterator[Doubt]:
    for name, ladder in plan.ladders.items():
        for scheme in plan.schemes.names if plan.schemes else ("",):
            rungs = ladder.rungs_of(scheme)
            place = ("ranks",) if name == "rank" else ("ladders", name)
            for at, rung in enumerate(rungs):
                what = (*place, rung.rank)
                for higher in rungs[at + 1 :]:
                    if _asks_no_more(plan, higher.requires.root, rung.requires.root):
                        yield _shadow(plan, what, rung.rank, higher.rank, ladder.cumulative)
                        break


def _shadow(plan: Plan, what: tuple[str | int, ...], lower: str, higher: str, cumulative: bool) -> Doubt:
    line = plan.document.place(_rung_path(plan, what))[0]
    if cumulative:
        message = f"{higher} asks no more than {lower}, so nobody stays at {lower}."
    else:
        message = (
            f"{lower} can never be held: {higher}, which is higher, asks no more, and whoever meets {lower} meets it."
        )
    return Doubt("lint.never_held", rule_name("ranks", lower), message, plan.file, line)


def _rung_path(plan: Plan, what: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the path of a rung in the document, from the path of its ladder and its rank."""
    *place, rank = what
    written: Any = plan.document.value
    for step in place:
        written = written[step]
    prefix = list(place)
    if isinstance(written, Mapping) and "ladder" in written:
        written, prefix = written["ladder"], [*prefix, "ladder"]
    lists = written.items() if isinstance(written, Mapping) else [(None, written)]
    for key, rungs in lists:
        for number, rung in enumerate(rungs):
            if rung.get("rank") == rank:
                return (*prefix, *([] if key is None else [key]), number)
    return tuple(prefix)


def _asks_no_more(plan: Plan, higher: Sequence[Alternative], lower: Sequence[Alternative]) -> bool:
    """Return whether whoever meets the lower rung meets the higher one too, as far as their words tell."""
    return all(any(_implies(plan, own, other) for other in higher) for own in lower)


def _implies(plan: Plan, own: Alternative, other: Alternative) -> bool:
    for need in other.legs:
        if not any((leg.rank, leg.levels, leg.tree) == (need.rank, need.levels, need.tree) and leg.count >= need.count
                   for leg in own.legs):  # fmt: skip
            return False
    for word, need in other.needs.items():
        if word not in own.needs:
            return False
        mine, wanted = _interval(plan, word, own.needs[word]), _interval(plan, word, need)
        if mine is None or wanted is None:
            if own.needs[word] != need:
                return False
        elif mine.lowest < wanted.lowest or mine.highest > wanted.highest:
            return False
    return True


def _interval(plan: Plan, word: str, need: Need) -> Interval | None:
    """Return the interval of a need on a number or a rank; None where it is something else."""
    found = meaning(word, plan.vocabulary, "rung")
    if found is None or found.type not in ("number", "rank") or isinstance(need.min, Goal) or need.given is not None:
        return None
    if found.type == "rank":
        return rank_interval(need, tuple(found.labels or ()))
    return number_interval(need, found.decimals)


def _tables(plan: Plan) -> Iterator[Doubt]:
    for section, words in (("points", plan.points), ("bonuses", plan.bonuses)):
        for name, word in words.items():
            written = list(tables_of(word))
            for one in written:
                if one.pays:
                    yield from _falls(plan, one.table.root, (section, name, *one.path))
            yield from _unused_tiers(plan, word, (section, name), written)


def _unused_tiers(plan: Plan, word: Any, path: tuple[str, ...], written: Sequence[Written]) -> Iterator[Doubt]:
    by = getattr(word, "by", None)
    own: tuple[tuple[str, ...], ...] = ((),) if "tier" in type(word).model_fields else ()
    for chooser in dict.fromkeys((*own, *(one.chooser for one in written if one.chooser is not None))):
        owner = word
        for step in chooser:
            owner = getattr(owner, step)
        if owner.tier is None:
            continue
        tables = [one.table for one in written if one.chooser == chooser]
        by_column = by if isinstance(by, str) and not chooser else None
        if not any("tier" in table.layers(plan.vocabulary, by_column) for table in tables):
            message = f"{owner.tier} chooses nothing: there are no tiers."
            yield _doubt(plan, "unused_tier", (*path, *chooser, "tier"), message)


def _falls(plan: Plan, table: RateTree, path: tuple[str, ...]) -> Iterator[Doubt]:
    if not isinstance(table, Mapping):
        return
    vocabulary = plan.vocabulary
    layer = layer_of(list(table), False, vocabulary.schemes, vocabulary.ladders.get("rank", ()))
    keys = list(table)
    if layer == "rank":
        order = ["none", *vocabulary.ladders["rank"]]
        keys = sorted(keys, key=lambda key: order.index(key.removesuffix("+")))
    elif layer == "tier":
        keys = sorted(keys, key=lambda key: units_from_text(key, 12))
    if layer in ("rank", "tier"):
        for lower, higher in pairwise(keys):
            at = _first_fall(table[lower], table[higher])
            if at is not None:
                level, least, most = at
                code = "falls_with_rank" if layer == "rank" else "falls_with_tier"
                where = f" at level {level + 1}" if isinstance(table[lower], tuple) else ""
                message = f"{higher} has {_rate(most)}{where}, less than {lower}, which has {_rate(least)}."
                yield _doubt(plan, code, (*path, higher), message)
    for key, below in table.items():
        yield from _falls(plan, below, (*path, key))


def _first_fall(lower: RateTree, higher: RateTree) -> tuple[int, int, int] | None:
    if isinstance(lower, Mapping) or isinstance(higher, Mapping):
        return None
    low, high = (part if isinstance(part, tuple) else (part,) for part in (lower, higher))
    for level, rate in enumerate(low):
        other = high[level] if level < len(high) else NO_RATE
        if other < rate:
            return level, rate, other
    return None


def _rate(rate: int) -> str:
    if isinstance(rate, PerUnit):
        return text_from_units(rate, RATE_DECIMALS).rstrip("0").rstrip(".")
    return "no rate" if rate == NO_RATE else rate_text(rate)


def _over_the_whole(plan: Plan) -> Iterator[Doubt]:
    for case in worst_cases(plan):
        if case.rate_ppm is not None and case.rate_ppm > RATE_ONE_PPM and not _is_counted(plan, case.column):
            yield _doubt(plan, "over_the_whole", ("bonuses",), f"{case.sentence()}")


def _is_counted(plan: Plan, column: str) -> bool:
    """Return whether a column is no money but a number of things, for each of which an amount may be paid."""
    if column in plan.metrics or column in plan.points:
        return plan.vocabulary.metrics[column] == 0
    return hasattr(plan.volumes.get(column), "count")


def _unused(plan: Plan) -> Iterator[Doubt]:
    """Yield what nothing reads: neither a bonus nor a rank nor anything these are calculated from."""
    used = read_names(plan)
    sections: tuple[tuple[NodeKind, Mapping[str, Any]], ...] = (
        ("volume", plan.volumes),
        ("metric", plan.metrics),
        ("points", plan.points),
        ("tree", plan.trees),
    )
    for kind, words in sections:
        for number, name in enumerate(words):
            if Node(kind, name) in used or (kind == "tree" and number == 0):
                continue
            yield _doubt(plan, "unused", (_SECTION[kind], name), "nothing is calculated from it.")
