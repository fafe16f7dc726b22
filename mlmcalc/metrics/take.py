"""``take``: what a metric makes of the legs of a member."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mlmcalc.fields import Amount, Count, Model, rate_from_text
from mlmcalc.money import RATE_ONE_PPM

Whole = Literal["leg_strongest", "total_before", "required"]


def _most(value: Any) -> Any:
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip().endswith("%"):
        rate = rate_from_text(value)
        if rate > RATE_ONE_PPM:
            raise ValueError("at most 100% of a leg can count")
        return rate
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", value):
        return value.strip()
    raise ValueError("the most that counts is an amount such as 5000, or a percentage such as 50%")


Most = Annotated[str | int, BeforeValidator(_most), WithJsonSchema({"type": ["string", "number"]})]
"""An amount as text, or parts per million."""


class Take(Model):
    """Which of the legs count, and how far."""

    all_but_largest: Annotated[Count, Field(ge=1, le=20)] | None = Field(
        default=None, description="the sum without the k largest legs"
    )
    largest: Annotated[Count, Field(ge=1, le=20)] | None = Field(default=None, description="the k-th largest leg")
    reaching: Amount | None = Field(default=None, description="how many legs are at least so large")
    at_most: Most | None = Field(default=None, description="the sum, at most so much from each leg")
    of: Whole | None = Field(default=None, description="what the percentage of at_most is of")

    @model_validator(mode="after")
    def _one_form(self) -> Take:
        forms = [
            self.all_but_largest is not None,
            self.largest is not None,
            self.reaching is not None,
            self.at_most is not None,
        ]
        if sum(forms) != 1:
            raise ValueError(
                "take is one of {largest: k}, all_but_largest, {all_but_largest: k}, {reaching: x}, {at_most: x}"
            )
        if isinstance(self.at_most, int) and self.of is None:
            raise ValueError("say what the percentage is of: leg_strongest, total_before or required")
        if self.of is not None and not isinstance(self.at_most, int):
            raise ValueError("of goes with at_most and a percentage, as {at_most: 50%, of: required}")
        return self


def _take(value: Any) -> Any:
    if isinstance(value, Take):
        return value
    if value == "all_but_largest":
        return Take(all_but_largest=1)
    if isinstance(value, dict):
        return value
    raise ValueError("take is one of {largest: k}, all_but_largest, {all_but_largest: k}, {reaching: x}, {at_most: x}")


_SCALAR = {"type": ["string", "number"]}
TakeField = Annotated[
    Take,
    BeforeValidator(_take),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "all_but_largest"},
                {
                    "type": "object",
                    "properties": {
                        "largest": {"type": "integer", "minimum": 1},
                        "all_but_largest": {"type": "integer", "minimum": 1},
                        "reaching": _SCALAR,
                        "at_most": _SCALAR,
                        "of": {"enum": ["leg_strongest", "total_before", "required"]},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
