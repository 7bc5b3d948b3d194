"""The pages of a `Sitting` for the browser that came in by the `Door`, over loopback and nothing else.

No script runs at all: links and forms do. Nothing is loaded from elsewhere, framed, logged or kept in a cache.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ...errors import BangtinError
from .. import preview
from ..book import MAX_NOTE
from .door import ENTRY, HOST, Door
from .sitting import Sitting, words_of

IDLE_S = 20 * 60  # seconds without a request after which the session ends
MAX_FORM = 64 * 1024  # bytes of a form
QUIET_S = 30  # seconds that a silent connection stays open
# What a browser may show in place; anything else is saved. None of them can run anything here.
_SHOWN = {
    "webp": "image/webp", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "mp4": "video/mp4", "webm": "video/webm", "pdf": "application/pdf", "txt": "text/plain; charset=utf-8",
}  # fmt: skip
REFRESH_S = 20  # seconds after which an empty list asks again


def part_of(asked: str, size: int) -> range | None:
    """The bytes that a `Range` header asks for: none behind the end; None when it names no part."""
    match = re.fullmatch(r"bytes=(\d{1,12})-(\d{0,12})", asked)
    return range(int(match[1]), min(int(match[2] or size) + 1, size)) if match else None


class Server(ThreadingHTTPServer):
    """Serves one session on a free port of this machine; `door.address` is what to open, once."""

    daemon_threads = True
    request_queue_size = 16

    def __init__(self, session: Sitting, *, idle_s: float = IDLE_S) -> None:
        self.session, self.idle_s = session, idle_s
        self._ended, self._why = threading.Event(), "idle"
        self._last = time.monotonic()
        super().__init__((HOST, 0), _Handler)
        self.door = Door(self.server_address[1])

    def touch(self) -> None:
        """Somebody is there."""
        self._last = time.monotonic()

    def end(self, why: str) -> None:
        """Let `run` return `why`."""
        self._why = why
        self._ended.set()

    def run(self, ready: Callable[[], None] | None = None) -> str:
        """Serve until it is over; why: `done`, `closed`, `locked-out` or `idle`. `ready` once it listens."""
        threading.Thread(target=self.serve_forever, name="approving", daemon=True).start()
        try:
            if ready:
                ready()
            while (left := self._last + self.idle_s - time.monotonic()) > 0 and not self._ended.wait(left):
                pass
        finally:
            self.shutdown()
            self.server_close()
        return self._why

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "bangtin"
    sys_version = ""
    timeout = QUIET_S
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        path = self._path()
        if refused := self.server.door.refusal(path, self.headers, act=False):
            return self._refuse(*refused)
        folder, _, rest = path.partition("/")
        if folder == ENTRY:
            return self._enter(rest)
        self.server.touch()
        return self._guarded(partial(self._show, *rest.partition("/")[::2]))

    def do_POST(self) -> None:
        path = self._path()
        if refused := self.server.door.refusal(path, self.headers, act=True):
            return self._refuse(*refused)
        self.server.touch()
        acts = {"ky": self._sign, "dung": self._close}
        if self.server.session.returns:
            acts["tra-lai"] = self._send_back
        act = acts.get(path.partition("/")[2])
        if act is None:
            return self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "Không có việc này.")
        form = self._form()
        return None if form is None else self._guarded(partial(act, form))

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/")

    def _enter(self, word: str) -> None:
        """The printed address: a cookie, and on to the list by a page of ours, so that the strict cookie goes along."""
        door = self.server.door
        if not door.enter(word):
            words = "Địa chỉ này đã dùng rồi hoặc không đúng. Nếu không phải anh chị đã mở: bấm Ctrl-C ở cửa sổ lệnh."
            return self._refuse(HTTPStatus.FORBIDDEN, words)
        self.server.touch()
        session = self.server.session
        page = preview.html("entered.html", session.settings, home=door.home, words=session.words)
        return self._send(HTTPStatus.OK, page, {"Set-Cookie": door.cookie, "Refresh": f"0; url={door.home}"})

    # ── what is shown ────────────────────────────────────────────────────────────────────────────

    def _guarded(self, act: Callable[[], None]) -> None:
        """What goes wrong is a sentence on a page, never a trace."""
        try:
            act()
        except BangtinError as error:
            self._page("ended.html", HTTPStatus.CONFLICT, title="Không làm được",
                       said="Quay lại trang trước rồi thử lại.", told=[("loi", words_of(error))])  # fmt: skip

    def _show(self, sha: str, address: str) -> None:
        if not sha and not address:
            return self._list()
        session = self.server.session
        if (found := session.file(sha, address)) is not None:
            return self._file(*found)
        sheet = session.page(sha)
        if sheet is None or sheet.address != address:
            return self._page("ended.html", HTTPStatus.NOT_FOUND, title="Ở đây không có trang này", told=[],
                              said="Có thể thông báo đã được người khác duyệt, đã trình lại, hoặc trang này chỉ có "
                              "trên trang thông tin của xã.")  # fmt: skip
        page = preview.notice_page(
            session.settings, sheet, live=True, who=session.who, words=session.words, returns=session.returns,
            locked=session.locked, why=session.why_not(sha),
            warnings=session.warnings(sha), next=session.next_after(sha, sheet.home),
            slides=sum(len(shape["slides"]) for shape in sheet.values["shapes"]), longest=MAX_NOTE,
        )  # fmt: skip
        session.opened(sha)
        return self._send(HTTPStatus.OK, page)

    def _list(self, status: HTTPStatus = HTTPStatus.OK) -> None:
        session = self.server.session
        rows = session.rows()
        todo = [row for row in rows if not row["why"] and not row["note"]]
        told, session.told = session.told, []
        following = next((row for row in todo if not row["seen"]), None)
        closing = session.words.closing.format(
            idle=round(self.server.idle_s / 60), hours=round(self.server.idle_s / 3600)
        )
        again = {"Refresh": f"{REFRESH_S}"} if session.lasting and not rows else {}
        self._page(
            "waiting.html", status, again, rows=rows, told=told, todo=len(todo), locked=session.locked, next=following,
            seen=any(row["seen"] and not row["why"] for row in rows), closing=closing,
        )  # fmt: skip

    def _file(self, name: str, data: bytes) -> None:
        kind = _SHOWN.get(name.rpartition(".")[2].lower())
        headers = {"Content-Type": kind or "application/octet-stream", "Accept-Ranges": "bytes"}
        if kind is None:
            headers["Content-Disposition"] = "attachment"
        if (span := part_of(self.headers.get("Range", ""), len(data))) is None:
            return self._send(HTTPStatus.OK, data, headers)
        if not span:
            return self._refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "")
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{len(data)}"
        return self._send(HTTPStatus.PARTIAL_CONTENT, data[span.start : span.stop], headers)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────

    def _form(self) -> dict[str, list[str]] | None:
        """The form that came; answers and closes when it is none."""
        length = self.headers.get("Content-Length", "")
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if not length.isascii() or not length.isdecimal() or int(length) > MAX_FORM:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Biểu mẫu quá lớn.")
            return None
        data = self.rfile.read(int(length))
        if kind != "application/x-www-form-urlencoded":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Không phải biểu mẫu của trang này.")
            return None
        return parse_qs(data.decode(errors="replace"), keep_blank_values=True)

    def _sign(self, form: dict[str, list[str]]) -> None:
        session = self.server.session
        try:
            session.sign(form.get("ky", ()), form.get("mat-khau", [""])[0], remember="nho" in form)
        except (BangtinError, OSError) as error:
            if session.locked_out:
                return self._end("locked-out", "Đã dừng: sai mật khẩu nhiều lần", [("loi", words_of(error))])
            session.told.append(("loi", words_of(error)))
            return self._list(HTTPStatus.FORBIDDEN)
        return self._onward()

    def _send_back(self, form: dict[str, list[str]]) -> None:
        session = self.server.session
        try:
            session.send_back(form.get("tra", [""])[0], form.get("loi-nhan", [""])[0])
        except (BangtinError, OSError) as error:
            session.told.append(("loi", words_of(error)))
            return self._list(HTTPStatus.FORBIDDEN)
        return self._onward()

    def _onward(self) -> None:
        session = self.server.session
        if session.over:
            return self._end("done", session.words.nothing, session.told)
        return self._send(HTTPStatus.SEE_OTHER, b"", {"Location": self.server.door.home})

    def _close(self, form: dict[str, list[str]]) -> None:
        self._end("closed", "Đã đóng phiên", [])

    def _end(self, why: str, title: str, told: list[tuple[str, str]]) -> None:
        self._page("ended.html", HTTPStatus.OK, title=title, told=told, said=self.server.session.words.ended)
        self.server.end(why)

    # ── answering ────────────────────────────────────────────────────────────────────────────────

    def _page(
        self, template: str, status: HTTPStatus, headers: dict[str, str] | None = None, **values: Any
    ) -> None:  # fmt: skip
        session = self.server.session
        given = {"live": True, "who": session.who, "words": session.words, **values}
        self._send(status, preview.html(template, session.settings, **given), headers)

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        self.close_connection = True
        self._send(status, words.encode(), {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"})

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        policy = (
            f"default-src 'none'; style-src '{preview.style_hash()}'; img-src 'self' data:; media-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        every = {
            "Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), "Cache-Control": "no-store",
            "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",  # not "no-referrer": with it browsers send `Origin: null`
            "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
            **(headers or {}),
        }  # fmt: skip
        for name, value in every.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the standard library's name)
        """Nothing is logged: addresses hold words that open, forms a passphrase."""
