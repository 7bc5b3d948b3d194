"""Every report ever accepted: written first, acknowledged afterwards, never more than the limits say.

One thread writes. It takes whatever waits, writes it in one transaction, and answers only after the
commit: a report that was acknowledged is still there after `kill -9` or a power cut. Kept are each
board's latest state, its last reports whole (as signed), marks of what was odd, and plays per day.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..errors import Unavailable
from ..keys import Sealed
from ..report import Report
from ..wire import sha256
from . import plays
from .alarms import FORK, GAP, NEW_KEY, OLD, TORN
from .chain import Last, Standing, stand
from .database import connect, to_ms

RAW_KEPT = 40  # last reports of a board that are kept whole, with their signatures
MARKS_KEPT = 50  # last oddities of a board
MAX_WAITING = 4000  # reports in the queue; beyond that the hub is busy
MAX_BATCH = 500  # reports of one transaction
STOP_WAIT_S = 10.0  # how long a stopping hub waits for the last transaction
JPEG_START = b"\xff\xd8\xff"

_COUNTED = (FORK, OLD)  # come in floods: one mark, and how many times


@dataclass(frozen=True)
class Arrival:
    """A report whose signature was checked, and when it came, by the hub's own clock."""

    report: Report
    sealed: Sealed
    chain: int
    commune: str
    received: datetime


@dataclass(frozen=True)
class Accepted:
    """What became of it: its standing, and the last number that is kept (and on disk)."""

    standing: Standing
    last: int


_Waiting = tuple[Arrival, "Future[Accepted]"]


class Ledger:
    """The writer. `submit` may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._swept = ""
        self.failure: str | None = None  # why the last transaction failed; None while all is well

    def start(self) -> None:
        connect(self._folder).close()  # a file that cannot be opened is told now, not later
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        self._thread.join(STOP_WAIT_S)

    @property
    def working(self) -> bool:
        return self._thread.is_alive() and self.failure is None

    def submit(self, arrival: Arrival) -> Future[Accepted]:
        """The answer comes after the commit; raises `Unavailable` (`hub-busy`) when too many wait."""
        future: Future[Accepted] = Future()
        try:
            if not self._thread.is_alive():
                raise Unavailable("hub-busy")
            self._waiting.put_nowait((arrival, future))
        except queue.Full as error:
            raise Unavailable("hub-busy") from error
        return future

    def _run(self) -> None:
        db = connect(self._folder)
        while (first := self._waiting.get()) is not None:
            batch, ending = [first], False
            while len(batch) < MAX_BATCH and not ending:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    ending = True
                else:
                    batch.append(more)
            self._write(db, batch)
            if ending:
                break
        db.close()

    def _write(self, db: sqlite3.Connection, batch: list[_Waiting]) -> None:
        """All in one transaction; when that fails, each alone, so that one cannot spoil the others."""
        try:
            answers = self._transaction(db, [arrival for arrival, _ in batch])
        except Exception as error:
            logging.getLogger(__name__).exception("a batch of %d reports was not written", len(batch))
            self.failure = str(error)
            if len(batch) > 1:
                for one in batch:
                    self._write(db, [one])
            else:
                batch[0][1].set_exception(Unavailable("hub-busy"))
            return
        self.failure = None
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.cancelled():
                future.set_result(answer)

    def _transaction(self, db: sqlite3.Connection, arrivals: list[Arrival]) -> list[Accepted]:
        db.execute("BEGIN IMMEDIATE")
        try:
            answers = [keep(db, arrival) for arrival in arrivals]
            self._sweep_daily(db, arrivals[-1].received)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return answers

    def _sweep_daily(self, db: sqlite3.Connection, now: datetime) -> None:
        if (today := plays.day_of(now)) != self._swept:
            plays.sweep(db, now)
            self._swept = today


def keep(db: sqlite3.Connection, arrival: Arrival) -> Accepted:
    """Write one report, inside the caller's transaction."""
    report, digest = arrival.report, sha256(arrival.sealed.payload)
    row = db.execute("SELECT chain, seq, sha, marks FROM state WHERE board = ?", (report.board,)).fetchone()
    last, marks = (Last(*row[:3]), int(row[3])) if row else (None, 0)
    standing, missing = stand(last, arrival.chain, report.seq, report.prev)
    if standing is Standing.REPEAT and last:
        if (now_marked := _mark_repeat(db, arrival, digest, marks)) != marks:
            db.execute("UPDATE state SET marks = ? WHERE board = ?", (now_marked, report.board))
        return Accepted(standing, last.seq)
    if last and arrival.chain > last.chain:
        marks = _mark(db, arrival, NEW_KEY, 0, marks)
    if standing in (Standing.GAP, Standing.TORN):
        marks = _mark(db, arrival, GAP if standing is Standing.GAP else TORN, missing, marks)
    _put(db, arrival, digest, marks)
    plays.add(db, report, arrival.received)
    return Accepted(standing, report.seq)


def _put(db: sqlite3.Connection, arrival: Arrival, digest: str, marks: int) -> None:
    report, at = arrival.report, to_ms(arrival.received)
    small = replace(report, plays=(), frame=None).to_payload()
    db.execute(
        "INSERT OR REPLACE INTO state VALUES (?,?,?,?,?,?,?)",
        (report.board, arrival.chain, report.seq, digest, at, small, marks),
    )
    db.execute(
        "INSERT OR REPLACE INTO report VALUES (?,?,?,?,?,?,?)",
        (report.board, report.seq % RAW_KEPT, arrival.chain, report.seq, digest, at, arrival.sealed.data),
    )
    if report.frame and report.frame.startswith(JPEG_START):
        db.execute("INSERT OR REPLACE INTO frame VALUES (?,?,?)", (report.board, at, report.frame))
    if report.publication is not None:
        db.execute(
            "INSERT INTO newest VALUES (?,?,?) ON CONFLICT (commune) DO UPDATE "
            "SET number = excluded.number, seen = excluded.seen WHERE excluded.number > number",
            (arrival.commune, report.publication, at),
        )


def _mark_repeat(db: sqlite3.Connection, arrival: Arrival, digest: str, marks: int) -> int:
    """A repeat of what we have is the network's doing; another text under a used number is not."""
    report = arrival.report
    row = db.execute(
        "SELECT chain, seq, sha FROM report WHERE board = ? AND slot = ?",
        (report.board, report.seq % RAW_KEPT),
    ).fetchone()
    if row and (row[0], row[1]) == (arrival.chain, report.seq):
        return marks if row[2] == digest else _mark(db, arrival, FORK, 0, marks)
    return _mark(db, arrival, OLD, 0, marks)


def _mark(db: sqlite3.Connection, arrival: Arrival, kind: str, missing: int, marks: int) -> int:
    report, at = arrival.report, to_ms(arrival.received)
    if kind in _COUNTED:
        counted = db.execute(
            "UPDATE mark SET times = times + 1, last = ? WHERE board = ? AND slot = ? AND kind = ? AND chain = ?",
            (at, report.board, (marks - 1) % MARKS_KEPT, kind, arrival.chain),
        )
        if counted.rowcount:
            return marks
    db.execute(
        "INSERT OR REPLACE INTO mark VALUES (?,?,?,?,?,?,?,?,?)",
        (report.board, marks % MARKS_KEPT, kind, arrival.chain, report.seq, missing, 1, at, at),
    )
    return marks + 1
