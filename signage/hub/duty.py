"""What a hub does besides listening: a watchman, a postman, and their settings; started and stopped together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import delete

from ..errors import BangtinError, Unavailable
from . import watchman
from .alarms.judgement import Facts, Judgement
from .delivery.postman import Postman, SettingsFile
from .pages import words
from .store import Store
from .store import tables as t
from .watchman import Watchman


class Duty:
    """Of one process; several on one store share the work by leases."""

    def __init__(self, store: Store, folder: Path | None, well: Callable[[], bool] = lambda: True) -> None:
        """`well`: whether the hub takes reports, for the dead man's ping. Raises `BadInput` (`hub.toml`)."""
        self.settings = SettingsFile(folder)
        self._store = store
        self.postman = Postman(store, self.settings, lambda: well() and not list(self.reasons()), due_by(store.folder))
        self.watchman = Watchman(store, says, self.postman.told)

    def start(self) -> None:
        """Raises `Unavailable` (`hub-database`)."""
        if self._store.is_sqlite:  # `hub.lock`: nobody else serves this file, so leases are of the dead
            with self._store.writing() as connection:
                connection.execute(delete(t.lease))
        self.watchman.start()
        self.postman.start()

    def stop(self) -> None:
        self.watchman.stop()
        self.postman.stop()

    def reasons(self) -> Iterator[str]:
        """For `/healthz`: `watchman-dead`, `watchman-failing`, `watchman-late`, `postman-dead`, `postman-failing`,
        `settings-bad`."""
        for name, one in (("watchman", self.watchman), ("postman", self.postman)):
            if not one.alive:
                yield f"{name}-dead"
            elif one.failure is not None:
                yield f"{name}-failing"
        if self.settings.trouble:
            yield "settings-bad"
        if (age := self.age_s()) is not None and age > watchman.STALE.total_seconds():
            yield "watchman-late"

    def age_s(self) -> float | None:
        """Seconds since any process looked; None before the first look, or when the store is away."""
        try:
            with self._store.reading() as connection:
                last = watchman.watch(connection)
        except Unavailable:
            return None
        return max(0.0, (datetime.now(UTC) - last.looked).total_seconds()) if last else None


def says(facts: Facts, judgement: Judgement, now: datetime) -> dict[str, str]:
    """The sentence of each reason, with times that are still right when it is read."""
    told = words.reasons(facts, judgement, now, dated=True)
    return {code: sentence for (code, _), (sentence, _) in zip(judgement.reasons, told, strict=True)}


def due_by(folder: Path) -> Callable[[date], list[str]]:
    """Lines of the reports that are due, by the rules of this hub; of rules that cannot be read: what is wrong."""

    def lines(today: date) -> list[str]:
        from .reports.due import due  # once a morning
        from .reports.pack import read_pack

        try:
            return [one.told for one in due(today, read_pack(folder))]
        except BangtinError as error:
            return [error.told("vi")]

    return lines
