"""People ask a board for a picture of its glass; the board hears of it in the answer to its next report.

A board that has sent nothing since has one to send, on whichever process of the hub it comes by: each looks at the
store once a second, and leaves out a board whose picture it has just taken itself.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select
from starlette.concurrency import run_in_threadpool

from ..errors import Refused
from .meanwhile import meanwhile
from .store import Store
from .store import tables as t
from .store.engine import from_ms, to_ms

LOOK_S = 1.0  # between two looks at the store
OPEN = timedelta(hours=24)  # after which nobody waits any more for a board that is not heard
MOST = {False: (12, timedelta(hours=1)), True: (10, timedelta(hours=24))}  # pictures of a board; True: a metered link


class Asked:
    """The boards that owe a picture; used in the event loop's thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._boards: frozenset[int] = frozenset()

    def __contains__(self, board: int) -> bool:
        return board in self._boards

    def came(self, board: int) -> None:
        """Its picture is on disk."""
        self._boards -= {board}

    def looking(self) -> AbstractAsyncContextManager[None]:
        """Looks at the store meanwhile."""
        return meanwhile(self._look, LOOK_S)

    async def _look(self) -> None:
        self._boards = await run_in_threadpool(self._read)

    def _read(self) -> frozenset[int]:
        with self._store.reading() as connection:
            return frozenset(waiting(connection, datetime.now(UTC)))


def ask(connection: Connection, board: int, account: int, now: datetime, *, metered: bool) -> bool:
    """Whether it had to be asked: not while it owes one. Raises `Refused` (`frame-often`)."""
    r, (most, within) = t.frame_request.c, MOST[metered]
    if board in waiting(connection, now, board):
        return False
    connection.execute(delete(t.frame_request).where(r.board == board, r.at < to_ms(now - OPEN)))
    asked = select(func.count()).select_from(t.frame_request).where(r.board == board, r.at > to_ms(now - within))
    if (times := connection.execute(asked).scalar_one()) >= most:
        raise Refused("frame-often", times=times, hours=round(within / timedelta(hours=1)))
    connection.execute(insert(t.frame_request), {"board": board, "at": to_ms(now), "account": account})
    return True


def waiting(connection: Connection, now: datetime, board: int | None = None) -> dict[int, datetime]:
    """Boards that were asked and have sent none since, each with when; only `board`, where it is given."""
    r, f = t.frame_request.c, t.frame.c
    rows = select(r.board, func.max(r.at).label("at")).outerjoin(t.frame, f.board == r.board)
    rows = rows.where(r.at > to_ms(now - OPEN), or_(f.received.is_(None), f.received < r.at))
    if board is not None:
        rows = rows.where(r.board == board)
    return {row.board: from_ms(row.at) for row in connection.execute(rows.group_by(r.board))}
