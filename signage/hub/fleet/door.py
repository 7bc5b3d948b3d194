"""`POST /v1/cards`: a board brings its card, with the proof of the one-time code that a person typed at it.

Nobody logs in here: the proof is the whole right. A wrong one is answered alike whatever is wrong, and only so
many a minute are looked at, of each address and of all together: 80 bits are not to be guessed at that pace, and
whoever floods this door shuts out nobody but himself.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ...errors import BangtinError, Refused, Unavailable
from ...spoken import words
from ...stick import MAX_CARD, Card
from ...wire import BadFormat
from .. import origin
from ..keyring import Share
from ..store import Store
from . import codes

PATH = "/v1/cards"
A_MINUTE, BURST = 10.0, 10.0  # cards of one address that are looked at, and at once
ALL_A_MINUTE, ALL_BURST = 600.0, 100.0  # of all addresses together
MAX_ADDRESSES = 10_000  # that are remembered; the one that was quiet longest goes first
RETRY_AFTER_S = 60
STATUS = {
    "bad-format": 400, "code-wrong": 403, "enroll-key-differs": 409, "enroll-key-shared": 409, "report-large": 413,
    "report-rate": 429, "hub-database": 503,
}  # fmt: skip


class Door:
    """The endpoint; what it remembers is how often who has knocked lately. Used in the event loop's thread alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._all = Share.full(ALL_A_MINUTE / 60, ALL_BURST)
        self._each: OrderedDict[str, Share] = OrderedDict()

    async def answer(self, request: Request) -> Response:
        """200 `{"v":1,"words":[…]}`; else `{"v":1,"code":…}`."""
        try:
            data = await _body(request)
            if not self._granted(origin.network(origin.address(request)), time.monotonic()):
                raise Unavailable("report-rate")
            card = Card.read(data)
            await run_in_threadpool(self._use, card)
        except ClientDisconnect:
            return Response(status_code=400)
        except BadFormat as error:
            return _told("bad-format", why=str(error)[:200])
        except BangtinError as error:
            return _told(error.code)
        return JSONResponse({"v": 1, "words": list(words(card.key.public, card.root))}, headers=_HEADERS)

    def _granted(self, place: str, now: float) -> bool:
        share = self._each.pop(place, None) or Share.full(A_MINUTE / 60, BURST)
        self._each[place] = share
        if len(self._each) > MAX_ADDRESSES:
            self._each.popitem(last=False)
        return bool(share.take(1, now) and self._all.take(1, now))

    def _use(self, card: Card) -> None:
        with self._store.writing() as connection:
            codes.use(connection, card, datetime.now(UTC))


_HEADERS = {"Cache-Control": "no-store"}


def _told(code: str, **more: str) -> Response:
    status = STATUS.get(code, 500)
    retry = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
    return JSONResponse({"v": 1, "code": code, **more}, status_code=status, headers=_HEADERS | retry)


async def _body(request: Request) -> bytes:
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_CARD:
            raise Refused("report-large")
    return data
