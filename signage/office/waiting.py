"""Connections on which nobody speaks, in one thread however many they are.

A kept connection between two requests goes back to the server's threads when something comes; one on which a board
listens gets hints (`signage.hint`) and, now and then, a comment. So boards by the hundred keep no thread from a
visitor, and a hint reaches all of them in one pass.
"""

from __future__ import annotations

import queue
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import hint

MAX_WAITING = 4000  # connections between two requests; the one that has waited longest makes room
MAX_LISTENING = 2000  # connections on which boards listen; both are fewer where the system grants fewer open files
ROOM = 2 * hint.MAX_HINT  # bytes that the system holds for one who listens: a hint goes out at once, however far
SPARE_FILES = 256  # open files for requests and all else
BUSY_S = 0.005  # seconds until what has come is offered again to a server without a free thread
SWEEP_S = 0.5  # seconds between two looks at what is due


@dataclass
class _Waits:
    """A connection, and when something is to be done about it (monotonic seconds)."""

    connection: socket.socket
    address: Any
    due: float
    every: float | None = None  # seconds between two comments to one who listens


class Waiting:
    """`keep` and `listen` may be called from any thread; the connections are then ours to close."""

    def __init__(self, served: Path, take: Callable[[socket.socket, Any], bool]) -> None:
        """`served`: the boards' part of a publication. `take`: something has come here; False: nobody is free now."""
        self._bell, self._take = hint.Bell(served), take
        self._fresh: queue.SimpleQueue[_Waits] = queue.SimpleQueue()
        self._hear, self._tell = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._hear, selectors.EVENT_READ)
        self._silent: dict[socket.socket, _Waits] = {}
        self._listening: dict[socket.socket, _Waits] = {}
        self._stopping = False
        files = max(0, _open_files() - SPARE_FILES)
        self._most_silent, self._most_listening = min(MAX_WAITING, files * 2 // 3), min(MAX_LISTENING, files // 3)
        self._thread = threading.Thread(target=self._run, name="waiting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close them all."""
        self._stopping = True
        self._tell.send(b"\0")
        if self._thread.is_alive():
            self._thread.join()

    def keep(self, connection: socket.socket, address: Any, seconds: float) -> None:
        """Until the next request, but at most so long."""
        self._add(_Waits(connection, address, time.monotonic() + seconds))

    def listen(self, connection: socket.socket, address: Any, every: float) -> None:
        """For hints, and a comment each `every` seconds."""
        self._add(_Waits(connection, address, time.monotonic() + every, every))

    def full(self) -> bool:
        """Whether no more boards can listen."""
        return len(self._listening) >= self._most_listening

    def _add(self, one: _Waits) -> None:
        if self._stopping:
            one.connection.close()
            return
        self._fresh.put(one)
        with suppress(OSError):
            self._tell.send(b"\0")

    # ── the thread ───────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        swept = time.monotonic()
        while not self._stopping:
            some = self._selector.select(hint.LOOK_S if self._listening else SWEEP_S)
            busy = [not self._came(key.fileobj) for key, _ in some]
            self._take_in()
            if self._listening and (news := self._bell.rang()):
                for one in list(self._listening.values()):
                    self._say(one, news)
            if (now := time.monotonic()) - swept > SWEEP_S:
                swept = now
                self._sweep(now)
            if any(busy):
                time.sleep(BUSY_S)
        self._take_in()
        for one in [*self._silent.values(), *self._listening.values()]:
            self._close(one)
        self._selector.close()

    def _take_in(self) -> None:
        while not self._fresh.empty():
            one = self._fresh.get()
            held = self._silent if one.every is None else self._listening
            try:
                one.connection.setblocking(False)
                if one.every is not None:
                    one.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
                self._selector.register(one.connection, selectors.EVENT_READ)
            except (OSError, ValueError):  # it is gone already
                one.connection.close()
                continue
            if one.every is not None and not held:
                self._bell.rang()  # nobody has listened for a while: what is old is no hint
            held[one.connection] = one
            if len(self._silent) > self._most_silent:
                self._close(next(iter(self._silent.values())))

    def _came(self, connection: Any) -> bool:
        """Something has come, or the other side has hung up; False when nobody can be bothered with it now."""
        if connection is self._hear:
            self._hear.recv(4096)
            return True
        if (one := self._listening.get(connection)) is not None:
            self._close(one)  # it has hung up, or says what there is nothing to say about
            return True
        one = self._silent[connection]
        self._forget(one)
        connection.setblocking(True)
        if self._take(connection, one.address):
            return True
        one.connection.setblocking(False)
        self._silent[connection] = one
        self._selector.register(connection, selectors.EVENT_READ)
        return False

    def _sweep(self, now: float) -> None:
        for one in [one for one in self._silent.values() if one.due < now]:
            self._close(one)
        for one in [one for one in self._listening.values() if one.due < now]:
            self._say(one, hint.COMMENT)

    def _say(self, one: _Waits, data: bytes) -> None:
        """All of it at once, or the connection ends: nothing waits for one who does not read."""
        one.due = time.monotonic() + (one.every or 0)
        try:
            if one.connection.send(data) == len(data):
                return
        except OSError:
            pass
        self._close(one)

    def _forget(self, one: _Waits) -> None:
        for held in (self._silent, self._listening):
            held.pop(one.connection, None)
        with suppress(OSError, KeyError, ValueError):
            self._selector.unregister(one.connection)

    def _close(self, one: _Waits) -> None:
        self._forget(one)
        with suppress(OSError):
            one.connection.close()


def _open_files() -> int:
    """How many files this process may have open: as many as the system grants."""
    if sys.platform == "win32":
        return 512
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return int(most)
