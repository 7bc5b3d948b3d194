"""The rows of one commune and period, read at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from ..alarms.rows import says
from ..notice import Notice, earlier
from ..roster import AWAY
from ..store import tables as t
from .certificate import Certificate, certificate
from .facts import Acknowledged, Alarm, Board, Commune, Facts, Play, Span, Told
from .pack import Pack
from .periods import Period, day_of, midnight

_FIGURES = ("right", "claimed", "dark", "wrong", "unknown", "emergency", "reports")


def communes(connection: Connection, codes: Iterable[str] | None = None) -> list[Commune]:
    """Those that have a board, or all of `codes`, in their order."""
    c = t.commune.c
    asked = select(c.code, c.name, c.agency, c.sample).order_by(c.code)
    has_board = c.code.in_(select(t.board.c.commune))
    asked = asked.where(has_board) if codes is None else asked.where(c.code.in_(list(codes)))
    return [Commune(r.code, r.name or f"Xã {r.code}", r.agency, bool(r.sample)) for r in connection.execute(asked)]


def collect(connection: Connection, commune: Commune, period: Period, asof: int) -> Facts:
    """Everything that a report of this period is made of."""
    end = max(period.begin, min(period.end, asof))
    ours = t.board.c.commune == commune.code
    hours = told(connection, ours, period.first, _last_day(period, end))
    shown = plays(connection, ours, period.first, _last_day(period, end))
    heard = {row.board for row in hours} | {row.board for row in shown}
    wrong = spans(connection, ours, period.begin, end)
    away = {s.board for s in wrong if s.kind == AWAY and s.since <= period.begin and end <= (s.until or end)}
    there = [
        b for b in boards(connection, commune.code)
        if b.number in heard or (b.number not in away and b.was_there(period.begin, end))
    ]  # fmt: skip
    numbers = {board.number for board in there}
    return Facts(
        commune, period, asof, tuple(there), tuple(hours), tuple(shown),
        tuple(one.as_of(asof) for one in notices(connection, commune.code)),
        tuple(s for s in wrong if s.board in numbers),
        tuple(a for a in alarms(connection, ours, period.begin, end, asof) if a.board in numbers),
        by_hand(connection, commune.code, period.code),
    )  # fmt: skip


def posted(connection: Connection, commune: Commune, code: str, pack: Pack, asof: int) -> Certificate | None:
    """The certificate of the notice whose statement begins with `code`; None when there is none, or are several."""
    every = notices(connection, commune.code)
    found = [one for one in every if one.statement.startswith(code)]
    if len(found) != 1 or not code:
        return None
    ours = t.board.c.commune == commune.code
    shown = plays(connection, ours, of=found[0])
    days = [play.day for play in shown]
    hours = told(connection, ours, min(days), max(days)) if days else []
    return certificate(commune, found[0], boards(connection, commune.code), shown, hours, every, pack, asof)


def _last_day(period: Period, end: int) -> date:
    return day_of(end - 1) if end > period.begin else period.first - timedelta(days=1)


def boards(connection: Connection, commune: str) -> list[Board]:
    """All boards of the commune, those that hang no more too."""
    b = t.board.c
    first = select(func.min(t.day.c.day)).where(t.day.c.board == b.id).scalar_subquery()
    asked = select(b.id, b.code, b.name, b.site, b.hamlet, b.enrolled, b.retired, first)
    rows = connection.execute(asked.where(b.commune == commune).order_by(b.code))
    return [
        Board(*r[:2], r[2] or r[1], *r[3:7], midnight(date.fromisoformat(r[7])) if r[7] else None) for r in rows
    ]  # fmt: skip


def told(connection: Connection, ours: ColumnElement[bool], first: date, last: date) -> list[Told]:
    """What each board's hours say, by day, as the ledger has added them up."""
    d = t.day.c
    asked = select(d.board, d.day, *(d[name] for name in _FIGURES)).join(t.board, t.board.c.id == d.board)
    rows = connection.execute(
        asked.where(ours, d.day >= first.isoformat(), d.day <= last.isoformat()).order_by(d.board, d.day)
    )
    return [Told(r[0], date.fromisoformat(r[1]), *r[2:]) for r in rows]


def plays(
    connection: Connection, ours: ColumnElement[bool], first: date = date.min, last: date = date.max,
    of: Notice | None = None,
) -> list[Play]:  # fmt: skip
    """Proof of posting, perhaps of one notice's files; days of a clock that was not set belong to no period."""
    p, slide = t.play_day.c, t.slide.c
    asked = (
        select(p.board, p.day, p.file, p.plays, p.ms, p.first, p.last, p.sha_first, p.sha_last, slide.statement)
        .join(t.board, t.board.c.id == p.board)
        .outerjoin(t.slide, (slide.board == p.board) & (slide.file == p.file))
        .where(ours, p.day >= first.isoformat(), p.day <= last.isoformat())
    )
    if of is not None:
        asked = asked.where(p.file.in_(of.files) | (slide.statement == of.statement))
    days = cache(date.fromisoformat)  # a day has thousands of plays
    rows = connection.execute(asked.order_by(p.board, p.day, p.file))
    return [Play(board, days(day), *rest) for board, day, *rest in rows]


def notices(connection: Connection, commune: str) -> list[Notice]:
    """What the commune published."""
    rows = connection.execute(select(t.notice).where(t.notice.c.commune == commune).order_by(t.notice.c.statement))
    return [Notice.of(row) for row in rows.mappings()]


def _within(asked: Select[Any], ours: ColumnElement[bool], of: Any, begin: int, end: int) -> Select[Any]:
    """Intervals that touch begin … end."""
    return asked.where(ours, of.since < end, or_(of.until.is_(None), of.until > begin))


def spans(connection: Connection, ours: ColumnElement[bool], begin: int, end: int) -> list[Span]:
    """What was not right between two moments."""
    s = t.span.c
    asked = select(s.board, s.kind, s.code, s.since, s.until, s.cause, s.note).join(t.board, t.board.c.id == s.board)
    rows = connection.execute(_within(asked, ours, s, begin, end).order_by(s.since, s.id))
    return [Span(*row) for row in rows]


def alarms(connection: Connection, ours: ColumnElement[bool], begin: int, end: int, asof: int) -> list[Alarm]:
    """What became an alarm between two moments, with what people did about it; all as it was at `asof`."""
    a, done = t.alarm.c, t.acknowledgement.c
    asked = select(a.id, a.board, a.code, a.level, a.detail, a.since, a.until, a.times)
    asked = asked.join(t.board, t.board.c.id == a.board).where(a.opened <= asof)
    rows = connection.execute(_within(asked, ours, a, begin, end).order_by(a.since, a.id)).all()
    acts = select(done.alarm, t.account.c.full_name, done.at, done.note)
    acts = acts.join(t.account, t.account.c.id == done.account).order_by(done.at, done.id)
    found: dict[int, list[Acknowledged]] = {}
    first, last = min((r.id for r in rows), default=0), max((r.id for r in rows), default=-1)
    for r in connection.execute(acts.where(done.alarm >= first, done.alarm <= last, done.at <= asof)):
        found.setdefault(r.alarm, []).append(Acknowledged(r.full_name, r.at, r.note))
    return [
        Alarm(
            r.board,
            r.code,
            r.level,
            says(r.detail),
            r.since,
            earlier(r.until, asof),
            r.times,
            tuple(found.get(r.id, ())),
        )
        for r in rows
    ]


def by_hand(connection: Connection, commune: str, period: str) -> dict[str, str]:
    """What a person filled in."""
    f = t.report_field.c
    rows = connection.execute(select(f.field, f.value).where(f.commune == commune, f.period == period))
    return {row.field: row.value for row in rows}
