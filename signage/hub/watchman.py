"""The watchman: looks at every board every few seconds, so that silence is noticed too; one for each database.

Of several hub processes on one store the one that holds the lease looks; when it dies, another takes over within
`LEASE`. Its last look is written down with what it counted: `/healthz` of every process tells its age, and a look
that fails is told there with its reason. What is to be told is handed to `delivery` before a look counts as made;
a look that is cut short is finished by the next one.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from ..errors import Unavailable
from .alarms import looking, silences
from .fleet.changing import muted
from .store import Store, bulk
from .store import tables as t
from .store.engine import from_ms, to_ms
from .store.parts import T, Write, in_parts

LOOK_EVERY = timedelta(seconds=5)
LOOK_SHARE = 20  # a look may take a twentieth of the time: the more boards, the longer between two looks
LOOK_EVERY_MOST = timedelta(seconds=60)
LEASE = timedelta(seconds=120)  # longer than the longest way between two looks
STALE = timedelta(seconds=180)  # without a look: `/healthz` is red
DEAF = timedelta(seconds=150)  # without a look: the hub may not have heard either
STOP_WAIT_S = 10.0  # how long a stopping hub waits for a look
JOB, NOTE = "watchman", "watch"

Then = Callable[[looking.Look], None]  # what else happens in a look


@dataclass(frozen=True)
class Watch:
    """The last look of whichever process made it."""

    looked: datetime
    listening: datetime  # since when looks followed each other without a gap
    took_ms: int
    counts: dict[str, dict[str, dict[str, int]]]  # commune → axis → state → boards


class _Superseded(Exception):
    """Another process has the lease, or this one is to end."""


class Watchman:
    """A thread of this process. `says` words reasons; `then` is done in each look, before it is noted as made."""

    def __init__(
        self, store: Store, says: looking.Says, then: Then | None = None, expected: looking.Expected | None = None,
        every: timedelta = LOOK_EVERY, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._store, self._says, self._then, self._expected = store, says, then, expected
        self._every, self._clock = every, clock
        self._holder = secrets.token_hex(8)
        self._reports = looking.Reports()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchman", daemon=True)
        self.holds = False  # the lease
        self.failure: str | None = None  # why the last look failed; None while all is well

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the look that runs; another process may take over at once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WAIT_S)
        try:
            with self._store.writing() as connection:
                let_go(connection, JOB, self._holder)
        except Unavailable:
            pass  # the lease ends by itself

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def look(self) -> bool:
        """One look; False when another process holds the lease. Raises `Unavailable` (`hub-database`)."""
        now, started = self._clock(), time.monotonic()
        with self._store.writing() as connection:
            self.holds = take(connection, JOB, self._holder, now, LEASE)
        if not self.holds:
            return False
        with self._store.reading() as connection:
            last, listening = watch(connection), hearing_since(connection, now) or now
            seen, silent = looking.read(connection, now), muted(connection)
        found = looking.look(seen, now, self._says, self._reports, self._expected, listening)
        try:
            looking.write(self._in_parts, found)
            silences.follow(self._store, self._in_parts, found, last.looked if last else now)
            looking.release(self._store, self._in_parts, found, silent)
            if self._then:
                self._then(found)
            took = int((time.monotonic() - started) * 1000)
            self._in_parts([Watch(now, listening, took, found.counts())], lambda part, made: put_watch(part, made[0]))
        except _Superseded:
            return False
        return True

    def _in_parts(self, rows: Sequence[T], write: Write[T]) -> None:
        """Each part only while the lease is ours: a look that took so long that another process began ends there."""

        def held(connection: Connection, some: Sequence[T]) -> None:
            if self._stop.is_set() or not take(connection, JOB, self._holder, self._clock(), LEASE):
                raise _Superseded
            write(connection, some)

        in_parts(self._store, rows, held)

    def _run(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                self.look()
                self.failure = None
            except Exception as error:  # whatever it was: the next look may work, and /healthz tells it
                logging.getLogger(__name__).exception("a look at the boards failed")
                self.failure = str(error)
            took = timedelta(seconds=time.monotonic() - started)
            pause = min(max(self._every, took * LOOK_SHARE), LOOK_EVERY_MOST)
            self._stop.wait(pause.total_seconds())


def take(connection: Connection, job: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or keep the lease of a job, unless another holds it."""
    lease, at, until = t.lease.c, to_ms(now), to_ms(now + length)
    free = or_(lease.holder == holder, lease.until <= at, lease.until > at + 10 * int(length.total_seconds() * 1000))
    taken = connection.execute(update(t.lease).where(lease.name == job, free).values(holder=holder, until=until))
    if taken.rowcount:
        return True
    if connection.execute(select(lease.name).where(lease.name == job)).first():
        return False
    connection.execute(insert(t.lease), {"name": job, "holder": holder, "until": until})  # two at once: one fails
    return True


def let_go(connection: Connection, job: str, holder: str) -> None:
    """Give the lease back, if it is ours."""
    connection.execute(update(t.lease).where(t.lease.c.name == job, t.lease.c.holder == holder).values(until=0))


def watch(connection: Connection) -> Watch | None:
    """The last look, of whichever process; None before the first."""
    text = connection.execute(select(t.note.c.value).where(t.note.c.name == NOTE)).scalar()
    if text is None:
        return None
    told: dict[str, Any] = json.loads(text)
    return Watch(from_ms(told["looked"]), from_ms(told["listening"]), told["took_ms"], told["counts"])


def age_s(store: Store) -> float | None:
    """Seconds since any process looked; None before the first look, or when the store is away."""
    try:
        with store.reading() as connection:
            last = watch(connection)
    except Unavailable:
        return None
    return max(0.0, (datetime.now(UTC) - last.looked).total_seconds()) if last else None


def hearing_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when this hub hears without a gap: a silence before is its own, for alarms and for pages alike.

    None before the first look: nothing was missed yet. While nobody looks, nothing is known to be heard: `now`.
    """
    last = watch(connection)
    if last is None:
        return None
    # A clock that was set back makes `looked` lie ahead: that gap is none of the boards' either.
    return last.listening if abs(now - last.looked) <= DEAF else now


def put_watch(connection: Connection, made: Watch) -> None:
    """Write down a look."""
    told = {"looked": to_ms(made.looked), "listening": to_ms(made.listening), "took_ms": made.took_ms}
    value = json.dumps(told | {"counts": made.counts}, separators=(",", ":"))
    bulk.upsert(connection, t.note, [{"name": NOTE, "value": value}], keys=("name",))
