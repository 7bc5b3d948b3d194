"""Who may ask this server anything: one browser, and only by its own pages.

Other programs and other people's accounts share this machine, and any website may tell the person's browser
to ask `127.0.0.1`. So: the address that is printed holds a word that works once and becomes a cookie; every
page lies below a folder whose name nobody can guess, and the cookie goes nowhere else (a cookie of one port
goes to all); `Host` must be ours (DNS rebinding); an act is a POST with our own `Origin` (forged forms).
"""

from __future__ import annotations

import hmac
import secrets
import threading
from email.message import Message
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie

HOST = "127.0.0.1"
COOKIE = "phien"
ENTRY = "vao"  # folder of the address that works once
_SHUT = HTTPStatus.FORBIDDEN, "Không vào được: chạy lại lệnh đã mở trang này."
_FOREIGN = HTTPStatus.FORBIDDEN, "Yêu cầu đến từ trang khác: không làm."
_ELSEWHERE = HTTPStatus.MISDIRECTED_REQUEST, "Sai địa chỉ."


class Door:
    """The secrets of one session at one port, and the checks of each request."""

    def __init__(self, port: int) -> None:
        self.netloc = f"{HOST}:{port}"
        self.origin = f"http://{self.netloc}"
        self.folder = secrets.token_urlsafe(9)
        self._cookie, self._word = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._used = False
        self._entering = threading.Lock()

    @property
    def address(self) -> str:
        """What to open, once."""
        return f"{self.origin}/{ENTRY}/{self._word}"

    @property
    def home(self) -> str:
        """The path of the list."""
        return f"/{self.folder}/"

    @property
    def cookie(self) -> str:
        """What a browser is given that came with the word."""
        return f"{COOKIE}={self._cookie}; Path={self.home}; HttpOnly; SameSite=Strict"

    def enter(self, word: str) -> bool:
        """Whether this is the word of the address, now used up."""
        with self._entering:
            good = not self._used and hmac.compare_digest(self._word.encode(), word.encode())
            self._used = self._used or good
            return good

    def refusal(self, path: str, headers: Message, *, act: bool) -> tuple[HTTPStatus, str] | None:
        """Why a request is turned away; `path` without its first slash, `act`: whether it is a POST."""
        if headers.get_all("Host") != [self.netloc]:
            return _ELSEWHERE
        if act and headers.get_all("Origin") != [self.origin]:
            return _FOREIGN
        if not act and path.startswith(f"{ENTRY}/"):
            return None  # the word decides
        if headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return _FOREIGN
        folder, slash, _ = path.partition("/")
        given, ours = f"{folder}/{self._sent(headers)}", f"{self.folder}/{self._cookie}"
        return None if slash and hmac.compare_digest(given.encode(), ours.encode()) else _SHUT

    @staticmethod
    def _sent(headers: Message) -> str:
        try:
            found = SimpleCookie(headers.get("Cookie", "")).get(COOKIE)
        except CookieError:
            return ""
        return found.value if found else ""
