"""Hints to boards whose publication lies on a host that cannot push (`signage.hint`): `GET /v1/hints`.

The hub looks at the publication's folder, as `bangtin serve` does, so nobody has to tell it anything and it believes
nobody: what it passes on is public and signed. Without that folder (`--publication`) there is no channel, and boards
poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .. import hint
from ..publication import BOARD_FOLDER

MAX_LISTENING = 15_000  # boards; a hub may have 16,000 connections, and each takes some 30 kB
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx: pass it on as it comes


class Hints:
    """The channel. Everything in it happens in the event loop's thread."""

    def __init__(self, publication: Path | None) -> None:
        self._bell = hint.Bell(publication / BOARD_FOLDER) if publication else None
        self._listening: set[asyncio.Queue[bytes]] = set()

    async def __call__(self, request: Request) -> Response:
        if self._bell is None:
            return Response(status_code=404)
        if len(self._listening) >= MAX_LISTENING:
            return Response(status_code=503)
        every = hint.every(request.query_params.get(hint.QUERY, ""))
        return StreamingResponse(self._told(every), media_type=hint.KIND, headers=_HEADERS)

    async def _told(self, every: float) -> AsyncIterator[bytes]:
        """Hints, and a comment after each silence; who reads slowly gets the newest hint only."""
        news: asyncio.Queue[bytes] = asyncio.Queue(1)
        self._listening.add(news)
        try:
            while True:
                data = hint.COMMENT
                with suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        data = await news.get()
                yield data
        finally:
            self._listening.discard(news)

    async def _look(self, bell: hint.Bell) -> None:
        while True:
            if self._listening and (news := bell.rang()):
                for one in self._listening:
                    with suppress(asyncio.QueueEmpty):
                        one.get_nowait()
                    one.put_nowait(news)
            await asyncio.sleep(hint.LOOK_S)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Looks at the publication meanwhile."""
        looks = asyncio.create_task(self._look(self._bell)) if self._bell else None
        try:
            yield
        finally:
            if looks:
                looks.cancel()
