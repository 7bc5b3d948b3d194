"""Logging in: a guess costs time, and tells nothing of which names there are.

Each try is counted before the password is looked at, so that tries at one time are no more than tries one
after the other. After `TRIES` wrong ones an account waits, each time twice as long; so does an address. A
name that there is not takes the same work and gets the same words. `begin` and `end` are two transactions,
with the slow hash between them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from ..store import tables as t
from ..store.engine import from_ms, to_ms
from . import audit, passwords
from .audit import Actor

TRIES = 5  # of one account, before it waits
ADDRESS_TRIES = 20  # of one address: an office may share one
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
FORGOTTEN = timedelta(hours=24)  # an address that was quiet so long begins anew
MAX_ADDRESSES = 10_000  # rows; the ones that were quiet longest go first
MAX_NAME = 40  # characters of a typed name that are written down


@dataclass(frozen=True)
class Try:
    """One log-in that was begun."""

    name: str  # as typed, cut
    address: str
    account: int | None  # None: there is none, or it waits or was stopped
    kept: str | None
    address_waits: datetime | None = None  # until then nothing from here is looked at


def begin(connection: Connection, name: str, address: str, now: datetime) -> Try:
    """Count the try."""
    audit.in_turn(connection)
    place = network(address)
    typed = name.strip().lower()[:MAX_NAME]
    waits = _count_address(connection, place, now)
    if waits:
        return Try(typed, place, None, None, waits)
    a = t.account
    row = connection.execute(select(a).where(a.c.name == typed)).first()
    if row is None or row.disabled is not None or (row.locked_until or 0) > to_ms(now):
        return Try(typed, place, None, None)
    failures = row.failures + 1
    values = {"failures": failures, "locked_until": _until(failures, TRIES, now)}
    connection.execute(update(a).where(a.c.id == row.id).values(values))
    return Try(typed, place, row.id, row.password)


def is_right(tried: Try, password: str) -> bool:
    """Look at the password, outside of any transaction; raises `Unavailable` (`hub-crowded`)."""
    return tried.address_waits is None and passwords.matches(tried.kept, password)


def end(connection: Connection, tried: Try, right: bool, now: datetime) -> int | None:
    """The account when the password was right; else a row of the audit, with what was typed as a name."""
    if not right or tried.account is None:
        audit.bounded(connection, Actor(None, tried.name), "login.failed", tried.address, now)
        return None
    mine = t.account.c.id == tried.account
    values = {"failures": 0, "locked_until": None, "seen": to_ms(now)}
    connection.execute(update(t.account).where(mine).values(values))
    _uncount_address(connection, tried.address)
    return tried.account


def network(address: str) -> str:
    """What one guesser has of addresses: an IPv4 address, or the 64 bits of an IPv6 network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _until(failures: int, tries: int, now: datetime) -> int | None:
    if failures < tries:
        return None
    return to_ms(now + min(FIRST_WAIT * 2 ** min(failures - tries, 16), LONGEST_WAIT))


def _count_address(connection: Connection, address: str, now: datetime) -> datetime | None:
    """One more try from there, or until when it waits."""
    a, ms = t.attempt, to_ms(now)
    row = connection.execute(select(a).where(a.c.address == address)).first()
    if row is None:
        _make_room(connection, now)
        connection.execute(insert(a).values(address=address, failures=1, last=ms))
        return None
    if row.locked_until and row.locked_until > ms:
        return from_ms(row.locked_until)
    failures = 1 if row.last < to_ms(now - FORGOTTEN) else row.failures + 1
    values = {"failures": failures, "last": ms, "locked_until": _until(failures, ADDRESS_TRIES, now)}
    connection.execute(update(a).where(a.c.address == address).values(values))
    return None


def _uncount_address(connection: Connection, address: str) -> None:
    """A right password takes its own try back, not the wrong ones for other names."""
    a = t.attempt
    values = {"failures": a.c.failures - 1, "locked_until": None}
    connection.execute(update(a).where(a.c.address == address).values(values))


def _make_room(connection: Connection, now: datetime) -> None:
    a = t.attempt
    connection.execute(delete(a).where(a.c.last < to_ms(now - FORGOTTEN)))
    if connection.execute(select(func.count()).select_from(a)).scalar_one() >= MAX_ADDRESSES:
        oldest = select(a.c.address).order_by(a.c.last).limit(MAX_ADDRESSES // 10)
        connection.execute(delete(a).where(a.c.address.in_(oldest.scalar_subquery())))
