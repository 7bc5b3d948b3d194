"""Whether the hub itself is well: `/healthz` for whoever watches it, without log-in, saying nothing of boards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..errors import Unavailable
from . import watchman
from .beside import Beside
from .duty import Duty
from .ledger import MAX_WAITING, Ledger
from .store import Store

DISK_LOW_MB = 500  # free beside the hub's file: below it, soon nothing is kept


class Health:
    """`GET /healthz`: 200 `{"v":1,"ok":true,"reasons":[],"watched_s":3}`, else 503 and why.

    `watched_s`: seconds since any process of this store looked at all boards; null before the first look.
    """

    def __init__(self, store: Store, ledger: Ledger, duty: Duty | Beside) -> None:
        self._store, self._ledger, self._duty = store, ledger, duty

    def answer(self, request: Request) -> Response:
        reasons, age = list(self.reasons()), watchman.age_s(self._store)
        watched = None if age is None else round(age)
        return JSONResponse(
            {"v": 1, "ok": not reasons, "reasons": reasons, "watched_s": watched}, status_code=503 if reasons else 200,
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip

    def reasons(self) -> Iterator[str]:
        """`writer-dead`, `writer-failing`, `queue-full`, `store-away`, `disk-low`, and what its `Duty` finds."""
        if not self._ledger.alive:
            yield "writer-dead"
        elif self._ledger.failure is not None:
            yield "writer-failing"
        if self._ledger.waiting > MAX_WAITING // 2:
            yield "queue-full"
        try:
            with self._store.reading() as connection:
                connection.execute(text("SELECT 1"))
        except Unavailable:
            yield "store-away"
        file = self._store.engine.url.database
        if self._store.is_sqlite and file and shutil.disk_usage(Path(file).parent).free < DISK_LOW_MB * 2**20:
            yield "disk-low"
        yield from self._duty.reasons()
