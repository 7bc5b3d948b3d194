"""Bytes from outside, with limits: the only module that knows `requests`.

Nothing is trusted for where it came from; sizes, times and hashes are enforced while the bytes
arrive. Redirects are refused: a publication has one address. Errors of a stream are translated
inside the generator, since python-tuf wraps only those raised when `_fetch` is called; no
condition (ETag) is sent, since nginx's ETag is the same for two timestamps within a second.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import requests
import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

from ..errors import Refused, Unavailable

CONNECT_S, READ_S = 10.0, 20.0  # seconds without any progress
PATIENCE_S = 60.0  # seconds for a small file, whole
SLOWEST = 4 * 1024  # bytes a second below which a large file is given up
CHUNK = 64 * 1024  # bytes
MAX_ANSWER = 16 * 1024  # bytes of a hub's answer
AGENT = "bangtin-board"


class Line(FetcherInterface):
    """One kept connection to the outside; used by one thread."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": AGENT, "Accept-Encoding": "identity"})
        self.offset_ms: int | None = None  # the server's clock minus ours, by its last Date header

    def close(self) -> None:
        self._session.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        """python-tuf's way to us; it limits the length itself."""
        return self._stream(url, PATIENCE_S)

    def _stream(self, url: str, patience: float) -> Iterator[bytes]:
        began = time.monotonic()
        try:
            with self._session.get(url, stream=True, allow_redirects=False, timeout=(CONNECT_S, READ_S)) as answer:
                self._note_time(answer)
                if answer.status_code != requests.codes.ok:
                    raise DownloadHTTPError(f"status {answer.status_code} for {url}", answer.status_code)
                while chunk := answer.raw.read(CHUNK, decode_content=False):
                    if time.monotonic() - began > patience:
                        raise DownloadError(f"too slow: {url}")
                    yield chunk
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise DownloadError(f"broken off: {url}: {type(error).__name__}") from error

    def _note_time(self, answer: requests.Response) -> None:
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
        """Go on fetching a file of `size` bytes into `into`, by pieces, until `until` (monotonic seconds).

        True when all bytes are there; what they are is the caller's to check. Raises as `named` does.
        """
        have = into.stat().st_size if into.exists() else 0
        while have < size:
            if time.monotonic() >= until:
                return False
            wanted = {"Range": f"bytes={have}-{min(size, have + piece) - 1}"}
            try:
                with self._session.get(
                    url, stream=True, allow_redirects=False, timeout=(CONNECT_S, READ_S), headers=wanted
                ) as answer:
                    have = self._into(into, have, answer, size)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise Unavailable("net-failed", url=url, why=type(error).__name__) from error
        return True

    def _into(self, path: Path, have: int, answer: requests.Response, size: int) -> int:
        """Put an answer's bytes where they belong; how many the file has then."""
        status, whole = answer.status_code, answer.status_code == requests.codes.ok
        if status >= 500:
            raise Unavailable("net-failed", url=answer.url, why=f"HTTP {status}")
        ours = status == requests.codes.partial and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if not (whole or ours):
            raise Refused("file-wrong", url=answer.url, why=f"HTTP {status}")
        have, before = (0, -1) if whole else (have, have)
        with path.open("ab") as file:
            file.truncate(have)
            while chunk := answer.raw.read(CHUNK, decode_content=False):
                have += len(chunk)
                if have > size:
                    raise Refused("file-wrong", url=answer.url, why=f"more than {size} bytes")
                file.write(chunk)
        if have <= before or (whole and have < size):
            raise Refused("file-wrong", url=answer.url, why="too few bytes")
        return have

    def small(self, url: str, *, limit: int) -> bytes:
        """A file of at most `limit` bytes, nothing else known; raises `Unavailable` (`net-failed`)."""
        try:
            return bytes(self.download_bytes(url, limit))
        except DownloadError as error:
            raise Unavailable("net-failed", url=url, why=str(error)) from error

    def post(self, url: str, body: bytes) -> Answer:
        """Send JSON; raises `Unavailable` (`net-failed`) when there is no answer at all."""
        try:
            with self._session.post(
                url, data=body, headers={"Content-Type": "application/json"}, stream=True,
                allow_redirects=False, timeout=(CONNECT_S, READ_S),
            ) as answer:  # fmt: skip
                data = answer.raw.read(MAX_ANSWER, decode_content=False)
                return Answer(answer.status_code, data, _seconds(answer.headers.get("Retry-After")))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Unavailable("net-failed", url=url, why=type(error).__name__) from error


class Answer:
    """What a hub answered."""

    def __init__(self, status: int, data: bytes, retry_after: float | None) -> None:
        self.status, self.data, self.retry_after = status, data, retry_after


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else None
