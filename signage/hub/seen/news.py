"""Of which communes something changed that open pages show; asked every second while anybody has one open."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from ..store import tables as t
from ..store.engine import to_ms

MOST = 10_000  # changes that are looked at; after more of them nobody asks which communes they were
COMMITTED_MS = 2000  # after a report came until it is surely in the store: a picture of then is told once more
ALL = "*"  # of the communes it is not said which


@dataclass(frozen=True)
class Place:
    """Up to where the changes are known."""

    change: int = 0
    acknowledged: int = 0
    published: int = 0  # numbers of all publications, added up
    at: int = 0  # ms

    def __str__(self) -> str:
        return f"{self.change}-{self.acknowledged}-{self.published}-{self.at}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The inverse; None when it is no such text."""
        parts = text.split("-")
        if len(parts) != len(fields(cls)) or not all(p.isascii() and p.isdecimal() and len(p) < 18 for p in parts):
            return None
        return cls(*map(int, parts))


def place(connection: Connection, now: datetime) -> Place:
    """Where we are."""
    asked = (func.max(t.change.c.id), func.max(t.acknowledgement.c.id), func.sum(t.commune.c.published))
    change, taken, published = (int(connection.execute(select(one)).scalar_one() or 0) for one in asked)
    return Place(change, taken, published, to_ms(now))


def since(connection: Connection, before: Place, now: datetime) -> tuple[Place, frozenset[str]]:
    """The place now, and the communes of which something is new since then."""
    here = place(connection, now)
    b, c, a, k = t.board.c, t.change.c, t.alarm.c, t.acknowledgement.c
    found: set[str] = set()
    if here.change - before.change > MOST:
        found.add(ALL)
    elif here.change != before.change:
        rows = select(b.commune).join_from(t.change, t.board, b.id == c.board).where(c.id > before.change)
        found.update(connection.execute(rows.distinct()).scalars())
    if here.acknowledged != before.acknowledged:
        taken = select(b.commune).join_from(t.acknowledgement, t.alarm, a.id == k.alarm).join(t.board, b.id == a.board)
        found.update(connection.execute(taken.where(k.id > before.acknowledged).distinct()).scalars())
    for moment in (a.told, a.closed):
        moved = select(b.commune).join_from(t.alarm, t.board, b.id == a.board).where(moment > before.at)
        found.update(connection.execute(moved.distinct()).scalars())
    found |= _pictures(connection, before.at - COMMITTED_MS)
    if here.published != before.published:
        found.add(ALL)
    return here, frozenset(found)


def _pictures(connection: Connection, after: int) -> set[str]:
    """Of which communes a picture that somebody had asked for came, or was asked for; others are not waited for."""
    b, r, f = t.board.c, t.frame_request.c, t.frame.c
    asked = select(b.commune).join_from(t.frame_request, t.board, b.id == r.board).outerjoin(t.frame, f.board == b.id)
    asked = asked.where(or_(r.at > after, and_(f.received > after, f.received >= r.at)))
    return set(connection.execute(asked.distinct()).scalars())
