"""`POST /v1/cards`: a board brings its card, with the proof of the one-time code that a person typed at it.

Nobody logs in here: the proof is the whole right. A wrong one is answered alike whatever is wrong, and only so
many a minute are looked at, of all addresses together: 80 bits are not to be guessed at that pace.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ...errors import BangtinError, Refused, Unavailable
from ...spoken import words
from ...stick import MAX_CARD, Card
from ...wire import BadFormat
from ..keyring import Share
from ..store import Store
from . import codes

PATH = "/v1/cards"
A_MINUTE = 60.0  # cards that are looked at
BURST = 30.0  # of them at once
RETRY_AFTER_S = 60
STATUS = {
    "bad-format": 400, "code-wrong": 403, "enroll-key-differs": 409, "enroll-key-shared": 409, "report-large": 413,
    "report-rate": 429, "hub-database": 503,
}  # fmt: skip


class Door:
    """The endpoint; what it remembers is one number."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._share = Share.full(A_MINUTE / 60, BURST)

    async def answer(self, request: Request) -> Response:
        """200 `{"v":1,"words":[…]}`; else `{"v":1,"code":…}`."""
        try:
            data = await _body(request)
            if not self._share.take(1, time.monotonic()):
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
