"""Spans that only the clock can tell: a board is not heard, or holds an old publication.

The report that ends a silence closes its span, with the cause that it tells (`spans`); a look refines that cause
by what it knows of the other boards. A cause under which a person wrote a note is never changed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from ..store import tables as t
from ..store.engine import from_ms, to_ms
from .causes import NETWORK, TOGETHER, UNKNOWN, Silence, guess
from .judgement import Contact, Content
from .looking import Look, Watched

CONTACT, LOST, CONTENT, OLD = "contact", "lost", "content", "old"
REMEMBERED = timedelta(days=1)  # how long after its end a silence still tells of its neighbours'
COMMITTED = timedelta(minutes=1)  # until a report that was heard is surely in the store


@dataclass(frozen=True)
class Span:
    """A silence, open or just over."""

    ident: int
    board: int
    since: datetime
    until: datetime | None
    cause: str
    noted: bool


def follow(connection: Connection, found: Look, before: datetime) -> None:
    """Open and close what this look sees; `before`: the look before it."""
    _contact(connection, found, [span for span in recent(connection, found.now) if span.until is None])
    _content(connection, found)
    _causes(connection, found, recent(connection, found.now), before - COMMITTED)


def recent(connection: Connection, now: datetime) -> list[Span]:
    """Silences that last, or ended within `REMEMBERED`."""
    s = t.span.c
    asked = select(s.id, s.board, s.since, s.until, s.cause, s.note).where(
        s.kind == CONTACT, or_(s.until.is_(None), s.until >= to_ms(now - REMEMBERED))
    )
    return [
        Span(r.id, r.board, from_ms(r.since), None if r.until is None else from_ms(r.until), r.cause, bool(r.note))
        for r in connection.execute(asked)
    ]


class Crowd:
    """How many boards of each commune there are, and when they fell silent."""

    def __init__(self, found: Look, spans: Sequence[Span]) -> None:
        self.boards = Counter(one.commune for one in found.boards.values())
        self._since: dict[str, list[datetime]] = {}
        for span in spans:
            if one := found.boards.get(span.board):
                self._since.setdefault(one.commune, []).append(span.since)
        for times in self._since.values():
            times.sort()

    def silence(self, one: Watched, span: Span) -> Silence:
        """What is known of one silence, with its neighbours."""
        times = self._since.get(one.commune, [])
        together = bisect_right(times, span.since + TOGETHER) - bisect_left(times, span.since - TOGETHER)
        return Silence(span.since, span.until, span.cause, one.facts.metered, self.boards[one.commune], together)


def _contact(connection: Connection, found: Look, spans: Sequence[Span]) -> None:
    silent = {n: one for n, one in found.boards.items() if one.judgement.contact is Contact.LOST and one.facts.received}
    known = {span.board for span in spans}
    fresh = [(one, one.facts.received) for number, one in sorted(silent.items()) if number not in known]
    _open(connection, CONTACT, LOST, [(one.number, since) for one, since in fresh if since])
    over: dict[int, datetime] = {}
    for span in spans:
        one = found.boards.get(span.board)
        if one is None:  # it hangs no more
            over[span.ident] = found.now
        elif one.facts.received and one.facts.received > span.since:
            over[span.ident] = one.facts.received
    _close(connection, over)


def _content(connection: Connection, found: Look) -> None:
    s = t.span.c
    asked = select(s.id, s.board).where(s.kind == CONTENT, s.until.is_(None))
    spans = {r.board: r.id for r in connection.execute(asked)}
    old = {n: one for n, one in found.boards.items() if one.judgement.content is Content.OLD}
    fresh = [(n, one.facts.newest.seen if one.facts.newest else found.now) for n, one in sorted(old.items())]
    _open(connection, CONTENT, OLD, [(n, min(since, found.now)) for n, since in fresh if n not in spans])
    over = {}
    for number, ident in spans.items():
        one = found.boards.get(number)
        if one is None or one.judgement.content in (Content.CURRENT, Content.DOWNLOADING):
            over[ident] = (one.facts.received if one else None) or found.now
    _close(connection, over)


def _causes(connection: Connection, found: Look, spans: Sequence[Span], before: datetime) -> None:
    crowd = Crowd(found, spans)
    for span in spans:
        one = found.boards.get(span.board)
        if one is None or span.until is None or span.until < before or span.noted:
            continue
        if span.cause not in (UNKNOWN, NETWORK) or crowd.boards[one.commune] < 2:
            continue
        if (cause := guess(crowd.silence(one, span), found.now)) != span.cause:
            connection.execute(update(t.span).where(t.span.c.id == span.ident, t.span.c.note == "").values(cause=cause))


def _open(connection: Connection, kind: str, code: str, fresh: Sequence[tuple[int, datetime]]) -> None:
    if fresh:
        told: list[dict[str, Any]] = [
            {"board": board, "kind": kind, "code": code, "since": to_ms(since)} for board, since in fresh
        ]
        connection.execute(insert(t.span), told)


def _close(connection: Connection, over: dict[int, datetime]) -> None:
    if over:
        s = t.span.c
        asked = update(t.span).where(s.id == bindparam("the"), s.until.is_(None)).values(until=bindparam("ended"))
        connection.execute(asked, [{"the": ident, "ended": to_ms(at)} for ident, at in over.items()])
