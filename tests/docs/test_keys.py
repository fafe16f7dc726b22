"""Every key that a document may have stands, as code, on the page of its word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel

from mlmcalc.bonuses.registry import BONUS_WORDS
from mlmcalc.limits.exclusive import Exclusive
from mlmcalc.limits.registry import LIMIT_WORDS
from mlmcalc.metrics.registry import METRIC_WORDS
from mlmcalc.payout.payout_word import Payout
from mlmcalc.placement.words import PlacementWords
from mlmcalc.plan.head import Head
from mlmcalc.plan.words import SECTIONS
from mlmcalc.ranks.registry import LADDER_WORD
from mlmcalc.trees.registry import TREE_WORDS
from mlmcalc.volumes.registry import VOLUME_WORDS
from tests.docs.pages import ROOT

_PLAN = "plan/README.md"
_SHARED = ("bonuses/README.md", "limits/README.md")
WORDS: list[tuple[type[BaseModel], tuple[str, ...]]] = [
    *((model, (f"bonuses/{word}.md",)) for word, model in BONUS_WORDS.items()),
    *((model, (_PLAN,)) for registry in (VOLUME_WORDS, TREE_WORDS, METRIC_WORDS) for model in registry.values()),
    *((model, ("limits/README.md",)) for model in (*LIMIT_WORDS.values(), Exclusive)),
    (LADDER_WORD, (_PLAN,)),
    (Head, (_PLAN,)),
    (Payout, ("payout/README.md",)),
    (PlacementWords, ("placement/README.md",)),
]
_OF_CONDITIONS = {"is", "not", "given", "min", "max", "above", "below", "column"}
_EVERY_BONUS = {"eligible", "multiplier", "minimum", "cap", "source", "base", "sources"}


def _keys(schema: Any) -> set[str]:
    """Return the names of all properties anywhere in a JSON Schema, and of all fixed values."""
    if isinstance(schema, list):
        return set().union(*map(_keys, schema))
    if not isinstance(schema, dict):
        return set()
    found = set().union(*map(_keys, schema.values()))
    properties = schema.get("properties")
    if isinstance(properties, dict):
        found |= set(properties)
    return found | {value for value in schema.get("enum", ()) if isinstance(value, str)}


def _text(*pages: str) -> str:
    return "".join((ROOT / "mlmcalc" / page).read_text(encoding="utf-8") for page in pages)


def _in_code(page: str) -> set[str]:
    code = re.findall(r"```.*?```|`[^`]+`", _text(page), re.DOTALL)
    return set(re.findall(r"[A-Za-z_0-9]+", " ".join(code)))


def _missing(model: type[BaseModel], page: tuple[str, ...]) -> list[str]:
    keys = _keys(model.model_json_schema()) - {"1"} - _OF_CONDITIONS
    shared = _keys_of_shared() if model in BONUS_WORDS.values() else set()
    where = set().union(*map(_in_code, page))
    elsewhere = set().union(*map(_in_code, _SHARED))
    return sorted(key for key in keys - where if key not in shared or key not in elsewhere)


def _keys_of_shared() -> set[str]:
    model = BONUS_WORDS["personal"]
    schema = model.model_json_schema()
    kept = {key: value for key, value in schema["properties"].items() if key in _EVERY_BONUS}
    return _keys({"properties": kept, "$defs": schema.get("$defs", {})})


@pytest.mark.parametrize(("model", "page"), WORDS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_key_stands_on_its_page(model: type[BaseModel], page: tuple[str, ...]):
    assert _missing(model, page) == []


@pytest.mark.parametrize(("model", "page"), WORDS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_key_of_a_word_is_written_as_a_key(model: type[BaseModel], page: tuple[str, ...]):
    shared = BONUS_WORDS["personal"].model_fields.keys() & _EVERY_BONUS if model in BONUS_WORDS.values() else set()
    text = _text(*page, *(_SHARED if shared else ()))
    keys = {field.alias or name for name, field in model.model_fields.items()} - {"source"}
    assert [key for key in sorted(keys) if not re.search(rf"(?<![a-z_]){key}:", text)] == []


def test_every_section_stands_in_the_table_of_sections():
    table = _text(_PLAN).partition("## The sections")[2].partition("\n## ")[0]
    for section in (*SECTIONS, "ranks", "ladders", "exclusive", "payout"):
        assert f"`{section}:`" in table


def test_every_word_of_conditions_stands_on_the_page():
    assert {*_OF_CONDITIONS, "active", "status", "kind", "joined", "rank", "title", "title_before"} <= _in_code(_PLAN)


def test_a_key_that_is_not_there_would_be_found():
    assert _missing(BONUS_WORDS["pool"], ("bonuses/personal.md",)) != []
