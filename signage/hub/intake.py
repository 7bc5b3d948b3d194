"""Accept a report only from the board that signed it; acknowledge it only when it is on disk.

The order of the checks is deliberate: size before bytes are kept, the board before anything is
parsed, the signature before the payload is read, the rate after the signature, so that nobody can
use up a board's share without its key. Answers: 200 `{"v":1,"last":N}`; else `{"v":1,"code":…}`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..errors import BangtinError, Refused, Unavailable
from ..keys import MAX_ENVELOPE, REPORT_TYPE, Sealed
from ..report import Report
from ..wire import BadFormat
from .ledger import Arrival, Ledger
from .roster import Enrolled, Roster

MAX_BODY = MAX_ENVELOPE  # bytes
BODY_S = 20.0  # seconds that a body may take to arrive
RATE_PER_S = 5.0  # reports of one board, lasting: a day's backlog of 2,880 is through in ten minutes
RATE_BURST = 60.0  # reports of one board at once
RETRY_AFTER_S = 15  # what a refused board is told to wait

_STATUS = {
    "bad-format": 400, "report-board-unknown": 403, "report-key-wrong": 403, "report-large": 413,
    "report-slow": 408, "report-rate": 429, "hub-busy": 503,
}  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Share:
    """What one board may still send: a token bucket."""

    left: float = RATE_BURST
    at: float = 0.0

    def take(self, now: float) -> bool:
        self.left = min(RATE_BURST, self.left + (now - self.at) * RATE_PER_S)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass
class Refusals:
    """How often a board's address was refused since the hub started, and why, last when."""

    count: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None


class Intake:
    """`POST /v1/reports/{board}`. State in memory is bounded by the number of enrolled boards."""

    def __init__(self, roster: Callable[[], Roster], ledger: Ledger, clock: Callable[[], datetime] = _now) -> None:
        self._roster, self._ledger, self._clock = roster, ledger, clock
        # New reports and repeats have shares of their own: whoever replays a board's old
        # reports from the wire must not use up what it needs for new ones.
        self._shares: dict[tuple[str, bool], _Share] = {}
        self._last: dict[str, tuple[int, int]] = {}
        self.refusals: dict[str, Refusals] = {}

    async def __call__(self, request: Request) -> Response:
        board = request.path_params["board"]
        try:
            enrolled = self._roster().find(board)
            if enrolled is None:
                raise Refused("report-board-unknown", board=board)
            last = await self._accept(request, enrolled)
        except ClientDisconnect:
            return Response(status_code=400)
        except BangtinError as error:
            self._note(board, error)
            return _refusal(error)
        return JSONResponse({"v": 1, "last": last})

    async def _accept(self, request: Request, enrolled: Enrolled) -> int:
        sealed, report = opened(await _body(request), enrolled)
        self._share(enrolled, report)
        arrival = Arrival(report, sealed, enrolled.chain, enrolled.place.commune, self._clock())
        accepted = await asyncio.wrap_future(self._ledger.submit(arrival))
        self._last[enrolled.board] = (enrolled.chain, accepted.last)
        return accepted.last

    def _share(self, enrolled: Enrolled, report: Report) -> None:
        is_new = (enrolled.chain, report.seq) > self._last.get(enrolled.board, (0, 0))
        if not self._shares.setdefault((enrolled.board, is_new), _Share()).take(time.monotonic()):
            raise Unavailable("report-rate", board=enrolled.board, seconds=RETRY_AFTER_S)

    def _note(self, board: str, error: BangtinError) -> None:
        if error.code == "report-board-unknown":
            board = ""  # all unknown names together: anyone can make up more
        noted = self.refusals.setdefault(board, Refusals())
        noted.count[error.code] = noted.count.get(error.code, 0) + 1
        noted.last = self._clock()


def opened(data: bytes, enrolled: Enrolled) -> tuple[Sealed, Report]:
    """The report, if this board's key signed it and it is about this board.

    Raises `BadFormat`, or `Refused` (`report-key-wrong`).
    """
    sealed = Sealed.read(data, REPORT_TYPE)
    if not sealed.signed_by(enrolled.key):
        raise Refused("report-key-wrong", board=enrolled.board)
    report = Report.read(sealed.payload)
    if report.board != enrolled.board:
        raise BadFormat("$.board", "not the board of this address")
    return sealed, report


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise Refused("report-large", most=MAX_BODY)
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for part in request.stream():
                found += part
                if len(found) > MAX_BODY:
                    raise Refused("report-large", most=MAX_BODY)
    except TimeoutError as error:
        raise Unavailable("report-slow", seconds=BODY_S) from error
    return bytes(found)


def _refusal(error: BangtinError) -> Response:
    answer = {"v": 1, "code": error.code, "message": error.told("en")}
    if isinstance(error, BadFormat):
        answer["where"] = error.where
    status = _STATUS[error.code]
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else None
    return JSONResponse(answer, status_code=status, headers=headers)
