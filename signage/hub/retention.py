"""What the hub forgets, and when: each day once, into an archive first.

A line of the archive is `{"table": …, row}`; it is on disk before its row goes, so after a crash a row may stand
in two files, never in none. Pages and reports look at the store alone; the archive is for whoever asks later.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from .. import durable
from .plays import DAYS_KEPT as PLAY_DAYS
from .plays import UNKNOWN_DAY, day_of
from .store import Store
from .store import tables as t
from .store.engine import to_ms

HOUR_DAYS = 62  # days of hours: two months of pictures hour by hour
CHANGE_DAYS = 62  # days of changes
DAY_DAYS = 1830  # days of days: five yearly reports
SPAN_DAYS = 1830  # days of spans that have ended
SPANS_A_BOARD = 5000  # ended spans of one board: one that flaps, or lies, does not fill the store
ALARM_DAYS = 1830  # days of alarms that are over, what was done about them, and of maintenance windows
CLOCK_LEAP = timedelta(days=2)  # since the last sweep, with no board that says the same: our clock is not believed
CHUNK = 500  # rows of one transaction: reports go on being kept between them
ARCHIVE = "archive"  # folder in the hub's own


@dataclass(frozen=True)
class Old:
    """Rows that are to go."""

    table: Table
    which: ColumnElement[bool]
    archived: bool = True


class ClockDoubted(Exception):
    """Our clock runs ahead of everything known: what it calls old is not forgotten."""


def sweep(store: Store, now: datetime) -> dict[str, int]:
    """Archive and forget; how many rows of each table. Raises `Unavailable` (`hub-database`), `OSError`."""
    gone: dict[str, int] = {}
    archive = _Archive(store.folder / ARCHIVE / f"{day_of(to_ms(now))}.jsonl.gz")
    for old in [*_old(now), *_too_many(store)]:
        began = time.monotonic()
        while count := _chunk(store, old, archive):
            gone[old.table.name] = gone.get(old.table.name, 0) + count
            time.sleep(time.monotonic() - began)  # as long as it took: whoever takes in reports has its turn
            began = time.monotonic()
    return gone


def once_a_day(store: Store, now: datetime) -> dict[str, int] | None:
    """`sweep`, unless it was done today, by this process or another; None then. Raises `ClockDoubted`."""
    with store.reading() as connection:
        if not _believed(connection, now):
            raise ClockDoubted(f"by its clock it is {now:%Y-%m-%d}, which no board says")
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    today = json.dumps(day_of(to_ms(now)))
    claim = insert(t.note).values(name="swept", value=today)
    with store.writing() as connection:
        claimed = connection.execute(
            claim.on_conflict_do_update(
                index_elements=["name"], set_={"value": today}, where=t.note.c.value != today
            ).returning(t.note.c.name)
        ).first()
    return sweep(store, now) if claimed else None


def _believed(connection: Connection, now: datetime) -> bool:
    """A clock that is wrong by years would make everything old: the last sweep, or a board's own clock, says so too."""
    swept = connection.execute(select(t.note.c.value).where(t.note.c.name == "swept")).scalar()
    least, sent = now - CLOCK_LEAP, t.state.c.sent
    if swept is not None and json.loads(swept) >= day_of(to_ms(least)):
        return True
    near = select(sent).where(sent.between(to_ms(least), to_ms(now + CLOCK_LEAP))).limit(1)
    return bool(connection.execute(near).first()) or not connection.execute(select(sent).limit(1)).first()


def _old(now: datetime) -> list[Old]:
    def ms(days: int) -> int:
        return to_ms(now - timedelta(days=days))

    played, shown = t.play_day.c, ms(PLAY_DAYS)
    over = t.alarm.c.until < ms(ALARM_DAYS)
    return [
        Old(t.hour, t.hour.c.hour < ms(HOUR_DAYS) // 3_600_000),
        Old(t.change, t.change.c.at < ms(CHANGE_DAYS)),
        Old(t.day, t.day.c.day < day_of(ms(DAY_DAYS))),
        Old(t.span, t.span.c.until < ms(SPAN_DAYS)),
        Old(t.acknowledgement, t.acknowledgement.c.alarm.in_(select(t.alarm.c.id).where(over))),
        Old(t.alarm, over),
        Old(t.maintenance, t.maintenance.c.until < ms(ALARM_DAYS)),
        Old(t.play_day, (played.day != UNKNOWN_DAY) & (played.day < day_of(shown))),
        Old(t.slide, t.slide.c.seen < shown, archived=False),
    ]


def _too_many(store: Store) -> list[Old]:
    """Spans of boards that have too many: the oldest that have ended."""
    span = t.span.c
    with store.reading() as connection:
        asked = select(span.board).where(span.until.is_not(None)).group_by(span.board)
        boards = connection.execute(asked.having(func.count() > SPANS_A_BOARD)).scalars().all()
        found = []
        for board in boards:
            newest = select(span.id).where(span.board == board, span.until.is_not(None))
            last = connection.execute(newest.order_by(span.id.desc()).offset(SPANS_A_BOARD).limit(1)).scalar()
            found.append(Old(t.span, (span.board == board) & span.until.is_not(None) & (span.id <= last)))
    return found


def _chunk(store: Store, old: Old, archive: _Archive) -> int:
    """Some of the rows: into the archive, then gone."""
    keys = list(old.table.primary_key.columns)
    with store.writing() as connection:
        rows = connection.execute(select(old.table).where(old.which).order_by(*keys).limit(CHUNK)).mappings().all()
        if rows:
            if old.archived:
                archive.add(connection, old.table, rows)
            gone = [tuple(row[key.name] for key in keys) for row in rows]
            if len(keys) == 1:
                connection.execute(delete(old.table).where(keys[0].in_([key for (key,) in gone])))
            else:
                connection.execute(delete(old.table).where(old.which, tuple_(*keys).in_(gone)))
        return len(rows)


class _Archive:
    """A file of JSON lines, made when the first line comes; each chunk is on disk before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: dict[int, str] = {}

    def add(self, connection: Connection, table: Table, rows: Sequence[Any]) -> None:
        """Whole members of gzip, one after another: a file cut short loses its last one only."""
        if not self._names:
            asked = select(t.board.c.id, t.board.c.commune, t.board.c.code)
            self._names = {row.id: f"{row.commune}/{row.code}" for row in connection.execute(asked)}
        lines = [
            json.dumps({"table": table.name, **row, **self._board(row)}, ensure_ascii=False, sort_keys=True)
            for row in rows
        ]
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        durable.append(self._path, gzip.compress("".join(line + "\n" for line in lines).encode()), mode=durable.SECRET)

    def _board(self, row: Any) -> dict[str, Any]:
        return {"board": self._names.get(row["board"], row["board"])} if "board" in row else {}
