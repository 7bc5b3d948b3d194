"""Trusted, suspect or unknown time; a board often has no battery clock and starts in the year 2000.

The floor is the newest moment that an office's signature proves (a manifest's `made`), and the
build time before there is one. Behaviour: a clock below the floor is `suspect`, and time then runs
on from the floor, so that a board is never blank and metadata never seem fresher than they are. A
clock at or above the floor is `trusted` when the kernel says it is synchronised or the last server
agreed with it, else `unknown`; both are believed. A suspect time is never written on the glass.
"""

from __future__ import annotations

import ctypes
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # moved up at each release
AGREES_MS = 120_000  # milliseconds that our clock may differ from a server's and still agree
_TIMEX_BYTES = 512  # more than struct timex has on any Linux
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def state(now: datetime, floor: datetime, *, offset_ms: int | None, synchronised: bool) -> str:
    """ "trusted" | "suspect" | "unknown". Pure."""
    if now < floor or (offset_ms is not None and abs(offset_ms) > AGREES_MS and not synchronised):
        return "suspect"
    return "trusted" if synchronised or offset_ms is not None else "unknown"


def kernel_synchronised() -> bool:
    """Whether the kernel says that something (NTP, PTP) keeps the clock right."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        answer = ctypes.CDLL(None).ntp_adjtime(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return 0 <= int(answer) < _TIME_ERROR


@dataclass
class Clock:
    """Time as this process believes it.

    `start`: pretend that it began at this moment; `bounded=False`: even before the floor (`--now`).
    """

    start: datetime | None = None
    bounded: bool = True
    floor: datetime = BUILT

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._floor_at = self._began

    def prove(self, floor: datetime) -> None:
        """An office's signature proves that this moment has passed."""
        if floor != self.floor:
            self.floor, self._floor_at = max(floor, BUILT), time.monotonic()

    def machine(self) -> datetime:
        """What the machine says (or pretends)."""
        if self.start is None:
            return datetime.now(UTC)
        return self.start + timedelta(seconds=time.monotonic() - self._began)

    def now(self) -> datetime:
        """The machine's time, or the floor running on, whichever is later."""
        machine = self.machine()
        if not self.bounded or machine >= self.floor:
            return machine
        return self.floor + timedelta(seconds=time.monotonic() - self._floor_at)

    @property
    def suspect(self) -> bool:
        return self.bounded and self.machine() < self.floor
