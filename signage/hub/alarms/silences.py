"""Spans that only the clock can tell: a board is not heard, or holds an old publication.

The report that ends a silence closes its span, with the cause that it tells (`spans`); a look refines that cause
by what it knows of the other boards. A cause under which a person wrote a note is never changed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from ..store import Store
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from ..store.parts import InParts
from .causes import CUT_OFF, NETWORK, TOGETHER, UNKNOWN, Silence, guess
from .judgement import Contact, Content
from .looking import Look, Watched

CONTACT, LOST, CONTENT, OLD, FAULT = "contact", "lost", "content", "old", "fault"
REMEMBERED = timedelta(days=1)  # how long after its end a silence still tells of its neighbours'
COMMITTED = timedelta(minutes=1)  # until a report that was heard is surely in the store
_CLOSE = (
    update(t.span)
    .where(t.span.c.id == bindparam("the"), t.span.c.until.is_(None))
    .values(until=bindparam("ended"))
)  # fmt: skip
_CAUSE = update(t.span).where(t.span.c.id == bindparam("the"), t.span.c.note == "").values(cause=bindparam("why"))


@dataclass(frozen=True)
class Span:
    """A silence, open or just over."""

    ident: int
    board: int
    since: datetime
    until: datetime | None
    cause: str
    noted: bool


@dataclass
class _Turn:
    """What a look opens and closes."""

    fresh: list[dict[str, Any]] = field(default_factory=list)
    over: list[dict[str, int]] = field(default_factory=list)

    def open(self, kind: str, code: str, board: int, since: datetime) -> None:
        self.fresh.append({"board": board, "kind": kind, "code": code, "since": to_ms(since)})

    def close(self, ident: int, at: datetime) -> None:
        self.over.append({"the": ident, "ended": to_ms(at)})


def follow(store: Store, in_parts: InParts, found: Look, before: datetime) -> None:
    """Open and close what this look sees; `before`: the look before it."""
    turn = _Turn()
    with store.reading() as connection:
        _contact(turn, found, recent(connection, found.now))
        _content(turn, found, connection)
    in_parts(turn.fresh, lambda some_in, some: some_in.execute(insert(t.span), some))
    in_parts(turn.over, lambda some_in, some: some_in.execute(_CLOSE, some))
    with store.reading() as connection:
        silences = recent(connection, found.now)
        causes = list(_causes(found, silences, _cut_off(connection, silences), before - COMMITTED))
    in_parts(causes, lambda some_in, some: some_in.execute(_CAUSE, some))


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

    def silence(self, one: Watched, span: Span, *, cut_off: bool = False) -> Silence:
        """What is known of one silence, with its neighbours."""
        times = self._since.get(one.commune, [])
        together = bisect_right(times, span.since + TOGETHER) - bisect_left(times, span.since - TOGETHER)
        boards = self.boards[one.commune]
        return Silence(span.since, span.until, span.cause, one.facts.metered, boards, together, cut_off)


def _contact(turn: _Turn, found: Look, spans: Sequence[Span]) -> None:
    lasting = [span for span in spans if span.until is None]
    known = {span.board for span in lasting}
    told = {(span.board, span.since) for span in spans}  # it may have spoken since the boards were read
    for number, one in sorted(found.boards.items()):
        silent_since = one.facts.received if one.judgement.contact is Contact.LOST else None
        if silent_since and number not in known and (number, silent_since) not in told:
            turn.open(CONTACT, LOST, number, silent_since)
    for span in lasting:
        silent = found.boards.get(span.board)
        if silent is None:  # it hangs no more
            turn.close(span.ident, found.now)
        elif silent.facts.received and silent.facts.received > span.since:
            turn.close(span.ident, silent.facts.received)


def _content(turn: _Turn, found: Look, connection: Connection) -> None:
    s = t.span.c
    asked = select(s.id, s.board).where(s.kind == CONTENT, s.until.is_(None))
    spans = {r.board: r.id for r in connection.execute(asked)}
    for number, one in sorted(found.boards.items()):
        if one.judgement.content is Content.OLD and number not in spans:
            since = one.facts.apart or (one.facts.newest.seen if one.facts.newest else found.now)
            turn.open(CONTENT, OLD, number, min(since, found.now))
    for number, ident in spans.items():
        held = found.boards.get(number)
        if held is None or held.judgement.content in (Content.CURRENT, Content.DOWNLOADING):
            turn.close(ident, (held.facts.received if held else None) or found.now)


def _cut_off(connection: Connection, spans: Sequence[Span]) -> frozenset[int]:
    """Of these silences, by number, those during which the board met somebody else on its way to us."""
    s, least = t.span.c, min((span.since for span in spans), default=None)
    if least is None:
        return frozenset()
    asked = select(s.board, s.since, s.until).where(
        s.kind == FAULT, s.code.in_(CUT_OFF), or_(s.until.is_(None), s.until >= to_ms(least))
    )
    met: dict[int, list[tuple[int, int | None]]] = {}
    for row in connection.execute(asked):
        met.setdefault(row.board, []).append((row.since, row.until))
    return frozenset(
        span.ident
        for span in spans
        for since, until in met.get(span.board, ())
        if (span.until is None or since <= to_ms(span.until)) and (until is None or until >= to_ms(span.since))
    )


def _causes(found: Look, spans: Sequence[Span], cut_off: frozenset[int], before: datetime) -> Iterator[dict[str, Any]]:
    crowd = Crowd(found, spans)
    for span in spans:
        one = found.boards.get(span.board)
        if one is None or span.until is None or span.until < before or span.noted:
            continue
        told = span.ident in cut_off
        if span.cause not in (UNKNOWN, NETWORK) or (crowd.boards[one.commune] < 2 and not told):
            continue
        if (cause := guess(crowd.silence(one, span, cut_off=told), found.now)) != span.cause:
            yield {"the": span.ident, "why": cause}
