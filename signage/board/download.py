"""Bytes from outside, with limits: the only module that knows `requests`.

Nothing is trusted for where it came from; sizes, times and hashes are enforced while the bytes
arrive. Redirects are refused: a publication has one address. Errors of a stream are translated
inside the generator, since python-tuf wraps only those raised when `_fetch` is called; no
condition (ETag) is sent, since nginx's ETag is the same for two timestamps within a second.

A request has so many seconds in all (`patience`). Texts may come packed (gzip): every limit is one of
unpacked bytes, and what is packed may hardly be the longer. Slides and films come as they are.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter
from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface
from urllib3.connection import HTTPConnection
from urllib3.util import SKIP_HEADER

from ..errors import Refused, Unavailable
from . import link, patience
from .unpacking import unpacked

CONNECT_S = 10.0  # seconds
PATIENCE_S = 60.0  # seconds for a small file, whole
SLOWEST = 4 * 1024  # bytes a second below which a large file is given up
CHUNK = 16 * 1024  # bytes
MAX_ANSWER = 16 * 1024  # bytes of a hub's answer
AGENT = "bangtin"
_TINY = (".root.json", "timestamp.json")  # there is nothing in them to pack, nor to say so
# Once more, where a kept connection turns out to be dead: routers and servers forget those that are quiet.
_AGAIN = urllib3.Retry(total=1, connect=0, read=1, redirect=0, status=0, other=0, allowed_methods=("GET", "HEAD"))
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, zlib.error)


def _never() -> bool:
    return False


class _Adapter(HTTPAdapter):
    """Kept connections whose answers end in time (`patience`)."""

    def __init__(self, quiet_s: float) -> None:
        self._options = HTTPConnection.default_socket_options + patience.alive_after(quiet_s)
        super().__init__(max_retries=_AGAIN)

    def init_poolmanager(self, *args: Any, **values: Any) -> None:
        super().init_poolmanager(*args, ssl_context=patience.Resuming(), socket_options=self._options, **values)
        self._time(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **values: Any) -> Any:
        return self._time(super().proxy_manager_for(*args, **values))

    @staticmethod
    def _time(manager: Any) -> Any:
        manager.pool_classes_by_scheme = patience.POOLS
        return manager


class Line(FetcherInterface):
    """One kept connection to the outside; used by one thread."""

    def __init__(self, *, quiet_s: float = 0.0) -> None:
        """`quiet_s`: seconds without a byte after which the kept connection is shown to be alive; 0: never."""
        self._session = requests.Session()
        # Every byte of a poll is paid for: what HTTP/1.1 means anyway is not said.
        self._session.headers.clear()
        self._session.headers["User-Agent"] = AGENT
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(quiet_s))
        self.offset_ms: int | None = None  # the server's clock minus ours, by its last Date header
        self.link = ""  # code of what the last request met in the server's place (`link`)
        self.heard = 0  # answers whose Date was looked at
        self._brought: dict[str, bytes] = {}
        self.pressing: Callable[[], bool] = _never  # whether something waits that matters more than a film

    def close(self) -> None:
        self._session.close()

    def bear(self, token: str) -> None:
        """Show this token with every request from now on; redirects are refused, so nobody else sees it."""
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def bring(self, files: Mapping[str, bytes]) -> None:
        """What somebody brought along, by address: each is taken once in place of asking, and checked as an answer."""
        self._brought = dict(files)

    def _fetch(self, url: str) -> Iterator[bytes]:
        """python-tuf's way to us; it limits the length itself."""
        if url.endswith(".root.json"):
            self._is_there(url)
        return self._stream(url, PATIENCE_S)

    def _is_there(self, url: str) -> None:
        """The next root is asked for at every poll and is hardly ever there: no page that says so need come."""
        try:
            with self._ask("HEAD", url, PATIENCE_S) as answer:
                self._note_time(answer)
                answer.raw.read(1)  # there is none, and a connection is kept once its answer was read to the end
                if answer.status_code in (requests.codes.not_found, requests.codes.forbidden):
                    raise DownloadHTTPError(f"status {answer.status_code} for {url}", answer.status_code)
        except _BROKEN as error:
            raise DownloadError(f"broken off: {url}: {patience.deadline.why(error)}") from error

    def _ask(self, method: str, url: str, seconds: float, **values: Any) -> requests.Response:
        """One request, whole in so many seconds; its answer's bytes are still on the wire."""
        patience.deadline.start(seconds)
        packing = SKIP_HEADER if url.endswith(_TINY) else "gzip" if url.endswith(".json") else "identity"
        values["headers"] = {"Accept-Encoding": packing, **values.get("headers", {})}
        limits = (CONNECT_S, patience.READ_S)
        try:
            answer = self._session.request(method, url, stream=True, allow_redirects=False, timeout=limits, **values)
        except requests.RequestException as error:
            self.link = link.of_error(error)
            raise
        self.link = link.of_answer(answer.status_code, answer.headers.get("Content-Type", ""))
        return answer

    def _stream(self, url: str, seconds: float) -> Iterator[bytes]:
        if data := self._brought.pop(url, b""):
            yield data
            return
        try:
            with self._ask("GET", url, seconds) as answer:
                self._note_time(answer)
                if answer.status_code != requests.codes.ok:
                    raise DownloadHTTPError(f"status {answer.status_code} for {url}", answer.status_code)
                yield from unpacked(_arriving(answer), answer.headers.get("Content-Encoding"))
        except _BROKEN as error:
            raise DownloadError(f"broken off: {url}: {patience.deadline.why(error)}") from error

    def _note_time(self, answer: requests.Response) -> None:
        self.heard += 1
        try:
            theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
            theirs += timedelta(seconds=int(answer.headers.get("Age", 0)))  # a cache keeps the Date of its copy
            # The header has whole seconds, so on average half a second has passed since.
            self.offset_ms = round((theirs - datetime.now(UTC)).total_seconds() * 1000) + 500
        except (TypeError, ValueError, OverflowError):  # OverflowError: an Age of centuries
            self.offset_ms = None

    def file(self, url: str, *, size: int, sha256: str) -> bytes:
        """A file whose exact size and hash are known; raises as `named` does."""
        data = self.named(url, limit=size, sha256=sha256)
        if len(data) != size:
            raise Refused("file-wrong", url=url, why="another size")
        return data

    def named(self, url: str, *, limit: int, sha256: str) -> bytes:
        """A file of at most `limit` bytes that is named by its hash.

        Raises `Unavailable` (`net-failed`) when the line fails, and `Refused` (`file-wrong`) when
        the server has another file, or none: the next round asks again, and others are not held up.
        """
        digest, found = hashlib.sha256(), bytearray()
        try:
            for chunk in self._stream(url, PATIENCE_S + limit / SLOWEST):
                digest.update(chunk)
                found += chunk
                if len(found) > limit:
                    raise Refused("file-wrong", url=url, why=f"more than {limit} bytes")
        except DownloadHTTPError as error:
            if error.status_code >= 500:
                raise Unavailable("net-failed", url=url, why=str(error)) from error
            raise Refused("file-wrong", url=url, why=f"HTTP {error.status_code}") from error
        except DownloadError as error:
            raise Unavailable("net-failed", url=url, why=str(error)) from error
        if digest.hexdigest() != sha256:
            raise Refused("file-wrong", url=url, why="another SHA-256")
        return bytes(found)

    def more(self, url: str, into: Path, *, size: int, piece: int, until: float) -> bool:
        """Go on fetching a file of `size` bytes into `into`, by pieces, until `until` (monotonic s) or `pressing`.

        True when all bytes are there; what they are is the caller's to check. Raises as `named` does.
        """
        have = into.stat().st_size if into.exists() else 0
        while have < size:
            if time.monotonic() >= until or self.pressing():
                return False
            seconds = until - time.monotonic() + patience.READ_S
            wanted = {"Range": f"bytes={have}-{min(size, have + piece) - 1}"}
            try:
                with self._ask("GET", url, seconds, headers=wanted) as answer:
                    have = self._into(into, have, answer, size)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise Unavailable("net-failed", url=url, why=patience.deadline.why(error)) from error
        return True

    def _into(self, path: Path, have: int, answer: requests.Response, size: int) -> int:
        """Put an answer's bytes where they belong; how many the file has then."""
        status, whole = answer.status_code, answer.status_code == requests.codes.ok
        if status >= 500:
            raise Unavailable("net-failed", url=answer.url, why=f"HTTP {status}")
        ours = status == requests.codes.partial and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if not (whole or ours):
            raise Refused("file-wrong", url=answer.url, why=f"HTTP {status}")
        if answer.headers.get("Content-Encoding"):
            raise Refused("file-wrong", url=answer.url, why="packed")
        if whole:
            patience.deadline.start(PATIENCE_S + size / SLOWEST)
        have, before = (0, -1) if whole else (have, have)
        with path.open("ab") as file:
            file.truncate(have)
            for chunk in _arriving(answer):
                have += len(chunk)
                if have > size:
                    raise Refused("file-wrong", url=answer.url, why=f"more than {size} bytes")
                file.write(chunk)
                if ours and self.pressing():
                    break  # the rest of the piece is asked for again
        if have <= before or (whole and have < size):
            raise Refused("file-wrong", url=answer.url, why="too few bytes")
        return have

    def small(self, url: str, *, limit: int) -> bytes:
        """A file of at most `limit` bytes, nothing else known; raises `Unavailable` (`net-failed`)."""
        try:
            return bytes(self.download_bytes(url, limit))
        except DownloadError as error:
            raise Unavailable("net-failed", url=url, why=str(error)) from error

    def listen(self, url: str, kind: str, quiet_s: float) -> Iterator[bytes]:
        """An answer of this kind that does not end: nothing once it is there, then its bytes as they come.

        Raises `Refused` (`file-wrong`) when the server has no such thing, and `Unavailable` (`net-failed`), also
        after `quiet_s` seconds without a byte.
        """
        try:
            with self._ask("GET", url, PATIENCE_S, headers={"Accept": kind}) as answer:
                status, told = answer.status_code, answer.headers.get("Content-Type", "")
                if status >= 500:
                    raise Unavailable("net-failed", url=url, why=f"HTTP {status}")
                if status != requests.codes.ok or not told.startswith(kind) or answer.headers.get("Content-Encoding"):
                    raise Refused("file-wrong", url=url, why=f"HTTP {status}, {told[:40]}")
                yield b""
                patience.deadline.start(quiet_s, quiet_s)
                while data := answer.raw.read1(CHUNK, decode_content=False):
                    yield data
                    patience.deadline.start(quiet_s, quiet_s)
        except _BROKEN as error:
            raise Unavailable("net-failed", url=url, why=patience.deadline.why(error)) from error

    def post(self, url: str, body: bytes, **headers: str) -> Answer:
        """Send JSON, or what `headers` say; raises `Unavailable` (`net-failed`) when there is no answer at all."""
        said = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with self._ask("POST", url, PATIENCE_S, data=body, headers=said) as answer:
                data = answer.raw.read(MAX_ANSWER, decode_content=False)
                return Answer(answer.status_code, data, _seconds(answer.headers.get("Retry-After")))
        except _BROKEN as error:
            raise Unavailable("net-failed", url=url, why=patience.deadline.why(error)) from error


class Answer(NamedTuple):
    """What a hub answered."""

    status: int
    data: bytes
    retry_after: float | None


def _arriving(answer: requests.Response) -> Iterator[bytes]:
    while chunk := answer.raw.read(CHUNK, decode_content=False):
        yield chunk


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else None
