"""What a person sees of the boards: rows of the hub's file, judged and put in order, worst first."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...report import Play, Report, open_report
from ...wire import when
from ..alarms import MARK_TOLD, Contact, Facts, Judgement, Newest, Screen, judge
from ..database import from_ms, to_ms
from ..roster import Enrolled, Roster

PLAYS_SHOWN = 30  # last plays on a board's page
MARKS_SHOWN = 20

Expected = Callable[[str], Newest | None]  # a board's newest publication, from the office's folder


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
            "board": self.id, "name": self.enrolled.place.name, "site": self.enrolled.place.site,
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


def all_boards(db: sqlite3.Connection, now: datetime, expected: Expected | None = None) -> list[BoardView]:
    """Every board, worst first."""
    return sorted(_views(db, Roster(db).all(), now, expected), key=lambda view: view.rank)


def one_board(db: sqlite3.Connection, board: str, now: datetime, expected: Expected | None = None) -> BoardView | None:
    enrolled = Roster(db).find(board)
    return _views(db, [enrolled], now, expected)[0] if enrolled else None


def tallies(views: list[BoardView]) -> dict[str, Counter[Any]]:
    """How many boards are in each state, axis by axis."""
    return {
        "contact": Counter(view.judgement.contact for view in views),
        "content": Counter(view.judgement.content for view in views),
        "screen": Counter(view.judgement.screen for view in views),
    }


def details(db: sqlite3.Connection, board: str) -> Details:
    return Details(_plays(db, board), _marks(db, board))


def frame(db: sqlite3.Connection, board: str) -> bytes | None:
    row = db.execute("SELECT jpeg FROM frame WHERE board = ?", (board,)).fetchone()
    return bytes(row[0]) if row else None


_STATES = (
    "SELECT state.board, seq, state.received, report, marks, frame.received FROM state "
    "LEFT JOIN frame ON frame.board = state.board"
)


def _views(db: sqlite3.Connection, boards: list[Enrolled], now: datetime, expected: Expected | None) -> list[BoardView]:
    newest = {c: Newest(n, from_ms(seen)) for c, n, seen in db.execute("SELECT commune, number, seen FROM newest")}
    one = len(boards) == 1
    rows = db.execute(_STATES + " WHERE state.board = ?", (boards[0].board,)) if one else db.execute(_STATES)
    odd: dict[str, set[str]] = {}
    for board, kind in db.execute("SELECT board, kind FROM mark WHERE last > ?", (to_ms(now - MARK_TOLD),)):
        odd.setdefault(board, set()).add(kind)
    states = {row[0]: row[1:] for row in rows}
    found = []
    for one_of in boards:
        best = expected(one_of.board) if expected else newest.get(one_of.place.commune)
        found.append(_view(one_of, states.get(one_of.board), best, frozenset(odd.get(one_of.board, ())), now))
    return found


def _view(board: Enrolled, state: Any, newest: Newest | None, odd: frozenset[str], now: datetime) -> BoardView:
    seq, received, data, marks, frame_at = state or (0, 0, None, 0, None)
    report = Report.read(data) if data else None
    facts = Facts(report, from_ms(received) if report else None, newest, board.place.metered, odd)
    return BoardView(board, facts, judge(facts, now), seq, marks, from_ms(frame_at) if frame_at is not None else None)


def _plays(db: sqlite3.Connection, board: str) -> list[tuple[Play, str | None]]:
    titles = dict(db.execute("SELECT file, title FROM slide WHERE board = ?", (board,)).fetchall())
    found: list[tuple[Play, str | None]] = []
    for (envelope,) in db.execute(
        "SELECT envelope FROM report WHERE board = ? ORDER BY chain DESC, seq DESC", (board,)
    ):
        _, report = open_report(envelope)
        found += [(play, titles.get(play.file)) for play in reversed(report.plays)]
        if len(found) >= PLAYS_SHOWN:
            break
    return found[:PLAYS_SHOWN]


def _marks(db: sqlite3.Connection, board: str) -> list[Mark]:
    rows = db.execute(
        "SELECT kind, seq, missing, times, first, last FROM mark WHERE board = ? ORDER BY last DESC, seq DESC LIMIT ?",
        (board, MARKS_SHOWN),
    )
    return [Mark(kind, seq, missing, times, from_ms(a), from_ms(b)) for kind, seq, missing, times, a, b in rows]
