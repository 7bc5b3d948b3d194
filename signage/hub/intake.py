"""Accept reports only from the board that signed them; acknowledge them only when they are on disk.

`POST /v1/reports/{commune}/{board}`: one envelope a line. The order of the checks is deliberate: size before
bytes are kept, the board before anything is parsed, the signature before the payload is read, the rate after
the signature, so that nobody can use up a board's share without its key. Answers: 200 `{"v":1,"last":N}`, with
`"frame":true` when somebody asked for a picture of its glass; else
`{"v":1,"code":…}`, at a bad line with `line` (from 1) and, when lines before it are on disk, `last`.

No board harms another: each may send so many a second, and has one request at a time in the queue.
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from .. import parcel
from ..errors import BangtinError, Refused, Unavailable
from ..report import MAX_BATCH, MAX_BATCH_BYTES
from ..wire import BadFormat
from .asking import Asked
from .heard import Heard, hear
from .keeping import Arrival
from .keyring import Keyring, Share
from .ledger import Answer, Ledger
from .roster import Enrolled

PATH = "/v1/reports/"
BODY_S = 20.0  # seconds that a body may take to arrive
RATE_PER_S = 5.0  # reports of one board, lasting: a day's backlog of 2,880 is through in ten minutes
RATE_BURST = 60.0  # reports of one board at once
RETRY_AFTER_S = 15  # what a refused board is told to wait
BREATH = 4  # signatures checked at a stretch, before others have their turn (about 0.5 ms)

STATUS = {
    "bad-format": 400, "report-board-unknown": 403, "report-key-wrong": 403, "report-large": 413,
    "report-slow": 408, "report-rate": 429, "hub-busy": 503, "hub-database": 503,
}  # fmt: skip
_HEADERS = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
Board = tuple[str, str]  # commune and id


def _now() -> datetime:
    return datetime.now(UTC)


class Gone(Exception):
    """Who asked has hung up."""


@dataclass
class Refusals:
    """How often a board's address was refused since the hub started, and why, last when."""

    count: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None


@dataclass
class _Line:
    """Which line was bad, and why."""

    number: int
    error: BangtinError


class Intake:
    """An ASGI application. State in memory is bounded by the number of enrolled boards."""

    def __init__(
        self, keyring: Keyring, ledger: Ledger, clock: Callable[[], datetime] = _now, asked: Asked | None = None
    ) -> None:  # fmt: skip
        """`asked`: the boards that owe a picture."""
        self._keyring, self._ledger, self._clock, self._asked = keyring, ledger, clock, asked
        # New reports and repeats have shares of their own: whoever replays a board's old
        # reports from the wire must not use up what it needs for new ones.
        self._shares: dict[tuple[int, bool], Share] = {}
        self._last: dict[int, tuple[int, int]] = {}
        self._inside: set[int] = set()  # boards with a request in the queue
        self._answers: deque[tuple[asyncio.Future[Any], Answer]] = deque()
        self.refusals: dict[Board, Refusals] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        commune, _, board = scope["path"].removeprefix(PATH).partition("/")
        line: _Line | None = None
        last: int | None = None
        enrolled: Enrolled | None = None
        try:
            if scope["method"] != "POST":
                await _answer(send, 405, {"v": 1, "code": "method"}, [(b"allow", b"POST")])
                return
            enrolled = await self._keyring.find(commune, board)
            if enrolled is None:
                raise Refused("report-board-unknown", board=board[:64])
            last, line = await self._accept(await _body(scope, receive), enrolled)
            if line:
                raise line.error
        except Gone:
            return
        except BangtinError as error:
            # All unknown names together, whatever was wrong: anyone can make up more.
            self._note((commune, board) if enrolled else ("", ""), error)
            await _refuse(send, error, line, last)
        else:
            wanted = b',"frame":true' if self._asked is not None and enrolled.number in self._asked else b""
            await _answer(send, 200, b'{"v":1,"last":%d%b}' % (last or 0, wanted), [])

    async def _accept(self, body: bytes, enrolled: Enrolled) -> tuple[int | None, _Line | None]:
        """The last number that is kept, and the line that was bad, if any."""
        enrolled, heard, bad = await self._hear(body.rstrip(b"\n").split(b"\n"), enrolled)
        if not heard:
            return None, bad
        # Only now: whoever sends junk to a board's address must not make the board itself wait.
        if enrolled.number in self._inside:
            raise Unavailable("report-rate", board=enrolled.board, seconds=RETRY_AFTER_S)
        self._inside.add(enrolled.number)
        try:
            count = self._share(enrolled, heard)
            last = await self._keep(enrolled, heard[:count])
            return last, (bad if count == len(heard) else None)
        finally:
            self._inside.discard(enrolled.number)

    async def _hear(self, lines: list[bytes], enrolled: Enrolled) -> tuple[Enrolled, list[Heard], _Line | None]:
        """The reports up to the first bad line; the board again, since it may have a new key."""
        if len(lines) > MAX_BATCH:
            raise Refused("report-large", most=MAX_BATCH_BYTES)
        heard, bad = await _all_opened(lines, enrolled)
        if bad is None or not isinstance(bad.error, Refused):
            return enrolled, heard, bad
        newer = await self._keyring.again(enrolled.commune, enrolled.board)
        if newer is None or newer.key == enrolled.key:
            return enrolled, heard, bad
        # What the replaced key signed counts no more: under the new key's chain nothing of it may be kept.
        return newer, *await _all_opened(lines, newer)

    def _share(self, enrolled: Enrolled, heard: list[Heard]) -> int:
        """How many of them the board may send now; raises `Unavailable` (`report-rate`)."""
        now, before = time.monotonic(), self._last.get(enrolled.number, (0, 0))
        fresh = sum((enrolled.chain, one.said.seq) > before for one in heard)
        granted = 0
        for is_new, count in ((False, len(heard) - fresh), (True, fresh)):
            if count:
                key = (enrolled.number, is_new)
                share = self._shares.get(key)
                if share is None:
                    share = self._shares[key] = Share.full(RATE_PER_S, RATE_BURST)
                granted += share.take(count, now)
        if not granted:
            raise Unavailable("report-rate", board=enrolled.board, seconds=RETRY_AFTER_S)
        return granted

    async def _keep(self, enrolled: Enrolled, heard: list[Heard]) -> int:
        received = int(self._clock().timestamp() * 1000)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def done(answer: Answer) -> None:  # in the writer's thread; one wake-up for a whole batch
            self._answers.append((future, answer))
            if len(self._answers) == 1:
                loop.call_soon_threadsafe(self._tell)

        self._ledger.submit([Arrival(enrolled, one, received) for one in heard], done)
        answer = await future
        if isinstance(answer, BangtinError):
            raise answer
        last = answer[-1]
        if isinstance(last, Refused):
            await self._keyring.again(enrolled.commune, enrolled.board)
            raise last
        self._last[enrolled.number] = (enrolled.chain, last.last)
        if self._asked is not None and any(one.said.frame for one in heard):
            self._asked.came(enrolled.number)
        return last.last

    def _tell(self) -> None:
        while self._answers:
            future, answer = self._answers.popleft()
            if not future.done():
                future.set_result(answer)

    def _note(self, board: Board, error: BangtinError) -> None:
        noted = self.refusals.setdefault(board, Refusals())
        noted.count[error.code] = noted.count.get(error.code, 0) + 1
        noted.last = self._clock()


async def _all_opened(lines: list[bytes], enrolled: Enrolled) -> tuple[list[Heard], _Line | None]:
    """The reports up to the first bad line, and that line."""
    heard: list[Heard] = []
    for number, line in enumerate(lines, 1):
        try:
            heard.append(_opened(line, enrolled))
        except (BadFormat, Refused) as error:
            return heard, _Line(number, error)
        if number % BREATH == 0:
            await asyncio.sleep(0)
    return heard, None


def _opened(line: bytes, enrolled: Enrolled) -> Heard:
    """The report, if this board's key signed it and it is about this board.

    Raises `BadFormat`, or `Refused` (`report-key-wrong`).
    """
    heard = hear(line, enrolled.verifier, enrolled.keyid)
    said = heard.said
    for name, found, wanted in (
        ("board", said.board, enrolled.board), ("commune", said.commune, enrolled.commune),
        ("repository", said.repository, enrolled.repository),
    ):  # fmt: skip
        if found != wanted:
            raise BadFormat(f"$.{name}", f"not the {name} of this address")
    return heard


async def _body(scope: Scope, receive: Receive) -> bytes:
    sent = await _sent(scope, receive)
    packing = next((value for name, value in scope["headers"] if name == b"content-encoding"), b"identity")
    if packing == b"identity":
        return sent
    if packing != b"gzip":
        raise BadFormat("$", "packed otherwise than by gzip")
    gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = gzip.decompress(sent, MAX_BATCH_BYTES + 1)
    except zlib.error as error:
        raise BadFormat("$", "not what gzip makes") from error
    if len(found) > MAX_BATCH_BYTES:
        raise Refused("report-large", most=MAX_BATCH_BYTES)
    if not gzip.eof or gzip.unused_data:
        raise BadFormat("$", "not one whole gzip member")
    is_bare = (b"content-type", parcel.KIND.encode()) in scope["headers"]
    return parcel.enveloped(found.rstrip(b"\n")) if is_bare else found


async def _sent(scope: Scope, receive: Receive) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and not (value.isdigit() and int(value) <= MAX_BATCH_BYTES):
            raise Refused("report-large", most=MAX_BATCH_BYTES)
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message: Message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                found += message.get("body", b"")
                if len(found) > MAX_BATCH_BYTES:
                    raise Refused("report-large", most=MAX_BATCH_BYTES)
                if not message.get("more_body"):
                    return bytes(found)
    except TimeoutError as error:
        raise Unavailable("report-slow", seconds=BODY_S) from error


async def _refuse(send: Send, error: BangtinError, line: _Line | None, last: int | None) -> None:
    code = error.code if error.code in STATUS else "hub-busy"
    told: dict[str, Any] = {"v": 1, "code": code, "message": error.told("en")}
    if isinstance(error, BadFormat):
        told["where"] = error.where
    if line:
        told["line"] = line.number
    if line and last is not None:
        told["last"] = last
    status = STATUS[code]
    retry = [(b"retry-after", str(RETRY_AFTER_S).encode())] if status in (429, 503) else []
    await _answer(send, status, told, retry)


async def _answer(send: Send, status: int, told: bytes | dict[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*_HEADERS, length, *headers]})
    await send({"type": "http.response.body", "body": body})
