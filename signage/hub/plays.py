"""Plays as the hub keeps them: per board, day and slide, how often and how long, and the slides' names.

Days are Vietnamese days by the board's own record, since people ask "what did it show on Monday";
a day that cannot be (a board without a clock) is kept as an unknown day rather than dropped.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from ..report import Play, Report, Showing
from ..schedule import VIETNAM_TIME
from .database import to_ms

DAYS_KEPT = 400  # days of plays: a yearly report and some weeks
SLIDES_A_DAY = 1200  # slides of one board and day that are counted apart
SLIDES_NAMED = 2000  # slides of one board whose title is remembered
UNKNOWN_DAY = ""  # the board's clock was not set
OTHER = ""  # slides beyond SLIDES_A_DAY, together


def day_of(moment: datetime) -> str:
    return moment.astimezone(VIETNAM_TIME).date().isoformat()


def add(db: sqlite3.Connection, report: Report, received: datetime) -> None:
    """Count a report's plays and remember its slide's title."""
    counts: dict[tuple[str, str], list[Play]] = {}
    for play in report.plays:
        counts.setdefault((_day(play, received), play.file), []).append(play)
    for (day, file), played in counts.items():
        _count(db, report.board, day, file, played)
    if report.showing and report.showing.file:
        _name(db, report.board, report.showing, received)


def _day(play: Play, received: datetime) -> str:
    believable = received - timedelta(days=DAYS_KEPT) < play.at < received + timedelta(days=1)
    return day_of(play.at) if believable else UNKNOWN_DAY


def _count(db: sqlite3.Connection, board: str, day: str, file: str, played: list[Play]) -> None:
    times = [to_ms(p.at) for p in played]
    known = db.execute("SELECT 1 FROM play_day WHERE board = ? AND day = ? AND file = ?", (board, day, file)).fetchone()
    if not known:
        (full,) = db.execute("SELECT count(*) FROM play_day WHERE board = ? AND day = ?", (board, day)).fetchone()
        file = OTHER if full >= SLIDES_A_DAY else file
    db.execute(
        "INSERT INTO play_day VALUES (?,?,?,?,?,?,?) ON CONFLICT (board, day, file) DO UPDATE SET "
        "plays = plays + excluded.plays, ms = ms + excluded.ms, "
        "first = min(first, excluded.first), last = max(last, excluded.last)",
        (board, day, file, len(played), sum(p.ms for p in played), min(times), max(times)),
    )


def _name(db: sqlite3.Connection, board: str, showing: Showing, received: datetime) -> None:
    file, statement, title, at = showing.file, showing.statement, showing.title, to_ms(received)
    known = db.execute(
        "UPDATE slide SET statement = ?, title = ?, seen = ? WHERE board = ? AND file = ?",
        (statement, title, at, board, file),
    )
    if known.rowcount:
        return
    db.execute("INSERT INTO slide VALUES (?,?,?,?,?)", (board, file, statement, title, at))
    db.execute(
        "DELETE FROM slide WHERE board = ? AND file IN "
        "(SELECT file FROM slide WHERE board = ? ORDER BY seen DESC LIMIT -1 OFFSET ?)",
        (board, board, SLIDES_NAMED),
    )


def sweep(db: sqlite3.Connection, now: datetime) -> None:
    """Forget what is older than the limits, once a day."""
    oldest = now - timedelta(days=DAYS_KEPT)
    db.execute("DELETE FROM play_day WHERE day <> ? AND day < ?", (UNKNOWN_DAY, day_of(oldest)))
    db.execute("DELETE FROM slide WHERE seen < ?", (to_ms(oldest),))
