"""What a person sees of the boards: rows of the hub's file, judged and put in order, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ...report import Play, Report
from ...wire import when
from .. import heard, roster
from ..alarms import MARK_TOLD, Contact, Facts, Judgement, Newest, Screen, judge
from ..roster import Enrolled
from ..store import tables as t
from ..store.engine import from_ms, to_ms

PLAYS_SHOWN = 30  # last plays on a board's page
MARKS_SHOWN = 20

Expected = Callable[[str, str], Newest | None]  # the newest publication of a commune's board, from the office's folder


@dataclass(frozen=True)
class BoardView:
    """One board as it is judged now."""

    enrolled: Enrolled
    facts: Facts
    judgement: Judgement
    seq: int
    marks: int
    frame_at: datetime | None

    @property
    def id(self) -> str:
        return self.enrolled.board

    @property
    def report(self) -> Report | None:
        return self.facts.report

    @property
    def silent(self) -> bool:
        """Whether what it shows is what it said some time ago."""
        return self.judgement.contact is not Contact.CONNECTED

    @property
    def rank(self) -> tuple[int, int, str]:
        """Worst first, a foreign picture before all; of equals the one with more to say, then by name."""
        judgement = self.judgement
        loud = judgement.level + (judgement.screen is Screen.FOREIGN)
        return (-loud, -len(judgement.reasons), self.enrolled.place.name)

    def as_json(self) -> dict[str, Any]:
        """One board of `/api/boards.json`."""
        judgement, report, newest = self.judgement, self.report, self.facts.newest
        return {
            "commune": self.enrolled.commune, "board": self.id, "name": self.enrolled.place.name,
            "site": self.enrolled.place.site,
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
class Details:
    """What only a board's own page shows."""

    plays: list[tuple[Play, str | None]]  # with the slide's title, where the board told it
    marks: list[Mark]


def all_boards(db: Connection, now: datetime, expected: Expected | None = None) -> list[BoardView]:
    """Every board, worst first."""
    return sorted(_views(db, roster.everyone(db), now, expected), key=lambda view: view.rank)


def one_board(
    db: Connection, commune: str, board: str, now: datetime, expected: Expected | None = None
) -> BoardView | None:
    enrolled = roster.find(db, commune, board)
    return _views(db, [enrolled], now, expected)[0] if enrolled else None


def tallies(views: list[BoardView]) -> dict[str, Counter[Any]]:
    """How many boards are in each state, axis by axis."""
    return {
        "contact": Counter(view.judgement.contact for view in views),
        "content": Counter(view.judgement.content for view in views),
        "screen": Counter(view.judgement.screen for view in views),
    }


def details(db: Connection, board: int) -> Details:
    return Details(_plays(db, board), _marks(db, board))


def frame(db: Connection, board: int) -> bytes | None:
    return db.execute(select(t.frame.c.jpeg).where(t.frame.c.board == board)).scalar()


def _views(db: Connection, boards: list[Enrolled], now: datetime, expected: Expected | None) -> list[BoardView]:
    known = db.execute(select(t.commune.c.code, t.commune.c.newest, t.commune.c.newest_seen))
    newest = {row.code: Newest(row.newest, from_ms(row.newest_seen)) for row in known if row.newest is not None}
    state, frame = t.state.c, t.frame.c
    asked = select(state.board, state.seq, state.received, state.report, state.marks, frame.received).outerjoin(
        t.frame, frame.board == state.board
    )
    marked = select(t.mark.c.board, t.mark.c.kind).where(t.mark.c.last > to_ms(now - MARK_TOLD))
    if len(boards) == 1:
        asked = asked.where(state.board == boards[0].number)
        marked = marked.where(t.mark.c.board == boards[0].number)
    odd: dict[int, set[str]] = {}
    for board, kind in db.execute(marked):
        odd.setdefault(board, set()).add(kind)
    states = {row[0]: row[1:] for row in db.execute(asked)}
    found = []
    for one in boards:
        best = expected(one.commune, one.board) if expected else newest.get(one.commune)
        found.append(_view(one, states.get(one.number), best, frozenset(odd.get(one.number, ())), now))
    return found


def _view(board: Enrolled, state: Any, newest: Newest | None, odd: frozenset[str], now: datetime) -> BoardView:
    seq, received, data, marks, frame_at = state or (0, 0, None, 0, None)
    report = heard.as_report(heard.read(data)) if data else None
    facts = Facts(report, from_ms(received) if report else None, newest, board.place.metered, odd)
    return BoardView(board, facts, judge(facts, now), seq, marks, from_ms(frame_at) if frame_at is not None else None)


def _plays(db: Connection, board: int) -> list[tuple[Play, str | None]]:
    slide, ring = t.slide.c, t.report.c
    titles = {row.file: row.title for row in db.execute(select(slide.file, slide.title).where(slide.board == board))}
    found: list[tuple[Play, str | None]] = []
    kept = select(ring.envelope).where(ring.board == board).order_by(ring.chain.desc(), ring.seq.desc())
    for envelope in db.execute(kept).scalars():
        said = heard.read(heard.payload_of(envelope))
        found += [(Play(file, at, ms), titles.get(file)) for file, at, ms in reversed(said.plays)]
        if len(found) >= PLAYS_SHOWN:
            break
    return found[:PLAYS_SHOWN]


def _marks(db: Connection, board: int) -> list[Mark]:
    mark = t.mark.c
    rows = db.execute(
        select(mark.kind, mark.seq, mark.missing, mark.times, mark.first, mark.last)
        .where(mark.board == board).order_by(mark.last.desc(), mark.seq.desc()).limit(MARKS_SHOWN)
    )  # fmt: skip
    return [Mark(kind, seq, missing, times, from_ms(a), from_ms(b)) for kind, seq, missing, times, a, b in rows]
