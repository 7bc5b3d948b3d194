"""Sends signed reports to a hub at a steady rate, over many kept connections, and notes when each was acknowledged.

Open loop: each report has its moment, and its time counts from there, however late the hub or this program is; who
waits for answers before asking again measures a hub that nobody else asks. All reports of a run are signed before it
begins, so that this process takes few per cent of a core meanwhile. It is a process of its own (`Load`), so that its
CPU can be told from the hub's.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import resource
import time
from array import array
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import fleet_boards
import uvloop
from fleet_boards import Board

TICK_S = 0.002  # between two looks at the timetable
LEAD_S = 0.5  # from the signature of the last report to the first moment
PATIENCE_S = 10.0  # for the last answers of a run
FILL_S = 300.0  # seconds that a filling may take
FILLING = 256  # connections of a filling
AT_ONCE = 1e9  # reports a second: all are due when it begins
CLOSING_S = 0.2  # in which connections are seen that the hub closed meanwhile
OPENING = 200  # connections opened at once
SIGNS_PER_S = 6000.0  # about: a report says when it is sent, and is signed before


@dataclass
class Run:
    """What a run found."""

    rate: float  # reports a second, as planned
    planned: int
    seconds: float  # from the first moment to the last answer
    answers: dict[int, int]  # by status; 0: none came
    latencies: array[float]  # seconds from the planned moment, of those that were acknowledged
    late: float  # seconds by which this program itself was late, at the 99th percentile
    cpu: float  # CPU seconds of this program meanwhile
    began: float  # monotonic

    @property
    def taken(self) -> int:
        return self.answers.get(200, 0)

    def at(self, share: float) -> float:
        """The latency that this share kept to, in ms; what was not acknowledged took as long as we wait at all."""
        place = int(share * self.planned)
        return (sorted(self.latencies)[place] if place < len(self.latencies) else FILL_S) * 1000


@dataclass
class _Sent:
    due: float
    board: Board
    seq: int
    data: bytes


class _Wire(asyncio.Protocol):
    """One kept connection: one request at a time, as a board or a proxy would."""

    def __init__(self, notes: _Notes) -> None:
        self._notes, self._waiting = notes, deque[_Sent]()
        self._now: _Sent | None = None
        self._heard = b""
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        for one in [*([self._now] if self._now else []), *self._waiting]:
            self._notes.answered(one, 0)
        self._now = None
        self._waiting.clear()

    def send(self, one: _Sent) -> None:
        if self.transport is None:
            self._notes.answered(one, 0)
        elif self._now:
            self._waiting.append(one)
        else:
            self._now = one
            self.transport.write(one.data)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if b"\r\n\r\n" not in self._heard or not self._heard.endswith(b"}"):
            return  # the hub's answers are one flat object
        status, done, self._heard = int(self._heard[9:12]), self._now, b""
        self._now = self._waiting.popleft() if self._waiting else None
        if self._now:
            self.transport.write(self._now.data)
        if done:
            self._notes.answered(done, status)


@dataclass
class _Notes:
    """Of one run."""

    left: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    latencies: array[float] = field(default_factory=lambda: array("d"))
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    def answered(self, one: _Sent, status: int) -> None:
        self.answers[status] += 1
        if status == 200:
            self.latencies.append(time.monotonic() - one.due)
            one.board.acknowledged = max(one.board.acknowledged, one.seq)
        self.left -= 1
        if self.left <= 0:
            self.all_there.set()


class _Sender:
    """The boards and their connections."""

    def __init__(self, port: int, boards: int, connections: int) -> None:
        self._port, self._boards, self._notes = port, fleet_boards.fleet(boards), _Notes()
        self._wires: list[_Wire] = [_Wire(self._notes) for _ in range(connections)]
        self._next = 0

    async def connect(self) -> None:
        """Open what is not open: the hub closes what was quiet for long."""
        gate = asyncio.Semaphore(OPENING)

        async def one(wire: _Wire) -> None:
            async with gate:
                await asyncio.get_running_loop().create_connection(lambda: wire, "127.0.0.1", self._port)

        await asyncio.gather(*(one(wire) for wire in self._wires if wire.transport is None))

    def _signed(self, count: int, rate: float) -> list[_Sent]:
        """The next so many boards' reports, in their order; `due` counts from the beginning."""
        begins = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=LEAD_S + count / SIGNS_PER_S)
        made = []
        for n in range(count):
            board = self._boards[(self._next + n) % len(self._boards)]
            body = board.next(begins + timedelta(seconds=int(n / rate)))
            head = f"POST {board.path} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n"
            made.append(_Sent(n / rate, board, board.seq, head.encode() + body))
        self._next = (self._next + count) % len(self._boards)
        return made

    async def run(self, count: int, rate: float, wires: int) -> Run:
        reports = self._signed(count, rate)
        await asyncio.sleep(CLOSING_S)
        await self.connect()
        notes = self._notes
        notes.left, notes.answers, notes.latencies = count, Counter(), array("d")
        notes.all_there = asyncio.Event()
        gc.collect()
        gc.freeze()  # a collector that walks over 40,000 reports would be the latency that is measured
        cpu, began = _cpu(), time.monotonic() + LEAD_S
        late = await self._send(reports, began, wires)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S if wires == len(self._wires) else FILL_S):
                await notes.all_there.wait()
        seconds = time.monotonic() - began
        answers = dict(notes.answers)
        if missing := count - sum(answers.values()):
            answers[0] = answers.get(0, 0) + missing
        gc.unfreeze()
        return Run(rate, count, seconds, answers, notes.latencies, late, _cpu() - cpu, began)

    async def _send(self, reports: list[_Sent], began: float, wires: int) -> float:
        """Each at its moment; how late we were, at the 99th percentile."""
        late, count, place = array("d"), len(reports), 0
        while place < count:
            now = time.monotonic()
            while place < count and (due := began + reports[place].due) <= now:
                one = reports[place]
                one.due = due
                late.append(now - due)
                self._wires[one.board.number % wires].send(one)
                place += 1
            await asyncio.sleep(TICK_S)
        return sorted(late)[int(0.99 * count)]

    def acknowledged(self) -> list[int]:
        return [board.acknowledged for board in self._boards]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Load:
    """The process that sends. Use as a context."""

    def __init__(self, port: int, boards: int, connections: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._connections = connections
        self._process = context.Process(target=_work, args=(theirs, port, boards, connections), daemon=True)
        self._process.start()

    def run(self, count: int, rate: float) -> Run:
        """So many reports at so many a second."""
        return self._ask(count, rate, self._connections)

    def fill(self, count: int) -> Run:
        """As fast as the hub takes them: a few connections, each with the next report ready when an answer comes."""
        return self._ask(count, AT_ONCE, min(FILLING, self._connections))

    def _ask(self, *command: object) -> Run:
        self._ours.send(command)
        found: Run = self._ours.recv()
        return found

    def acknowledged(self) -> list[int]:
        """Of each board the last number that the hub says it keeps."""
        self._ours.send(None)
        found: list[int] = self._ours.recv()
        return found

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _work(commands: Connection, port: int, boards: int, connections: int) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def made() -> _Sender:
            return _Sender(port, boards, connections)

        sender = runner.run(made())
        while True:
            # Between two runs the loop does not turn: connections that the hub closes are seen in the next.
            command = commands.recv()
            if command is None:
                commands.send(sender.acknowledged())
            else:
                commands.send(runner.run(sender.run(*command)))
