"""Open the store, read it at one moment, write it in one transaction.

SQLite in WAL mode with synchronous=FULL: what was committed survives a power cut (tried: FULL lost
nothing in 12 cuts, NORMAL lost up to 790 rows in 8 of 12). PostgreSQL keeps what it committed too,
as long as nobody sets `fsync` or `synchronous_commit` off: that is asked when it is opened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ...errors import Refused, Unavailable
from . import migrations

FILE = "hub.sqlite"  # in the hub's folder
URL_FILE = "database.url"  # in the hub's folder: one line, the address of a PostgreSQL database; mode 0600
MAX_URL = 2000  # bytes of it
LOCK_WAIT_MS = 10_000  # how long one writer waits for the other (`bangtin hub enroll` beside `serve`)
WAL_PAGES = 4000  # pages of 4 kB before a checkpoint
CACHE_KB = 64_000  # of SQLite's pages in memory, for each connection at most
POOL = 8  # connections kept to PostgreSQL
POOL_MORE = 8  # more of them under load
POOL_WAIT_S = 30  # how long whoever needs one waits for it
CONNECT_S = 10  # how long a connection to PostgreSQL may take
DRIVER = "postgresql+psycopg"


@dataclass(frozen=True)
class Store:
    """An open store. `reading` and `writing` may be used from any thread."""

    engine: Engine
    folder: Path  # the hub's own, for what does not go into tables

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment for all that is read; nothing can be written. Raises `Unavailable` (`hub-database`)."""
        options: dict[str, Any] = {"bangtin": "read"}
        if not self.is_sqlite:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._told(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: whole, or not at all. Raises `Unavailable` (`hub-database`)."""
        with self._told(), self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise Unavailable("hub-database", file=shown(self.engine.url), why=_line(error.orig)) from error
        except PoolTimeout as error:  # every connection is in use, and none was given back within `POOL_WAIT_S`
            raise Unavailable("hub-database", file=shown(self.engine.url), why=_line(error)) from error
        except sqlite3.Error as error:  # while a connection is prepared
            raise Unavailable("hub-database", file=shown(self.engine.url), why=_line(error)) from error


def open_store(folder: Path, url: str | None = None) -> Store:
    """The store of a hub's folder: by `url`, by the folder's `database.url`, or SQLite in the folder; made when new.

    Raises `Refused` (`hub-newer`, `hub-older`), `Unavailable` (`hub-database`, `hub-postgres-missing`).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        address = url or _written(folder)
    except (OSError, ValueError) as error:
        raise Unavailable("hub-database", file=str(folder), why=str(error)) from error
    store = Store(_postgres(address) if address else sqlite_engine(folder / FILE, journal="WAL"), folder)
    try:
        with store._told():
            _prepare(store)
    except BaseException:
        store.close()
        raise
    return store


def shown(url: URL) -> str:
    """Where the store is, without a password."""
    return url.database or "" if url.drivername.startswith("sqlite") else url.render_as_string(hide_password=True)


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _written(folder: Path) -> str | None:
    file = folder / URL_FILE
    if not file.exists():
        return None
    with file.open("rb") as opened:
        return opened.read(MAX_URL).decode().strip() or None


def sqlite_engine(file: Path, journal: str = "DELETE") -> Engine:
    """An SQLite file; `journal`: WAL for a store, where readers do not wait for the writer."""
    engine = create_engine(
        URL.create("sqlite", database=str(file)), connect_args={"timeout": LOCK_WAIT_MS / 1000}, pool_size=POOL,
        max_overflow=-1,
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(db: sqlite3.Connection, _: Any) -> None:
        db.isolation_level = None  # transactions begin when we say so, not when the driver guesses
        for pragma in (
            f"journal_mode = {journal}", "synchronous = FULL", f"wal_autocheckpoint = {WAL_PAGES}",
            "foreign_keys = ON", f"cache_size = -{CACHE_KB}",
        ):  # fmt: skip
            db.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that begins by reading and writes later fails when another wrote between.
        reads = connection.get_execution_options().get("bangtin") == "read"
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgres(address: str) -> Engine:
    try:
        url = make_url(address)
        if url.get_backend_name() != "postgresql":
            raise ArgumentError("not postgresql://…")
        return create_engine(
            url.set(drivername=DRIVER), pool_size=POOL, max_overflow=POOL_MORE, pool_pre_ping=True,
            pool_timeout=POOL_WAIT_S, connect_args={"connect_timeout": CONNECT_S},
        )  # fmt: skip
    except ModuleNotFoundError as error:
        raise Unavailable("hub-postgres-missing", missing=error.name) from error
    except ArgumentError as error:
        raise Unavailable("hub-database", file=URL_FILE, why=str(error)) from error


def _prepare(store: Store) -> None:
    """Bring the tables up to this program; refuse what a later one, or one before the first release, made."""
    with store.engine.connect() as connection:
        if not store.is_sqlite:
            for name in ("fsync", "synchronous_commit"):
                if connection.execute(text(f"SHOW {name}")).scalar() == "off":
                    raise Unavailable("hub-database", file=shown(store.engine.url), why=f"{name} = off")
            connection.rollback()
        with connection.begin():
            found = migrations.version(connection)
            if found == migrations.HEAD:
                return
            if found is None and migrations.has_tables(connection):
                raise Refused("hub-older", file=shown(store.engine.url))
            if found is not None and found not in migrations.known():
                raise Refused("hub-newer", file=shown(store.engine.url), found=found, known=migrations.HEAD)
            migrations.upgrade(connection)


def _line(error: object) -> str:
    """The driver's own words, on one line."""
    return " ".join(str(error).split())
