"""Notices and what became of them: which boards showed each, since when; of an emergency, after how many seconds.

A board has *confirmed* a notice when a report of it told a play of one of its slides, or that it was on the glass.
That is the board's signed word; what the office published is read from its folder and not verified (`hub.notices`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, true

from ...schedule import VIETNAM_TIME
from .. import heard
from ..alarms.rows import chunks
from ..notice import Notice
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from .fleet import Communes, among

NOTICES_A_PAGE = 30
OVER_TOLD = timedelta(days=90)  # notices that ended longer ago are in the reports
EMERGENCIES_TOLD = timedelta(days=30)
MAX_EMERGENCIES = 20  # on one page
WAITING, SHOWING, OVER, GONE = "waiting", "showing", "over", "gone"
STANDINGS = (SHOWING, WAITING, OVER, GONE)
Where = tuple[str, str]  # commune, board code


@dataclass(frozen=True)
class Shown:
    """What one board showed of a notice."""

    first: datetime
    last: datetime
    plays: int
    ms: int
    days: int


@dataclass
class Confirmation:
    """Which boards showed a notice, and which of those that should did not."""

    notice: Notice
    shown: dict[str, Shown] = field(default_factory=dict)  # by board code

    @property
    def missing(self) -> list[str]:
        return [code for code in self.notice.boards if code not in self.shown]

    @property
    def confirmed(self) -> int:
        """Of the boards that should show it."""
        return sum(code in self.shown for code in self.notice.boards)

    @property
    def first(self) -> datetime | None:
        return min((one.first for one in self.shown.values()), default=None)


def counts(connection: Connection, communes: Communes, now: datetime, commune: str = "") -> dict[str, int]:
    """How many notices are how."""
    standing = _standing(now).label("standing")
    asked = select(standing, func.count()).where(_told(communes, now, commune)).group_by(standing)
    return dict.fromkeys(STANDINGS, 0) | {row[0]: row[1] for row in connection.execute(asked)}


def page(
    connection: Connection, communes: Communes, now: datetime, standing: str, number: int, commune: str = ""
) -> list[Notice]:  # fmt: skip
    """One page of those that are so, counted from 1; the newest first."""
    which = and_(_told(communes, now, commune), _standing(now) == standing)
    n = t.notice.c
    order = (n.start.asc() if standing == WAITING else n.start.desc(), n.commune, n.statement)
    return _notices(connection, which, order, NOTICES_A_PAGE, (number - 1) * NOTICES_A_PAGE)


def find(connection: Connection, commune: str, beginning: str) -> Notice | None:
    """The notice whose statement begins so."""
    n = t.notice.c
    which = and_(n.commune == commune, n.statement.startswith(beginning, autoescape=True))
    return next(iter(_notices(connection, which, (n.statement,), 1)), None)


def emergencies(connection: Connection, communes: Communes, now: datetime, commune: str = "") -> list[Notice]:
    """Those of the last 30 days, the newest first; not what was only prepared."""
    n = t.notice.c
    which = and_(_told(communes, now, commune), n.alert != "", n.end > to_ms(now - EMERGENCIES_TOLD))
    return _notices(connection, which, (n.start.desc(), n.statement), MAX_EMERGENCIES)


def confirmations(connection: Connection, notices: Sequence[Notice]) -> list[Confirmation]:
    """Which boards showed these notices, by their plays."""
    found = [Confirmation(notice) for notice in notices]
    by_file: dict[tuple[str, str], list[Confirmation]] = {}
    for one in found:
        for file in one.notice.files:
            by_file.setdefault((one.notice.commune, file), []).append(one)
    for files in chunks(sorted({file for _, file in by_file})):
        among_ = set(files)
        mine = [n for n in notices if among_.intersection(n.files)]
        shared = {file for (_, file), having in by_file.items() if len(having) > 1}
        for some, daily in ((among_ - shared, False), (among_ & shared, True)):
            for row in connection.execute(_played(mine, some, daily=daily)) if some else ():
                for one in by_file.get((row.commune, row.file), ()):
                    if one.notice.start <= row.last and row.first <= one.notice.until:
                        shown = Shown(from_ms(row.first), from_ms(row.last), int(row.plays), int(row.ms), row.days)
                        _add(one, row.code, shown, daily=daily)
    return found


def _played(notices: Sequence[Notice], files: Collection[str], *, daily: bool) -> Select[Any]:
    """Plays of these files while a notice that has them was in force: an older one may have had the same picture.

    Together by board and file; `daily`: for each day, where several of the notices have a file.
    """
    p, b = t.play_day.c, t.board.c
    by = (b.commune, b.code, p.file, *((p.day,) if daily else ()))
    in_force = [
        and_(b.commune == n.commune, p.file.in_(sorted(mine)), p.last >= n.start, p.first <= n.until)
        for n in notices if (mine := set(n.files).intersection(files))
    ]  # fmt: skip
    return (
        select(
            b.commune, b.code, p.file, func.min(p.first).label("first"), func.max(p.last).label("last"),
            func.sum(p.plays).label("plays"), func.sum(p.ms).label("ms"), func.count().label("days"),
        )
        .join_from(t.play_day, t.board, b.id == p.board)
        .where(p.day >= min(_day(n.start) for n in notices), or_(*in_force)).group_by(*by)
    )  # fmt: skip


def clocks(connection: Connection, notices: Sequence[Notice]) -> list[Confirmation]:
    """The same for emergencies: also by what boards said was on the glass, which they tell before a play is over."""
    found = confirmations(connection, notices)
    words = {f"emergency {n.notice.statement}": n for n in found}
    if not words:
        return found
    c, b, s = t.change.c, t.board.c, t.state.c
    since = min(n.start for n in notices)
    seen = (
        select(b.commune, b.code, c.now, func.min(c.at).label("first"), func.max(c.at).label("last"))
        .join_from(t.change, t.board, b.id == c.board)
        .where(c.at >= since, c.what == "showing", c.now.in_(list(words))).group_by(b.commune, b.code, c.now)
    )  # fmt: skip
    for row in connection.execute(seen):
        if row.commune == words[row.now].notice.commune:
            _add(words[row.now], row.code, Shown(from_ms(row.first), from_ms(row.last), 0, 0, 0))
    now_there = (
        select(b.commune, b.code, s.statement, s.report, s.evidence).join_from(t.state, t.board, b.id == s.board)
        .where(s.kind == "emergency", s.statement.in_([n.statement for n in notices]))
    )  # fmt: skip
    for row in connection.execute(now_there):
        one = words[f"emergency {row.statement}"]
        showing = heard.read(row.report).showing
        if showing and row.commune == one.notice.commune:
            _add(one, row.code, Shown(showing.since, from_ms(row.evidence), 0, 0, 0))
    return found


def names(connection: Connection, which: Iterable[str]) -> dict[Where, str]:
    """What boards of these communes are called."""
    b = t.board.c
    rows = connection.execute(select(b.commune, b.code, b.name).where(b.commune.in_(sorted(set(which)))))
    return {(row.commune, row.code): row.name for row in rows}


def _add(one: Confirmation, code: str, shown: Shown, *, daily: bool = False) -> None:
    """Both together; of a file's days (`daily`) each is one more."""
    known = one.shown.get(code)
    if known is None:
        one.shown[code] = shown
        return
    one.shown[code] = Shown(
        min(known.first, shown.first), max(known.last, shown.last), known.plays + shown.plays, known.ms + shown.ms,
        known.days + shown.days if daily else max(known.days, shown.days),
    )  # fmt: skip


def standing(notice: Notice, now: datetime) -> str:
    """How it is now."""
    at = to_ms(now)
    taken = any(one is not None for one in (notice.withdrawn, notice.gone, notice.hidden))
    return OVER if notice.end <= at else GONE if taken else WAITING if notice.start > at else SHOWING


def _standing(now: datetime) -> ColumnElement[str]:
    """The same for SQL."""
    n, at = t.notice.c, to_ms(now)
    taken = or_(n.withdrawn.is_not(None), n.gone.is_not(None), n.hidden.is_not(None))
    return case((n.end <= at, OVER), (taken, GONE), (n.start > at, WAITING), else_=SHOWING)


def _told(communes: Communes, now: datetime, commune: str) -> ColumnElement[bool]:
    n = t.notice.c
    here = n.commune == commune if commune else true()
    return and_(among(n.commune, communes), here, n.end > to_ms(now - OVER_TOLD))


def _notices(
    connection: Connection, which: ColumnElement[bool], order: Sequence[Any], most: int, first: int = 0
) -> list[Notice]:  # fmt: skip
    asked = select(t.notice).where(which).order_by(*order).limit(most).offset(first)
    return [Notice.of(row) for row in connection.execute(asked).mappings()]


def _day(ms: int) -> str:
    return from_ms(ms).astimezone(VIETNAM_TIME).date().isoformat()
