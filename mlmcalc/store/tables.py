"""Every table of the database, as SQLAlchemy sees them; what makes and changes them is in ``migrations``.

Both databases hold the same: instants are integers, microseconds since 1970 in UTC; days are texts as ``2026-10-31``;
amounts are integers in units of ``10**-decimals``; rates are decimal texts. There is no float.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

FORMAT = 1
"""Number of this layout of a store: database, objects and run folders together."""

BATCH_KINDS = ("members", "orders", "volumes", "overrides")
STATUSES = ("open", "calculated", "reviewed", "committed", "paid")
PURPOSES = ("preview", "calculated", "trueup", "projection", "trial")
OVERRIDE_KINDS = ("rank", "waiver", "hold", "amount", "volume")
DOCUMENT_KINDS = ("commit", "payment", "reopening")
PAYMENT_STATES = ("due", "held", "paid", "void")

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_WIDE = BigInteger().with_variant(Integer(), "sqlite")
_SMALL = SmallInteger().with_variant(Integer(), "sqlite")


def _text(name: str, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _text_or_none(name: str) -> Column[str | None]:
    return Column(name, Text)


def _wide(name: str, key: bool = False) -> Column[int]:
    return Column(name, _WIDE, primary_key=key, autoincrement=False, nullable=False)


def _wide_or_none(name: str) -> Column[int | None]:
    return Column(name, _WIDE)


def _one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _period() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["program", "period"], ["period.program", "period.label"])


def _object(name: str, nullable: bool = True) -> Column:
    return Column(name, Text, ForeignKey("object.sha256"), nullable=nullable)


def _table(
    name: str, *parts: Column | CheckConstraint | ForeignKeyConstraint | UniqueConstraint | Index, **options: Any
) -> Table:
    return Table(name, METADATA, *parts, sqlite_strict=True, **options)


STORE = _table(
    "store",
    Column("one", _SMALL, primary_key=True, autoincrement=False),
    _text("id"),
    _text("company"),
    _wide("format"),
    _wide("created_at"),
    CheckConstraint("one = 1", name="one"),
)

LOG = _table(
    "log",
    _wide("seq", key=True),
    _wide("at"),
    _text("by"),
    _text("action"),
    _text("subject"),
    _text("details"),
    _text("previous"),
    _text("digest"),
    UniqueConstraint("previous"),
    UniqueConstraint("digest"),
)

OBJECT = _table(
    "object",
    _text("sha256", key=True),
    _text("kind"),
    _wide("rows"),
    _wide("bytes"),
    _wide("recorded_at"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
)

BATCH = _table(
    "batch",
    _wide("number", key=True),
    _text("kind"),
    _wide("known_at"),
    _wide("recorded_at"),
    _wide("rows"),
    _text("made_by"),
    _text("reason"),
    _text("source_file"),
    _text("source_sha256"),
    _text_or_none("scope_from"),
    _text_or_none("scope_to"),
    _text_or_none("true_from"),
    UniqueConstraint("known_at"),
    _one_of("kind", BATCH_KINDS),
    CheckConstraint("known_at <= recorded_at", name="known_at"),
)

BATCH_PART = _table(
    "batch_part",
    Column("batch", _WIDE, ForeignKey("batch.number"), primary_key=True, autoincrement=False),
    _wide("part", key=True),
    _object("object", nullable=False),
    _wide("rows"),
    _text("columns"),
)

PROGRAM = _table("program", _text("name", key=True), _text("calendar"), _wide("created_at"))

RUN = _table(
    "run",
    _text("id", key=True),
    Column("program", Text, ForeignKey("program.name"), nullable=False),
    _text("period"),
    _text("purpose"),
    _text("digest"),
    _text("manifest_sha256"),
    _text("folder"),
    _text("as_of"),
    _wide("known_at"),
    _text("plan_version"),
    _text("plan_digest"),
    _text("details"),
    _text("made_by"),
    _wide("made_at"),
    _one_of("purpose", PURPOSES),
    Index(None, "program", "period"),
)

PERIOD = _table(
    "period",
    Column("program", Text, ForeignKey("program.name"), primary_key=True),
    _text("label", key=True),
    _text("first"),
    _text("last"),
    _text("status"),
    _wide("generation"),
    Column("run", Text, ForeignKey("run.id")),
    UniqueConstraint("program", "first"),
    _one_of("status", STATUSES),
    CheckConstraint("generation >= 1", name="generation"),
    CheckConstraint("first <= last", name="days"),
    CheckConstraint("status = 'open' OR run IS NOT NULL", name="run"),
)

APPROVAL = _table(
    "approval",
    _wide("number", key=True),
    _text("program"),
    _text("period"),
    _wide("generation"),
    Column("run", Text, ForeignKey("run.id"), nullable=False),
    _text("made_by"),
    _wide("made_at"),
    _text("reason"),
    _text_or_none("withdrawn_by"),
    _wide_or_none("withdrawn_at"),
    _period(),
    Index(None, "program", "period"),
)

OVERRIDE = _table(
    "override",
    _wide("number", key=True),
    _text("program"),
    _text("period"),
    _text("kind"),
    _text("member_id"),
    _text("fields"),
    _text("reason"),
    _text("made_by"),
    _wide("made_at"),
    _text_or_none("approved_by"),
    _wide_or_none("approved_at"),
    _text_or_none("withdrawn_by"),
    _wide_or_none("withdrawn_at"),
    _period(),
    _one_of("kind", OVERRIDE_KINDS),
    CheckConstraint("length(reason) > 0", name="reason"),
    Index(None, "program", "period"),
)

ADJUSTMENT = _table(
    "adjustment",
    _wide("number", key=True),
    _text("program"),
    _text("period"),
    _text("member_id"),
    _text("type"),
    _text("bonus"),
    _wide("units"),
    Column("decimals", _SMALL, nullable=False),
    _text("origin"),
    _text("cause"),
    _text("reason"),
    _text("source_runs"),
    _text("made_by"),
    _wide("made_at"),
    _text_or_none("approved_by"),
    _wide_or_none("approved_at"),
    _text_or_none("withdrawn_by"),
    _wide_or_none("withdrawn_at"),
    _period(),
    CheckConstraint("decimals BETWEEN 0 AND 18", name="decimals"),
    CheckConstraint("length(reason) > 0", name="reason"),
    Index(None, "program", "period"),
)

DOCUMENT = _table(
    "document",
    _wide("number", key=True),
    _text("kind"),
    _text("program"),
    _text("period"),
    _text("body"),
    _text("digest"),
    _text("previous"),
    _wide("made_at"),
    UniqueConstraint("digest"),
    UniqueConstraint("previous"),
    _period(),
    _one_of("kind", DOCUMENT_KINDS),
)

CLOSING = _table(
    "closing",
    _text("program", key=True),
    _text("period", key=True),
    _wide("generation", key=True),
    Column("run", Text, ForeignKey("run.id"), nullable=False),
    Column("document", _WIDE, ForeignKey("document.number"), nullable=False, unique=True),
    _object("payments"),
    _object("journal"),
    _object("balances"),
    _object("adjustments"),
    _text("made_by"),
    _wide("made_at"),
    Column("reopened", _WIDE, ForeignKey("document.number"), unique=True),
    _period(),
)

PAYMENT = _table(
    "payment",
    _text("program", key=True),
    _text("period", key=True),
    _wide("generation", key=True),
    _text("member_id", key=True),
    _text("currency"),
    _wide("units"),
    Column("decimals", _SMALL, nullable=False),
    _text("state"),
    _text("reason"),
    Column("document", _WIDE, ForeignKey("document.number")),
    ForeignKeyConstraint(
        ["program", "period", "generation"], ["closing.program", "closing.period", "closing.generation"]
    ),
    _one_of("state", PAYMENT_STATES),
    CheckConstraint("decimals BETWEEN 0 AND 18", name="decimals"),
    CheckConstraint("(state = 'paid') = (document IS NOT NULL)", name="document"),
    # Every row is changed once, when it is paid: where its page has room for that, no index is touched.
    postgresql_with={"fillfactor": 45},
)

BALANCE = _table(
    "balance",
    _text("program", key=True),
    _text("period", key=True),
    _wide("generation", key=True),
    _text("member_id", key=True),
    _text("kind", key=True),
    _text("currency"),
    _wide("units"),
    Column("decimals", _SMALL, nullable=False),
    ForeignKeyConstraint(
        ["program", "period", "generation"], ["closing.program", "closing.period", "closing.generation"]
    ),
    CheckConstraint("decimals BETWEEN 0 AND 18", name="decimals"),
)

RATE = _table(
    "rate",
    _text("program", key=True),
    _text("period", key=True),
    _text("currency", key=True),
    _text("rate"),
    _text("made_by"),
    _wide("made_at"),
    _period(),
)
