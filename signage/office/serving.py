"""Serve a publication on one port, for a small commune, a demo or a test: plain files, and hints to boards.

Any static host does the same but for the hints (`signage.hint`, `waiting`). No folder is listed, nothing outside the
publication is reached, and what must be fresh (`timestamp.json`, pages) is marked so. Boards may be on a line that is
paid by the byte: their texts go out packed, their headers are short, and what is not there is said in a line.
"""

from __future__ import annotations

import gzip
import io
import re
import selectors
import socket
import threading
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from .. import hint
from ..publication import BOARD_FOLDER
from .waiting import Waiting

IDLE_S = 75  # seconds that a quiet kept connection stays open, and that a visitor may be silent in a request
BOARD_IDLE_S = 700  # … and a board's, between two requests: longer than the slowest poll, of 10 minutes
LINGER_S = 0.05  # seconds that a thread stays for the next request of a connection
MAX_AT_WORK = 128  # requests at once; more wait, and connections without one take no thread
MAX_PART = 4 * 1024 * 1024  # bytes sent for one request of a part; whoever wants more asks again
FOREVER = "public, max-age=31536000, immutable"  # content-addressed files never change
PACKED_FROM = 500  # bytes: shorter texts gain nothing
MAX_PACKED = 8 * 1024 * 1024  # bytes of a text that is packed in memory
_BOARDS = "/board/"
_HINTS = f"{_BOARDS}{hint.PATH}"
_CHANNEL = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {hint.KIND}\r\nCache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n"  # nginx: pass it on as it comes
).encode()
_FIXED = ("/board/slides/", "/board/dossiers/", "/board/records/")


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "bangtin"
    sys_version = ""
    timeout = IDLE_S
    path = ""  # of a request that cannot be read
    server: Server
    wbufsize = 16 * 1024  # head and body in one packet
    disable_nagle_algorithm = True  # the end of a large file would wait 40 ms otherwise
    extensions_map = {  # noqa: RUF012 (as in the standard library)
        **SimpleHTTPRequestHandler.extensions_map,
        ".webp": "image/webp", ".mp4": "video/mp4", ".webm": "video/webm",
        ".json": "application/json", ".html": "text/html; charset=utf-8",
        ".atom": "application/atom+xml", ".xml": "application/xml", ".css": "text/css; charset=utf-8",
    }  # fmt: skip

    def handle(self) -> None:
        """As many requests as come one after the other; then the connection waits without us."""
        self.close_connection = True
        self.handle_one_request()
        while not self.close_connection:
            if not self._more():
                return self.server.keep(self.connection, BOARD_IDLE_S if self.path.startswith(_BOARDS) else IDLE_S)
            self.handle_one_request()
        return None

    def _more(self) -> bool:
        """Whether another request comes soon, or is here already."""
        self.connection.settimeout(0)
        with suppress(OSError):
            if cast("io.BufferedReader", self.rfile).peek(1):
                return True
        self.connection.settimeout(IDLE_S)
        with selectors.DefaultSelector() as soon:
            soon.register(self.connection, selectors.EVENT_READ)
            return bool(soon.select(LINGER_S))

    def do_GET(self) -> None:
        """A file; or the channel on which a board listens for hints."""
        address = urlsplit(self.path)
        if address.path != _HINTS:
            return super().do_GET()
        if self.server.waiting.full():
            return self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        self.close_connection = True
        self.wfile.write(_CHANNEL)
        self.server.keep(self.connection, hint.every(parse_qs(address.query).get(hint.QUERY, [""])[0]), listens=True)
        return None

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def translate_path(self, path: str) -> str:
        found = Path(super().translate_path(path))
        root = Path(self.directory).resolve()
        return str(found) if found.resolve().is_relative_to(root) else str(root / "404")

    def send_head(self) -> Any:
        """A part of a file where one is asked for: a board fetches films so, a browser shows them so."""
        asked = re.fullmatch(r"bytes=(\d{1,12})-(\d{0,12})", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return super().send_head()
        if not asked:
            return self._packed(path) or super().send_head()
        size = path.stat().st_size
        first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
        if first > last:
            return self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        with path.open("rb") as file:
            file.seek(first)
            data = file.read(min(last - first + 1, MAX_PART))
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {first}-{first + len(data) - 1}/{size}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return io.BytesIO(data)

    def _packed(self, path: Path) -> io.BytesIO | None:
        """A board's text, packed where that was asked for and is worth it; it has no date and no condition."""
        wanted = self.path.startswith(_BOARDS) and "gzip" in self.headers.get("Accept-Encoding", "")
        if not wanted or path.suffix != ".json" or not PACKED_FROM <= path.stat().st_size <= MAX_PACKED:
            return None
        data = gzip.compress(path.read_bytes(), mtime=0)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return io.BytesIO(data)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", FOREVER if self.path.startswith(_FIXED) else "no-cache")
        if self.path.startswith(_BOARDS):
            return super().end_headers()
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'self'; style-src 'self'; frame-ancestors 'none'")
        return super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The site's own 404 page where there is one; to a board, which reads none, the number alone."""
        if self.path.startswith(_BOARDS):
            self.send_response(code)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            return super().send_error(code, message, explain)
        data = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        return None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the standard library's name)
        """Requests are not logged: four boards would fill a disk with the same line."""


class Server(ThreadingHTTPServer):
    """A publication on an address; `address` is its URL."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        handler: Any = partial(_Handler, directory=str(folder))
        self._slots = threading.BoundedSemaphore(MAX_AT_WORK)
        self._kept: dict[socket.socket, tuple[float, bool]] = {}  # what becomes of them once their thread ends
        self._at_work: set[socket.socket] = set()
        self.waiting = Waiting(folder / BOARD_FOLDER, self._take)
        super().__init__((host, port), handler)

    @property
    def address(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """A connection takes a thread when something comes on it."""
        self.waiting.keep(request, client_address, IDLE_S)

    def keep(self, connection: socket.socket, seconds: float, *, listens: bool = False) -> None:
        """Once this thread has ended, the connection waits; or listens, with a comment each `seconds`."""
        self._kept[connection] = seconds, listens

    def _take(self, connection: socket.socket, address: Any) -> bool:
        if not self._slots.acquire(blocking=False):
            return False
        self._at_work.add(connection)
        super().process_request(connection, address)
        return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self._at_work.discard(request)
            self._slots.release()
        seconds, listens = self._kept.pop(request, (0.0, False))
        if not seconds:
            self.shutdown_request(request)
        elif listens:
            self.waiting.listen(request, client_address, seconds)
        else:
            self.waiting.keep(request, client_address, seconds)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs up is no error of ours."""

    def start(self) -> Server:
        """Serve in a thread of its own until `stop`."""
        threading.Thread(target=self.serve_forever, name="serving", daemon=True).start()
        return self

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        self.waiting.start()
        super().serve_forever(poll_interval)

    def stop(self) -> None:
        """Serve nobody any more, those least who have kept their connection."""
        self.shutdown()
        self.server_close()
        self.waiting.stop()
        for connection in list(self._at_work):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
