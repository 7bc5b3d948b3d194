"""The newest publication of a commune whose office's folder this hub does not have: a number that two boards told.

A board's number is only its own word. So one that a single key ever told judges no other board: the newest is
the second highest of what the commune's boards told, each by the key that it has now; of a commune of which one
board alone has spoken it is that board's own. A board that hangs no more, or has a new key, has said nothing.
Where the office's folder is at hand (`commune.published`), that proves the number and this one is not asked.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select, update

from .store import tables as t

WORDS = 2  # boards that must have told a number


def settle(connection: Connection, communes: Collection[str], at: int) -> None:
    """Work it out anew for these communes, after a board's word has changed at this time (ms, by our clock).

    Whoever holds rows of boards takes them before this: boards first, then communes, each in their order, so
    that two processes on one PostgreSQL never wait for each other in a ring.
    """
    if not communes:
        return
    c = t.commune.c
    # Locked before anything is read: what another process has just settled is then seen, and not undone.
    locked = select(c.code, c.newest).where(c.code.in_(sorted(communes))).order_by(c.code)
    known = {row.code: row.newest for row in connection.execute(locked.with_for_update(key_share=True))}
    found = _told_twice(connection, known)
    new = [
        {"of": code, "newest": found.get(code), "newest_seen": at}
        for code, old in known.items() if found.get(code) != old
    ]  # fmt: skip
    if new:
        connection.execute(update(t.commune).where(c.code == bindparam("of")), new)


def _told_twice(connection: Connection, communes: Collection[str]) -> dict[str, int]:
    """The second highest number of each, or the only one; communes without any are not there."""
    b, s = t.board.c, t.state.c
    place = func.row_number().over(partition_by=b.commune, order_by=s.most.desc())
    told = (
        select(b.commune, s.most, place.label("place"))
        .join(t.state, s.board == b.id)
        .where(b.commune.in_(communes), b.retired.is_(None), s.chain == b.chain, s.most.is_not(None))
        .subquery("told")
    )  # fmt: skip
    asked = select(told.c.commune, func.min(told.c.most)).where(told.c.place <= WORDS).group_by(told.c.commune)
    return {row[0]: row[1] for row in connection.execute(asked)}
