"""What the hub does meanwhile goes on, whatever it meets, and ends with the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from signage.errors import Unavailable
from signage.hub import meanwhile


def test_it_goes_on_whatever_fails_and_ends_with_the_block(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(meanwhile, "UNKNOWN_S", 0.001)
    meets: Iterator[Exception | None] = iter((Unavailable("hub-database", file="x", why="y"), KeyError("odd"), None))
    done = asyncio.Event()

    async def does() -> None:
        if (met := next(meets)) is not None:
            raise met
        done.set()
        await asyncio.Event().wait()

    async def run() -> int:
        async with meanwhile.meanwhile(does, 0.001):
            async with asyncio.timeout(20):
                await done.wait()
        return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1, "nothing of it is left"
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [KeyError], "the odd one is told"
