"""Boards as they are judged now: a few of them at once, with the reports that they sent last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from ...keys import PublicKey
from ...report import Report
from ...wire import when
from .. import heard
from ..alarms import MARK_TOLD, Contact, Facts, Judgement, Newest, Screen, judge
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from ..watchman import hearing_since
from .fleet import called


@dataclass(frozen=True)
class Board:
    """One board: its place, what it said last, and what that comes to."""

    number: int  # board.id
    commune: str
    commune_name: str
    sample: bool
    code: str
    name: str
    site: str
    hamlet: str
    shape: str
    metered: bool
    key: PublicKey
    facts: Facts
    judgement: Judgement
    seq: int
    marks: int
    frame_at: datetime | None  # when the board took its picture, by its own clock

    @property
    def path(self) -> str:
        """Of its page."""
        return f"/bang/{self.commune}/{self.code}"

    @property
    def report(self) -> Report | None:
        return self.facts.report

    @property
    def silent(self) -> bool:
        """Whether what it shows is what it said some time ago."""
        return self.facts.awaited or self.judgement.contact is not Contact.CONNECTED

    @property
    def rank(self) -> int:
        """As `axes.judged` ranks it: the worst is highest, a foreign picture before all."""
        return self.judgement.level + (self.judgement.screen is Screen.FOREIGN)

    def as_json(self) -> dict[str, Any]:
        """One board of `/api/boards.json`."""
        judgement, report, newest = self.judgement, self.report, self.facts.newest
        return {
            "commune": self.commune, "board": self.code, "name": self.name, "site": self.site, "hamlet": self.hamlet,
            "contact": judgement.contact.value, "content": judgement.content.value,
            "screen": judgement.screen.value, "layer": judgement.layer, "level": judgement.level.name.lower(),
            "reasons": [code for code, _ in judgement.reasons],
            "received": when(self.facts.received) if self.facts.received else None, "seq": self.seq,
            "publication": report.publication if report else None,
            "newest": newest.number if newest else None,
            "showing": report.showing.as_json() if report and report.showing else None,
            "faults": [{"code": c, "since": when(since)} for c, since in report.faults] if report else [],
            "marks": self.marks,
        }  # fmt: skip


def of(connection: Connection, numbers: Sequence[int], now: datetime) -> list[Board]:
    """These boards, the worst first, then by commune and name; a page of them, not a province."""
    return _boards(connection, t.board.c.id.in_(numbers), now) if numbers else []


def one(connection: Connection, commune: str, code: str, now: datetime) -> Board | None:
    """The board of this code in this commune."""
    which = (t.board.c.commune == commune) & (t.board.c.code == code) & t.board.c.retired.is_(None)
    return next(iter(_boards(connection, which, now)), None)


def where(connection: Connection, which: ColumnElement[bool], now: datetime) -> Iterable[Board]:
    """All boards that hang, of those `which`."""
    return _boards(connection, which & t.board.c.retired.is_(None), now)


def _boards(connection: Connection, which: ColumnElement[bool], now: datetime) -> list[Board]:
    b, c, s, f = t.board.c, t.commune.c, t.state.c, t.frame.c
    rows = connection.execute(
        select(
            b.id, b.commune, c.name.label("commune_name"), c.sample, b.code, b.name, b.site, b.hamlet, b.shape,
            b.metered, b.public, s.seq, s.received, s.report, s.apart, s.marks, f.sent.label("frame_at"),
            func.coalesce(c.published, c.newest).label("newest"), c.published, c.published_at, c.newest_seen,
        )
        .select_from(
            t.board.join(t.commune, c.code == b.commune).outerjoin(t.state, s.board == b.id).outerjoin(
                t.frame, f.board == b.id
            )
        )
        .where(which)
    )  # fmt: skip
    odd, listening = _odd(connection, which, now), hearing_since(connection, now)
    found = [_board(row, odd.get(row.id, frozenset()), listening, now) for row in rows]
    return sorted(found, key=lambda board: (-board.rank, board.commune, board.name, board.number))


def _board(row: Any, odd: frozenset[str], listening: datetime | None, now: datetime) -> Board:
    report = heard.as_report(heard.read(row.report)) if row.report else None
    seen = row.newest_seen if row.published is None else row.published_at
    newest = Newest(row.newest, from_ms(seen or 0), row.published is not None) if row.newest is not None else None
    apart = None if row.apart is None else from_ms(row.apart)
    facts = Facts(report, from_ms(row.received) if report else None, newest, row.metered, odd, listening, apart)
    return Board(
        row.id, row.commune, called(row.commune, row.commune_name), row.sample, row.code, row.name, row.site,
        row.hamlet, row.shape, row.metered, PublicKey(row.public), facts, judge(facts, now), row.seq or 0,
        row.marks or 0, from_ms(row.frame_at) if row.frame_at is not None else None,
    )  # fmt: skip


def _odd(connection: Connection, which: ColumnElement[bool], now: datetime) -> dict[int, frozenset[str]]:
    """What was odd lately in the boards' chains."""
    m = t.mark.c
    rows = connection.execute(
        select(m.board, m.kind).distinct()
        .join_from(t.mark, t.board, t.board.c.id == m.board).where(which, m.last > to_ms(now - MARK_TOLD))
    )  # fmt: skip
    found: dict[int, set[str]] = {}
    for board, kind in rows:
        found.setdefault(board, set()).add(kind)
    return {board: frozenset(kinds) for board, kinds in found.items()}
