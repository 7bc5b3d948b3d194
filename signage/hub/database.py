"""The hub's one file, `hub.sqlite`: its tables, their version, and how it is opened.

SQLite in WAL mode with synchronous=FULL: what was committed survives a power cut (tried: FULL lost
nothing in 12 cuts, NORMAL lost up to 790 rows in 8 of 12). Times are milliseconds since 1970, UTC.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Refused, Unavailable

FILE = "hub.sqlite"
SCHEMA_VERSION = 1
LOCK_WAIT_MS = 5000  # how long one writer waits for the other (`bangtin hub enroll` beside `serve`)
WAL_PAGES = 2000  # pages of 4 kB before a checkpoint

# `slot` is a place in a ring: a new row takes the place of the oldest, so the tables cannot grow.
_SCHEMA = """
CREATE TABLE board (
    id TEXT PRIMARY KEY, public TEXT NOT NULL, chain INTEGER NOT NULL, enrolled INTEGER NOT NULL,
    name TEXT NOT NULL, site TEXT NOT NULL, hamlet TEXT NOT NULL,
    commune TEXT NOT NULL, commune_name TEXT NOT NULL, metered INTEGER NOT NULL,
    sample INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE state (
    board TEXT PRIMARY KEY, chain INTEGER NOT NULL, seq INTEGER NOT NULL, sha TEXT NOT NULL,
    received INTEGER NOT NULL, report BLOB NOT NULL, marks INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE report (
    board TEXT NOT NULL, slot INTEGER NOT NULL, chain INTEGER NOT NULL, seq INTEGER NOT NULL,
    sha TEXT NOT NULL, received INTEGER NOT NULL, envelope BLOB NOT NULL, UNIQUE (board, slot)
);
CREATE TABLE mark (
    board TEXT NOT NULL, slot INTEGER NOT NULL, kind TEXT NOT NULL, chain INTEGER NOT NULL,
    seq INTEGER NOT NULL, missing INTEGER NOT NULL, times INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (board, slot)
) WITHOUT ROWID;
CREATE INDEX mark_last ON mark (last);
CREATE TABLE frame (board TEXT PRIMARY KEY, received INTEGER NOT NULL, jpeg BLOB NOT NULL);
CREATE TABLE slide (
    board TEXT NOT NULL, file TEXT NOT NULL, statement TEXT, title TEXT NOT NULL, seen INTEGER NOT NULL,
    PRIMARY KEY (board, file)
) WITHOUT ROWID;
CREATE TABLE play_day (
    board TEXT NOT NULL, day TEXT NOT NULL, file TEXT NOT NULL, plays INTEGER NOT NULL, ms INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (board, day, file)
) WITHOUT ROWID;
CREATE TABLE newest (commune TEXT PRIMARY KEY, number INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
"""


def connect(folder: Path) -> sqlite3.Connection:
    """Open the hub's file, made when it is not there.

    Raises `Refused` (`hub-newer`) for a file of a later program, `Unavailable` (`hub-database`).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(folder / FILE, isolation_level=None, timeout=LOCK_WAIT_MS / 1000)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        _prepare(db)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable("hub-database", file=str(folder / FILE), why=str(error)) from error
    return db


def _prepare(db: sqlite3.Connection) -> None:
    if _version(db) == SCHEMA_VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    version = _version(db)  # again, now that no other process can be making it
    if version > SCHEMA_VERSION:
        db.execute("ROLLBACK")
        raise Refused("hub-newer", file=FILE, found=version, known=SCHEMA_VERSION)
    if version == 0:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
