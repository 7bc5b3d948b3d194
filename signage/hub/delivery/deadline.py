"""A conversation has an end: a server that sends a byte now and then would hold us for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

SOCKET_S = 15.0  # one answer may take
WHOLE_S = 45.0  # all of it may take
MAX_ANSWER = 4096  # bytes of an answer that are read


class NotSent(Exception):
    """The message was not taken; `for_good`: nor would it be another time."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        self.for_good = for_good
        super().__init__(" ".join(why.split()))


class Line:
    """The connection that a deadline cuts: `held` says which socket it has at that moment."""

    def __init__(self) -> None:
        self.held: Callable[[], socket.socket | None] = lambda: None

    def cut(self) -> None:
        if connection := self.held():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def deadline(seconds: float = WHOLE_S) -> Iterator[Line]:
    """Cut the line when the time is over."""
    line = Line()
    timer = threading.Timer(seconds, line.cut)
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
