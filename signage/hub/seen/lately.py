"""The last looks at all boards, kept for ten times as long as they took: many viewers cost hardly more than one.

Not for a moment longer than nothing has changed: an open page that hears of a change is not shown what was before.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime

from sqlalchemy import Connection

from . import fleet, news
from .fleet import Communes, Filter, Look

TIMES = 10  # as long as it took: a look of 5 ms is 50 ms old at most, one of 200 ms two seconds
MOST = 64  # looks kept


class Lately:
    """Looks by what was asked; used from the threads in which pages are made."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Communes, Filter, int, int, int], tuple[float, Look]] = {}
        self._lock = threading.Lock()

    def look(
        self, connection: Connection, communes: Communes, wanted: Filter, now: datetime, page: int
    ) -> Look:  # fmt: skip
        """As `fleet.look`, or what that said lately."""
        place = news.place(connection, now)
        key = (communes, wanted, page, place.change, place.published)
        began = time.monotonic()
        with self._lock:
            until, found = self._kept.get(key, (0.0, None))
        if found is not None and began < until:
            return found
        found = fleet.look(connection, communes, wanted, now, page)
        ended = time.monotonic()
        with self._lock:
            if len(self._kept) >= MOST:
                self._kept = {k: v for k, v in self._kept.items() if v[0] > ended}
            if len(self._kept) < MOST:
                self._kept[key] = (ended + TIMES * (ended - began), found)
        return found
