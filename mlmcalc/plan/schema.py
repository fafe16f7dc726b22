"""The JSON Schema of the plan language: editors complete and check a plan with it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from mlmcalc.limits.exclusive import Exclusive
from mlmcalc.payout.payout_word import Payout
from mlmcalc.plan.head import Head
from mlmcalc.plan.plugged import load_plugged, plugged_words
from mlmcalc.plan.words import BONUS_SECTIONS, SECTIONS
from mlmcalc.ranks.registry import LADDER_WORD

_DESCRIPTIONS = {
    "volumes": "one number per member from its orders",
    "trees": "the recorded trees, and trees derived from them by compression; the first is recorded",
    "metrics": "one number per member from volumes over a tree",
    "points": "bonus words that count instead of paying: numbers per member, used like metrics",
    "bonuses": "who is paid what for whose volume",
    "limits": "what several bonuses may pay together, in the order in which they are cut",
}
_SOURCE = {"type": ["string", "number"], "description": "where the company's own document says so"}


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a plan, as a YAML editor sees its values.

    The bonus words of installed packages are in it.

    Raises
    ------
    InputRefused
        ``plan.plugin``: a package that adds a bonus word cannot be loaded.
    """
    plugged = {word: found.model for word, found in load_plugged(plugged_words()).items()}
    sections = {
        section: {**plugged, **registry} if section in BONUS_SECTIONS else registry
        for section, (_, registry) in SECTIONS.items()
    }
    models: list[type[BaseModel]] = [Head, LADDER_WORD, Exclusive, Payout]
    models += [model for registry in sections.values() for model in dict.fromkeys(registry.values())]
    models = list(dict.fromkeys(models))
    places, definitions = models_json_schema([(model, "validation") for model in models])
    known = definitions["$defs"]
    head = known.pop(_name(places, Head))
    properties = dict(head["properties"])
    for section, registry in sections.items():
        words = [_name(places, model) for model in dict.fromkeys(registry.values())]
        for word in words:
            known[word].get("properties", {}).setdefault("source", _SOURCE)
        properties[section] = {
            "type": "object",
            "description": _DESCRIPTIONS[section],
            "properties": {"source": {"anyOf": [_SOURCE, *_references(words)]}},
            "additionalProperties": {"anyOf": _references(words)},
        }
    ladder = _name(places, LADDER_WORD)
    known[ladder].get("properties", {}).setdefault("source", _SOURCE)
    any_form = {"anyOf": [{"$ref": f"#/$defs/{ladder}/properties/ladder"}, *_references([ladder])]}
    properties["ranks"] = {"description": "the ladder, lowest rung first"} | any_form
    properties["ladders"] = {
        "type": "object",
        "description": "further ladders by name",
        "properties": {"source": {"anyOf": [_SOURCE, *any_form["anyOf"]]}},
        "additionalProperties": any_form,
    }
    properties["exclusive"] = {
        "type": "array",
        "description": "bonuses of which each earner keeps one",
        "items": _references([_name(places, Exclusive)])[0],
    }
    properties["payout"] = {"description": "from what was earned to what is paid out"}
    properties["payout"] |= {"anyOf": _references([_name(places, Payout)])}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlmcalc plan, language version 1",
        "type": "object",
        "properties": properties,
        "required": [*head["required"], "volumes", "trees"],
        "additionalProperties": False,
        "$defs": known,
    }


def _name(places: Any, model: type[BaseModel]) -> str:
    return places[(model, "validation")]["$ref"].removeprefix("#/$defs/")


def _references(names: list[str]) -> list[dict[str, str]]:
    return [{"$ref": f"#/$defs/{name}"} for name in names]
