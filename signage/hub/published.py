"""Looks at the publications whose folders this hub has, and keeps the store's notices as they say."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from ..publication import BOARD_FOLDER
from . import notices
from .meanwhile import meanwhile
from .store import Store

LOOK_S = 1.0  # between two looks: three files' dates of each commune
_CODE = re.compile(r"[0-9]{5}")


@dataclass(frozen=True)
class Folders:
    """Where publications lie: the one of an office beside this hub, or a folder with one for each commune."""

    one: Path | None = None
    many: Path | None = None  # `many/20506/board`: by the commune's code; they come and go while the hub runs

    def of(self, commune: str) -> Path | None:
        """Where this commune's publication would be."""
        if self.one is not None or self.many is None or not _CODE.fullmatch(commune):
            return self.one
        found = self.many / commune
        return found if (found / BOARD_FOLDER).is_dir() else None

    def all(self) -> list[Path]:
        """Those that there are now."""
        if self.one is not None or self.many is None:
            return [self.one] if self.one else []
        try:
            return [found for entry in sorted(self.many.iterdir()) if (found := self.of(entry.name))]
        except OSError:
            return []


class Published:
    """What is in them; `folders` has each by the commune's code once it has been read."""

    def __init__(self, store: Store, places: Folders) -> None:
        self._store, self._places = store, places
        self._known: dict[Path, notices.Publication] = {}
        self.folders: dict[str, Path] = {}

    def look(self) -> None:
        """Take what is new; raises what the store raises, and then looks again at the same edition."""
        there = self._places.all()
        self._known = {folder: self._known.get(folder) or notices.Publication(folder) for folder in there}
        for folder, publication in self._known.items():
            edition = publication.look()
            if edition is None or self._places.of(edition.commune) != folder:  # laid into another commune's folder
                continue
            try:
                with self._store.writing() as connection:
                    notices.take(connection, edition)
            except BaseException:
                publication.forget()
                raise
            self.folders[edition.commune] = folder

    def looking(self) -> AbstractAsyncContextManager[None]:
        """Looks meanwhile, if there is anything to look at."""
        return meanwhile(self._look, LOOK_S) if self._places != Folders() else nullcontext()

    async def _look(self) -> None:
        await run_in_threadpool(self.look)
