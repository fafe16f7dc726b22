"""The schema accepts what is good, as an editor's YAML sees it, and says no to what is not."""

import json
import re
from pathlib import Path

import pytest
import yaml

from mlmcalc.plan.schema import plan_schema
from tests.plugged import on_path

PLANS = [Path(__file__).parent / "alpine.yaml"]
ROOT = Path(__file__).parents[2]
PLANS += sorted(ROOT.glob("fixtures/**/plan.yaml"))

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name in ("number", "integer"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def valid(value, schema, root):
    """A small validator of the keywords that the schema uses; an unknown keyword is an error of the test."""
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        if not valid(value, target, root):
            return False
    checks = {
        "anyOf": lambda parts: any(valid(value, part, root) for part in parts),
        "oneOf": lambda parts: sum(valid(value, part, root) for part in parts) == 1,
        "enum": lambda choices: value in choices,
        "const": lambda only: value == only,
        "type": lambda names: any(is_type(value, name) for name in ([names] if isinstance(names, str) else names)),
        "pattern": lambda pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
        "minimum": lambda least: not is_type(value, "number") or value >= least,
        "maximum": lambda most: not is_type(value, "number") or value <= most,
        "minItems": lambda least: not isinstance(value, list) or len(value) >= least,
        "maxItems": lambda most: not isinstance(value, list) or len(value) <= most,
        "minLength": lambda least: not isinstance(value, str) or len(value) >= least,
        "minProperties": lambda least: not isinstance(value, dict) or len(value) >= least,
        "prefixItems": lambda parts: (
            not isinstance(value, list)
            or all(valid(item, part, root) for item, part in zip(value, parts, strict=False))
        ),
        "items": lambda part: not isinstance(value, list) or all(valid(item, part, root) for item in value),
        "required": lambda keys: not isinstance(value, dict) or all(key in value for key in keys),
        "properties": lambda parts: (
            not isinstance(value, dict)
            or all(valid(value[key], part, root) for key, part in parts.items() if key in value)
        ),
        "propertyNames": lambda part: not isinstance(value, dict) or all(valid(key, part, root) for key in value),
        "additionalProperties": lambda part: (
            not isinstance(value, dict)
            or part is True
            or all(
                part is not False and valid(value[key], part, root)
                for key in value
                if key not in schema.get("properties", {})
            )
        ),
    }
    silent = {"$ref", "$defs", "$schema", "title", "description", "default", "examples", "format"}
    assert set(schema) <= set(checks) | silent, set(schema)
    return all(check(schema[keyword]) for keyword, check in checks.items() if keyword in schema)


def as_an_editor_reads(text):
    """YAML 1.2 core types, with text for keys and for days."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return json.loads(json.dumps(yaml.load(text, Loader=Loader)))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: "-".join(path.parts[-3:]))
def test_good_plans_are_valid(path):
    with on_path():
        schema = plan_schema()
    value = as_an_editor_reads(path.read_text(encoding="utf-8"))
    if not valid(value, schema, schema):
        for key, part in value.items():
            assert valid(part, schema["properties"][key], schema), (key, part)
        pytest.fail("a required key is missing")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("currency: EUR", "currency: euro"),
        ("currency: EUR\n", ""),
        ("mlmcalc: 1", "mlmcalc: 2"),
        ("period: month", "period: quarter"),
        ("pv: {sum: qv}", "pv: {som: qv}"),
        ("pv: {sum: qv}", "pv: {sum: qv, were: {}}"),
        ("50: 5%", "50: -5%"),
        ("volume: stay", "volume: vanish"),
        ("otherwise: skip_unqualified", "otherwise: skip_all"),
        ("volumes:", "limit: {}\nvolumes:"),
        ("{rank: Partner, requires: {pv: 100}}", "{rank: Partner, require: {pv: 100}}"),
    ],
)
def test_bad_plans_are_not(old, new):
    schema = plan_schema()
    text = PLANS[0].read_text(encoding="utf-8")
    assert old in text
    assert not valid(as_an_editor_reads(text.replace(old, new, 1)), schema, schema)


def test_the_schema_is_json_and_always_the_same():
    assert json.dumps(plan_schema()) == json.dumps(plan_schema())
    assert all(word in plan_schema()["properties"] for word in ("volumes", "trees", "metrics", "ranks", "bonuses"))
