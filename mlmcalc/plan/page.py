"""A plan as a page: headings, facts and tables, read from the document, so that a new word appears without code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlmcalc.plan.grids import Grid, filled, grid_of, is_rate_table
from mlmcalc.plan.model import Plan
from mlmcalc.plan.wording import condition_said, said

_HEAD = ("effective", "currency", "period", "time_zone", "decimals", "rounding", "active", "schemes", "source")
_CONDITIONS = ("where", "eligible", "sources", "keep", "requires", "active", "when", "qualified", "member")
_TABLES = {
    "volumes": ("Volumes", "volume"),
    "trees": ("Trees", "tree"),
    "metrics": ("Metrics", "metric"),
}
_BLOCKS = {"points": "Points", "bonuses": "Bonuses", "limits": "Limits"}


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a page.

    Attributes
    ----------
    heading : str
    facts : mapping of str to str
        Names with what they say.
    grids : tuple of Grid
        Tables.
    inner : bool
        Whether it is a part of the block before it.
    """

    heading: str
    facts: Mapping[str, str] = field(default_factory=dict)
    grids: tuple[Grid, ...] = ()
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A plan as a page."""

    title: str
    below: str
    blocks: tuple[Block, ...]


def plan_page(plan: Plan) -> Page:
    """Return a plan as a page, in the order of its document."""
    written = plan.document.value
    head = {key.replace("_", " "): _said(key, written[key]) for key in _HEAD if key in written}
    blocks = [Block("The plan", head)]
    for section, value in written.items():
        if section in _TABLES and isinstance(value, Mapping):
            heading, name = _TABLES[section]
            blocks.append(Block(heading, grids=(_listed(name, value),)))
        elif section == "ranks":
            blocks.append(Block("Ranks", grids=tuple(_ladder(value))))
        elif section == "ladders" and isinstance(value, Mapping):
            blocks += [Block(f"Ladder {name}", grids=tuple(_ladder(word))) for name, word in value.items()]
        elif section in _BLOCKS and isinstance(value, Mapping):
            blocks += [Block(_BLOCKS[section]), *(_rule(name, word) for name, word in value.items())]
        elif section not in (*_HEAD, "mlmcalc", "plan", "version", *_TABLES, *_BLOCKS):
            blocks.append(_further(section, value))
    return Page(f"{plan.name} {plan.version}", plan.file, tuple(blocks))


def _said(key: str, value: Any) -> str:
    if key in _CONDITIONS and isinstance(value, Mapping | list):
        return condition_said(value)
    if isinstance(value, Mapping) and any(word in _CONDITIONS for word in value):
        return ", ".join(f"{word}: {_said(word, part)}" for word, part in value.items())
    return said(value)


def _further(section: str, value: Any) -> Block:
    """Return a section that is no list of named words, its names as the company wrote them."""
    heading = section.replace("_", " ").capitalize()
    if _is_rules(value):
        return Block(heading, grids=(_rules("", value),))
    if section.endswith("_columns") and isinstance(value, Mapping):
        return Block(heading, {name: said(word) for name, word in value.items()})
    return _rule(heading, value, inner=False)


def _is_rules(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(rule, Mapping) for rule in value)


def _rules(name: str, rules: list[Mapping[str, Any]]) -> Grid:
    """Return rules that stand one beside the other as a table: one row for each, one column for each of their keys."""
    keys = sorted(dict.fromkeys(key for rule in rules for key in rule), key="source".__eq__)
    rows = tuple(tuple(_cell(key, rule[key]) if key in rule else "" for key in keys) for rule in rules)
    return Grid(name, tuple(key.replace("_", " ") for key in keys), rows)


def _cell(key: str, value: Any) -> str:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return _said(key, value)


def _listed(name: str, words: Mapping[str, Any]) -> Grid:
    """Return a section as one table: the name, what it says, and where the company's document says so."""
    rows = []
    for key, word in words.items():
        if not isinstance(word, Mapping):
            continue
        text = "; ".join(f"{part} {_said(part, value)}" for part, value in word.items() if part != "source")
        rows.append((key, text, str(word.get("source", ""))))
    return filled(Grid("", (name, "", "source"), tuple(rows)))


def _ladder(word: Any) -> Iterator[Grid]:
    rungs = word["ladder"] if isinstance(word, Mapping) and "ladder" in word else word
    lists = rungs.items() if isinstance(rungs, Mapping) else [("", rungs)]
    for scheme, own in lists:
        yield _rungs(str(scheme), own)
    if isinstance(word, Mapping) and "ladder" in word:
        options = {key: value for key, value in word.items() if key not in ("ladder", "source")}
        if options:
            yield Grid("", ("option", ""), tuple((key, said(value)) for key, value in options.items()))


def _rungs(scheme: str, rungs: list[Any]) -> Grid:
    """Return the rungs as a table: one column for each word that any of them requires, one row for each alternative."""
    rows: list[tuple[str, str, Mapping[str, Any], str]] = []
    for rung in rungs:
        for key in ("requires", "keep"):
            needs = rung.get(key)
            if needs is None:
                continue
            alternatives = needs if isinstance(needs, list) else [needs]
            for number, alternative in enumerate(alternatives):
                rank = str(rung.get("rank", "")) if number == 0 and key == "requires" else ""
                how = "to keep" if key == "keep" else "or" if number else ""
                rows.append((rank, how, alternative, str(rung.get("source", "")) if rank else ""))
    words = list(dict.fromkeys(word for _, _, needs, _ in rows for word in needs))
    cells = tuple(
        (
            rank,
            how,
            *(condition_said({word: needs[word]}, bare=True) if word in needs else "" for word in words),
            source,
        )
        for rank, how, needs, source in rows
    )
    return filled(Grid(scheme, ("rank", "", *words, "source"), cells))


def _rule(name: str, word: Any, inner: bool = True) -> Block:
    if not isinstance(word, Mapping):
        return Block(name, {"": said(word)}, inner=inner)
    facts, grids = {}, []
    for key, value in word.items():
        if key not in (*_CONDITIONS, "structure", "each_side") and is_rate_table(value):
            grids.append(grid_of(key, value))
        elif key not in _CONDITIONS and _is_rules(value):
            grids.append(_rules(key.replace("_", " "), value))
        else:
            facts[key.replace("_", " ")] = _said(key, value)
    return Block(name, facts, tuple(grids), inner)
