"""``placement:`` as written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlmcalc.fields import Count, Flag, Model, Name, Text
from mlmcalc.genealogy.candidates import LegRule

Blank = Literal["outer_left", "outer_right", "balance"]
Method = Literal["matrix", "binary", "board", "recycle"]


class HoldingWords(Model):
    """``holding:``, where a new member waits for a hand."""

    days: Count = Field(description="days after joining until the rule places whom no hand has placed")
    then: LegRule | None = Field(default=None, description="binary: the leg at the deadline, if not the one of leg:")


class RemoveWords(Model):
    """``remove:``, who leaves the trees for good, and what becomes of those below."""

    status: Literal["left", "suspended", "merged"] | None = Field(default=None, description="who has it is removed")
    days: Count = Field(default=0, description="and has had it for so many days")
    members: Literal["out", "holding"] = Field(
        default="out", description="out: they go for good; holding: they lose their seats and stay members"
    )
    children: Literal["move_up", "holding"] = Field(
        default="move_up",
        description="move_up: the first child takes the seat; holding: children lose their seats",
    )


class PlacementWords(Model):
    """``placement:``."""

    source: Text = Field(default="", description="where the company's document says so")
    method: Method
    width: Count | None = Field(default=None, description="legs of each member; a binary tree has 2")
    depth: Count | None = Field(default=None, description="levels below the top of a search, or of a board")
    within: Literal["sponsor", "whole"] = Field(default="sponsor", description="where a seat is looked for")
    top: Text | None = Field(default=None, description="the member at the top of the whole")
    without_sponsor: Literal["root", "place"] = Field(default="root", description="what one without a sponsor is")
    leg: LegRule | None = Field(default=None, description="binary: which leg")
    volume: Name | None = Field(default=None, description="column that weaker_volume compares")
    decimals: Count = Field(default=2, description="of that column")
    preference: Name | None = Field(default=None, description="member column: left or right")
    of: Literal["member", "sponsor"] = Field(default="member", description="whose preference counts")
    blank: Blank = Field(default="balance", description="the leg where no preference is stated")
    holding: HoldingWords | None = None
    remove: RemoveWords | None = None
    again: Flag = Field(default=True, description="board, recycle: who has cycled enters again")


class PlacementDocument(Model):
    """A file of placement rules."""

    placement: PlacementWords
