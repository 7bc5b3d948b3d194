"""Spans and changes of boards, collected for a batch: ends first, then what began and has ended, then what is open.

Open spans of contact and of old content are opened by whoever looks at the clock; a report that is heard ends the
former here, and tells those that nobody saw.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .store import tables as t
from .store.bulk import Put
from .tally import Changed, Closed, Event, Opened

_Key = tuple[int, str, str]  # board, kind, code
_put_span = Put(t.span, ("board", "kind", "code", "since", "until", "cause", "note"))
_put_change = Put(t.change, ("board", "at", "what", "was", "now"))
_end = (
    update(t.span)
    .where(
        t.span.c.board == bindparam("of_board"), t.span.c.kind == bindparam("of_kind"),
        t.span.c.code == bindparam("of_code"), t.span.c.until.is_(None),
    )
    .values(
        until=case((t.span.c.since > bindparam("ended"), t.span.c.since), else_=bindparam("ended")),
        cause=case((t.span.c.cause == "", bindparam("why")), else_=t.span.c.cause),
    )
)  # fmt: skip


class Spans:
    """What a batch does to spans and changes."""

    def __init__(self) -> None:
        self._ends: dict[_Key, tuple[int, str]] = {}  # until, cause
        self._open: dict[_Key, Opened] = {}
        self._whole: list[tuple[int, Opened]] = []
        self._changes: list[tuple[int, Changed]] = []

    def add(self, board: int, events: Iterable[Event]) -> None:
        """What two reports of a board told."""
        for event in events:
            if isinstance(event, Changed):
                self._changes.append((board, event))
            elif isinstance(event, Closed):
                self._close(board, event)
            elif event.until is not None:
                self._whole.append((board, event))
            else:
                self._open[board, event.kind, event.code] = event

    def _close(self, board: int, event: Closed) -> None:
        key = (board, event.kind, event.code)
        opened = self._open.pop(key, None)
        if opened is None:
            self._ends[key] = (event.until, "")
        else:
            until = max(opened.since, event.until)  # our clock may have been set back
            self._whole.append((board, Opened(opened.kind, opened.code, opened.since, until, opened.cause)))

    def write(self, connection: Connection) -> None:
        """In the order of the boards."""
        whole = self._unseen(connection)
        for (board, kind, code), (until, cause) in sorted(self._ends.items()):
            told = {"of_board": board, "of_kind": kind, "of_code": code, "ended": until, "why": cause}
            connection.execute(_end, told)
        rows = [(b, o.kind, o.code, o.since, o.until, o.cause, "") for b, o in whole]
        _put_span(connection, rows)
        self._begin(connection)
        changes = sorted(self._changes, key=lambda c: c[0])
        _put_change(connection, [(b, c.at, c.what, c.was, c.now) for b, c in changes])

    def _unseen(self, connection: Connection) -> list[tuple[int, Opened]]:
        """The spans that are told whole; where one is open already it is ended instead."""
        silent = {board for board, one in self._whole if one.kind == "contact"}
        if not silent:
            return sorted(self._whole, key=lambda item: item[0])
        span = t.span.c
        asked = select(span.board).where(span.kind == "contact", span.until.is_(None), span.board.in_(silent))
        seen = set(connection.execute(asked).scalars())
        whole = []
        for board, one in sorted(self._whole, key=lambda item: item[0]):
            if one.kind == "contact" and board in seen and one.until is not None:
                self._ends[board, one.kind, one.code] = (one.until, one.cause)
                seen.discard(board)
            else:
                whole.append((board, one))
        return whole

    def _begin(self, connection: Connection) -> None:
        if not self._open:
            return
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        statement = insert(t.span).on_conflict_do_nothing(
            index_elements=["board", "kind", "code"], index_where=t.span.c.until.is_(None)
        )
        rows = [
            {"board": board, "kind": one.kind, "code": one.code, "since": one.since, "cause": one.cause, "note": ""}
            for (board, _, _), one in sorted(self._open.items(), key=lambda item: item[0])
        ]
        connection.execute(statement, rows)
