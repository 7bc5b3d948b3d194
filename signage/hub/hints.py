"""Hints to boards whose publication lies on a host that cannot push (`signage.hint`): `GET /v1/hints/{commune}`.

The hub looks at the publication's folder, as `bangtin serve` does, so nobody has to tell it anything and it believes
nobody: what it passes on is public and signed. A commune without such a folder (`--publication`, `--publications`)
has no channel, and its boards poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .. import hint
from ..publication import BOARD_FOLDER
from .meanwhile import meanwhile
from .published import Folders

PATH = f"/v1/{hint.PATH}/{{commune}}"
AT_ONCE = 20  # communes looked at in one turn: of two hundred, each five times a second
MAX_LISTENING = 15_000  # boards; a hub may have 16,000 connections, and each takes some 30 kB
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx: pass it on as it comes


class Hints:
    """The channel. Everything in it happens in the event loop's thread."""

    def __init__(self, places: Folders) -> None:
        self._places = places
        self._bells: dict[Path, hint.Bell] = {}
        self._listening: dict[Path, set[asyncio.Queue[bytes]]] = {}

    async def __call__(self, request: Request) -> Response:
        folder = self._places.of(request.path_params["commune"])
        if folder is None:
            return Response(status_code=404)
        if sum(map(len, self._listening.values())) >= MAX_LISTENING:
            return Response(status_code=503)
        every = hint.every(request.query_params.get(hint.QUERY, ""))
        return StreamingResponse(self._told(folder, every), media_type=hint.KIND, headers=_HEADERS)

    async def _told(self, folder: Path, every: float) -> AsyncIterator[bytes]:
        """Hints, and a comment after each silence; who reads slowly gets the newest hint only."""
        news: asyncio.Queue[bytes] = asyncio.Queue(1)
        if folder not in self._bells:
            self._bells[folder] = hint.Bell(folder / BOARD_FOLDER)
            self._bells[folder].rang()  # what is there now is no news
        self._listening.setdefault(folder, set()).add(news)
        try:
            while True:
                data = hint.COMMENT
                with suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        data = await news.get()
                yield data
        finally:
            self._listening[folder].discard(news)

    def looking(self) -> AbstractAsyncContextManager[None]:
        """Looks at the publications meanwhile."""
        return meanwhile(self._look, hint.LOOK_S) if self._places != Folders() else nullcontext()

    async def _look(self) -> None:
        for folder in list(self._listening)[:AT_ONCE]:
            listening = self._listening.pop(folder)
            self._listening[folder] = listening  # behind those that wait for their turn
            if listening and (news := self._bells[folder].rang()):
                self._tell(listening, news)

    @staticmethod
    def _tell(listening: set[asyncio.Queue[bytes]], news: bytes) -> None:
        for one in listening:
            with suppress(asyncio.QueueEmpty):
                one.get_nowait()
            one.put_nowait(news)
