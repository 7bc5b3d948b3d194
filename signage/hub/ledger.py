"""Every report ever accepted: written first, acknowledged afterwards, never more than the limits say.

One thread writes. It takes whatever waits, writes it in one transaction, and answers only after the
commit: a report that was acknowledged is still there after `kill -9` or a power cut. Several processes
may write to one PostgreSQL.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..errors import BangtinError, Refused, Unavailable
from .keeping import Accepted, Arrival, Keeper
from .store import Store

MAX_WAITING = 4000  # reports in the queue; beyond that the hub is busy
MAX_BATCH = 1000  # reports of one transaction, about
STOP_WAIT_S = 10.0  # how long a stopping hub waits for the last transaction
GATHER_S = 0.03  # how long a report waits for those of other boards, when such came a moment ago: one transaction
GATHER_WITHIN_S = 0.1  # that moment
AWAY = (OperationalError, PoolTimeout)  # nothing that a smaller batch would help
REST_S = 1.0  # after a transaction that failed because the store is away

Answer = list[Accepted | Refused] | BangtinError  # one for each report, or why none is kept


@dataclass(frozen=True, slots=True)
class _Item:
    """Reports of one board that came together, and who waits for the answer."""

    arrivals: Sequence[Arrival]
    done: Callable[[Answer], None]


class Ledger:
    """The writer. `submit` may be called from any thread; `done` is called in the writer's own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._count = 0  # reports in the queue
        self._lock = threading.Lock()  # for the count
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._keeper = Keeper(int(time.time() * 1000))
        self._stopping = False
        self._heard = (0, float("-inf"))  # the board that the last batch began with, and when
        self.failure: str | None = None  # why the last transaction failed; None while all is well

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        self._thread.join(STOP_WAIT_S)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def working(self) -> bool:
        return self._thread.is_alive() and self.failure is None

    @property
    def waiting(self) -> int:
        """Reports in the queue."""
        return self._count

    def submit(self, arrivals: Sequence[Arrival], done: Callable[[Answer], None]) -> None:
        """`done` hears after the commit; raises `Unavailable` (`hub-busy`) when too many wait."""
        with self._lock:
            if self._count + len(arrivals) > MAX_WAITING or self._stopping or not self._thread.is_alive():
                raise Unavailable("hub-busy")
            self._count += len(arrivals)
        self._waiting.put(_Item(arrivals, done))

    def _run(self) -> None:
        while not self._stopping:
            batch = self._batch()
            try:
                self._write(batch)
            except Exception as error:  # whatever it is, the writer lives: who waits is told to come again
                logging.getLogger(__name__).exception("the writer met what it did not expect")
                self.failure = str(error)

    def _batch(self) -> list[_Item]:
        """What waits, at least one."""
        batch: list[_Item] = []
        size = 0
        item = self._waiting.get()
        if item is not None:
            self._gather(item)
        while item is not None:
            batch.append(item)
            size += len(item.arrivals)
            if size >= MAX_BATCH:
                break
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
        with self._lock:
            self._count -= size
            self._stopping = item is None
        return batch

    def _gather(self, item: _Item) -> None:
        """A transaction costs as much CPU as four reports in it: where many boards speak, it waits for some more."""
        board, now = item.arrivals[0].enrolled.number, time.monotonic()
        if board != self._heard[0] and now - self._heard[1] < GATHER_WITHIN_S:
            time.sleep(GATHER_S)
        self._heard = board, now

    def _write(self, batch: list[_Item]) -> None:
        """All in one transaction; when that fails, in halves, so that one cannot spoil the others."""
        if not batch:
            return
        try:
            answers = self._transaction([one for item in batch for one in item.arrivals])
        except Exception as error:
            self.failure = str(error)
            away = isinstance(error, Unavailable) and isinstance(error.__cause__, AWAY)
            if len(batch) > 1 and not away:
                self._write(batch[: len(batch) // 2])
                self._write(batch[len(batch) // 2 :])
                return
            logging.getLogger(__name__).exception("a batch of %d was not written", len(batch))
            for item in batch:
                item.done(Unavailable("hub-busy"))
            if away:
                time.sleep(REST_S)
            return
        self.failure = None
        at = 0
        for item in batch:
            item.done(answers[at : at + len(item.arrivals)])
            at += len(item.arrivals)

    def _transaction(self, arrivals: list[Arrival]) -> list[Accepted | Refused]:
        try:
            with self._store.writing() as connection:
                return self._keeper.keep(connection, arrivals)
        except BaseException:
            self._keeper.forget()
            raise
