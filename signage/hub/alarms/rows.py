"""Alarms in the store: read as tracks, written as they change; released to whom they concern."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ..store import tables as t
from ..store.engine import from_ms, to_ms
from .hysteresis import Track
from .judgement import Level

MAX_IN = 500  # values of one IN (…)
Key = tuple[int, str]  # board, code


@dataclass(frozen=True)
class Kept:
    """A track and the row that it is in."""

    ident: int
    track: Track


def tracks(connection: Connection) -> dict[Key, Kept]:
    """Everything that is not over, of all boards."""
    a = t.alarm.c
    rows = connection.execute(
        select(a.id, a.board, a.code, a.level, a.since, a.times, a.opened, a.quiet_since, a.told).where(
            a.until.is_(None), a.board.is_not(None)
        )
    )
    return {
        (r.board, r.code): Kept(
            r.id, Track(Level(r.level), from_ms(r.since), r.times, _at(r.opened), _at(r.quiet_since), _at(r.told))
        )
        for r in rows
    }


@dataclass(frozen=True)
class Fresh:
    """A track without a row yet; `says`: its sentence, as things were."""

    board: int
    code: str
    track: Track
    says: str


def begin(connection: Connection, fresh: Sequence[Fresh]) -> None:
    """New tracks."""
    told = [
        {"board": f.board, "code": f.code, "detail": json.dumps({"says": f.says}, ensure_ascii=False)}
        | _columns(f.track)
        for f in fresh
    ]
    connection.execute(insert(t.alarm), told)


def move(connection: Connection, moved: Sequence[tuple[int, Track]]) -> None:
    """Tracks that changed, by their row."""
    names = [*_columns(moved[0][1])]
    asked = update(t.alarm).where(t.alarm.c.id == bindparam("the")).values({n: bindparam(n) for n in names})
    connection.execute(asked, [{"the": ident} | _columns(track) for ident, track in moved])


def drop(connection: Connection, gone: Sequence[int]) -> None:
    """Those that never became alarms, by their row."""
    connection.execute(delete(t.alarm).where(t.alarm.c.id.in_(gone)))


def last_told(connection: Connection, boards: Iterable[int]) -> dict[Key, datetime]:
    """When people last heard of an earlier alarm, reason by reason."""
    a = t.alarm.c
    found: dict[Key, datetime] = {}
    for some in chunks(sorted(set(boards))):
        asked = (
            select(a.board, a.code, func.max(a.told).label("at"))
            .where(a.board.in_(some), a.told.is_not(None))
            .group_by(a.board, a.code)
        )
        found |= {(r.board, r.code): from_ms(r.at) for r in connection.execute(asked)}
    return found


def says(detail: str) -> str:
    """The sentence of an alarm's `detail`, as things were when it began."""
    try:
        return str(json.loads(detail).get("says", ""))
    except (ValueError, AttributeError):
        return ""


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Few enough for one statement."""
    left = iter(values)
    while some := list(islice(left, MAX_IN)):
        yield some


def _columns(track: Track) -> dict[str, Any]:
    over = track.quiet_since if track.closed else None
    return {
        "level": int(track.level), "since": to_ms(track.since), "times": track.times, "opened": _ms(track.opened),
        "quiet_since": _ms(track.quiet_since), "told": _ms(track.told), "until": _ms(over), "closed": _ms(track.closed),
    }  # fmt: skip


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)
