"""Logging in: a guess costs time, and tells nothing of which names there are.

Each try is counted before the password is looked at, so that tries at one time are no more than tries one
after the other. It is counted three times, each time with a wait that doubles: by address, by account and
address, and, later, by account alone. A browser in which the password was right before (`browsers`) is
counted by itself: others cannot shut it out. A name that there is not takes the same work and gets the same
words. `begin` and `end` are two transactions, with the slow hash between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ..origin import network
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from . import audit, browsers, passwords
from .audit import Actor

TRIES = 5  # of one account from one address, or in one browser that is known, before it waits
ACCOUNT_TRIES = 30  # of one account from wherever: then strangers wait (SP 800-63B-4, 3.2.2: at most 100)
ADDRESS_TRIES = 20  # of one address: an office may share one
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
FORGOTTEN = timedelta(hours=24)  # an address that was quiet so long begins anew
MAX_ATTEMPTS = 20_000  # rows; the ones that were quiet longest go first
MAX_NAME = 40  # characters of a typed name that are written down


@dataclass(frozen=True)
class Try:
    """One log-in that was begun."""

    name: str  # as typed, cut
    address: str
    account: int | None  # None: there is none, or it waits or was stopped
    kept: str | None
    pair: str = ""  # account and place, as they are counted together
    is_stranger: bool = True
    address_waits: datetime | None = None  # until then nothing from here is looked at


def begin(connection: Connection, name: str, address: str, now: datetime, browser: str = "") -> Try:
    """Count the try; `browser`: the mark that the browser brought, if any."""
    audit.in_turn(connection)
    place, typed = network(address), name.strip().lower()[:MAX_NAME]
    row = connection.execute(select(t.account).where(t.account.c.name == typed)).first()
    if row is not None and row.disabled is not None:
        row = None
    mine = browsers.known(row.id, row.password, browser) if row is not None and browser else None
    if mine is None and (waits := _count(connection, place, ADDRESS_TRIES, now)):
        return Try(typed, place, None, None, address_waits=waits)
    nobody = Try(typed, place, None, None)
    if row is None:
        return nobody
    pair = _pair(row.id, mine or place)
    if _count(connection, pair, TRIES, now) or (mine is None and not _count_account(connection, row, now)):
        return nobody
    return Try(typed, place, row.id, row.password, pair, mine is None)


def is_right(tried: Try, password: str) -> bool:
    """Look at the password, outside of any transaction; raises `Unavailable` (`hub-crowded`)."""
    return tried.address_waits is None and passwords.matches(tried.kept, password)


def end(connection: Connection, tried: Try, right: bool, now: datetime) -> int | None:
    """The account when the password was right; else a row of the audit, with what was typed as a name."""
    if not right or tried.account is None:
        audit.bounded(connection, Actor(None, tried.name), "login.failed", tried.address, now)
        return None
    values = {"failures": 0, "locked_until": None, "seen": to_ms(now)}
    connection.execute(update(t.account).where(t.account.c.id == tried.account).values(values))
    a = t.attempt
    connection.execute(delete(a).where(a.c.address == tried.pair))
    if tried.is_stranger:  # a right password takes its own try back, not the wrong ones for other names
        less = {"failures": a.c.failures - 1, "locked_until": None}
        connection.execute(update(a).where(a.c.address == tried.address).values(less))
    return tried.account


def waits(connection: Connection, account: int, now: datetime) -> datetime | None:
    """Until when one place at least waits before it may try this account again."""
    a = t.attempt.c
    mine = select(func.max(a.locked_until)).where(a.address.startswith(_pair(account, "")))
    until = connection.execute(mine).scalar()
    return from_ms(until) if until and until > to_ms(now) else None


def forgive(connection: Connection, account: int) -> None:
    """Forget the wrong tries for this account, from wherever."""
    connection.execute(delete(t.attempt).where(t.attempt.c.address.startswith(_pair(account, ""))))
    values = {"failures": 0, "locked_until": None}
    connection.execute(update(t.account).where(t.account.c.id == account).values(values))


def _until(failures: int, tries: int, now: datetime) -> int | None:
    if failures < tries:
        return None
    return to_ms(now + min(FIRST_WAIT * 2 ** min(failures - tries, 16), LONGEST_WAIT))


def _pair(account: int, place: str) -> str:
    return f"{account}@{place}"


def _count_account(connection: Connection, row: Any, now: datetime) -> bool:
    """One more stranger's try for this account; whether it is looked at."""
    if (row.locked_until or 0) > to_ms(now):
        return False
    failures = row.failures + 1
    values = {"failures": failures, "locked_until": _until(failures, ACCOUNT_TRIES, now)}
    connection.execute(update(t.account).where(t.account.c.id == row.id).values(values))
    return True


def _count(connection: Connection, key: str, tries: int, now: datetime) -> datetime | None:
    """One more try of this key, or until when it waits."""
    a, ms = t.attempt, to_ms(now)
    row = connection.execute(select(a).where(a.c.address == key)).first()
    if row is None:
        _make_room(connection, now)
        connection.execute(insert(a).values(address=key, failures=1, last=ms))
        return None
    if row.locked_until and row.locked_until > ms:
        return from_ms(row.locked_until)
    failures = 1 if row.last < to_ms(now - FORGOTTEN) else row.failures + 1
    values = {"failures": failures, "last": ms, "locked_until": _until(failures, tries, now)}
    connection.execute(update(a).where(a.c.address == key).values(values))
    return None


def _make_room(connection: Connection, now: datetime) -> None:
    a = t.attempt
    connection.execute(delete(a).where(a.c.last < to_ms(now - FORGOTTEN)))
    if connection.execute(select(func.count()).select_from(a)).scalar_one() >= MAX_ATTEMPTS:
        oldest = select(a.c.address).order_by(a.c.last).limit(MAX_ATTEMPTS // 10)
        connection.execute(delete(a).where(a.c.address.in_(oldest.scalar_subquery())))
