"""The rungs of a ladder as a plan writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, TypeAdapter, ValidationError, model_validator
from pydantic_core import CoreSchema, InitErrorDetails

from mlmcalc.fields import WHEN_READ, Count, Model, Name, Root, Text
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.needs import NEED_SCHEMA, Need, NeedField

LEGS = "legs"
MAX_LEVELS = 10**9


class LegsNeed(Model):
    """So many legs in which somebody holds a rank or a higher one."""

    rank: Text = Field(alias="with", description="the rank, or a higher one")
    count: Count = Field(description="how many legs")
    levels: Annotated[Count, Field(le=MAX_LEVELS)] | None = Field(
        default=None, description="how deep to look, the frontline being level 1"
    )
    tree: Name | None = Field(default=None, description="the ladder's tree")


class Alternative(Model):
    """Requirements that must all be met."""

    needs: Mapping[str, Need]
    legs: tuple[LegsNeed, ...] = ()

    @property
    def condition(self) -> Condition:
        """The requirements apart from legs."""
        return Condition((dict(self.needs),))


_NEEDS: TypeAdapter[dict[str, Need]] = TypeAdapter(dict[str, NeedField], config=WHEN_READ)
_LEGS_ONE: TypeAdapter[LegsNeed] = TypeAdapter(LegsNeed)
_LEGS_SEVERAL: TypeAdapter[list[LegsNeed]] = TypeAdapter(list[LegsNeed], config=WHEN_READ)
_LEGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "with": {"type": "string"},
        "count": {"type": "integer", "minimum": 0},
        "levels": {"type": "integer", "minimum": 1},
        "tree": {"type": "string"},
    },
    "required": ["with", "count"],
    "additionalProperties": False,
}


class Requires(Root[tuple[Alternative, ...]]):
    """Any one of some alternatives."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, tuple):
            return value
        if not isinstance(value, dict | list):
            raise ValueError("requires is a mapping such as {pv: 100}, or a list of them")
        if value == []:
            raise ValueError("the list of requirements is empty; {} is always met")
        faults: list[InitErrorDetails] = []
        if isinstance(value, dict):
            read = [_read_alternative(value, (), faults)]
        else:
            read = [_read_alternative(part, (place,), faults) for place, part in enumerate(value)]
        if faults:
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return tuple(read)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of what is written, not of what is kept."""
        legs = {"anyOf": [_LEGS_SCHEMA, {"type": "array", "items": _LEGS_SCHEMA, "minItems": 1}]}
        one = {"type": "object", "properties": {LEGS: legs}, "additionalProperties": NEED_SCHEMA}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _read_alternative(value: Any, path: tuple[int, ...], faults: list[InitErrorDetails]) -> Alternative:
    if not isinstance(value, dict):
        faults.append(InitErrorDetails(type="dict_type", loc=path, input=value))
        return Alternative(needs={})
    rest = {word: need for word, need in value.items() if word != LEGS}
    needs = _collected(_NEEDS, rest, path, faults) or {}
    legs: tuple[LegsNeed, ...] = ()
    if isinstance(value.get(LEGS), list):
        legs = tuple(_collected(_LEGS_SEVERAL, value[LEGS], (*path, LEGS), faults) or ())
    elif LEGS in value:
        one = _collected(_LEGS_ONE, value[LEGS], (*path, LEGS), faults)
        legs = () if one is None else (one,)
    return Alternative(needs=needs, legs=legs)


def _collected(
    adapter: TypeAdapter[Any], value: Any, path: tuple[int | str, ...], faults: list[InitErrorDetails]
) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as refused:
        for error in refused.errors():
            fault = InitErrorDetails(type=error["type"], loc=(*path, *error["loc"]), input=error["input"])
            if "ctx" in error:
                fault["ctx"] = error["ctx"]
            faults.append(fault)
        return None


# Put together as it is: to read it would build here what reads conditions.
_NOTHING = Requires.model_construct((Alternative.model_construct(needs={}),))


class Rung(Model):
    """One rung: a rank and what it requires."""

    rank: Text
    requires: Requires = Field(default=_NOTHING, description="nothing")
    keep: Requires | None = Field(
        default=None, description="what it takes to keep the rank for one who held it, or a higher one, before"
    )
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def keeps(self) -> tuple[Alternative, ...]:
        """Alternatives for those who held the rank, or a higher one, before."""
        return () if self.keep is None else self.keep.root

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Every alternative, those of keeping last."""
        return (*self.requires.root, *self.keeps)


_ONE: TypeAdapter[list[Rung]] = TypeAdapter(list[Rung], config=WHEN_READ)
_SEVERAL: TypeAdapter[dict[str, list[Rung]]] = TypeAdapter(dict[str, list[Rung]], config=WHEN_READ)


class RungLists(Root[dict[str, tuple[Rung, ...]]]):
    """The rungs of every scheme, lowest first; those of a ladder for all under the empty name."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, dict | list) or not value:
            raise ValueError("a ladder is a list of rungs, or a mapping of schemes to such lists")
        if isinstance(value, list):
            return {"": tuple(_ONE.validate_python(value))}
        if all(isinstance(rungs, tuple) for rungs in value.values()):
            return value
        return {scheme: tuple(rungs) for scheme, rungs in _SEVERAL.validate_python(value).items()}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of what is written, not of what is kept."""
        by_scheme = dict(handler.resolve_ref_schema(handler(schema)))
        one = by_scheme["additionalProperties"]
        return {"anyOf": [one, {"type": "object", "additionalProperties": one}]}
