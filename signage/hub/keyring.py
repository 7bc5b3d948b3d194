"""The boards' keys at hand, so that a report costs no question to the store.

Only a shortcut: whether a key is still the board's is asked again in the transaction that keeps the report. A
board that is not at hand, or whose signature does not fit, is looked up, a limited number of times a second; the
two apart, so that junk sent to a known address keeps no new board out.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from ..errors import Unavailable
from . import roster
from .roster import Enrolled
from .store import Store

LOOK_UPS_PER_S = 50.0  # of boards that are not at hand: anyone can make up names; as many of bad signatures
LOOK_UPS_BURST = 200.0


@dataclass
class Share:
    """What somebody may still do: a token bucket that fills with time."""

    per_s: float
    burst: float
    left: float
    at: float = 0.0

    @classmethod
    def full(cls, per_s: float, burst: float) -> Share:
        return cls(per_s, burst, burst)

    def take(self, count: int, now: float) -> int:
        """How many of `count` are granted."""
        self.left = min(self.burst, self.left + (now - self.at) * self.per_s)
        self.at = now
        granted = min(count, int(self.left))
        self.left -= granted
        return granted


class Keyring:
    """Enrolled boards by commune and id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._boards: dict[tuple[str, str], Enrolled] = {}
        self._unknown = Share.full(LOOK_UPS_PER_S, LOOK_UPS_BURST)
        self._misfits = Share.full(LOOK_UPS_PER_S, LOOK_UPS_BURST)

    def load(self) -> None:
        """All boards; called once before anything is heard."""
        with self._store.reading() as connection:
            self._boards = {(one.commune, one.board): one for one in roster.everyone(connection)}

    async def find(self, commune: str, board: str) -> Enrolled | None:
        """The board; None when nobody enrolled it. Raises `Unavailable` (`hub-busy`)."""
        return self._boards.get((commune, board)) or await self._look_up(self._unknown, commune, board)

    async def again(self, commune: str, board: str) -> Enrolled | None:
        """The board as the store has it now: what it sent did not fit. Raises `Unavailable` (`hub-busy`)."""
        return await self._look_up(self._misfits, commune, board)

    async def _look_up(self, share: Share, commune: str, board: str) -> Enrolled | None:
        if not share.take(1, time.monotonic()):
            raise Unavailable("hub-busy")
        found = await asyncio.to_thread(self._read, commune, board)
        if found:
            self._boards[commune, board] = found
        else:
            self._boards.pop((commune, board), None)
        return found

    def _read(self, commune: str, board: str) -> Enrolled | None:
        with self._store.reading() as connection:
            return roster.find(connection, commune, board)
