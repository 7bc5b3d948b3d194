"""Contact, content, screen and level of every board, as SQL: the same answers as `alarms.judge`, for all at once.

`judge` weighs one board whose report is at hand and says why. To find the worst of 40,000 nobody reads 40,000
reports: the writer keeps what they come to in columns (`state.screen`, `state.own_level`), and what time
alone changes (a silence, an old publication) is worked out here. A test holds the two against each other.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, and_, case, func, literal, or_, select

from ...schedule import VIETNAM_TIME
from ..alarms import HEARTBEAT, MARK_TOLD, METERED_HEARTBEAT, Contact, Content, Level, Screen
from ..alarms.judgement import ALONE, BROAD_DAY, DOWNLOAD_BEATS, LATE_BEATS, LOST_BEATS
from ..store import tables as t
from ..store.engine import to_ms

_MS = timedelta(milliseconds=1)
_DAY_MS = 86_400_000
# Marks of a board's chain that are a warning; the others are a note.
WARNED_MARKS = ("fork", "old")
_WRONG = (Screen.FOREIGN.value, Screen.BLACK.value, Screen.FROZEN.value)


def judged(now: datetime, listening: datetime | None, *which: ColumnElement[bool]) -> CTE:
    """Boards that hang, of those `which`: `contact`, `content`, `screen`, `level`, `rank` (highest: the worst).

    `listening`: as `Facts.listening` (`watchman.hearing_since`).
    """
    at = to_ms(now)
    placed = _once(_placed(at, listening).where(*which), "placed")
    axes = _once(select(placed, _content(placed.c, at).label("content"), _screen(placed.c).label("screen")), "axes")
    a = axes.c
    kept = (a.id, a.commune, a.name, a.contact, a.content, a.screen, _level(a, at).label("level"))
    weighed = select(*kept).subquery("weighed")
    # A foreign picture comes before all: somebody else holds the board.
    rank = weighed.c.level + case((weighed.c.screen == Screen.FOREIGN.value, 1), else_=0)
    return _once(select(weighed, rank.label("rank")), "judged")


def _once(rows: Select[Any], name: str) -> CTE:
    """Worked out once: SQLite would write the whole expression wherever its name stands (1 s instead of 0.2)."""
    return rows.cte(name).prefix_with("MATERIALIZED")


def _placed(at: int, listening: datetime | None) -> Select[Any]:
    """Boards beside their state, their commune's newest publication and what is odd in their chains."""
    b, s, c = t.board.c, t.state.c, t.commune.c
    beat = case((b.metered, METERED_HEARTBEAT // _MS), else_=HEARTBEAT // _MS)
    since = literal(to_ms(listening) if listening else 0, BigInteger)
    quiet = at - case((s.received < since, since), else_=s.received)
    contact = case(
        (s.received.is_(None), Contact.NEVER.value),
        (quiet > beat * LOST_BEATS, Contact.LOST.value),
        (quiet > beat * LATE_BEATS, Contact.LATE.value),
        else_=Contact.CONNECTED.value,
    )
    m = t.mark.c
    weight = case((m.kind.in_(WARNED_MARKS), int(Level.WARNING)), else_=int(Level.NOTE))
    odd = (
        select(m.board, func.max(weight).label("odd"))
        .where(m.last > at - MARK_TOLD // _MS).group_by(m.board).subquery("odd")
    )  # fmt: skip
    of_each = t.board.join(t.commune, c.code == b.commune).outerjoin(t.state, s.board == b.id)
    return (
        select(
            b.id, b.commune, b.name, beat.label("beat"), contact.label("contact"),
            s.received, s.screen.label("told"), s.publication, s.apart, s.own_level,
            func.coalesce(odd.c.odd, 0).label("odd"),
            func.coalesce(c.published, c.newest).label("newest"), c.published,
            case((c.published.is_(None), c.newest_seen), else_=c.published_at).label("newest_seen"),
        )
        .select_from(of_each.outerjoin(odd, odd.c.board == b.id))
        .where(b.retired.is_(None))
    )  # fmt: skip


def _content(c: Any, at: int) -> ColumnElement[str]:
    unheard = c.contact.in_((Contact.LOST.value, Contact.NEVER.value))
    young = at - func.coalesce(c.apart, c.newest_seen) <= c.beat * DOWNLOAD_BEATS
    return case(
        (
            or_(c.publication.is_(None), c.newest.is_(None), unheard, c.publication > c.newest),
            Content.UNCONFIRMED.value,
        ),
        (c.publication == c.newest, Content.CURRENT.value),
        (young, Content.DOWNLOADING.value),
        else_=Content.OLD.value,
    )


def _screen(c: Any) -> ColumnElement[str]:
    """A right picture is believed for as long as the board is heard; a wrong one stays told."""
    fine = c.told.in_((Screen.RIGHT.value, Screen.CLAIMED.value, Screen.DARK.value))
    return case(
        (c.told.is_(None), Screen.UNCHECKED.value),
        (and_(fine, c.contact == Contact.LOST.value), Screen.UNCHECKED.value),
        else_=c.told,
    )


def _level(c: Any, at: int) -> ColumnElement[int]:
    """The loudest reason."""
    unheard = c.contact.in_((Contact.LOST.value, Contact.NEVER.value))
    begins, ends = (_ms_of_day(moment) for moment in BROAD_DAY)
    clock = (c.received + VIETNAM_TIME.utcoffset(None) // _MS) % _DAY_MS
    nothing = and_(c.content == Content.UNCONFIRMED.value, ~unheard)
    alone = and_(c.newest.is_not(None), at - func.coalesce(c.apart, c.newest_seen) > ALONE // _MS)
    loud: list[tuple[ColumnElement[bool], Level]] = [
        (or_(c.contact == Contact.LOST.value, c.screen.in_(_WRONG)), Level.ALARM),
        (c.own_level == int(Level.ALARM), Level.ALARM),
        (or_(c.own_level == int(Level.WARNING), c.odd == int(Level.WARNING)), Level.WARNING),
        (c.contact.in_((Contact.LATE.value, Contact.NEVER.value)), Level.WARNING),
        (c.content == Content.OLD.value, Level.WARNING),
        (and_(c.screen == Screen.DARK.value, clock >= begins, clock < ends), Level.WARNING),
        (and_(nothing, or_(c.publication.is_(None), c.published.is_not(None), alone)), Level.WARNING),
        (or_(c.own_level == int(Level.NOTE), c.odd == int(Level.NOTE), nothing), Level.NOTE),
        (c.content == Content.DOWNLOADING.value, Level.NOTE),
        (c.screen.in_((Screen.DARK.value, Screen.UNCHECKED.value)), Level.NOTE),
    ]
    return case(*((test, int(level)) for test, level in loud), else_=literal(int(Level.CALM)))


def _ms_of_day(moment: time) -> int:
    return (moment.hour * 3600 + moment.minute * 60) * 1000
