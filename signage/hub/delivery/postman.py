"""The postman: sends what waits in the outbox, again and again until it is taken or given up; and the dead man's ping.

One of several processes on one store sends (a lease). A message is marked after it was taken: a hub that dies in
between sends it a second time, with the same key. Settings are read again when their file has changed.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ...errors import BadInput, Unavailable
from ..alarms.looking import Look
from ..store import Store
from ..store.engine import to_ms
from ..watchman import let_go, take
from . import digest, mail, outbox, webhook
from .deadline import NotSent
from .settings import FILE, HubSettings, Recipient, Webhook, load
from .wording import Message

SEND_EVERY_S = 2.0  # between two looks into the outbox
MOST = 20  # messages of one round
LEASE = timedelta(seconds=120)  # longer than a message may take
PING_EVERY_S = 60.0
SWEEP_EVERY = timedelta(hours=6)
STOP_WAIT_S = 5.0
PUT_OFF = timedelta(minutes=1)  # of messages whose way has just failed
JOB = "postman"


class SettingsFile:
    """`hub.toml`, read again when it has changed; with problems the last good one stays, and `trouble` says why."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nobody is told. Raises `BadInput`."""
        self._folder = folder
        self._stamp = self._now()
        self._lock = threading.Lock()  # the watchman and the postman ask
        self._known = load(folder) if folder else HubSettings()
        self.trouble: str | None = None

    def get(self) -> HubSettings:
        with self._lock:
            if self._folder and (stamp := self._now()) != self._stamp:
                self._stamp = stamp
                try:
                    self._known, self.trouble = load(self._folder), None
                except BadInput as error:
                    logging.getLogger(__name__).error("%s is not used: %s", FILE, error.told())
                    self.trouble = f"{FILE}: {len(error.problems)} problem(s), the settings before stay in force"
            return self._known

    def _now(self) -> tuple[int, int, int] | None:
        try:
            stat = (self._folder / FILE).stat() if self._folder else None
        except OSError:
            stat = None
        if stat is None:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_mode


class Postman:
    """A thread of this process."""

    def __init__(
        self, store: Store, settings: SettingsFile, well: Callable[[], bool] = lambda: True,
        due: digest.Due = lambda *_: (), clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        """`well`: whether the hub works, as the ping tells it; `due`: reports for the digest."""
        self._store, self._settings, self._well, self._due, self._clock = store, settings, well, due, clock
        self._holder = secrets.token_hex(8)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=JOB, daemon=True),
            threading.Thread(target=self._ping, name="ping", daemon=True),
        ]
        self._followed: HubSettings | None = None
        self._swept: datetime | None = None
        self.failure: str | None = None  # why the last round failed; a message that is not taken is none

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_WAIT_S)
        try:
            with self._store.writing() as connection:
                let_go(connection, JOB, self._holder)
        except Unavailable:
            pass  # the lease ends by itself

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def told(self, found: Look) -> None:
        """For the watchman: what a look released becomes messages."""
        settings = self._settings.get()
        if settings is not self._followed:
            with self._store.writing() as connection:
                outbox.follow(connection, settings, found.now)
        outbox.compose(self._store, settings, found.now)
        digest.compose(self._store, settings, found, self._due)
        self._followed = settings

    def say(self, key: str, message: Message, now: datetime) -> None:
        """Something of the hub itself: to those who are told of all communes, else to everybody."""
        known = self._settings.get().recipients
        with self._store.writing() as connection:
            for one in [r for r in known if not r.communes] or known:
                outbox.put(connection, f"{key}:{one.name}:{to_ms(now)}", one, message, now)

    def round(self) -> int:
        """Send what is due; how many were taken. Raises `Unavailable` (`hub-database`)."""
        now = self._clock()
        with self._store.reading() as connection:
            waiting = outbox.due(connection, now, MOST)
        if self._swept is None or now - self._swept >= SWEEP_EVERY:
            with self._store.writing() as connection:
                outbox.sweep(connection, now)
            self._swept = now
        taken, broken = 0, set()
        for place, message in enumerate(waiting):
            with self._store.writing() as connection:
                if self._stop.is_set() or not take(connection, JOB, self._holder, self._clock(), LEASE):
                    return taken
            recipient = next((r for r in self._settings.get().recipients if r.name == message.recipient), None)
            way = self._way(recipient)
            if way in broken:
                with self._store.writing() as connection:
                    outbox.later(connection, waiting[place : place + 1], self._clock() + PUT_OFF)
            elif self._send(recipient, message):
                taken += 1
            else:
                broken.add(way)
        return taken

    def _send(self, recipient: Recipient | None, message: outbox.Waiting) -> bool:
        try:
            refusal = self._hand_over(recipient, message)
        except NotSent as error:
            logging.getLogger(__name__).warning("message %s was not taken: %s", message.key, error)
            with self._store.writing() as connection:
                outbox.failed(connection, message, str(error), self._clock(), for_good=error.for_good)
            return False
        with self._store.writing() as connection:
            outbox.sent(connection, message, self._clock(), refusal.told)
            outbox.again(connection, message, refusal.later, self._clock())
        return True

    def _hand_over(self, recipient: Recipient | None, message: outbox.Waiting) -> mail.Refusal:
        server = self._settings.get().mail
        if recipient and recipient.webhook:
            webhook.send(
                recipient.webhook, message.subject, message.text, message.data, message.key, self._clock()
            )  # fmt: skip
            return mail.Refusal()
        key, only = outbox.addressed(message)
        to = [one for one in recipient.mail if only in ("", one)] if recipient else []
        if server is None or not to:
            raise NotSent(f"nobody of that name in {FILE} any more", for_good=True)
        return mail.send(server, to, message.subject, message.text, key, message.made)

    def _way(self, recipient: Recipient | None) -> str:
        return recipient.webhook.host if recipient and recipient.webhook else "mail"

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.round()
                self.failure = None
            except Exception as error:  # the next round may work, and /healthz tells it
                logging.getLogger(__name__).exception("messages could not be sent")
                self.failure = str(error)
            self._stop.wait(SEND_EVERY_S)

    def _ping(self) -> None:
        """Tell an outside watch that all is well; silence is the alarm."""
        due = 0.0
        while not self._stop.is_set():
            try:
                address = self._settings.get().ping
                if address and time.monotonic() >= due and self._well():
                    due = time.monotonic() + PING_EVERY_S
                    webhook.post(Webhook(address), None, {"User-Agent": "bangtin"})
            except Exception as error:
                logging.getLogger(__name__).warning("the ping was not taken: %s", error)
            self._stop.wait(SEND_EVERY_S)
