"""The newest picture of a board's glass, and what should have been there at that very moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ..store import tables as t
from ..store.engine import from_ms


@dataclass(frozen=True)
class Shot:
    """Without its bytes."""

    at: datetime  # by the board's clock
    looked: bool  # at what stood there; else the player's own drawing
    file: str | None  # the slide that the board says was on the glass then


def shot(connection: Connection, board: int) -> Shot | None:
    """The newest of this board."""
    f = t.frame.c
    row = connection.execute(select(f.sent, f.layer, f.file).where(f.board == board)).one_or_none()
    return Shot(from_ms(row.sent), row.layer == "window", row.file) if row else None
