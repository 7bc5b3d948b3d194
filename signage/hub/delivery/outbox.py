"""What is to be sent, in the store: written by the look that saw it, sent later, at least once.

Each recipient has heard of everything up to a moment; a message tells what was released or is over since then,
at most one every `GAP`. So the number of messages an hour is bounded, however many boards flap.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, desc, func, insert, or_, select, true, update

from ..alarms import Level
from ..alarms.rows import says
from ..store import Store, bulk
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from . import wording
from .settings import HubSettings, Recipient

GAP = timedelta(minutes=5)  # between two messages of alarms to one recipient
MAX_ALARMS = 1000  # alarms that one message counts and groups
BACKOFF_MIN = (1, 2, 5, 10, 30, 60, 120, 240, 480)  # minutes until the next try; then it is given up
LONGEST_MS = BACKOFF_MIN[-1] * 60_000  # that a message is put off
KEPT = timedelta(days=30)  # sent and given up messages
MAX_ERROR = 300  # characters


@dataclass(frozen=True)
class Waiting:
    """A message that is due."""

    ident: int
    key: str
    recipient: str
    subject: str
    text: str
    data: dict[str, Any]
    tries: int
    made: datetime


def follow(connection: Connection, settings: HubSettings, now: datetime) -> None:
    """Make the recipients those of the settings. A new one hears of what comes from now on."""
    r = t.recipient.c
    known = set(connection.execute(select(r.name)).scalars())
    rows = [_row(one) for one in settings.recipients]
    fresh = [row | {"upto": to_ms(now - GAP)} for row in rows if row["name"] not in known]
    if fresh:
        connection.execute(insert(t.recipient), fresh)
    for row in rows:
        connection.execute(update(t.recipient).where(r.name == row["name"]).values(**row))
    gone = known - {one.name for one in settings.recipients}
    if gone:
        connection.execute(
            update(t.recipient).where(r.name.in_(gone), r.disabled.is_(None)).values(disabled=to_ms(now))
        )


def compose(store: Store, settings: HubSettings, now: datetime) -> int:
    """Put what is to be told into the outbox; how many messages. Read first: the store is held for a moment only."""
    r = t.recipient.c
    with store.reading() as connection:
        upto = {row.name: from_ms(row.upto) for row in connection.execute(select(r.name, r.upto))}
    if any(one.name not in upto for one in settings.recipients):
        with store.writing() as connection:
            follow(connection, settings, now)
        return compose(store, settings, now)
    made = 0
    for one in settings.recipients:
        # Told up to a moment that is still to come: our clock was ahead. Better tell something twice than nothing.
        was = upto[one.name]
        heard = was if was <= now else now - GAP
        if now - heard < GAP:
            continue
        with store.reading() as connection:
            begun, over, more = _news(connection, one, heard, now)
        told = wording.message(begun, over, now, settings.url, more) if begun or over else None
        with store.writing() as connection:
            if told:
                put(connection, f"alarms:{one.name}:{to_ms(now)}", one, told, now)
                made += 1
            # Without news the next may be told at once, yet nobody looks through months of alarms for it.
            _heard(connection, one, was, now if told else now - GAP)
    return made


def put(connection: Connection, key: str, recipient: Recipient, message: wording.Message, now: datetime) -> None:
    """One message, due at once."""
    told = {
        "key": key, "recipient": recipient.name, "subject": message.subject, "body": message.text,
        "data": json.dumps(message.data, ensure_ascii=False), "made": to_ms(now), "due": to_ms(now),
    }  # fmt: skip
    bulk.upsert(connection, t.outbox, [told], keys=("key",))


def due(connection: Connection, now: datetime, most: int) -> list[Waiting]:
    """The next messages to send, the oldest first."""
    o, at = t.outbox.c, to_ms(now)
    ahead = o.due > at + LONGEST_MS  # put off by a clock that was ahead
    rows = connection.execute(
        select(o.id, o.key, o.recipient, o.subject, o.body, o.data, o.tries, o.made)
        .where(o.sent.is_(None), o.given_up.is_(None), or_(o.due <= at, ahead))
        .order_by(o.due, o.id)
        .limit(most)
    )
    return [
        Waiting(r.id, r.key, r.recipient, r.subject, r.body, json.loads(r.data), r.tries, from_ms(r.made)) for r in rows
    ]


def sent(connection: Connection, message: Waiting, now: datetime, remark: str = "") -> None:
    """The other side took it."""
    told = {"sent": to_ms(now), "tries": message.tries + 1, "error": remark[:MAX_ERROR]}
    connection.execute(update(t.outbox).where(t.outbox.c.id == message.ident).values(**told))


def again(connection: Connection, message: Waiting, to: Sequence[str], now: datetime) -> None:
    """The same for these addresses alone: the server took the others', and these not yet."""
    rows = [
        {"key": f"{message.key} {one}", "recipient": message.recipient, "subject": message.subject,
         "body": message.text, "data": "{}", "made": to_ms(message.made),
         "due": to_ms(now + timedelta(minutes=BACKOFF_MIN[0]))}
        for one in to
    ]  # fmt: skip
    bulk.upsert(connection, t.outbox, rows, keys=("key",))


def addressed(message: Waiting) -> tuple[str, str]:
    """The key under which it goes, and the one address of the recipient that it is for; empty: for all."""
    key, _, only = message.key.partition(" ")
    return key, only


def failed(connection: Connection, message: Waiting, why: str, now: datetime, *, for_good: bool = False) -> None:
    """Try again later, or never."""
    tries = message.tries + 1
    told: dict[str, Any] = {"tries": tries, "error": why[:MAX_ERROR]}
    if for_good or tries > len(BACKOFF_MIN):
        told["given_up"] = to_ms(now)
    else:
        told["due"] = to_ms(now + timedelta(minutes=BACKOFF_MIN[tries - 1]))
    connection.execute(update(t.outbox).where(t.outbox.c.id == message.ident).values(**told))


def later(connection: Connection, messages: Sequence[Waiting], at: datetime) -> None:
    """Not now: the way to them has just failed; this counts as no try."""
    for message in messages:
        connection.execute(update(t.outbox).where(t.outbox.c.id == message.ident).values(due=to_ms(at)))


def sweep(connection: Connection, now: datetime) -> None:
    """Forget what was sent or given up long ago."""
    o = t.outbox.c
    old = to_ms(now - KEPT)
    connection.execute(delete(t.outbox).where(or_(o.sent < old, o.given_up < old)))


@dataclass(frozen=True)
class Backlog:
    """For `/healthz`, metrics and pages."""

    waiting: int
    failing: int  # of them, tried in vain at least once
    given_up: int  # in the last `KEPT`


def backlog(connection: Connection) -> Backlog:
    o = t.outbox.c
    open_ = and_(o.sent.is_(None), o.given_up.is_(None))
    failing, lost = and_(open_, o.tries > 0), o.given_up.is_not(None)
    asked = select(func.count().filter(open_), func.count().filter(failing), func.count().filter(lost))
    return Backlog(*connection.execute(asked).one())


def here(one: Recipient) -> ColumnElement[bool]:
    """Boards whose alarms concern it."""
    return t.board.c.commune.in_(one.communes) if one.communes else true()


def _news(
    connection: Connection, one: Recipient, heard: datetime, now: datetime
) -> tuple[list[wording.Told], list[wording.Told], int]:
    a, after, upto = t.alarm.c, to_ms(heard), to_ms(now)
    began = and_(a.told > after, a.told <= upto)
    ended = and_(a.closed > after, a.closed <= upto, a.told.is_not(None))
    rows = alarms(connection, and_(or_(began, ended), a.level >= int(one.least), here(one)), MAX_ALARMS + 1)
    more = 0
    if len(rows) > MAX_ALARMS:
        counted = select(func.count()).select_from(t.alarm.join(t.board, a.board == t.board.c.id))
        total = connection.execute(counted.where(or_(began, ended), a.level >= int(one.least), here(one))).scalar_one()
        rows, more = rows[:MAX_ALARMS], total - MAX_ALARMS
    return [told for told in rows if told.until is None], [told for told in rows if told.until], more


def alarms(connection: Connection, where: ColumnElement[bool], most: int = MAX_ALARMS) -> list[wording.Told]:
    """Alarms as messages tell them, the loudest first."""
    a, b, c = t.alarm.c, t.board.c, t.commune.c
    rows = connection.execute(
        select(b.commune, c.name.label("place"), b.code, b.name, b.site, a.code.label("reason"), a.level, a.detail,
               a.since, a.until, a.times)
        .select_from(t.alarm.join(t.board, a.board == b.id).join(t.commune, b.commune == c.code))
        .where(where).order_by(desc(a.level), a.since, a.id).limit(most)
    )  # fmt: skip
    return [
        wording.Told(
            r.commune, r.place, r.code, r.name, r.site, r.reason, Level(r.level), says(r.detail), from_ms(r.since),
            None if r.until is None else from_ms(r.until), r.times,
        )
        for r in rows
    ]  # fmt: skip


def _heard(connection: Connection, one: Recipient, was: datetime, upto: datetime) -> None:
    """`was`: what was read; what another process wrote meanwhile stays."""
    r = t.recipient.c
    connection.execute(update(t.recipient).where(r.name == one.name, r.upto == to_ms(was)).values(upto=to_ms(upto)))


def _row(one: Recipient) -> dict[str, Any]:
    channel = "webhook" if one.webhook else "mail"
    address = one.webhook.host if one.webhook else ", ".join(one.mail)
    return {
        "name": one.name, "channel": channel, "address": address, "communes": json.dumps(list(one.communes)),
        "least": int(one.least), "digest": one.digest, "disabled": None,
    }  # fmt: skip
