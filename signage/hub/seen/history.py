"""What only a board's own page shows: hours, spans, plays, oddities, alarms and who took them in hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from ...errors import Refused
from ...report import Play
from .. import heard
from ..alarms import Level
from ..alarms.rows import says
from ..roster import AWAY
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from .timeline import DAYS, HOUR_MS, KINDS, Told

PLAYS_SHOWN = 30  # last plays on a board's page
MARKS_SHOWN = 20
SPANS_SHOWN = 60  # of the last 30 days, the newest first
SPANS_DRAWN = 2000  # of the last 30 days, in the picture
ALARMS_SHOWN = 20
SHORTEST_TOLD = timedelta(minutes=1)  # a shorter span is drawn, and not listed
MAX_NOTE = 500  # characters of a cause's note
# Why something was not right, as an operator may say it; the first four may also be the hub's own guess.
CAUSES = ("power", "network", "sim", "area", "hub", "machine", "screen", "work", "other")


@dataclass(frozen=True)
class Span:
    """Something that was not right; `until` None: it lasts."""

    id: int
    kind: str  # contact | screen | content | fault
    code: str
    since: datetime
    until: datetime | None
    cause: str
    note: str

    def lasted(self, now: datetime) -> timedelta:
        return (self.until or now) - self.since


@dataclass(frozen=True)
class Mark:
    """Something odd in a board's chain of reports."""

    kind: str
    seq: int
    missing: int
    times: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Acknowledged:
    """Who took an alarm in hand, when, and what was done."""

    who: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Alarm:
    """What people were told of, or are to be."""

    id: int
    code: str
    level: Level
    says: str
    since: datetime
    until: datetime | None
    times: int
    acknowledged: tuple[Acknowledged, ...]


def hours(connection: Connection, board: int, now: datetime) -> dict[int, Told]:
    """What the board did, by hour since 1970, for the longest timeline."""
    h = t.hour.c
    names = [kind for kind in KINDS if kind != "silent"] + ["emergency", "reports"]
    since = to_ms(now - timedelta(days=DAYS + 1)) // HOUR_MS
    rows = connection.execute(select(h.hour, *(h[name] for name in names)).where(h.board == board, h.hour >= since))
    return {row.hour: dict(zip(names, row[1:], strict=True)) for row in rows}


def extremes(connection: Connection, board: int, since: datetime) -> tuple[int | None, int | None, int | None]:
    """Lowest and highest temperature and least free disk since then."""
    h = t.hour.c
    asked = select(func.min(h.temp_low), func.max(h.temp_high), func.min(h.disk_low))
    low, high, disk = connection.execute(asked.where(h.board == board, h.hour >= to_ms(since) // HOUR_MS)).one()
    return low, high, disk


def standing(connection: Connection, board: int) -> tuple[int, str, int] | None:
    """Up to when the hours are told (ms), what the board did then, and since when it is enrolled (ms)."""
    s, b = t.state.c, t.board.c
    row = connection.execute(
        select(s.evidence, s.screen, b.enrolled).join_from(t.board, t.state, s.board == b.id).where(b.id == board)
    ).one_or_none()
    return (row.evidence, row.screen, row.enrolled) if row else None


def spans(connection: Connection, board: int, now: datetime) -> list[Span]:
    """Of the last 30 days, the newest first."""
    s = t.span.c
    since = to_ms(now - timedelta(days=DAYS))
    rows = connection.execute(
        select(s.id, s.kind, s.code, s.since, s.until, s.cause, s.note)
        .where(s.board == board, s.kind != AWAY, or_(s.until.is_(None), s.until > since))
        .order_by(s.since.desc()).limit(SPANS_DRAWN)
    )  # fmt: skip
    return [Span(r.id, r.kind, r.code, from_ms(r.since), _at(r.until), r.cause, r.note) for r in rows]


def listed(found: list[Span], now: datetime) -> list[Span]:
    """Those that people read of: outages, not the dark of every night, and none too short to matter."""
    outages = (s for s in found if (s.kind, s.code) != ("screen", "dark") and s.lasted(now) >= SHORTEST_TOLD)
    return sorted(outages, key=lambda s: (s.until is not None, -s.since.timestamp()))[:SPANS_SHOWN]


def explain(connection: Connection, board: int, span: int, cause: str, note: str) -> None:
    """Say why; raises `Refused` (`span-unknown`, `span-cause`)."""
    if (cause and cause not in CAUSES) or len(note) > MAX_NOTE:
        raise Refused("span-cause", most=MAX_NOTE)
    s = t.span.c
    changed = connection.execute(
        update(t.span).where(s.id == span, s.board == board).values(cause=cause, note=note.strip())
    )  # fmt: skip
    if not changed.rowcount:
        raise Refused("span-unknown", span=span)


def alarms(connection: Connection, board: int) -> list[Alarm]:
    """Those that last, then the newest of those that are over; told with who took them in hand."""
    a, k, who = t.alarm.c, t.acknowledgement.c, t.account.c
    rows = connection.execute(
        select(a.id, a.code, a.level, a.detail, a.since, a.until, a.times)
        .where(a.board == board, a.opened.is_not(None))
        .order_by(a.until.is_not(None), a.since.desc()).limit(ALARMS_SHOWN)
    ).all()  # fmt: skip
    notes: dict[int, list[Acknowledged]] = {}
    taken = (
        select(k.alarm, k.at, k.note, who.full_name).join_from(t.acknowledgement, t.account, who.id == k.account)
        .where(k.alarm.in_([row.id for row in rows])).order_by(k.at)
    )  # fmt: skip
    for row in connection.execute(taken) if rows else ():
        notes.setdefault(row.alarm, []).append(Acknowledged(row.full_name, from_ms(row.at), row.note))
    return [
        Alarm(r.id, r.code, Level(r.level), says(r.detail), from_ms(r.since), _at(r.until), r.times,
              tuple(notes.get(r.id, ())))
        for r in rows
    ]  # fmt: skip


def has_alarm(connection: Connection, board: int, alarm: int) -> bool:
    """Whether this alarm is of this board."""
    a = t.alarm.c
    return connection.execute(select(a.id).where(a.id == alarm, a.board == board)).first() is not None


def plays(connection: Connection, board: int) -> list[tuple[Play, str | None]]:
    """The last plays that reports told, with the slide's title where the board told it."""
    slide, ring = t.slide.c, t.report.c
    asked = select(slide.file, slide.title).where(slide.board == board)
    titles = {row.file: row.title for row in connection.execute(asked)}
    found: list[tuple[Play, str | None]] = []
    kept = select(ring.envelope).where(ring.board == board).order_by(ring.chain.desc(), ring.seq.desc())
    for envelope in connection.execute(kept).scalars():
        said = heard.read(heard.payload_of(envelope))
        found += [(Play(file, at, ms), titles.get(file)) for file, at, ms in reversed(said.plays)]
        if len(found) >= PLAYS_SHOWN:
            break
    return found[:PLAYS_SHOWN]


def marks(connection: Connection, board: int) -> list[Mark]:
    """What was odd in the board's chain, the newest first."""
    m = t.mark.c
    rows = connection.execute(
        select(m.kind, m.seq, m.missing, m.times, m.first, m.last)
        .where(m.board == board).order_by(m.last.desc(), m.seq.desc()).limit(MARKS_SHOWN)
    )  # fmt: skip
    return [Mark(r.kind, r.seq, r.missing, r.times, from_ms(r.first), from_ms(r.last)) for r in rows]


def frame(connection: Connection, board: int) -> bytes | None:
    """The newest thumbnail."""
    return connection.execute(select(t.frame.c.jpeg).where(t.frame.c.board == board)).scalar()


def meant(connection: Connection, commune: str, code: str, statement: str, now: datetime) -> bool | None:
    """Whether the office's publication has this statement for this board now; None when that is not known."""
    n = t.notice.c
    if connection.execute(select(n.statement).where(n.commune == commune).limit(1)).first() is None:
        return None
    asked = select(n.boards, n.start, n.end, n.withdrawn, n.gone, n.hidden)
    row = connection.execute(asked.where(n.commune == commune, n.statement == statement)).one_or_none()
    if row is None or row.withdrawn or row.gone or row.hidden:
        return False
    return code in json.loads(row.boards) and row.start <= to_ms(now) < row.end


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
