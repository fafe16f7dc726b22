"""What pydantic finds is said plainly, once, at the place a person wrote."""

import re
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, RootModel

from mlmcalc.documents.known_keys import keys_at, nearest
from mlmcalc.documents.validation import validated
from mlmcalc.documents.yaml_reader import read_document
from mlmcalc.fields import Amount, Count, Day, Flag, Model, Name, Rate
from mlmcalc.rules.condition import Condition


class Cap(Model):
    per_source: Amount
    levels: Count = 0


class Other(Model):
    share: Rate


class Small(Model):
    keep: Condition | None = None
    take: Literal["largest", "all"] | Cap | None = None
    either: Cap | Other | None = None
    rate: Rate | None = None
    day: Day | None = None
    flag: Flag = False
    number: Annotated[Count, Field(ge=1, le=9)] = 3
    caps: dict[Name, Cap] = Field(default_factory=dict)
    rows: tuple[Cap, ...] = ()
    some: Annotated[tuple[str, ...], Field(min_length=2)] = ("a", "b")
    own: Literal["x"] | None = Field(default=None, alias="self")


CASES = {
    "rate: 0.05": [("value", ("rate",), 1, 7)],
    "rate: [5%]": [("value", ("rate",), 1, 1)],
    "day: 2026-13-01": [("value", ("day",), 1, 6)],
    "flag: yes": [("value", ("flag",), 1, 7)],
    "number: 0": [("value", ("number",), 1, 9)],
    "number: 10": [("value", ("number",), 1, 9)],
    "number: １": [("value", ("number",), 1, 9)],
    "take: smallest": [("choice", ("take",), 1, 7)],
    "take: {per_sorce: 3}": [("missing", ("take",), 1, 1), ("unknown_key", ("take", "per_sorce"), 1, 8)],
    "take: {per_source: lots}": [("value", ("take", "per_source"), 1, 20)],
    "either: {share: 5}": [("value", ("either", "share"), 1, 17)],
    "either: {per_source: x}": [("value", ("either", "per_source"), 1, 22)],
    "caps: [a]": [("type", ("caps",), 1, 1)],
    "caps: {a b: {per_source: 1}}": [("value", ("caps", "a b"), 1, 8)],
    "caps:\n  a: {per_source: 1}\n  b: text": [("type", ("caps", "b"), 3, 6)],
    "rows: {a: b}": [("type", ("rows",), 1, 1)],
    "rows:\n  - {per_source: 1}\n  - {per_source: x, level: 2}": [
        ("value", ("rows", 1, "per_source"), 3, 18),
        ("unknown_key", ("rows", 1, "level"), 3, 21),
    ],
    "some: [a]": [("value", ("some",), 1, 1)],
    "self: y": [("choice", ("self",), 1, 7)],
    "own: x": [("unknown_key", ("own",), 1, 1)],
    "keep: {pv: {mni: 3}}": [("unknown_key", ("keep", "pv", "mni"), 1, 13)],
    "keep: [{pv: 1}, {gv: {min: [1]}}]": [("value", ("keep", 1, "gv", "min"), 1, 23)],
    "keep: 3": [("value", ("keep",), 1, 7)],
    "rate: x\nday: y\nnumber: z": [("value", ("rate",), 1, 7), ("value", ("day",), 2, 6), ("value", ("number",), 3, 9)],
}


@pytest.mark.parametrize("text", CASES)
def test_findings(text):
    document = read_document(text, "p.yaml")
    model, findings = validated(Small, document.value, document, (), "room")
    assert model is None
    got = [(finding.code, finding.path, finding.line, finding.position) for finding in findings]
    assert sorted(got, key=str) == sorted(((f"room.{code}", *rest) for code, *rest in CASES[text]), key=str)
    for finding in findings:
        assert re.fullmatch(r"[^\[]+[.?]", finding.message)
        assert "Input should" not in finding.text()


def test_what_is_good_has_no_findings():
    document = read_document("rate: 5%\ntake: {per_source: 20.00}\nself: x\nrows: [{per_source: 1, levels: 2}]", "p")
    model, findings = validated(Small, document.value, document, (), "room")
    assert findings == []
    assert model is not None
    assert model.rate == 50_000
    assert model.own == "x"


def test_a_value_below_the_root_is_found_at_its_place():
    document = read_document("a:\n  b:\n    - rate: x\n", "p")
    _, findings = validated(Small, document.value["a"]["b"][0], document, ("a", "b", 0), "room")
    assert (findings[0].path, findings[0].line, findings[0].position) == (("a", "b", 0, "rate"), 3, 13)


def test_a_short_form_is_found_where_it_stands():
    class Long(Model):
        rows: tuple[Cap, ...]

    document = read_document("rows_of_it:\n  - {per_source: x}\n", "p")
    value = document.value["rows_of_it"]
    _, findings = validated(Long, {"rows": value}, document, ("rows_of_it",), "room", hidden=("rows",))
    assert (findings[0].path, findings[0].line) == (("rows_of_it", 0, "per_source"), 2)


def test_known_keys_of_every_shape():
    assert set(keys_at(Small, ())) >= {"keep", "take", "self"}
    assert "own" not in keys_at(Small, ())
    assert keys_at(Small, ("take",)) == ["per_source", "levels"]
    assert keys_at(Small, ("either",)) == ["per_source", "levels", "share"]
    assert keys_at(Small, ("caps", "any")) == ["per_source", "levels"]
    assert keys_at(Small, ("rows", 3)) == ["per_source", "levels"]
    assert "is" in keys_at(Small, ("keep", "pv"))
    assert "not" in keys_at(Small, ("keep", 0, "pv"))
    assert keys_at(Small, ("rate", "x")) == []
    assert issubclass(Small, BaseModel)


def test_the_nearest_name():
    assert nearest("curency", ["currency", "period"]) == "Did you mean currency?"
    assert nearest("PV", ["pv", "cv"]) == "Did you mean pv?"
    assert nearest("zzz", ["pv", "cv"]) == "Known here: pv, cv."
    assert nearest("zzz", []) == "Leave it out."


def test_a_list_in_its_short_form_knows_its_keys():
    class Rung(BaseModel):
        rank: str
        keep: str

    class Lists(RootModel):
        root: dict[str, tuple[Rung, ...]]

    class Ladder(BaseModel):
        ladder: Lists

    assert keys_at(Ladder, ["ladder", 0]) == keys_at(Ladder, ["ladder", "EU", 0]) == ["rank", "keep"]
