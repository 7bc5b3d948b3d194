"""Boards that only listen: open answers on the hub's channel for hints, and when a hint reached each of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import time
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from signage import hint

OPENING = 200  # connections opened at once
OPEN_S = 120.0  # that opening them all may take
HEAR_S = 30.0  # until the last has heard
END = b"\n\n"  # of a hint


class _Listener(asyncio.Protocol):
    def __init__(self, all_of_them: _Listeners) -> None:
        self._all, self._tail = all_of_them, b""
        self.open = asyncio.get_running_loop().create_future()
        self.heard = 0.0

    def connection_made(self, transport: Any) -> None:
        transport.write(self._all.request)

    def data_received(self, data: bytes) -> None:
        if not self.open.done():
            if b"\r\n\r\n" in (head := self._tail + data):
                self.open.set_result(b" 200 " in head.split(b"\r\n", 1)[0])
            self._tail = head
        elif END in (said := self._tail[-256:] + data) and b"data: look" in said + self._tail:
            self.heard, self._tail = time.time(), b""
            self._all.one_heard()
        else:
            self._tail = (self._tail + data)[-hint.MAX_HINT :]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_result(False)


class _Listeners:
    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self.request = (
            f"GET {path}?{hint.QUERY}={int(hint.MOST_S)} HTTP/1.1\r\nHost: hub\r\nAccept: {hint.KIND}\r\n\r\n".encode()
        )
        self._listening: list[_Listener] = []
        self._left, self._all = 0, asyncio.Event()

    async def grow(self, count: int) -> int:
        """As many as `count` in all; how many listen."""
        gate, loop = asyncio.Semaphore(OPENING), asyncio.get_running_loop()

        async def one() -> _Listener | None:
            async with gate:
                try:
                    _, made = await loop.create_connection(lambda: _Listener(self), "127.0.0.1", self._port)
                    return made if await asyncio.wait_for(made.open, OPEN_S) else None
                except OSError:
                    return None

        made = await asyncio.gather(*(one() for _ in range(count - len(self._listening))))
        self._listening += [one for one in made if one]
        return len(self._listening)

    def one_heard(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._all.set()

    def expect(self) -> None:
        self._left = len(self._listening)
        self._all.clear()
        for one in self._listening:
            one.heard = 0.0

    async def heard(self) -> list[float]:
        """When each heard (Unix time, sorted); 0 for who did not."""
        try:
            async with asyncio.timeout(HEAR_S):
                await self._all.wait()
        except TimeoutError:
            pass
        return sorted(one.heard for one in self._listening)


class Listeners:
    """The process that listens. Use as a context."""

    def __init__(self, port: int, path: str = f"/v1/{hint.PATH}/10000") -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, port, path), daemon=True)
        self._process.start()

    def grow(self, count: int) -> int:
        """Listen over so many connections in all; how many the server let in."""
        return int(self._ask("grow", count))

    def expect(self) -> None:
        """From now on they wait for a hint: returns when they do."""
        self._ask("expect")
        self._ours.send(("heard",))

    def heard(self) -> list[float]:
        """When each heard it (Unix time, sorted); 0: not at all."""
        found: list[float] = self._ours.recv()
        return found

    def _ask(self, *command: object) -> Any:
        self._ours.send(command)
        return self._ours.recv()

    def __enter__(self) -> Listeners:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _work(commands: Connection, port: int, path: str) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def made() -> _Listeners:
            return _Listeners(port, path)

        listeners = runner.run(made())
        while True:
            name, *values = commands.recv()
            if name == "grow":
                commands.send(runner.run(listeners.grow(*values)))
            elif name == "expect":
                listeners.expect()
                commands.send(None)
            else:
                commands.send(runner.run(listeners.heard()))
