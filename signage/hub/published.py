"""Looks at the office's publication, where the hub has its folder, and keeps the store's notices as it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from ..errors import BangtinError
from . import notices
from .store import Store

LOOK_S = 1.0  # between two looks: three files' dates


class Published:
    """The folder of one commune; `folders` has it by the commune's code once it has been read."""

    def __init__(self, store: Store, publication: Path | None) -> None:
        self._store = store
        self._publication = notices.Publication(publication) if publication else None
        self._folder = publication
        self.folders: dict[str, Path] = {}

    def look(self) -> None:
        """Take what is new; raises what the store raises, and then looks again at the same edition."""
        if self._publication is None or self._folder is None or (edition := self._publication.look()) is None:
            return
        try:
            with self._store.writing() as connection:
                notices.take(connection, edition)
        except BaseException:
            self._publication.forget()
            raise
        self.folders[edition.commune] = self._folder

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Looks meanwhile, if there is anything to look at."""
        looks = asyncio.create_task(self._look()) if self._publication else None
        try:
            yield
        finally:
            if looks:
                looks.cancel()
                with suppress(asyncio.CancelledError):
                    await looks

    async def _look(self) -> None:
        while True:
            with suppress(BangtinError):  # /healthz tells of a store that does not answer
                await run_in_threadpool(self.look)
            await asyncio.sleep(LOOK_S)
