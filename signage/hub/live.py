"""Open pages hear that something changed (server-sent events), and fetch themselves again; without this they poll.

One look at the store every `LOOK_S` serves all of them, whichever process of the hub took the report. Each hears
of its own communes alone; what happens while a page is slow, or right after the last word, is told in one.

    event: beat                 the line is alive
    data: ["20506"]             of these communes; ["*"]: of many
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool

from ..errors import BangtinError
from .meanwhile import meanwhile
from .people.roles import Viewer
from .seen import news
from .store import Store

KIND = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx: pass it on as it comes
LOOK_S = 1.0  # between two looks at the store, while anybody listens
QUIET_S = 2.0  # between two events to one page, so that a busy province does not fetch without end
BEAT_S = 15.0  # between two comments; then also whether the log-in lasts
MAX_PAGES = 600  # that listen, all together; the others poll
MAX_PAGES_EACH = 12  # of one account
MAX_COMMUNES = 200  # named in one event; of more every page fetches itself


@dataclass(eq=False)
class _Page:
    viewer: Viewer
    waiting: set[str] = field(default_factory=set)
    rings: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """Who listens. Everything in it happens in the event loop's thread, but the look itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: set[_Page] = set()
        self._place: news.Place | None = None

    def has_room(self, viewer: Viewer) -> bool:
        """Whether one more page of this account may listen."""
        each = Counter(page.viewer.account for page in self._pages)
        return len(self._pages) < MAX_PAGES and each[viewer.account] < MAX_PAGES_EACH

    async def listen(
        self, viewer: Viewer, lasts: Callable[[datetime], Awaitable[bool]], since: news.Place | None = None
    ) -> AsyncIterator[bytes]:
        """Events for one page, made `since` then, until its log-in ends or it goes away."""
        page = _Page(viewer)
        self._pages.add(page)
        try:
            yield b"retry: 5000\n\n"
            with suppress(BangtinError):
                self._ring(page, await run_in_threadpool(self._missed, since))
            loop = asyncio.get_running_loop()
            asked = loop.time()
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_S):
                        await page.rings.wait()
                if loop.time() - asked >= BEAT_S:
                    asked = loop.time()
                    if not await lasts(datetime.now(UTC)):
                        return
                    yield b"event: beat\ndata: 1\n\n"
                if page.waiting:
                    told, page.waiting = sorted(page.waiting), set()
                    page.rings.clear()
                    yield b"data: " + json.dumps(told if len(told) <= MAX_COMMUNES else [news.ALL]).encode() + b"\n\n"
                    await asyncio.sleep(QUIET_S)
        finally:
            self._pages.discard(page)

    def looking(self) -> AbstractAsyncContextManager[None]:
        """Looks at the store meanwhile."""
        return meanwhile(self._look, LOOK_S)

    async def _look(self) -> None:
        if self._pages:
            self._tell(await run_in_threadpool(self._news))
        else:
            self._place = None

    def _news(self) -> frozenset[str]:
        with self._store.reading() as connection:
            now = datetime.now(UTC)
            if self._place is None:
                self._place = news.place(connection, now)
                return frozenset()
            self._place, changed = news.since(connection, self._place, now)
        return changed

    def _missed(self, since: news.Place | None) -> frozenset[str]:
        """What happened between the page and its line; the next looks go on from here at the latest."""
        with self._store.reading() as connection:
            now = datetime.now(UTC)
            if self._place is None:
                self._place = news.place(connection, now)
            return news.since(connection, since, now)[1] if since else frozenset()

    def _tell(self, changed: frozenset[str]) -> None:
        for page in self._pages if changed else ():
            self._ring(page, changed)

    def _ring(self, page: _Page, changed: frozenset[str]) -> None:
        if mine := {code for code in changed if code == news.ALL or page.viewer.may_see(code)}:
            page.waiting |= mine
            page.rings.set()
