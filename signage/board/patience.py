"""A request has so many seconds in all, from its first byte sent to its last received.

The time limits of sockets, and so of urllib3, begin anew with every byte: one byte a second, headers first,
would hold a board for days. Here each read of an answer gets what is left of the request's time.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

READ_S = 20.0  # seconds without any progress
PROBES = 3  # without an answer, after which a kept connection is dead
MOST_HOSTS = 8  # whose sessions are kept


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


class Resuming(ssl.SSLContext):
    """Goes on with the last session of each host: a line that is cut between two reports costs half a handshake.

    A session is of a host whose certificate was checked by this very context; the server says how long it is good.
    """

    _sessions: dict[str, ssl.SSLSession]

    def __new__(cls) -> Resuming:
        made = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made._sessions = {}
        return made

    def wrap_socket(self, sock: socket.socket, *args: Any, **values: Any) -> ssl.SSLSocket:
        values["session"] = self._sessions.get(values.get("server_hostname") or "")
        return super().wrap_socket(sock, *args, **values)

    def keep(self, sock: ssl.SSLSocket) -> None:
        """Before it is closed: the tickets that came on it are in its session by now."""
        session, host = sock.session, sock.server_hostname
        if session and session.has_ticket and host:
            if len(self._sessions) >= MOST_HOSTS:
                self._sessions.clear()
            self._sessions[host] = session


class _Tls(HTTPSConnection):
    response_class = _Response

    def close(self) -> None:
        sock, context = self.sock, self.ssl_context
        if isinstance(context, Resuming) and isinstance(sock, ssl.SSLSocket):
            with suppress(OSError, ValueError):
                context.keep(sock)
        super().close()


def alive_after(quiet_s: float) -> list[tuple[int, int, int]]:
    """Socket options: a packet of 52 bytes each so many seconds, that no router forgets the line; 0: none."""
    if not quiet_s or not sys.platform.startswith("linux"):
        return []
    tcp, seconds = socket.IPPROTO_TCP, round(quiet_s)
    return [
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (tcp, socket.TCP_KEEPIDLE, seconds),
        (tcp, socket.TCP_KEEPINTVL, seconds), (tcp, socket.TCP_KEEPCNT, PROBES),
    ]  # fmt: skip


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Tls


POOLS = {"http": _PlainPool, "https": _TlsPool}
