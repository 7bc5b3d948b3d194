"""What boards run on, as they told last: versions, model, wear of the disk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from ...report import About
from ...wire import BadFormat, Fields
from ..store import tables as t
from ..store.engine import from_ms

MOST_BOARDS = 100_000  # of one list


@dataclass(frozen=True)
class Makings:
    """Of one board, and when it said so."""

    about: About
    told: datetime


@dataclass(frozen=True)
class Row:
    """One board of the list of machines; None where it has told nothing."""

    commune: str
    code: str
    name: str
    makings: Makings | None
    disk_free_mb: int | None
    temp_c: int | None


def of(connection: Connection, board: int) -> Makings | None:
    """Of one board; None: it has told nothing."""
    a = t.about.c
    row = connection.execute(select(a.received, a.told).where(a.board == board)).one_or_none()
    return _read(row.told, row.received) if row else None


def machines(connection: Connection, which: ColumnElement[bool]) -> list[Row]:
    """All boards that hang, of those `which`: the worst disk first, then the oldest program, then by place."""
    a, b, s = t.about.c, t.board.c, t.state.c
    asked = (
        select(b.commune, b.code, b.name, a.told, a.received, s.disk_mb, s.temp_c)
        .select_from(t.board.outerjoin(t.about, a.board == b.id).outerjoin(t.state, s.board == b.id))
        .where(which, b.retired.is_(None)).order_by(b.commune, b.code).limit(MOST_BOARDS + 1)
    )  # fmt: skip
    found = [
        Row(r.commune, r.code, r.name, _read(r.told, r.received) if r.told else None, r.disk_mb, r.temp_c)
        for r in connection.execute(asked)
    ]
    return sorted(found, key=lambda row: (-_wear(row), _version(row), row.commune, row.code))


def _wear(row: Row) -> int:
    """Tenths used; a disk that must be replaced before all others."""
    wear = row.makings.about.wear if row.makings else None
    return 0 if wear is None else max(wear.life) + (100 if wear.worn else 0)


def _version(row: Row) -> tuple[int, ...]:
    """Of the program, as numbers: 0.10 is newer than 0.9; unknown ones last."""
    told = row.makings.about.bangtin if row.makings else ""
    return tuple(int(n) for n in re.findall("[0-9]+", told)[:4]) or (10**9,)


def _read(told: bytes, received: int) -> Makings | None:
    try:
        return Makings(About.read(Fields(json.loads(told))), from_ms(received))
    except BadFormat:  # by a program that knew less
        return None
