"""Opening a ledger: a file of SQLite, or a PostgreSQL server; and what its errors mean."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ConvwrightError
from ..extras import needs_extra

with needs_extra("study"):
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

BUSY_SECONDS = 30.0
_CONNECT_SECONDS = 10

# What databases say, and what to do about it.
_HINTS = (
    ("readonly", "choose a --ledger or --run that can be written"),
    ("read-only", "choose a --ledger or --run that can be written"),
    ("unable to open", "choose a --ledger or --run that can be written"),
    ("locked", "another process holds it; close that, or wait"),
    ("disk is full", "free space and run again: finished runs are kept, others go on from their checkpoints"),
    ("no space left", "free space and run again: finished runs are kept, others go on from their checkpoints"),
    ("not a database", "name another file"),
    ("password", "check the user and the password in the address"),
    ("does not exist", "create the database first, or name another"),
    ("connect", "is the server running, and reachable from here?"),
    ("resolve", "is the server running, and reachable from here?"),
)


def make_engine(ledger: str | Path) -> sa.Engine:
    """The engine of a file, or of an address such as `postgresql://user@host/database`.

    Raises
    ------
    ConvwrightError
        For an address of something else, or a driver that is not installed.
    """
    url = _url(ledger)
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    with needs_extra("postgres"):
        return sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS})


def _url(ledger: str | Path) -> sa.URL:
    text = str(ledger)
    if "://" not in text:
        path = Path(text).expanduser()
        try:
            path.absolute().parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            hint = "choose a --ledger or --run that can be written"
            raise ConvwrightError(f"ledger {path} cannot be made ({error.strerror})", hint=hint) from error
        return sa.URL.create("sqlite", database=str(path))
    try:
        url = sa.make_url(text)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConvwrightError("address of the ledger cannot be read", hint="postgresql://user@host/database") from error
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        expected = "a file, or postgresql://user@host/database"
        raise ConvwrightError("ledger", expected=expected, got=f"{url.drivername}://...")
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous=FULL")  # a run that was said to be finished is on the disk


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Let readers and a writer not wait for each other; SQLite itself does not wait here for others that do the same.

    See https://www.sqlite.org/pragma.html#pragma_journal_mode and https://www.sqlite.org/c3ref/busy_handler.html.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextmanager
def explained(engine: sa.Engine) -> Iterator[None]:
    """Turn what a database says into a `ConvwrightError` that names the ledger and the next step."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # the latter while it is opened
        said = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        hint = next((hint for word, hint in _HINTS if word in said.lower()), "")
        raise ConvwrightError(f"ledger {name_of(engine)}: {said}", hint=hint) from error


def name_of(engine: sa.Engine) -> str:
    """The file, or the address without its password."""
    url = engine.url
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string()


def is_prepared(path: Path) -> bool:
    """Return True if a file has been opened as a ledger before: then opening it again changes nothing in it."""
    try:
        with path.open("rb") as file:
            header = file.read(20)
    except OSError:
        return False
    return header.startswith(b"SQLite format 3\0") and header[18:20] == b"\2\2"  # write-ahead logging
