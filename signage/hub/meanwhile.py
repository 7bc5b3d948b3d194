"""Something that is done again and again while the hub serves: it never ends by itself, whatever it meets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from ..errors import BangtinError

UNKNOWN_S = 5.0  # at least, until the next time after what nobody foresaw: the log is not flooded


@asynccontextmanager
async def meanwhile(does: Callable[[], Awaitable[None]], every_s: float) -> AsyncIterator[None]:
    """Do it, `every_s` seconds apart, for as long as the block lasts."""
    task = asyncio.create_task(_again(does, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _again(does: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        pause = every_s
        try:
            await does()
        except BangtinError:  # the store does not answer: /healthz tells of it, and the next time it may
            pass
        except Exception:  # nobody awaits this task: it would end without a word
            logging.getLogger(__name__).exception("%s failed, and is tried again", does.__qualname__)
            pause = max(every_s, UNKNOWN_S)
        await asyncio.sleep(pause)
