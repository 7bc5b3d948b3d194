"""What was done, by whom: rows that are only ever added, each naming the one before by its hash.

A row's hash is over canonical JSON of all that it says and of the hash before it, so a row that is
changed, taken out or put in breaks the chain from there on. Rows cut off at the end are noticed only
by who has noted the newest hash: `bangtin hub audit --verify` prints it. Rows are kept for good: they
are as many as what people do, and what a flood would write is counted (`bounded`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, text

from ...wire import canonical
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from . import notes
from .roles import Viewer

FIRST = "0" * 64  # what the first row names
BOX = "box"  # the actor of commands on the hub's own machine
MOST_AN_HOUR = 200  # rows an hour of one kind that a flood can write; more of it is counted
MAX_DETAIL = 4000  # bytes of a row's detail
_LOCK = 0x61756469  # of PostgreSQL: one row after the other
_BATCH = 1000  # rows read at a time


@dataclass(frozen=True)
class Actor:
    """Who does something: an account, or a command on the box (None)."""

    account: int | None
    name: str


ON_THE_BOX = Actor(None, BOX)


@dataclass(frozen=True)
class Entry:
    """One row."""

    id: int
    at: datetime
    actor: str
    act: str
    commune: str
    thing: str
    detail: str
    sha: str


@dataclass(frozen=True)
class Chain:
    """What `verify` found: how many rows, the newest hash, and the first row that does not fit."""

    rows: int
    newest: str
    broken: int | None = None


def record(
    connection: Connection, by: Actor, act: str, thing: str, now: datetime, *, commune: str = "", **detail: Any
) -> None:
    """One more row, in the caller's transaction; `detail` never holds a secret."""
    in_turn(connection)
    prev = connection.execute(select(t.audit.c.sha).order_by(t.audit.c.id.desc()).limit(1)).scalar() or FIRST
    told = canonical(detail).decode()
    if len(told.encode()) > MAX_DETAIL:
        told = canonical({"cut": hashlib.sha256(told.encode()).hexdigest()}).decode()
    row = {
        "at": to_ms(now), "account": by.account, "actor": by.name, "act": act, "commune": commune,
        "thing": thing, "detail": told, "prev": prev,
    }  # fmt: skip
    connection.execute(insert(t.audit).values(row | {"sha": _sha(row)}))


def bounded(connection: Connection, by: Actor, act: str, thing: str, now: datetime, **detail: Any) -> None:
    """`record` for what anybody can cause: beyond `MOST_AN_HOUR` it is counted, and the next row tells the count."""
    in_turn(connection)
    lately = select(func.count()).where(t.audit.c.act == act, t.audit.c.at > to_ms(now - timedelta(hours=1)))
    name = f"audit.uncounted:{act}"
    skipped = notes.read(connection, name) or 0
    if connection.execute(lately).scalar_one() >= MOST_AN_HOUR:
        notes.write(connection, name, skipped + 1)
        return
    if skipped:
        notes.write(connection, name, 0)
        detail["not_written"] = skipped
    record(connection, by, act, thing, now, **detail)


def in_turn(connection: Connection) -> None:
    """Who writes here waits for whoever else does; SQLite lets only one write anyhow."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def verify(connection: Connection) -> Chain:
    """Every row against the one before it."""
    prev, rows = FIRST, 0
    for row in _all(connection):
        said = {k: v for k, v in row._asdict().items() if k not in ("id", "sha")}
        if row.prev != prev or row.sha != _sha(said):
            return Chain(rows, prev, row.id)
        prev, rows = row.sha, rows + 1
    return Chain(rows, prev)


@dataclass(frozen=True)
class Sought:
    """Which rows; empty: all of them."""

    actor: str = ""
    act: str = ""  # or how it begins: `account.`
    commune: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def where(self, viewer: Viewer) -> ColumnElement[bool]:
        """Rows of the viewer's communes and its own; those of the whole hub only for who sees all of it."""
        c = t.audit.c
        told = or_(viewer.sees(c.commune), c.account == viewer.account)
        if self.actor:
            told &= c.actor == self.actor
        if self.act:
            told &= c.act.startswith(self.act, autoescape=True)
        if self.commune:
            told &= c.commune == self.commune
        if self.since:
            told &= c.at >= to_ms(self.since)
        if self.until:
            told &= c.at < to_ms(self.until)
        return told


def count(connection: Connection, viewer: Viewer, sought: Sought) -> int:
    return connection.execute(select(func.count()).select_from(t.audit).where(sought.where(viewer))).scalar_one()


def newest(connection: Connection, viewer: Viewer, sought: Sought, *, offset: int = 0, limit: int) -> list[Entry]:
    """The newest first."""
    query = select(t.audit).where(sought.where(viewer)).order_by(t.audit.c.id.desc()).offset(offset).limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def _all(connection: Connection) -> Iterator[Row[Any]]:
    last = -1
    while rows := connection.execute(
        select(t.audit).where(t.audit.c.id > last).order_by(t.audit.c.id).limit(_BATCH)
    ).all():
        yield from rows
        last = rows[-1].id


def _sha(row: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(row)).hexdigest()


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.id, from_ms(row.at), row.actor, row.act, row.commune, row.thing, row.detail, row.sha)
