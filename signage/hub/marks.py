"""Marks of what was odd in boards' chains, collected for a batch: a ring for each board, so they cannot grow.

What comes in floods (another text under a used number, a number long past) is one mark that counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from .store import tables as t
from .store.bulk import Put

if TYPE_CHECKING:
    from .keeping import Arrival

MARKS_KEPT = 50  # last oddities of a board
_COLUMNS = ("board", "slot", "kind", "chain", "seq", "missing", "times", "first", "last")
_put = Put(t.mark, _COLUMNS, ("board", "slot"))
_KIND, _CHAIN, _TIMES, _LAST = (_COLUMNS.index(name) for name in ("kind", "chain", "times", "last"))


class Marks:
    """What a batch marks. `marks` is how many a board has had; each answer is how many it has then."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], list[int | str]] = {}

    def add(self, one: Arrival, kind: str, missing: int, marks: int) -> int:
        """A mark of its own."""
        number, slot = one.enrolled.number, marks % MARKS_KEPT
        seq, at = one.heard.said.seq, one.received
        self._rows[number, slot] = [number, slot, kind, one.enrolled.chain, seq, missing, 1, at, at]
        return marks + 1

    def count(self, connection: Connection, one: Arrival, kind: str, marks: int) -> int:
        """One more of the same kind, if the last mark is of that kind."""
        number, slot = one.enrolled.number, (marks - 1) % MARKS_KEPT
        row = self._rows.get((number, slot)) or _read(connection, number, slot)
        if row is None or (row[_KIND], row[_CHAIN]) != (kind, one.enrolled.chain):
            return self.add(one, kind, 0, marks)
        row[_TIMES], row[_LAST] = int(row[_TIMES]) + 1, one.received
        self._rows[number, slot] = row
        return marks

    def write(self, connection: Connection) -> None:
        """All in one statement, in the order of the boards."""
        _put(connection, [tuple(self._rows[key]) for key in sorted(self._rows)])


def _read(connection: Connection, number: int, slot: int) -> list[int | str] | None:
    asked = select(*(t.mark.c[name] for name in _COLUMNS)).where(t.mark.c.board == number, t.mark.c.slot == slot)
    row = connection.execute(asked).one_or_none()
    return list(row) if row else None
