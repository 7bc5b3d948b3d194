"""Log-ins that last. The token is in the browser alone; the store has its SHA-256.

NIST SP 800-63B-4, 2.2.3: an hour without a request, a day at most. Who only reads is not idle before the
day is over: its page stands on a wall. What a page fetches by itself is no request of a person. A program
has a token of its own (`bangtin hub account token`), with which nothing can be changed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from ..store import tables as t
from ..store.engine import from_ms, to_ms
from .roles import Role

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=24)
TOKEN_DAYS = 366  # a program's token, at most
MAX_EACH = 20  # log-ins of one account, and tokens; the oldest ends for a new one
TOUCH = timedelta(minutes=1)  # a later request is noted once a minute
TOKEN_BYTES = 32
MAX_AGENT = 200  # characters of a browser's own name
PAGE, TOKEN = "page", "token"  # kinds


@dataclass(frozen=True)
class Session:
    """One log-in. `mark` names it on a page without giving it away."""

    token_sha: str
    account: int
    kind: str
    csrf: str
    made: datetime
    seen: datetime
    until: datetime
    address: str
    agent: str

    @property
    def mark(self) -> str:
        return self.token_sha[:16]


def open_new(
    connection: Connection, account: int, now: datetime, *, address: str, agent: str, kind: str = PAGE,
    lasts: timedelta = LONGEST,
) -> str:  # fmt: skip
    """A new log-in's token; what has ended, and the oldest of too many, goes."""
    s = t.session
    connection.execute(delete(s).where(s.c.until <= to_ms(now)))
    mine = (s.c.account == account) & (s.c.kind == kind)
    kept = select(s.c.token_sha).where(mine).order_by(s.c.made.desc()).limit(MAX_EACH - 1)
    connection.execute(delete(s).where(mine, s.c.token_sha.not_in(kept.scalar_subquery())))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "token_sha": _sha(token), "account": account, "kind": kind, "csrf": secrets.token_urlsafe(TOKEN_BYTES),
        "made": to_ms(now), "seen": to_ms(now), "until": to_ms(now + lasts), "address": address,
        "agent": agent[:MAX_AGENT],
    }  # fmt: skip
    connection.execute(insert(s).values(row))
    return token


def find(connection: Connection, token: str, kind: str, now: datetime) -> Session | None:
    """The log-in that this token is for, while it lasts."""
    s, a = t.session, t.account
    row = connection.execute(
        select(s, a.c.role)
        .join(a, a.c.id == s.c.account)
        .where(s.c.token_sha == _sha(token), s.c.kind == kind, a.c.disabled.is_(None))
    ).first()
    if row is None:
        return None
    found = _session(row)
    idle = kind == PAGE and row.role != Role.AUDITOR and now - found.seen > IDLE
    return None if idle or now >= found.until else found


def touch(connection: Connection, session: Session, now: datetime) -> None:
    """A person asked for something."""
    mine = t.session.c.token_sha == session.token_sha
    connection.execute(update(t.session).where(mine).values(seen=to_ms(now)))


def of_account(connection: Connection, account: int, now: datetime) -> list[Session]:
    """All that last, the newest first."""
    s = t.session
    query = select(s).where(s.c.account == account, s.c.until > to_ms(now)).order_by(s.c.made.desc())
    return [_session(row) for row in connection.execute(query)]


def end(connection: Connection, account: int, mark: str) -> bool:
    """End one by its mark; whether there was one."""
    s = t.session
    mine = (s.c.account == account) & s.c.token_sha.startswith(mark, autoescape=True)
    return len(mark) >= 16 and connection.execute(delete(s).where(mine)).rowcount > 0


def end_token(connection: Connection, token: str) -> None:
    """End the one that this token is for."""
    connection.execute(delete(t.session).where(t.session.c.token_sha == _sha(token)))


def end_all(connection: Connection, account: int) -> int:
    """End them, and the tokens of its programs; how many."""
    return connection.execute(delete(t.session).where(t.session.c.account == account)).rowcount


def _sha(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: Row[Any]) -> Session:
    return Session(
        row.token_sha, row.account, row.kind, row.csrf, from_ms(row.made), from_ms(row.seen), from_ms(row.until),
        row.address, row.agent,
    )  # fmt: skip
