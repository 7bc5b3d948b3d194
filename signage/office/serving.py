"""Serve a publication on one port, for a small commune, a demo or a test: plain files, nothing else.

Any static host does the same. No folder is listed, nothing outside the publication is reached, and
what must be fresh (`timestamp.json`, pages) is marked so.
"""

from __future__ import annotations

import io
import re
import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

IDLE_S = 75  # seconds that a quiet kept connection stays open: longer than a board's poll
MAX_CONNECTIONS = 256  # at once; more wait in the listen queue
MAX_PART = 4 * 1024 * 1024  # bytes sent for one request of a part; whoever wants more asks again
FOREVER = "public, max-age=31536000, immutable"  # content-addressed files never change
_FIXED = ("/board/slides/", "/board/statements/", "/board/records/")


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "bangtin"
    sys_version = ""
    timeout = IDLE_S
    disable_nagle_algorithm = True  # head and body are two writes: 40 ms a request otherwise
    extensions_map = {  # noqa: RUF012 (as in the standard library)
        **SimpleHTTPRequestHandler.extensions_map,
        ".webp": "image/webp", ".mp4": "video/mp4", ".webm": "video/webm",
        ".json": "application/json", ".html": "text/html; charset=utf-8",
        ".atom": "application/atom+xml", ".xml": "application/xml", ".css": "text/css; charset=utf-8",
    }  # fmt: skip

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
        if not asked or not path.is_file():
            return super().send_head()
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

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", FOREVER if self.path.startswith(_FIXED) else "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'self'; style-src 'self'; frame-ancestors 'none'")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The site's own 404 page where there is one."""
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
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__((host, port), handler)

    @property
    def address(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._slots.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs up is no error of ours."""

    def start(self) -> Server:
        """Serve in a thread of its own until `stop`."""
        threading.Thread(target=self.serve_forever, name="serving", daemon=True).start()
        return self

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
