"""``company.yaml`` as written."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mlmcalc.fields import Amount, Count, Model, Text


def _some(text: str) -> str:
    if not text:
        raise ValueError("a name is missing here")
    return text


def _path(text: str) -> str:
    if not text:
        raise ValueError("a file is missing here")
    return _with_placeholders(text, ("period", "plan"))


def _path_of_state(text: str) -> str:
    if not text:
        raise ValueError("a file or folder is missing here")
    return _with_placeholders(text, ("period", "previous", "plan"))


def _with_placeholders(text: str, known: tuple[str, ...]) -> str:
    unknown = [found for found in re.findall(r"\{([^{}]*)\}|([{}])", text) if found[0] not in known]
    if unknown:
        names = " and ".join(f"{{{name}}}" for name in known)
        raise ValueError(f"only {names} are replaced in a file name, not {{{unknown[0][0]}}}")
    return text


Filled = Annotated[Text, AfterValidator(_some)]
PathText = Annotated[Text, AfterValidator(_path)]
"""A path relative to the workspace file; ``{period}`` stands for the label of the period, ``{plan}`` for the plan."""
StatePath = Annotated[Text, AfterValidator(_path_of_state)]
"""A path in which ``{previous}`` stands for the label of the month or week directly before."""


class TableWords(Model):
    """Where a table is, and how its columns become ours."""

    file: PathText
    columns: dict[Filled, Filled] = Field(default_factory=dict, description="our column: the company's column")
    constants: dict[Filled, Text] = Field(default_factory=dict, description="our column: the value of every row")
    only_where: tuple[Filled, ...] = Field(
        default=(), description="columns of the company: only rows in which all of them are filled"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> TableWords:
        both = sorted(set(self.columns) & set(self.constants))
        if both:
            raise ValueError(f"{both[0]} is both a column and a constant; keep one")
        return self


def _table(value: Any) -> Any:
    if isinstance(value, str):
        return {"file": value}
    if isinstance(value, dict | TableWords):
        return value
    raise ValueError("a file is wanted here, or {file: ..., columns: {...}}")


TableField = Annotated[TableWords, BeforeValidator(_table)]


class StateWords(TableWords):
    """Where the state is that the period before left."""

    file: StatePath
    begins: Text = Field(default="", description="label of the first period: nothing came before it")


StateField = Annotated[StateWords, BeforeValidator(_table)]


class Expectation(Model):
    """What the company states about one table."""

    rows: Count | None = Field(default=None, description="rows that are read")
    sums: dict[Filled, Amount] = Field(default_factory=dict, description="our column: its sum over these rows")


class Expect(Model):
    """``expect:``, a mismatch refuses the run."""

    members: Expectation | None = None
    orders: Expectation | None = None
    volumes: Expectation | None = None
    overrides: Expectation | None = None
    adjustments: Expectation | None = None
    closed: Expectation | None = None
    rates: Expectation | None = None

    def stated(self) -> dict[str, Expectation]:
        """Return what is stated, by table."""
        return {name: found for name in type(self).model_fields if (found := getattr(self, name)) is not None}


def _store(value: Any) -> Any:
    if isinstance(value, str):
        return {"folder": value}
    if isinstance(value, dict | StoreWords):
        return value
    raise ValueError("a folder is wanted here, or {folder: ..., url: ...}")


class StoreWords(Model):
    """Where the store is."""

    folder: Annotated[Text, AfterValidator(_some)] = "store"
    # Not shown: it may hold a password.
    url: Text = Field(default="", description="of a PostgreSQL database; without it SQLite in the folder", repr=False)


StoreField = Annotated[StoreWords, BeforeValidator(_store)]


class WorkspaceWords(Model):
    """``company.yaml``."""

    company: Text = Field(default="", description="the company's name")
    plan: PathText | None = Field(default=None, description="the plan, relative to this file")
    plans: tuple[PathText, ...] = Field(
        default=(), description="versions of a plan, or plans of several programs: files or patterns like plans/*.yaml"
    )
    members: TableField
    orders: TableField | None = None
    volumes: TableField | None = Field(default=None, description="volumes per member, in place of orders")
    overrides: TableField | None = Field(default=None, description="forced ranks, waivers and holds")
    state: StateField | None = Field(
        default=None, description="what the period before left: the folder of its run, or its table of state"
    )
    adjustments: TableField | None = Field(default=None, description="amounts that enter the payout")
    closed: TableField | None = Field(default=None, description="what other programs came to")
    rates: TableField | None = Field(default=None, description="rates of exchange: members are paid in their currency")
    placement: PathText | None = Field(default=None, description="placement rules, relative to this file")
    store: StoreField = Field(default=StoreWords(), description="the store of periods, runs, approvals and events")
    out: PathText = Field(default="runs/{period}", description="folder of a run")
    format: Literal["parquet", "csv"] = "parquet"
    detail: Literal["all", "none"] = Field(default="all", description="whether the lines of a run are kept")
    expect: Expect = Expect()
