"""What a hub does besides listening: a watchman, a postman, the daily sweep; started and stopped together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete

from ..errors import BangtinError
from . import retention, watchman
from .alarms.judgement import Facts, Judgement
from .delivery import wording
from .delivery.digest import Due
from .delivery.postman import Postman, SettingsFile
from .pages import words
from .store import Store
from .store import tables as t
from .watchman import LOOK_EVERY, Watchman

SWEEP_EVERY_S = 600  # seconds between two questions whether today's sweep is done
DOUBTS = 2  # of our clock, one after another: a hub that was off for days has heard no board when it asks first
REASONS = (
    "watchman-dead", "watchman-failing", "watchman-late", "postman-dead", "postman-failing", "settings-bad",
    "clock-doubted",
)  # fmt: skip


class Duty:
    """Threads of one process; several processes on one store share the work by leases."""

    def __init__(self, store: Store, folder: Path | None, look_every: timedelta = LOOK_EVERY) -> None:
        """`look_every`: the watchman, at most. Raises `BadInput` (`hub.toml`)."""
        self.settings = SettingsFile(folder)
        self._store = store
        self._well: Callable[[], bool] = lambda: True
        self.postman = Postman(store, self.settings, self._all_well, due_by(store))
        self.watchman = Watchman(store, says, self.postman.told, every=look_every)
        self._doubts = 0  # of our clock, one after another
        self._stop = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="sweep", daemon=True)

    def start(self, well: Callable[[], bool] = lambda: True) -> None:
        """`well`: whether the hub takes reports, for the dead man's ping. Raises `Unavailable` (`hub-database`)."""
        self._well = well
        if self._store.is_sqlite:  # `hub.lock`: nobody else serves this file, so leases are of the dead
            with self._store.writing() as connection:
                connection.execute(delete(t.lease))
        self.watchman.start()
        self.postman.start()
        self._sweeper.start()

    def stop(self) -> None:
        self._stop.set()
        self.watchman.stop()
        self.postman.stop()

    def reasons(self) -> Iterator[str]:
        """For `/healthz`: of `REASONS`."""
        for name, one in (("watchman", self.watchman), ("postman", self.postman)):
            if not one.alive:
                yield f"{name}-dead"
            elif one.failure is not None:
                yield f"{name}-failing"
        if self.settings.trouble:
            yield "settings-bad"
        if self._doubts >= DOUBTS:
            yield "clock-doubted"
        if (age := watchman.age_s(self._store)) is not None and age > watchman.STALE.total_seconds():
            yield "watchman-late"

    def _all_well(self) -> bool:
        return self._well() and not list(self.reasons())

    def _sweep(self) -> None:
        """Once a day what is old goes into the archive, while reports are kept."""
        while not self._stop.is_set():
            try:
                self.sweep(datetime.now(UTC))
            except Exception:  # whatever it was: what is old stays, and is tried again
                logging.getLogger(__name__).exception("what is old was not archived, and so not forgotten")
            self._stop.wait(SWEEP_EVERY_S)

    def sweep(self, now: datetime) -> None:
        """Once, if today's is not done; a clock that stays doubted is told. Raises as `retention.sweep`."""
        try:
            retention.once_a_day(self._store, now)
            self._doubts = 0
        except retention.ClockDoubted as error:
            logging.getLogger(__name__).error("nothing is archived and forgotten: %s", error)
            self._doubts += 1
            if self._doubts == DOUBTS:
                self.postman.say("clock", wording.clock_doubted(now), now)


def says(facts: Facts, judgement: Judgement, now: datetime) -> dict[str, str]:
    """The sentence of each reason, with times that are still right when it is read."""
    told = words.reasons(facts, judgement, now, dated=True)
    return {code: sentence for (code, _), (sentence, _) in zip(judgement.reasons, told, strict=True)}


def due_by(store: Store) -> Due:
    """Lines of the reports that are due, by the rules of this hub; of rules that cannot be read: what is wrong."""

    def lines(today: date, communes: Sequence[str] = ()) -> list[str]:
        from .reports.due import due  # once a morning
        from .reports.handed import by_all
        from .reports.pack import read_pack

        with store.reading() as connection:
            handed = by_all(connection, communes)
        try:
            return [one.told for one in due(today, read_pack(store.folder), handed)]
        except BangtinError as error:
            return [error.told("vi")]

    return lines
