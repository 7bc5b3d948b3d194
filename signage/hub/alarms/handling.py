"""What people do about alarms: take one in hand, say what was done, announce that work is being done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from ...errors import Refused
from ..store import tables as t
from ..store.engine import from_ms, to_ms

MAX_NOTE = 500  # characters of what was done, and of a reason
MAX_ACKNOWLEDGED = 50  # times that one alarm may be acknowledged or noted
LONGEST = timedelta(days=14)  # of a maintenance window: forgotten ones must end
AHEAD = timedelta(days=90)  # how far ahead one may be set
MAX_WINDOWS = 500  # that have not ended, in one commune


@dataclass(frozen=True)
class Window:
    """Work that is being done, at a board or in a whole commune."""

    ident: int
    board: int | None
    commune: str | None
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True)
class Maintained:
    """Where work is being done at this moment."""

    boards: frozenset[int]
    communes: frozenset[str]

    def covers(self, board: int, commune: str) -> bool:
        return board in self.boards or commune in self.communes


def acknowledge(connection: Connection, alarm: int, account: int, note: str, now: datetime) -> None:
    """Somebody takes it in hand, or adds what was done; also of an alarm that is over.

    Raises `Refused`: `alarm-unknown`, `alarm-note-long`, `alarm-notes-many`.
    """
    if len(note) > MAX_NOTE:
        raise Refused("alarm-note-long", length=len(note), most=MAX_NOTE)
    if connection.execute(select(t.alarm.c.id).where(t.alarm.c.id == alarm)).one_or_none() is None:
        raise Refused("alarm-unknown", alarm=alarm)
    noted = select(t.acknowledgement.c.id).where(t.acknowledgement.c.alarm == alarm)
    if len(connection.execute(noted.limit(MAX_ACKNOWLEDGED)).all()) >= MAX_ACKNOWLEDGED:
        raise Refused("alarm-notes-many", most=MAX_ACKNOWLEDGED)
    told = {"alarm": alarm, "account": account, "at": to_ms(now), "note": note.strip()}
    connection.execute(insert(t.acknowledgement), told)


def maintain(
    connection: Connection, account: int, since: datetime, until: datetime, reason: str, now: datetime,
    *, board: int | None = None, commune: str | None = None,
) -> int:  # fmt: skip
    """Announce work at a board or in a commune; alarms are kept meanwhile, and told if they outlast it.

    Returns the window's number. Raises `Refused`: `maintenance-when`, `maintenance-reason`, `maintenance-many`.
    """
    if not (since < until and now < until and until - since <= LONGEST and since - now <= AHEAD):
        raise Refused("maintenance-when", longest=LONGEST.days, ahead=AHEAD.days)
    if not reason.strip() or len(reason) > MAX_NOTE or (board is None) == (commune is None):
        raise Refused("maintenance-reason", most=MAX_NOTE)
    where = commune or connection.execute(select(t.board.c.commune).where(t.board.c.id == board)).scalar_one()
    if _count(connection, t.maintenance.c.until > to_ms(now), [where]) >= MAX_WINDOWS:
        raise Refused("maintenance-many", most=MAX_WINDOWS)
    told = {
        "board": board, "commune": commune, "since": to_ms(since), "until": to_ms(until), "reason": reason.strip(),
        "account": account, "made": to_ms(now),
    }  # fmt: skip
    made = connection.execute(insert(t.maintenance).returning(t.maintenance.c.id), told)
    return int(made.scalar_one())


def end_maintenance(connection: Connection, window: int, now: datetime) -> None:
    """The work is done, or not done at all. Raises `Refused` (`maintenance-over`)."""
    m = t.maintenance.c
    ended = connection.execute(
        update(t.maintenance).where(m.id == window, m.until > to_ms(now)).values(until=to_ms(now))
    )  # fmt: skip
    if not ended.rowcount:
        raise Refused("maintenance-over", window=window)


def windows(connection: Connection, now: datetime, board: int, commune: str = "") -> list[Window]:
    """Windows of a board that have not ended, the next first; with those of its whole commune."""
    m = t.maintenance.c
    asked = select(m.id, m.board, m.commune, m.since, m.until, m.reason)
    asked = asked.where(m.until > to_ms(now), or_(m.board == board, m.commune == commune))
    rows = connection.execute(asked.order_by(m.since).limit(MAX_WINDOWS))
    return [Window(r.id, r.board, r.commune, from_ms(r.since), from_ms(r.until), r.reason) for r in rows]


def maintained(connection: Connection, now: datetime) -> Maintained:
    """Where alarms are kept but not told."""
    m = t.maintenance.c
    rows = connection.execute(select(m.board, m.commune).where(_running(now)).distinct()).all()
    return Maintained(
        frozenset(r.board for r in rows if r.board is not None), frozenset(r.commune for r in rows if r.commune)
    )


def works(connection: Connection, now: datetime, communes: Sequence[str] = ()) -> int:
    """How many windows last at this moment, in these communes or everywhere."""
    return _count(connection, _running(now), communes)


def _running(now: datetime) -> ColumnElement[bool]:
    m, at = t.maintenance.c, to_ms(now)
    return and_(m.since <= at, m.until > at)


def _count(connection: Connection, which: ColumnElement[bool], communes: Sequence[str]) -> int:
    m, b = t.maintenance.c, t.board.c
    asked = select(func.count()).select_from(t.maintenance).where(which)
    if communes:
        asked = asked.where(or_(m.commune.in_(communes), m.board.in_(select(b.id).where(b.commune.in_(communes)))))
    return int(connection.execute(asked).scalar_one())
