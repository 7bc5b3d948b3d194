"""What boards run on, as they told last: versions, model, wear of the disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ...report import About
from ...wire import BadFormat, parse
from ..store import tables as t
from ..store.engine import from_ms

MOST = 16 * 1024  # bytes of what a board told


@dataclass(frozen=True)
class Makings:
    """Of one board, and when it said so."""

    about: About
    told: datetime


def of(connection: Connection, boards: list[int]) -> dict[int, Makings]:
    """By board; those that have told nothing are not in it."""
    a = t.about.c
    found = {}
    for row in connection.execute(select(a.board, a.received, a.told).where(a.board.in_(boards))):
        try:
            found[row.board] = Makings(About.read(parse(row.told, limit=MOST)), from_ms(row.received))
        except BadFormat:  # by a program that knew less
            continue
    return found
