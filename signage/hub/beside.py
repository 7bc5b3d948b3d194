"""A process beside the serving one does what takes long: looking at all boards, mail, the sweep.

Looking at 40,000 boards takes seconds of the interpreter; in the process that hears them, reports would wait.

    serving process ── fork ── guard ── fork ── worker (`Duty`)

The guard only waits: it starts the worker anew when it dies, with growing pauses, and ends it when the serving
process ends, however that happens. It is forked while there is one thread yet, which is why the serving process does
not start workers itself; when the guard is killed, its work is done in a thread of the serving process until the hub is
started again. Worker and serving process tell each other how they are through a few numbers in shared memory: nothing
that either does can block the other.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import wait
from pathlib import Path
from socket import socket
from typing import Any

from .delivery.postman import SettingsFile
from .duty import REASONS, Duty
from .store import open_store
from .watchman import LOOK_EVERY

TELL_S = 1.0  # between two words of each side
SILENT_S = 15.0  # without a word of the worker: `/healthz` is red; of the serving process: no ping goes out
BACKOFF_S = 1.0  # until a worker that died is started again, first; doubled each time
BACKOFF_MOST_S = 60.0
STEADY_S = 120.0  # a worker that lived so long starts with the first pause again
STOP_WAIT_S = 15.0  # what a worker gets to end its look
NICE = 5  # steps behind the serving process, whose boards wait for an answer
BEGIN, END = b"b", b"e"  # the serving process has its store, until then the guard starts nothing; it ends in order


def possible() -> bool:
    """Whether this process can have one beside it; else it does all itself."""
    return sys.platform != "win32" and threading.active_count() == 1


class Beside:
    """The serving process' side. Use as a context, before the store is opened and before any thread."""

    def __init__(self, folder: Path, listening: socket, look_every: timedelta = LOOK_EVERY) -> None:
        """As `Duty`, whose folder it is. Raises `BadInput` (`hub.toml`)."""
        self.settings = SettingsFile(folder)
        fork = multiprocessing.get_context("fork")
        self._shared = _Shared(fork)
        self._stop = threading.Event()
        self._instead = threading.Thread(target=self._stand_in, args=(folder, look_every), name="instead", daemon=True)
        end, self._line = os.pipe()

        def guard() -> None:
            os.close(self._line)
            listening.close()
            _guard(end, lambda: _work(folder, look_every, self._shared))

        self._guard = fork.Process(target=guard, name="guard")
        self._guard.start()
        os.close(end)

    def start(self, well: Callable[[], bool]) -> None:
        """`well`: whether the hub takes reports, for the dead man's ping."""
        self._shared.said_at.value = time.monotonic()
        with suppress(BrokenPipeError):
            os.write(self._line, BEGIN)

        def tell() -> None:
            while not self._stop.is_set():
                if well():
                    self._shared.well_at.value = time.monotonic()
                if not self._guard.is_alive() and self._instead.ident is None:
                    self._instead.start()
                self._stop.wait(TELL_S)

        threading.Thread(target=tell, name="beside", daemon=True).start()

    def _stand_in(self, folder: Path, look_every: timedelta) -> None:
        """The guard was killed: its worker ends by itself, and what it did is done here, again and again if need be."""
        log, pause = logging.getLogger(__name__), BACKOFF_S
        log.error("the process beside this one is gone; this one watches meanwhile: start the hub again when you can")
        until = time.monotonic() + STOP_WAIT_S
        while _runs(self._shared.worker.value) and time.monotonic() < until and not self._stop.wait(BACKOFF_S / 10):
            pass
        while not self._stop.is_set():
            try:
                _do(folder, look_every, self._shared, lambda: not self._stop.wait(TELL_S))
            except Exception:  # the store is away, say: `/healthz` tells of it, and the next time it may be there
                log.exception("the watch ended and is started again")
                self._stop.wait(pause)
                pause = min(pause * 2, BACKOFF_MOST_S)

    def stop(self) -> None:
        """The worker ends after what it is doing, within `STOP_WAIT_S`."""
        if not self._stop.is_set():
            self._stop.set()
            with suppress(BrokenPipeError):
                os.write(self._line, END)
            os.close(self._line)
            self._guard.join(STOP_WAIT_S * 2)
            if self._instead.ident is not None:
                self._instead.join(STOP_WAIT_S)

    def reasons(self) -> Iterator[str]:
        """For `/healthz`: `duty-dead`, or what the worker's `Duty` says."""
        if time.monotonic() - self._shared.said_at.value > SILENT_S:
            yield "duty-dead"
        else:
            yield from (reason for reason, is_so in zip(REASONS, self._shared.said, strict=True) if is_so)

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Shared:
    """What both see: numbers without locks, so that a process that is killed leaves none locked."""

    def __init__(self, context: Any) -> None:
        self.said: Sequence[int] = context.RawArray("b", len(REASONS))
        self.said_at = context.RawValue("d", 0.0)  # monotonic, one clock for the machine
        self.well_at = context.RawValue("d", 0.0)
        self.worker = context.RawValue("i", 0)  # its process

    def tell(self, reasons: set[str]) -> None:
        self.said[:] = bytes(reason in reasons for reason in REASONS)  # type: ignore[index]
        self.said_at.value = time.monotonic()

    def well(self) -> bool:
        return time.monotonic() - float(self.well_at.value) < SILENT_S


def _guard(end: int, work: Callable[[], None]) -> None:
    """Until the line ends: the serving process has ended, or was killed."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and systemd tell the whole group; the line says when
        signal.signal(number, signal.SIG_IGN)
    if os.read(end, 1) != BEGIN:
        return
    fork, pause = multiprocessing.get_context("fork"), BACKOFF_S
    while True:
        began = time.monotonic()
        worker = fork.Process(target=work, name="duty")
        worker.start()
        if end in wait([worker.sentinel, end]):
            if os.read(end, 1) == END:
                worker.terminate()
                worker.join(STOP_WAIT_S)
            worker.kill()
            return
        if time.monotonic() - began >= STEADY_S:
            pause = BACKOFF_S
        logging.getLogger(__name__).error("the watch ended (%s) and is started again", worker.exitcode)
        if wait([end], pause):
            return
        pause = min(pause * 2, BACKOFF_MOST_S)


def _work(folder: Path, look_every: timedelta, shared: _Shared) -> None:
    """The worker, until it is told to end or its guard is no more."""
    stop, guard = threading.Event(), os.getppid()
    shared.worker.value = os.getpid()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    os.nice(NICE)
    _do(folder, look_every, shared, lambda: not stop.wait(TELL_S) and os.getppid() == guard)


def _do(folder: Path, look_every: timedelta, shared: _Shared, goes_on: Callable[[], bool]) -> None:
    """The work itself; `goes_on` takes `TELL_S` to answer."""
    with open_store(folder) as store:
        duty = Duty(store, folder, look_every)
        duty.start(shared.well)
        try:
            while goes_on():
                shared.tell(set(duty.reasons()))
        finally:
            duty.stop()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return process > 0
