"""What a database or a disk refuses, as findings; no password ever gets into one."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from mlmcalc.errors import ConflictError, EnvironmentRefused, Finding, IntegrityError, MlmcalcError

_WAIT = "Another command is writing; try again in a moment."
_SPACE = "Free some space; nothing was changed."
_RIGHTS = "Give this user the right to write there."
_REACH = "Start the database, or correct the URL; nothing was changed unless the next command shows it."
_RESTORE = "Restore the store from a backup."
_INIT = "Make the store with `mlmcalc store init`."

_SQLITE = {
    "SQLITE_BUSY": ("store.locked", _WAIT),
    "SQLITE_LOCKED": ("store.locked", _WAIT),
    "SQLITE_READONLY": ("store.readonly", _RIGHTS),
    "SQLITE_PERM": ("store.readonly", _RIGHTS),
    "SQLITE_FULL": ("store.full", _SPACE),
    "SQLITE_IOERR": ("store.disk", "Look at the disk; nothing was changed."),
    "SQLITE_CANTOPEN": ("store.unreachable", _RIGHTS),
    "SQLITE_CORRUPT": ("store.damaged", _RESTORE),
    "SQLITE_NOTADB": ("store.damaged", _RESTORE),
    "SQLITE_CONSTRAINT": ("store.conflict", "Look at what is there, then try again."),
}
_POSTGRESQL = {
    "55P03": ("store.locked", _WAIT),
    "40001": ("store.locked", _WAIT),
    "40P01": ("store.locked", _WAIT),
    "25006": ("store.readonly", _RIGHTS),
    "42501": ("store.readonly", _RIGHTS),
    "53100": ("store.full", _SPACE),
    "53200": ("store.full", "Give the database more memory; nothing was changed."),
    "53300": ("store.locked", "The database has no connection to spare; try again in a moment."),
    "3D000": ("store.missing", "Create the database, then `mlmcalc store init`."),
    "3F000": ("store.missing", "Create the schema, then `mlmcalc store init`."),
    "42P01": ("store.missing", _INIT),
    "58030": ("store.disk", "Look at the database's disk; nothing was changed."),
    "XX001": ("store.damaged", _RESTORE),
    "XX002": ("store.damaged", _RESTORE),
}
_POSTGRESQL_CLASSES = {
    "08": ("store.unreachable", _REACH),
    "28": ("store.unreachable", "Correct user and password."),
    "57": ("store.unreachable", _REACH),
    "23": ("store.conflict", "Look at what is there, then try again."),
}
_KINDS: dict[str, type[MlmcalcError]] = {"store.damaged": IntegrityError, "store.conflict": ConflictError}


@contextlib.contextmanager
def faults_refused(url: URL) -> Iterator[None]:
    """Turn what the database refuses into a finding.

    Parameters
    ----------
    url : URL
        Of the database.

    Raises
    ------
    EnvironmentRefused
        ``store.locked``, ``store.readonly``, ``store.full``, ``store.disk``, ``store.unreachable``,
        ``store.missing``, ``store.driver``.
    ConflictError
        ``store.conflict``: somebody else's record is there.
    IntegrityError
        ``store.damaged``.
    """
    # The chain of causes is cut: an error of the driver may hold the words of the connection.
    try:
        yield
    except DBAPIError as fault:
        raise _refusal(fault, url) from None
    except (NoSuchModuleError, ModuleNotFoundError) as fault:
        message = f"{fault}: the driver of the database is not installed."
        raise environment("store.driver", message, "pip install 'mlmcalc[postgresql]'", url) from None


def environment(code: str, message: str, remedy: str, url: URL) -> EnvironmentRefused:
    """Return a refusal that names the database without its password."""
    return EnvironmentRefused(Finding(code, without_password(message, url), remedy, file=shown(url)))


def disk_refused(fault: OSError, path: object) -> EnvironmentRefused:
    """Return that a file of the store cannot be written or read."""
    full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
    rights = fault.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    code, remedy = ("store.full", _SPACE) if full else ("store.readonly", _RIGHTS) if rights else ("store.disk", "")
    reason = os.strerror(fault.errno) if fault.errno else str(fault)
    return EnvironmentRefused(Finding(code, f"{reason}.", remedy or "Look at the disk.", file=str(path)))


def shown(url: URL) -> str:
    """Return a database as it may be shown: a file by its path, a URL with its password hidden."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    # Other options of a connection may hold secrets.
    query = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(query=query).render_as_string(hide_password=True)


def without_password(text: str, url: URL) -> str:
    """Return a text with the password of a URL taken out, however it stands there."""
    password = None if url.password is None else str(url.password)
    if not password:
        return text
    whole = url.set(query={}).render_as_string(hide_password=False)
    written = whole.partition("://")[2].partition("@")[0].partition(":")[2]
    for secret in sorted({password, written}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _refusal(fault: DBAPIError, url: URL) -> MlmcalcError:
    cause = fault.orig
    reason = " ".join(str(cause).split())
    name = getattr(cause, "sqlite_errorname", None)
    state = getattr(cause, "sqlstate", None)
    if name:
        # Of an extended name, such as SQLITE_BUSY_SNAPSHOT, the beginning is the kind.
        known = _SQLITE.get("_".join(name.split("_")[:2]))
    elif state:
        known = _POSTGRESQL.get(state) or _POSTGRESQL_CLASSES.get(state[:2])
    else:
        # A connection that never came about has no state.
        known = ("store.unreachable", _REACH)
    if known is None:
        # A fault of ours: the statement is in it, the connection is not.
        raise fault
    code, remedy = known
    finding = Finding(code, without_password(f"{reason}.".replace("..", "."), url), remedy, file=shown(url))
    return _KINDS.get(code, EnvironmentRefused)(finding)
