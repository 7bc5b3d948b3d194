"""A request has so many seconds in all, from its first byte sent to its last received.

The time limits of sockets, and so of urllib3, begin anew with every byte: one byte a second, headers first,
would hold a board for days. Here each read of an answer gets what is left of the request's time.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

READ_S = 20.0  # seconds without any progress


class Deadline(threading.local):
    """Of the request that this thread is waiting for."""

    at, seconds, quiet = float("inf"), float("inf"), READ_S

    def start(self, seconds: float, quiet: float | None = None) -> None:
        """`quiet`: seconds without any progress that are borne (`READ_S`)."""
        self.at, self.seconds = time.monotonic() + seconds, seconds
        self.quiet = READ_S if quiet is None else quiet

    def why(self, error: Exception) -> str:
        return f"too slow: not in {self.seconds:.0f} s" if time.monotonic() >= self.at else type(error).__name__


deadline = Deadline()


class _Timed(io.RawIOBase):
    """A socket's bytes until the request's time is up; headers too, which urllib3 knows no limit for."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        left = deadline.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(deadline.quiet, left))
        count: int | None = self._raw.readinto(into)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **values: Any) -> None:
        super().__init__(sock, *args, **values)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock))


class _Plain(HTTPConnection):
    response_class = _Response


class _Tls(HTTPSConnection):
    response_class = _Response


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Tls


POOLS = {"http": _PlainPool, "https": _TlsPool}
